"""Replacing the import is enough: signatures, errors, results, displays."""

import inspect

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import inspection
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, RidgeClassifier
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skdl.explain import partial_dependence, permutation_importance

FUNCTIONS = {
    permutation_importance: inspection.permutation_importance,
    partial_dependence: inspection.partial_dependence,
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_parameters_and_defaults_are_a_superset(function):
    ours = inspect.signature(function).parameters
    theirs = inspect.signature(FUNCTIONS[function]).parameters

    for name, parameter in theirs.items():
        assert ours[name].kind == parameter.kind
        assert ours[name].default == parameter.default
    positional = [n for n, p in theirs.items() if p.kind == p.POSITIONAL_OR_KEYWORD]
    assert list(ours)[: len(positional)] == positional
    extra = set(ours) - set(theirs)
    assert all(ours[name].kind == inspect.Parameter.KEYWORD_ONLY for name in extra)
    assert all(ours[name].default is not inspect.Parameter.empty for name in extra)


X = np.random.default_rng(0).normal(size=(30, 3))
Y = (X[:, 0] > 0).astype(int)
FOREST = RandomForestClassifier(n_estimators=3, random_state=0).fit(X, Y)
REGRESSOR = RandomForestRegressor(n_estimators=3, random_state=0).fit(X, X[:, 0])
FRAME = pd.DataFrame(X, columns=["a", "b", "c"])
FRAME_FOREST = RandomForestClassifier(n_estimators=3, random_state=0).fit(FRAME, Y)


def error_of(function, *arguments, **parameters):
    """The type and the message of the error that a call ends with."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  compared by the caller
        function(*arguments, **parameters)
    return type(caught.value), str(caught.value)


class NoScore:
    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X))


def breaks(estimator, X, y):
    raise ArithmeticError("the score cannot be computed")


def words(estimator, X, y):
    return "good"


BAD_IMPORTANCES = {
    "estimator None": (None, X, Y, {}),
    "estimator a class": (RandomForestClassifier, X, Y, {}),
    "estimator a string": ("forest", X, Y, {}),
    "not fitted": (RandomForestClassifier(), X, Y, {}),
    "no score": (NoScore(), X, Y, {}),
    "a transformer": (StandardScaler().fit(X), X, Y, {}),
    "X None": (FOREST, None, Y, {}),
    "X a number": (FOREST, 3, Y, {}),
    "X one column": (FOREST, X[:, 0], Y, {}),
    "X three dimensions": (FOREST, X[None], Y, {}),
    "X sparse": (FOREST, sparse.csr_matrix(X), Y, {}),
    "X endless": (FOREST, np.where(X > 2, np.inf, X), Y, {}),
    "X without rows": (FOREST, X[:0], Y[:0], {}),
    "X a frame without rows": (FRAME_FOREST, FRAME[:0], Y[:0], {}),
    "X without columns": (FOREST, X[:, :0], Y, {}),
    "X a frame without columns": (FRAME_FOREST, FRAME[[]], Y, {}),
    "X too few columns": (FOREST, X[:, :2], Y, {}),
    "X other names": (FRAME_FOREST, FRAME.set_axis(["a", "b", "x"], axis=1), Y, {}),
    "X words": (FOREST, X.astype(str).astype(object) + "?", Y, {}),
    "y None": (FOREST, X, None, {}),
    "y too short": (FOREST, X, Y[:7], {}),
    "y a number": (FOREST, X, 3, {}),
    "y missing": (REGRESSOR, X, np.full(30, np.nan), {}),
    "scoring unknown": (FOREST, X, Y, {"scoring": "acuracy"}),
    "scoring a number": (FOREST, X, Y, {"scoring": 3}),
    "scoring a set": (FOREST, X, Y, {"scoring": {"accuracy"}}),
    "scoring empty": (FOREST, X, Y, {"scoring": []}),
    "scoring an empty dict": (FOREST, X, Y, {"scoring": {}}),
    "scoring twice": (FOREST, X, Y, {"scoring": ["accuracy", "accuracy"]}),
    "scoring list unknown": (FOREST, X, Y, {"scoring": ["accuracy", "nope"]}),
    "scoring list of others": (FOREST, X, Y, {"scoring": [3]}),
    "scoring dict of others": (FOREST, X, Y, {"scoring": {"a": 3}}),
    "scoring dict of odd keys": (FOREST, X, Y, {"scoring": {3: "accuracy"}}),
    "scoring a metric": (FOREST, X, Y, {"scoring": accuracy_score}),
    "scoring that breaks": (FOREST, X, Y, {"scoring": breaks}),
    "scoring says words": (FOREST, X, Y, {"scoring": words}),
    "scoring needs probabilities": (
        LinearSVC().fit(X, Y),
        X,
        Y,
        {"scoring": "neg_log_loss"},
    ),
    "n_repeats 0": (FOREST, X, Y, {"n_repeats": 0}),
    "n_repeats 2.0": (FOREST, X, Y, {"n_repeats": 2.0}),
    "n_repeats None": (FOREST, X, Y, {"n_repeats": None}),
    "n_jobs 0": (FOREST, X, Y, {"n_jobs": 0}),
    "n_jobs 1.5": (FOREST, X, Y, {"n_jobs": 1.5}),
    "random_state words": (FOREST, X, Y, {"random_state": "x"}),
    "random_state negative": (FOREST, X, Y, {"random_state": -1}),
    "random_state 1.5": (FOREST, X, Y, {"random_state": 1.5}),
    "random_state new": (FOREST, X, Y, {"random_state": np.random.default_rng(0)}),
    "random_state module": (FOREST, X, Y, {"random_state": np.random}),
    "max_samples 0": (FOREST, X, Y, {"max_samples": 0}),
    "max_samples 0.0": (FOREST, X, Y, {"max_samples": 0.0}),
    "max_samples 1.5": (FOREST, X, Y, {"max_samples": 1.5}),
    "max_samples 31": (FOREST, X, Y, {"max_samples": 31}),
    "max_samples no row": (FOREST, X, Y, {"max_samples": 0.001}),
    "max_samples None": (FOREST, X, Y, {"max_samples": None}),
    "max_samples words": (FOREST, X, Y, {"max_samples": "all"}),
    "weights too short": (FOREST, X, Y, {"sample_weight": [1.0]}),
    "weights a number": (FOREST, X, Y, {"sample_weight": 3}),
    "weights words": (FOREST, X, Y, {"sample_weight": ["a"] * 30}),
    "weights for a score without": (
        FOREST,
        X,
        Y,
        {"sample_weight": np.ones(30), "scoring": lambda estimator, X, y: 1.0},
    ),
}


@pytest.mark.parametrize("case", BAD_IMPORTANCES)
def test_permutation_importance_refuses_as_scikit_learn(case):
    *arguments, parameters = BAD_IMPORTANCES[case]

    theirs = error_of(inspection.permutation_importance, *arguments, **parameters)

    ours = error_of(permutation_importance, *arguments, **parameters)
    assert ours == theirs


INTEGERS = pd.DataFrame({"i": np.arange(30), "b": X[:, 1], "c": X[:, 2]})
MIXED = pd.DataFrame(
    {"a": ["x", np.nan] * 15, "b": X[:, 1], "c": X[:, 2]}, dtype=object
)
BAD_DEPENDENCES = {
    "estimator None": (None, X, [0], {}),
    "estimator a class": (RandomForestClassifier, X, [0], {}),
    "not fitted": (RandomForestClassifier(), X, [0], {}),
    "a cluster": (KMeans(2, n_init=1).fit(X), X, [0], {}),
    "a transformer": (StandardScaler().fit(X), X, [0], {}),
    "several targets": (
        RandomForestClassifier(n_estimators=2).fit(X, np.column_stack([Y, Y])),
        X,
        [0],
        {},
    ),
    "one class": (DummyClassifier().fit(X, np.zeros(30)), X, [0], {}),
    "no probabilities": (
        RidgeClassifier().fit(X, Y),
        X,
        [0],
        {"response_method": "predict_proba"},
    ),
    "X None": (FOREST, None, [0], {}),
    "X one column": (FOREST, [1.0, 2.0], [0], {}),
    "X too few columns": (FOREST, X[:, :2], [0], {}),
    "X without rows": (FOREST, X[:0], [0], {}),
    "feature unknown": (FRAME_FOREST, FRAME, ["z"], {}),
    "feature name of an array": (FOREST, X, ["a"], {}),
    "feature beyond": (FOREST, X, [3], {}),
    "second feature beyond": (FOREST, X, [0, 3], {}),
    "feature negative": (FOREST, X, [-1], {}),
    "feature negative number": (FOREST, X, -1, {}),
    "feature None": (FOREST, X, None, {}),
    "feature 1.5": (FOREST, X, [1.5], {}),
    "features of two kinds": (FRAME_FOREST, FRAME, [0, "b"], {}),
    "features nested": (FOREST, X, [[0, 1]], {}),
    "no feature": (FOREST, X, [], {}),
    "mask too short": (FOREST, X, [True, False], {}),
    "integers": (FOREST, INTEGERS.to_numpy(int), [0], {}),
    "integers of a frame": (FOREST, INTEGERS, ["i"], {}),
    "words and missing values": (FOREST, MIXED, ["a"], {"categorical_features": ["a"]}),
    "one value, far percentiles": (
        FOREST,
        np.column_stack([np.repeat([0.0, 1e-12], 15), X[:, :2]]),
        [0],
        {"grid_resolution": 2},
    ),
    "weights too short": (FOREST, X, [0], {"sample_weight": [1.0]}),
    "weights zero": (FOREST, X, [0], {"sample_weight": np.zeros(30)}),
    "weights and recursion": (
        REGRESSOR,
        X,
        [0],
        {"sample_weight": np.ones(30), "method": "recursion"},
    ),
    "categories empty": (FOREST, X, [0], {"categorical_features": []}),
    "categories mask too short": (FOREST, X, [0], {"categorical_features": [True]}),
    "categories unknown": (FRAME_FOREST, FRAME, ["a"], {"categorical_features": ["z"]}),
    "categories 1.5": (FOREST, X, [0], {"categorical_features": [1.5]}),
    "categories a number": (FOREST, X, [0], {"categorical_features": 3}),
    "names repeated": (FOREST, X, [0], {"feature_names": ["a", "a", "b"]}),
    "response unknown": (FOREST, X, [0], {"response_method": "predict"}),
    "response of a regressor": (
        REGRESSOR,
        X,
        [0],
        {"response_method": "decision_function"},
    ),
    "percentiles a list": (FOREST, X, [0], {"percentiles": [0.1, 0.9]}),
    "percentiles three": (FOREST, X, [0], {"percentiles": (0.1, 0.5, 0.9)}),
    "percentiles reversed": (FOREST, X, [0], {"percentiles": (0.9, 0.1)}),
    "percentiles beyond": (FOREST, X, [0], {"percentiles": (0.1, 5)}),
    "grid 0": (FOREST, X, [0], {"grid_resolution": 0}),
    "grid 1": (FOREST, X, [0], {"grid_resolution": 1}),
    "grid 2.5": (FOREST, X, [0], {"grid_resolution": 2.5}),
    "custom values a list": (FOREST, X, [0], {"custom_values": [1.0]}),
    "custom values a table": (FOREST, X, [0], {"custom_values": {0: [[1.0]]}}),
    "custom values a number": (FOREST, X, [0], {"custom_values": {0: 1.0}}),
    "custom values words": (FOREST, X, [0], {"custom_values": {0: ["a"]}}),
    "custom values missing": (
        LinearRegression().fit(X, Y),
        X,
        [0],
        {"custom_values": {0: [1.0, np.nan]}},
    ),
    "method unknown": (FOREST, X, [0], {"method": "exact"}),
    "method not for it": (FOREST, X, [0], {"method": "recursion"}),
    "method not for probabilities": (
        RandomForestRegressor(n_estimators=2).fit(X, Y),
        X,
        [0],
        {"method": "recursion", "response_method": "predict_proba"},
    ),
    "method not for curves": (
        REGRESSOR,
        X,
        [0],
        {"method": "recursion", "kind": "both"},
    ),
    "kind unknown": (FOREST, X, [0], {"kind": "mean"}),
}


@pytest.mark.parametrize("case", BAD_DEPENDENCES)
def test_partial_dependence_refuses_as_scikit_learn(case):
    *arguments, parameters = BAD_DEPENDENCES[case]

    theirs = error_of(inspection.partial_dependence, *arguments, **parameters)

    ours = error_of(partial_dependence, *arguments, **parameters)
    assert ours == theirs
