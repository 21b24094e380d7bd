"""Features shuffled together, and the warning of features that go together."""

import re

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from skdl.exceptions import (
    CorrelatedFeaturesWarning,
    ParameterError,
    ParameterTypeError,
)
from skdl.explain import permutation_importance
from skdl.explain.importance._feature_groups import columns_by_name, warn_of_associated


def drops_of(estimator, X, y, columns, *, seed, n_repeats):
    """An independent twin: shuffle these columns of an array by one permutation."""
    generator = np.random.RandomState(
        np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1)
    )
    baseline = estimator.score(X, y)
    order, changed, drops = np.arange(len(X)), X.copy(), []
    for _ in range(n_repeats):
        generator.shuffle(order)
        changed[:, columns] = changed[order][:, columns]
        drops.append(baseline - estimator.score(changed, y))
    return drops


@pytest.mark.parametrize(
    "table", [np.asarray, lambda X: pd.DataFrame(X, columns=[*"abcd"])]
)
@pytest.mark.parametrize("parameters", [{}, {"n_jobs": 2}, {"memory_bound": 1}])
def test_groups_are_shuffled_by_one_permutation(numbers, table, parameters):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)

    class Unnamed(LinearRegression):
        def predict(self, X):
            return estimator.predict(np.asarray(X))

    with joblib.parallel_config("threading"):
        result = permutation_importance(
            Unnamed().fit(X, y),
            table(X),
            y,
            groups={"front": [0, 2]},
            n_repeats=4,
            random_state=3,
            correlation_threshold=None,
            **parameters,
        )

    for drops, columns in zip(result.importances, ([0, 2], [1], [3]), strict=True):
        expected = drops_of(estimator, X, y, columns, seed=3, n_repeats=4)
        np.testing.assert_allclose(drops, expected, atol=1e-12)
    assert result.feature_names[0] == "front"


def test_a_group_of_all_loses_everything(numbers):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)

    result = permutation_importance(
        estimator, X, y, groups=[range(4)], random_state=0, n_repeats=30
    )

    # R² of a permutation of the predictions: about -1
    assert result.importances.shape == (1, 30)
    assert result.importances_mean[0] == pytest.approx(2, abs=0.2)


def test_groups_by_names_of_mixed_types(titanic, titanic_forest):
    X, y = titanic
    parameters = {"n_repeats": 2, "random_state": 0, "correlation_threshold": None}

    result = permutation_importance(
        titanic_forest,
        X,
        y,
        groups={"trip": ["fare", "embarked", "deck"]},
        **parameters,
    )

    assert result.feature_names == ("trip", "sex", "age", "alone")
    alone = permutation_importance(titanic_forest, X, y, **parameters)
    for name in "sex", "age", "alone":
        np.testing.assert_array_equal(
            result.importances[result.feature_names.index(name)],
            alone.importances[alone.feature_names.index(name)],
        )


NAMES = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (None, {"a": (0,), "b": (1,), "c": (2,), "d": (3,)}),
        ({}, {"a": (0,), "b": (1,), "c": (2,), "d": (3,)}),
        ({"g": ["c", "a"]}, {"g": (2, 0), "b": (1,), "d": (3,)}),
        ({"g": [-1, 1]}, {"g": (3, 1), "a": (0,), "c": (2,)}),
        ({"g": "c"}, {"g": (2,), "a": (0,), "b": (1,), "d": (3,)}),
        ({"g": 2}, {"g": (2,), "a": (0,), "b": (1,), "d": (3,)}),
        ({"a": ["a", "b"]}, {"a": (0, 1), "c": (2,), "d": (3,)}),
        ({7: ["a", "b"]}, {"7": (0, 1), "c": (2,), "d": (3,)}),
        ([["a", "b"], ["d"]], {"a + b": (0, 1), "d": (3,), "c": (2,)}),
        ([[0, 1], (2, 3)], {"a + b": (0, 1), "c + d": (2, 3)}),
        (np.array([[0, 1]]), {"a + b": (0, 1), "c": (2,), "d": (3,)}),
        (["a"], {"a": (0,), "b": (1,), "c": (2,), "d": (3,)}),
        ([pd.Index(["a", "d"])], {"a + d": (0, 3), "b": (1,), "c": (2,)}),
    ],
)
def test_columns_of_groups(groups, expected):
    assert list(columns_by_name(groups, NAMES).items()) == list(expected.items())


