"""Permutation importance is scikit-learn's, for every kind of estimator and option."""

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeCV
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from skdl.explain import permutation_importance


def forest(**parameters):
    return RandomForestClassifier(n_estimators=5, random_state=0, **parameters)


CLASSIFIERS = [
    forest(max_depth=4),
    GradientBoostingClassifier(n_estimators=5, random_state=0),
    LogisticRegression(),
    SVC(),
    KNeighborsClassifier(3),
    MLPClassifier((4,), max_iter=30, solver="lbfgs", random_state=0),
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_pipeline(StandardScaler(), PCA(2), SVC()),
    GridSearchCV(SVC(), {"C": [0.1, 1.0]}, cv=2),
    GridSearchCV(
        make_pipeline(StandardScaler(), SVC()),
        {"svc__C": [0.1, 1.0]},
        cv=2,
        scoring=["f1_macro", "accuracy"],
        refit="f1_macro",
    ),
    make_pipeline(StandardScaler(), GridSearchCV(SVC(), {"C": [1.0]}, cv=2)),
    VotingClassifier([("a", SVC()), ("b", DecisionTreeClassifier(random_state=0))]),
    CalibratedClassifierCV(SVC(), cv=2),
    OneVsRestClassifier(LogisticRegression()),
]


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda e: type(e).__name__)
def test_classifiers(classes, compare, estimator):
    X, y = classes

    compare(estimator.fit(X, y), X, y)


REGRESSORS = [
    RandomForestRegressor(n_estimators=5, random_state=0),
    HistGradientBoostingRegressor(max_iter=5, random_state=0),
    LinearRegression(),
    make_pipeline(StandardScaler(), RidgeCV()),
    SVR(),
    GaussianProcessRegressor(),
    TransformedTargetRegressor(
        LinearRegression(), func=np.sinh, inverse_func=np.arcsinh
    ),
]


@pytest.mark.parametrize("estimator", REGRESSORS, ids=lambda e: type(e).__name__)
def test_regressors(numbers, compare, estimator):
    X, y = numbers

    compare(estimator.fit(X, y), X, y)


def test_words_and_missing_values(titanic, titanic_forest, compare):
    X, y = titanic

    result = compare(titanic_forest, X, y)

    assert result.feature_names == tuple(X.columns)
    assert result.to_frame()["feature"][0] == "sex"


@pytest.mark.parametrize("wrap", [FrozenEstimator, TunedThresholdClassifierCV])
def test_wrapped_classifiers(numbers, compare, wrap):
    X, y = numbers
    fitted = LogisticRegression().fit(X, y > 0)

    compare(wrap(fitted).fit(X, y > 0), X, y > 0)


@pytest.mark.parametrize(
    "estimator", [KMeans(3, n_init=1, random_state=0), KernelDensity(), PCA(2)]
)
def test_estimators_without_targets(numbers, compare, estimator):
    X, _ = numbers

    compare(estimator.fit(X), X, None)


def test_no_targets_and_fewer_rows(numbers):
    # scikit-learn's function cannot take rows of a target that is None.
    X, _ = numbers
    density = KernelDensity().fit(X)

    result = permutation_importance(
        density, X, None, max_samples=20, correlation_threshold=None
    )

    assert result.n_samples == 20
    assert np.isfinite(result.importances).all()


def test_outlier_detectors_and_mixtures(numbers, compare):
    X, _ = numbers
    y = np.where(np.linalg.norm(X, axis=1) > 2.5, -1, 1)

    compare(IsolationForest(random_state=0).fit(X), X, y, scoring="roc_auc")
    compare(GaussianMixture(2, random_state=0).fit(X), X, None)


@pytest.mark.parametrize(
    "estimator",
    [
        forest(),
        MultiOutputClassifier(LogisticRegression()),
        MLPClassifier((2,), solver="lbfgs", alpha=9, max_iter=999, random_state=0),
        KNeighborsClassifier(),
        OneVsRestClassifier(LogisticRegression()),
    ],
    ids=lambda e: type(e).__name__,
)
@pytest.mark.parametrize("scoring", [None, "f1_macro", "roc_auc"])
def test_several_labels(compare, estimator, scoring):
    X, y = make_multilabel_classification(50, 4, n_classes=3, random_state=0)

    compare(estimator.fit(X, y), X, y, scoring=scoring)


def test_several_targets(numbers, compare):
    X, y = numbers
    both = np.column_stack([y, X[:, 1] ** 2])

    compare(RandomForestRegressor(5, random_state=0).fit(X, both), X, both)
    compare(LinearRegression().fit(X, y[:, None]), X, y[:, None])


def squared_error(estimator, X, y):
    return float(((estimator.predict(X) - y) ** 2).mean())


