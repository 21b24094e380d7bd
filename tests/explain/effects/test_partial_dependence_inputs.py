"""Partial dependence of tables, columns, targets and classes of all kinds."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier

from skdl.explain import partial_dependence


def test_other_tables(numbers, compare_curves):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)
    for table in (
        X.astype(np.float32),
        np.asfortranarray(X),
        X.tolist(),
        X.astype(object),
    ):
        result = compare_curves(estimator, table, [1, 0], kind="both")
        assert result.n_samples == 60


@pytest.mark.parametrize("kind", ["average", "both"])
def test_sparse_rows(numbers, kind, compare_curves):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)

    result = compare_curves(
        estimator,
        sparse.csr_matrix(X),
        [1],
        custom_values={1: [0.0, 1.0]},  # scikit-learn cannot choose them here
        feature_names=list("abcd"),
        kind=kind,
    )

    assert result.n_samples == 60
    assert result.feature_names == ("b",)


def test_words_and_missing_values(titanic, titanic_forest, compare_curves):
    X, _ = titanic
    X = X[X["embarked"].notna()]

    for features, parameters in [
        ("sex", {"categorical_features": ["sex"]}),
        (["sex", "embarked"], {"categorical_features": ["sex", "embarked"]}),
        (["fare", "sex"], {"categorical_features": ["sex"], "kind": "both"}),
        (["sex"], {"custom_values": {"sex": ["male", "unheard of"]}}),
        (["fare"], {}),
        (["alone"], {"categorical_features": ["alone"]}),
        (["age"], {"custom_values": {"age": [1.0, 50.0]}}),
    ]:
        compare_curves(titanic_forest, X, features, **parameters)


@pytest.mark.parametrize(
    "dtype",
    ["category", "string", "object", "Int64", "boolean", bool, "Float64", np.float32],
)
def test_types_of_columns(dtype, compare_curves):
    generator = np.random.default_rng(0)
    values = generator.integers(0, 2, 40)
    words = dtype in ("category", "string", "object")
    X = pd.DataFrame(
        {
            "x": np.array(["no", "yes"])[values] if words else values,
            "number": generator.normal(size=40),
        }
    ).astype({"x": dtype})

    class Reads(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.dtypes_ = X.dtypes
            return self

        def predict(self, X):
            pd.testing.assert_series_equal(X.dtypes, self.dtypes_)
            hits = X["x"] == ("yes" if words else 1)
            return hits.to_numpy(float) + X["number"].to_numpy()

    estimator = Reads().fit(X, None)
    compare_curves(estimator, X, ["x"], categorical_features=["x"], kind="both")
    if words:  # scikit-learn makes numbers of the others
        compare_curves(estimator, X, ["number", "x"], categorical_features=["x"])


def test_several_labels(compare_curves):
    X, y = make_multilabel_classification(50, 4, n_classes=3, random_state=0)
    estimator = MLPClassifier((2,), solver="lbfgs", alpha=50, max_iter=999)

    result = compare_curves(estimator.fit(X, y), X, [0], categorical_features=[0])

    assert result.output_names == ("label 0", "label 1", "label 2")


def test_two_labels():
    # scikit-learn takes them for two classes, and keeps the second one only.
    X, y = make_multilabel_classification(50, 4, n_classes=2, random_state=0)
    X = X.astype(float)
    estimator = OneVsRestClassifier(LogisticRegression()).fit(X, y)
    theirs = inspection.partial_dependence(estimator, X, [0])

    ours = partial_dependence(estimator, X, [0])

    assert ours.output_names == ("label 0", "label 1")
    np.testing.assert_allclose(ours.average[1:], theirs.average, atol=1e-12)
    changed = np.c_[np.full(50, ours.grid_values[0][2]), X[:, 1:]]
    expected = estimator.predict_proba(changed)[:, 0].mean()
    np.testing.assert_allclose(ours.average[0, 2], expected, atol=1e-12)


def test_several_targets(numbers, compare_curves):
    X, y = numbers
    both = np.column_stack([y, X[:, 1] ** 2])
    for estimator in RandomForestRegressor(3), LinearRegression():
        result = compare_curves(
            estimator.fit(X, both), X, [0], kind="both", method="brute"
        )
        assert result.output_names == ("prediction 0", "prediction 1")
    compare_curves(LinearRegression().fit(X, y[:, None]), X, [0, 1])


class Slotted(LinearRegression):
    """Not all of it is in its dict."""

    __slots__ = ("offset",)

    def fit(self, X, y):
        self.offset = 2.0
        return super().fit(X, y)

    def predict(self, X):
        return super().predict(X) + self.offset


class Propertied(LogisticRegression):
    """Says its probabilities through a property, as SVC once did."""

    @property
    def predict_proba(self):
        return super().predict_proba


def test_unusual_classes(numbers, compare_curves):
    X, y = numbers

    for estimator in Slotted().fit(X, y), Propertied().fit(X, y > 0):
        result = compare_curves(estimator, X, [0], kind="both")
        assert result.method == "brute"
    assert result.response == "probability"


def test_values_that_are_missing_or_endless(numbers, compare_curves):
    X, y = numbers
    tree = HistGradientBoostingRegressor(max_iter=3).fit(X, y)
    for value in np.nan, np.inf:
        changed = X.copy()
        changed[:5, 0] = value
        compare_curves(tree, changed, [1], method="brute")
        compare_curves(
            tree, changed, [0], custom_values={0: [0.0, 1.0]}, method="brute"
        )
        changed[:, 0] = value
        compare_curves(tree, changed, [0], method="brute")