def test_features_named_more_than_one_character():
    assert columns_by_name(["ab"], ("ab", "cd")) == {"ab": (0,), "cd": (1,)}


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"g": []}, "The group 'g' of the 'groups' parameter has no feature"),
        ([["a"], []], "has no feature"),
        ({"g": ["a", "z"]}, "There is no feature 'z' among the 4 columns"),
        ({"g": [4]}, "position must be less than the number of columns, 4. Got 4"),
        ({"g": [True]}, "There is no feature True"),
        ({"g": [None]}, "There is no feature None"),
        ({"g": ["a"], "h": ["b", 0]}, "'a' is in the groups 'g' and 'h'"),
        ({"g": ["a", "a"]}, "'a' is twice in the group 'g'"),
        ([["a", "b"], ["a", "b"]], "'a' is in the groups 'a + b' and 'a + b'"),
        ({1: ["a"], "1": ["b"]}, "Two groups have the name '1'"),
        (
            {"c": ["a", "b"]},
            "The group 'c' has the name of a feature that is not in it",
        ),
    ],
)
def test_groups_that_are_refused(groups, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        columns_by_name(groups, NAMES)


def test_a_name_of_several_columns_is_refused():
    with pytest.raises(
        ParameterError, match=r"2 columns are called 'a'\. Pass the pos"
    ):
        columns_by_name({"g": ["a", "b"]}, ("a", "b", "a"))

    assert columns_by_name({"g": [0, 1, 2]}, ("a", "b", "a")) == {"g": (0, 1, 2)}


@pytest.mark.parametrize("groups", [3, "ab", 1.5, {"g": 1.5}, [1.5]])
def test_groups_of_a_type_that_is_refused(groups):
    with pytest.raises(ParameterTypeError, match=r"The 'groups' parameter must be"):
        columns_by_name(groups, NAMES)


@given(
    st.lists(st.sampled_from(["a", "b", "a (column 0)", "a (column 2)"]), min_size=1)
)
def test_every_column_keeps_a_name_of_its_own(names):
    columns = columns_by_name(None, tuple(names))

    assert sorted(columns.values()) == [(place,) for place in range(len(names))]


def test_columns_that_share_a_name(numbers, compare):
    # scikit-learn shuffles all columns of a name; ours are those of the array.
    X, y = numbers
    frame = pd.DataFrame(X, columns=["a", "b", "a", "c"])

    class Unnamed(LinearRegression):
        def predict(self, X):
            return super().predict(np.asarray(X))

    estimator = Unnamed().fit(X, y)
    of_array = compare(estimator, X, y)
    result = permutation_importance(
        estimator, frame, y, n_repeats=3, random_state=7, correlation_threshold=None
    )

    np.testing.assert_allclose(result.importances, of_array.importances, atol=1e-12)
    assert result.feature_names == ("a (column 0)", "b", "a (column 2)", "c")


@pytest.fixture
def twins(numbers):
    X, y = numbers
    frame = pd.DataFrame(
        {
            "metres": X[:, 0],
            "feet": 3.28 * X[:, 0],
            "noise": X[:, 1],
            "sign": np.where(X[:, 0] > 0, "plus", "minus"),
        }
    )

    class Reads(LinearRegression):
        def fit(self, X, y):
            return super().fit(X[["metres", "feet"]].to_numpy(), y)

        def predict(self, X):
            return super().predict(X[["metres", "feet"]].to_numpy())

    return Reads().fit(frame, y), frame, y


def test_features_that_go_together_are_named(twins):
    with pytest.warns(CorrelatedFeaturesWarning) as caught:
        result = permutation_importance(*twins, random_state=0)

    assert len(caught) == 1
    message = str(caught[0].message)
    assert "'metres' and 'feet' (1.00), 'metres' and 'sign' (0.8" in message
    assert "noise" not in message
    assert "Pass them together in 'groups'" in message
    assert caught[0].filename == __file__
    assert [pair[:2] for pair in result.associated] == [
        ("metres", "feet"),
        ("metres", "sign"),
        ("feet", "sign"),
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"groups": {"length": ["metres", "feet", "sign"]}},
        {"correlation_threshold": None},
    ],
)
def test_no_warning_of_what_is_grouped_or_not_asked(twins, parameters):
    result = permutation_importance(*twins, random_state=0, **parameters)

    assert result.associated == ()


def test_many_pairs_are_counted(numbers):
    X, y = numbers
    X = np.column_stack([X[:, 0]] * 5)

    with pytest.warns(CorrelatedFeaturesWarning, match=r"\(1\.00\) and 5 more pairs\."):
        permutation_importance(LinearRegression().fit(X, y), X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"correlation_threshold": 1.5},
            r"'correlation_threshold' .*\[0, 1\] or None.*1.5",
        ),
        (
            {"correlation_threshold": "0.8"},
            r"'correlation_threshold' parameter .*'0.8'",
        ),
        ({"correlation_threshold": True}, r"'correlation_threshold' parameter .*True"),
        ({"memory_bound": 0}, r"'memory_bound' parameter .* of 1 or more. Got 0"),
        ({"memory_bound": 1e9}, r"'memory_bound' parameter .*Got 1000000000.0"),
    ],
)
def test_parameters_of_ours_are_checked(numbers, parameters, message):
    X, y = numbers

    with pytest.raises(ParameterError, match=message):
        permutation_importance(LinearRegression().fit(X, y), X, y, **parameters)


def test_few_rows_are_not_warned_of():
    columns = {"a": (0,), "b": (1,)}
    X = np.arange(16.0).reshape(8, 2)

    assert warn_of_associated(X[:7], ("a", "b"), columns, 0.5) == ()
    with pytest.warns(CorrelatedFeaturesWarning):
        assert warn_of_associated(X, ("a", "b"), columns, 0.5) != ()
