"""Good explanations measure well, bad ones do not; what cannot be measured says so."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl.exceptions import DataError, ParameterError, ParameterTypeError
from skdl.explain import explanation_quality, permutation_importance

HALVES = "halves of the rows"
FEW = {"n_repeats": 2, "n_noisy": 2, "n_resamples": 4, "n_orders": 5, "n_models": 3}


def forest_quality(y_of):
    generator = np.random.RandomState(0)
    X = pd.DataFrame(generator.normal(size=(500, 8)), columns=list("abcdefgh"))
    y = y_of(X, generator)
    forest = RandomForestRegressor(20, min_samples_leaf=3, random_state=0)
    forest.fit(X[:250], y[:250])
    return explanation_quality(
        forest,
        X[250:],
        y[250:],
        X_train=X[:250],
        y_train=y[:250],
        n_models=3,
        random_state=0,
    )


@pytest.fixture(scope="module")
def good():
    return forest_quality(
        lambda X, generator: 8 * X["a"] + 4 * X["b"] + 2 * X["c"] + X["d"]
    )


@pytest.fixture(scope="module")
def noise():
    return forest_quality(lambda X, generator: generator.normal(size=len(X)))


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True, as_frame=True)
    return DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y), X, y


def test_a_good_model_measures_well(good):
    assert good["score"].value > 0.8
    assert good["deletion gain"].low > 0.2
    assert good["insertion gain"].low > 0.2
    assert good["surrogate R2"].value > 0.7
    assert good[f"rank correlation, {HALVES}"].value > 0.5
    assert good[f"top overlap, {HALVES}"].value > 0.8
    assert good["rank correlation, noisy inputs"].value > 0.8
    assert good["top overlap, other seeds"].value > 0.8
    assert good["features for 90 % of the importance"].value == 2
    frame = good.to_frame()
    assert (frame["low"] <= frame["value"] + 1e-12).all()
    assert (frame["value"] <= frame["high"] + 1e-12).all()
    assert (frame["status"] == "measured").all()
    aspects = ["accuracy", "fidelity", "stability", "consistency"]
    assert frame["aspect"].unique().tolist() == [*aspects, "comprehensibility"]


def test_a_model_of_noise_measures_worse(good, noise):
    assert noise["score"].value < 0
    assert noise["deletion gain"].value < 0.5 * good["deletion gain"].value
    assert noise["insertion gain"].value < 0.5 * good["insertion gain"].value
    assert noise["surrogate R2"].high < good["surrogate R2"].value
    name = f"rank correlation, {HALVES}"
    assert noise[name].value < good[name].value - 0.3
    name = "top overlap, other seeds"
    assert noise[name].value < good[name].value


def test_the_record_is_kept_and_shown(good):
    kept = json.loads(json.dumps(good.to_dict(), allow_nan=False))

    assert kept["record"] == "ExplanationQuality"
    assert kept["surrogate"]["record"] == "Surrogate"
    assert len(kept["measures"]) == len(good.measures)
    assert "deletion gain" in good._repr_html_()
    with pytest.raises(ParameterError, match=r"no measure 'beauty'.*'deletion gain'"):
        good["beauty"]


def test_an_explanation_that_lies_is_found_out(iris):
    tree, X, y = iris
    honest = permutation_importance(
        tree, X, y, random_state=0, correlation_threshold=None
    )
    lie = type(honest)(**{**vars(honest), "importances_mean": -honest.importances_mean})

    found = [
        explanation_quality(tree, X, y, explanation=each, random_state=0, **FEW)
        for each in (honest, lie)
    ]

    assert found[0].importance is honest
    gains = [each["deletion gain"] for each in found]
    assert gains[0].low > 0
    assert gains[1].high < 0
    assert found[1]["rank correlation, noisy inputs"].value < 0


def test_the_same_seed_gives_the_same_numbers(iris):
    tree, X, y = iris

    one, other = (
        explanation_quality(
            tree, X, y, X_train=X, y_train=y, random_state=seed, **FEW
        ).to_frame()
        for seed in (3, np.random.RandomState(3))
    )

    pd.testing.assert_frame_equal(one, other)


def test_identical_refits_are_said_to_be_so():
    X, y = load_iris(return_X_y=True)
    tree = DecisionTreeClassifier(max_depth=1).fit(X[:, [2]], y == 0)
    X = np.column_stack([X[:, 2], X[:, 1] * 0])
    tree.fit(X, y == 0)

    found = explanation_quality(
        tree, X, y == 0, X_train=X, y_train=y == 0, random_state=0, **FEW
    )

    measure = found["rank correlation, other seeds"]
    assert (measure.value, measure.low) == (1, 1)
    assert "the refits are identical" in measure.meaning


def status_of(name, model, X, y, **parameters):
    found = explanation_quality(model, X, y, random_state=0, **{**FEW, **parameters})
    measure = found[name]
    assert not measure.is_measured
    row = found.to_frame().set_index("measure").loc[name]
    assert row[["value", "low", "high"]].isna().all()
    assert row["status"] == measure.status
    return measure.status


def test_one_feature():
    X = np.random.RandomState(0).rand(40, 1)
    model = DecisionTreeRegressor(max_depth=4, random_state=0).fit(X, X[:, 0])
    train = {"X_train": X, "y_train": X[:, 0]}

    for name in (
        "deletion gain",
        f"rank correlation, {HALVES}",
        "rank correlation, noisy inputs",
        "rank correlation, other seeds",
    ):
        assert "one feature" in status_of(name, model, X, X[:, 0], **train)
    found = explanation_quality(model, X, X[:, 0], random_state=0, **FEW)
    assert found["features for 90 % of the importance"].value == 1
    assert found.curves.empty


def test_a_constant_feature_is_the_least_important():
    X = np.random.RandomState(0).rand(60, 3)
    X[:, 1] = 5
    model = LinearRegression().fit(X, X @ [1, 1, 2])

    found = explanation_quality(model, X, X @ [1, 1, 2], random_state=0, **FEW)

    assert found.importance.importances_mean[1] == 0
    assert found["deletion gain"].value > 0
    assert found["features for 90 % of the importance"].value == 2


def test_nothing_is_important():
    X = np.random.RandomState(0).rand(40, 3)
    model = DummyRegressor().fit(X, X[:, 0])

    status = status_of("deletion gain", model, X, X[:, 0])
    assert "predicts the same for all rows" in status
    for name in (f"rank correlation, {HALVES}", "rank correlation, noisy inputs"):
        assert "all importances are equal" in status_of(name, model, X, X[:, 0])
    status = status_of("features for 90 % of the importance", model, X, X[:, 0])
    assert "no feature has an importance above zero" in status
    status = status_of("surrogate R2", model, X, X[:, 0])
    assert "a surrogate has nothing to follow" in status


def test_consistency_says_what_it_needs(iris):
    tree, X, y = iris
    name = "rank correlation, other seeds"
    linear = LinearRegression().fit(X, y)

    assert "pass X_train and y_train" in status_of(name, tree, X, y)
    status = status_of(name, linear, X, y, X_train=X, y_train=y)
    assert "LinearRegression has no 'random_state' parameter" in status


def test_words_alone_get_no_noise():
    X = pd.DataFrame({"a": ["x", "y"] * 20, "b": ["u", "u", "v", "v"] * 10})

    class Reads(LinearRegression):
        def fit(self, X, y):
            return super().fit(self.numbers(X), y)

        def predict(self, X):
            return super().predict(self.numbers(X))

        def numbers(self, X):
            return np.column_stack([X["a"] == "x", X["b"] == "u"]).astype(float)

    y = 2.0 * (X["a"] == "x") + (X["b"] == "u")
    status = status_of("rank correlation, noisy inputs", Reads().fit(X, y), X, y)
    assert "no feature is a number" in status


def test_several_outputs():
    X, Y = make_multilabel_classification(120, random_state=0)
    labels = RandomForestClassifier(5, random_state=0).fit(X, Y)
    both = DecisionTreeRegressor(random_state=0).fit(X, Y * [1, 2, 3, 4, 500.0])

    found = explanation_quality(labels, X, Y, random_state=0, **FEW)
    assert all(
        each.is_measured for each in found.measures if each.aspect != "consistency"
    )
    target = Y * [1, 2, 3, 4, 500.0]
    status = status_of("surrogate R2", both, X, target)
    assert "follows one output of a regressor" in status


def test_many_rows_are_drawn_from(iris):
    tree, X, y = iris

    found = explanation_quality(
        tree, X, y.tolist(), max_samples=60, random_state=0, **FEW
    )

    assert found.n_samples == 60
    assert found.importance.n_samples == 60
    surrogate = found.surrogate
    assert surrogate.n_fitted + surrogate.n_held_out == 150


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"noise": 0}, ParameterError, r"'noise' .* in \(0, 1\). Got 0"),
        ({"n_models": 1}, ParameterError, "'n_models' .* of 2 or more. Got 1"),
        ({"n_orders": 0}, ParameterError, "'n_orders' .* of 1 or more. Got 0"),
        ({"max_samples": 5}, ParameterError, "'max_samples' .* of 10 or more. Got 5"),
        ({"scoring": ["r2"]}, ParameterError, r"must be one score. Got \['r2'\]"),
        ({"explanation": {}}, ParameterTypeError, "PermutationImportance.* Got dict"),
    ],
)
def test_parameters_are_checked(iris, change, error, message):
    with pytest.raises(error, match=message):
        explanation_quality(*iris, **change)


def test_the_explanation_must_be_of_these_features(iris):
    tree, X, y = iris
    groups = {"petal": [2, 3]}
    grouped = permutation_importance(
        tree, X, y, groups=groups, n_repeats=1, correlation_threshold=None
    )

    with pytest.raises(ParameterError, match=r"all 4 features of X.*'petal'"):
        explanation_quality(tree, X, y, explanation=grouped)


@pytest.mark.parametrize(
    ("n_rows", "n_targets", "message"),
    [(1, 1, "at least 10 rows.* Got 1"), (20, 19, "X has 20 rows but y has 19")],
)
def test_rows_are_checked(iris, n_rows, n_targets, message):
    tree, X, y = iris

    with pytest.raises(DataError, match=message):
        explanation_quality(tree, X[:n_rows], y[:n_targets])