class Slotted:
    """No dict that answers could be put into, and a score of its own."""

    __slots__ = ("weights",)

    def fit(self, X, y):
        self.weights = np.linalg.lstsq(X, y)[0]
        return self

    def predict(self, X):
        return X @ self.weights

    def score(self, X, y):
        return -float(np.abs(self.predict(X) - y).mean())


class HalfSlotted(BaseEstimator, Slotted):
    """A dict, and beside it attributes that are not in it."""

    __slots__ = ("offset",)

    def fit(self, X, y):
        self.offset = 2.0
        return super().fit(X, y)

    def score(self, X, y):
        return super().score(X, y) - self.offset


class ListSaying(ClassifierMixin, BaseEstimator):
    """Predicts a list, which scikit-learn's metrics take as well."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return [self.classes_[int(value > 0)] for value in np.asarray(X)[:, 0]]


class OddlyScored(ListSaying):
    def score(self, X, y):
        return float(np.mean(np.asarray(X)[:, 1] * y) + np.mean(self.predict(X) == y))


@pytest.mark.parametrize("cls", [Slotted, HalfSlotted, ListSaying, OddlyScored])
def test_unusual_classes(numbers, compare, cls):
    X, y = numbers
    y = y if issubclass(cls, Slotted) else np.digitize(y, [0])

    compare(cls().fit(X, y), X, y)
    compare(cls().fit(X, y), X, y, scoring=squared_error)


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_samples": 0.5},
        {"max_samples": 17},
        {"max_samples": np.int64(17)},
        {"max_samples": 60},
        {"max_samples": 1},
        {"n_repeats": 1},
        {"random_state": np.int32(3)},
        {"n_jobs": 2},
        {"n_jobs": -1, "max_samples": 0.3},
        {"n_jobs": 1},
        {"sample_weight": np.linspace(0, 1, 60)},
        {"sample_weight": np.linspace(0, 1, 60), "max_samples": 0.4, "n_jobs": 2},
        {"sample_weight": list(range(1, 61)), "max_samples": 30},
        {"sample_weight": pd.Series(range(60), index=range(7, 67)), "max_samples": 30},
    ],
    ids=lambda parameters: "-".join(parameters),
)
def test_parameters(numbers, compare, parameters):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)
    scoring = "neg_mean_absolute_error" if parameters.get("max_samples") == 1 else None

    compare(estimator, X, y, scoring=scoring, **parameters)


def test_a_generator_goes_on_as_after_scikit_learns(numbers):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)
    generators = np.random.RandomState(5), np.random.RandomState(5)

    for _ in range(2):  # the second call goes on where the first one stopped
        theirs = inspection.permutation_importance(
            estimator, X, y, random_state=generators[0]
        )
        ours = permutation_importance(estimator, X, y, random_state=generators[1])
        np.testing.assert_allclose(ours.importances, theirs.importances, atol=1e-9)
    assert generators[0].randint(2**31) == generators[1].randint(2**31)


def test_no_random_state_is_numpys_generator(numbers):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)
    before = np.random.get_state()
    try:
        results = []
        for function in inspection.permutation_importance, permutation_importance:
            np.random.seed(11)
            results.append((function(estimator, X, y), np.random.randint(2**31)))
    finally:
        np.random.set_state(before)

    (theirs, their_next), (ours, our_next) = results
    np.testing.assert_allclose(ours.importances, theirs.importances, atol=1e-9)
    assert our_next == their_next


def test_the_rows_are_left_alone(titanic, titanic_forest):
    X, y = titanic
    before = X.copy(deep=True), y.copy(deep=True)

    permutation_importance(
        titanic_forest, X, y, n_repeats=2, correlation_threshold=None
    )

    pd.testing.assert_frame_equal(X, before[0])
    pd.testing.assert_series_equal(y, before[1])
    assert set(vars(titanic_forest)) == {
        "steps",
        "transform_input",
        "memory",
        "verbose",
    }


def test_worked_by_hand():
    # The tree says 1 where x0 > 0: a shuffle of x0 flips what it says of the rows
    # that get a value of the other sign; x1 is never looked at.
    X = np.array([[-1.0, 5.0], [1.0, 6.0], [-1.0, 7.0], [1.0, 8.0]])
    y = np.array([0, 1, 0, 1])
    tree = DecisionTreeClassifier(max_depth=1, max_features=None).fit(X, y)
    generator = np.random.RandomState(np.random.RandomState(0).randint(2**31))
    order, drops, current = np.arange(4), [], X[:, 0]
    for _ in range(6):
        generator.shuffle(order)
        current = current[order]
        drops.append(1 - np.mean((current > 0) == y))

    result = permutation_importance(
        tree, X, y, n_repeats=6, random_state=0, correlation_threshold=None
    )

    assert result.importances[0].tolist() == drops
    assert result.importances[1].tolist() == [0] * 6
    assert result.importances_mean.tolist() == [np.mean(drops), 0]
    assert result.baseline_score == 1
    assert (result.metric, result.n_samples) == ("accuracy", 4)
