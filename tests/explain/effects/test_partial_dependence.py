"""Partial dependence is scikit-learn's, for every kind of estimator and option."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.cross_decomposition import PLSRegression
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl.explain import partial_dependence

CLASSIFIERS = [
    RandomForestClassifier(n_estimators=5, random_state=0),
    GradientBoostingClassifier(n_estimators=5, random_state=0),
    HistGradientBoostingClassifier(max_iter=3),
    LogisticRegression(),
    SVC(),
    KNeighborsClassifier(),
    MLPClassifier((2,), solver="lbfgs", alpha=50, max_iter=999, random_state=0),
    make_pipeline(StandardScaler(), SVC()),
    GridSearchCV(SVC(), {"C": [1.0]}, cv=2),
    VotingClassifier([("a", LogisticRegression()), ("b", SVC())]),
    CalibratedClassifierCV(SVC(), cv=2),
]


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifiers(classes, estimator, n_classes, compare_curves):
    X, y = classes
    y = np.array(["low", "mid", "top"])[np.minimum(y, n_classes - 1)]
    if isinstance(estimator, VotingClassifier):
        estimator = VotingClassifier(estimator.estimators[:1], voting="soft")
    estimator.fit(X, y)

    for features in [0], [2, 0], 1:
        ours = compare_curves(estimator, X, features)
    outputs = ("mid",) if n_classes == 2 else ("low", "mid", "top")
    assert ours.output_names == outputs
    if isinstance(estimator, SVC | GradientBoostingClassifier):
        assert ours.response == "decision function"


REGRESSORS = [
    RandomForestRegressor(n_estimators=5, random_state=0),
    ExtraTreesRegressor(n_estimators=5, random_state=0),
    HistGradientBoostingRegressor(max_iter=3),
    GradientBoostingRegressor(n_estimators=5, init="zero", random_state=0),
    GradientBoostingRegressor(n_estimators=5, random_state=0),
    DecisionTreeRegressor(random_state=0),
    LinearRegression(),
    PLSRegression(2),
    TransformedTargetRegressor(Ridge(), func=np.sinh, inverse_func=np.arcsinh),
    make_pipeline(StandardScaler(), Ridge()),
]


@pytest.mark.parametrize("estimator", REGRESSORS, ids=lambda e: type(e).__name__)
def test_regressors(numbers, estimator, compare_curves):
    X, y = numbers
    estimator.fit(X, y)

    by_default = compare_curves(estimator, X, [0])
    both = compare_curves(estimator, X, [0, 2], kind="both")

    is_recursive = (
        isinstance(
            estimator,
            RandomForestRegressor
            | HistGradientBoostingRegressor
            | GradientBoostingRegressor
            | DecisionTreeRegressor,
        )
        and getattr(estimator, "init", None) is None
    )
    assert by_default.method == ("recursion" if is_recursive else "brute")
    assert both.method == "brute"
    assert (by_default.deviation is None) == is_recursive
    assert by_default.output_names == ("prediction",)


@pytest.mark.parametrize(
    "parameters",
    [
        {"kind": "individual"},
        {"kind": "both"},
        {"kind": "both", "sample_weight": np.linspace(0, 2, 60)},
        {"sample_weight": list(range(60))},
        {"sample_weight": pd.Series(range(60), index=range(5, 65))},
        {"percentiles": (0, 1)},
        {"percentiles": (0.2, 0.3), "grid_resolution": 2},
        {"grid_resolution": 70},
        {"method": "brute"},
        {"method": "recursion"},
        {"response_method": "decision_function", "kind": "both"},
        {"response_method": "predict_proba", "method": "brute"},
        {"custom_values": {0: [0.5, -0.5, 2.0]}},
        {"custom_values": {0: np.array([1.0]), 1: [1, 2]}, "kind": "both"},
        {"custom_values": {}},
        {"categorical_features": [0]},
        {"categorical_features": np.array([False, True, False, False])},
        {"feature_names": ["a", "b", "c", "d"]},
        {"feature_names": np.array(["a", "b", "c", "d"])},
    ],
    ids=lambda parameters: "-".join(parameters),
)
@pytest.mark.parametrize("features", [[0], [0, 1], (1, 0), np.array([1])])
def test_parameters(classes, parameters, features, compare_curves):
    X, y = classes
    estimator = GradientBoostingClassifier(n_estimators=3, random_state=0)

    compare_curves(estimator.fit(X, y), X, features, **parameters)


@pytest.mark.parametrize(
    "features",
    [0, 3, [1], [(0, 1)], [0, 0], [False, True, True, False]],
)
def test_ways_to_name_features_of_an_array(numbers, features, compare_curves):
    X, y = numbers

    compare_curves(LinearRegression().fit(X, y), X, features, kind="both")


@pytest.mark.parametrize("features", ["b", ["b"], ["a", "d"], 1, [0, 3]])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"categorical_features": ["b", "d"]},
        {"custom_values": {"b": [1.0, 2.0], 0: [3.0]}},
    ],
)
def test_ways_to_name_features_of_a_frame(
    numbers, features, parameters, compare_curves
):
    X, y = numbers
    X = pd.DataFrame(X, columns=list("abcd"), index=np.arange(60) // 2)

    result = compare_curves(LinearRegression().fit(X, y), X, features, **parameters)

    places = np.ravel(features)
    assert result.feature_names == tuple(
        str(place) if isinstance(place, str) else "abcd"[place] for place in places
    )


def test_gaps_are_left_out_of_the_percentiles(numbers):
    X, y = numbers
    tree = HistGradientBoostingRegressor(max_iter=3).fit(X, y)
    gappy = np.vstack([X, X[:5]])
    gappy[-5:, 0] = np.nan
    table = pd.DataFrame(gappy)

    theirs = inspection.partial_dependence(tree, gappy, [0], grid_resolution=6)
    assert np.isnan(theirs["grid_values"][0]).all()  # the day it is not, compare
    expected = inspection.partial_dependence(tree, X, [0], grid_resolution=6)
    for rows in gappy, table:
        ours = partial_dependence(tree, rows, [0], grid_resolution=6, method="brute")
        (grid,) = ours.grid_values
        np.testing.assert_array_equal(grid, expected["grid_values"][0])
        # The rows with gaps are averaged over as well.
        again = partial_dependence(
            tree, rows, [0], custom_values={0: grid}, method="brute"
        )
        np.testing.assert_array_equal(ours.average, again.average)


def test_worked_by_hand():
    # prediction = 2 a b: the average over b is 2 a mean(b), and the rows' changes
    # since the first a differ as b does.
    X = np.array([[0.0, 1.0], [5.0, 3.0], [9.0, 5.0]])

    class Product(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.fitted_ = True
            return self

        def predict(self, X):
            return 2 * X[:, 0] * X[:, 1]

    product = Product().fit(X, None)
    grid = {"custom_values": {0: [1.0, 2.0, 4.0]}}
    result = partial_dependence(product, X, [0], kind="both", **grid)
    assert result.average.tolist() == [[6, 12, 24]]
    assert result.individual.tolist() == [[[2, 4, 8], [6, 12, 24], [10, 20, 40]]]
    spread = np.std([1, 3, 5])
    np.testing.assert_allclose(result.deviation, [[0, 2 * spread, 6 * spread]])

    centered = result.centered()
    assert centered.average.tolist() == [[0, 6, 18]]
    assert centered.individual[0, 1].tolist() == [0, 6, 18]
    assert centered.grid_values is result.grid_values

    weighted = partial_dependence(product, X, [0], sample_weight=[1, 1, 0], **grid)
    assert weighted.average.tolist() == [[4, 8, 16]]
    np.testing.assert_allclose(weighted.deviation, [[0, 2, 6]])

    both = partial_dependence(
        product, X, [0, 1], custom_values={0: [1.0, 2.0], 1: [10.0, 20.0]}
    )
    assert both.average.tolist() == [[[20, 40], [40, 80]]]
    assert both.centered().average.tolist() == [[[0, 20], [20, 60]]]


def test_the_rows_are_left_alone(numbers):
    X, y = numbers
    frame = pd.DataFrame(X, columns=list("abcd"))
    before = frame.copy(deep=True)
    estimator = LinearRegression().fit(frame, y)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        partial_dependence(estimator, frame, ["a", "c"], grid_resolution=3)

    pd.testing.assert_frame_equal(frame, before)
    assert "predict" not in vars(estimator)


def test_deciles_and_units_of_the_rows(numbers):
    X, y = numbers
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame.attrs["units"] = {"a": "m"}
    tree = DecisionTreeClassifier(max_depth=2).fit(frame, y > 0)

    result = partial_dependence(tree, frame, ["a", "b"], grid_resolution=3)

    assert result.units == ("m", "")
    expected = frame["a"].quantile(np.arange(1, 10) / 10)
    np.testing.assert_allclose(result.deciles[0], expected)
