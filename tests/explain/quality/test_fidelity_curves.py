"""Deletion and insertion beside the shares of variance known by theory."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from skdl.explain.quality._fidelity_curves import (
    Progress,
    fidelity_curves,
    n_copies_of,
    other_rows,
    steps_of,
)
from tests.explain.responses import response_of

WEIGHTS = np.array([3.0, 0.0, 1.0, 2.0])


@pytest.fixture(scope="module")
def linear():
    X = np.random.RandomState(0).normal(size=(1500, 4))
    return LinearRegression().fit(X, X @ WEIGHTS), X


def curves_of(linear, order, n_orders=60, bar=None):
    model, X = linear
    return fidelity_curves(
        model,
        response_of(model, X),
        X,
        np.array(order),
        n_repeats=5,
        n_orders=n_orders,
        generator=np.random.RandomState(0),
        memory_bound=2**20,
        bar=bar or Progress("", 1, shown=False),
    )


def test_independent_features_of_a_linear_model_carry_their_squared_weights(linear):
    order = [0, 3, 2, 1]

    found = curves_of(linear, order)

    expected = np.concatenate([[0], np.cumsum(WEIGHTS[order] ** 2)]) / 14
    assert found.table["deletion"].to_numpy() == pytest.approx(expected, abs=0.05)
    assert found.table["insertion"].to_numpy() == pytest.approx(expected, abs=0.05)
    # Random orders carry k of n on average.
    assert found.table["deletion_random"].to_numpy() == pytest.approx(
        np.arange(5) / 4, abs=0.1
    )
    # Trapezoids of the curve, less the half.
    gain = (expected[:-1] + expected[1:]).sum() / 8 - 0.5
    assert found.deletion_gain == pytest.approx(gain, abs=0.05)
    low, high = found.deletion_interval
    assert low < found.deletion_gain < high
    assert low > 0


def test_the_opposite_order_is_as_far_below_chance(linear):
    best, worst = curves_of(linear, [0, 3, 2, 1]), curves_of(linear, [1, 2, 3, 0])

    assert worst.deletion_gain == pytest.approx(-best.deletion_gain, abs=0.06)
    assert worst.insertion_gain == pytest.approx(-best.insertion_gain, abs=0.06)
    assert worst.insertion_interval[1] < 0


def test_the_interval_covers_zero_for_an_order_that_says_nothing():
    X = np.random.RandomState(1).normal(size=(300, 6))
    model = LinearRegression().fit(X, X @ [1, -1, 1, -1, 1, -1])

    found = curves_of((model, X), np.arange(6), n_orders=20)

    assert found.deletion_interval[0] < 0 < found.deletion_interval[1]


def test_the_bar_is_told_of_each_copy(linear):
    bar = Progress("", 1, shown=False)

    curves_of(linear, [0, 1, 2, 3], n_orders=3, bar=bar)

    assert bar.done == n_copies_of(4, 5, 3) == (2 * 5 + 3) * 4


def test_words_are_replaced_too():
    X = pd.DataFrame({"a": ["x", "y"] * 20, "b": np.arange(40.0)})

    class Model(LinearRegression):
        def fit(self, X, y):
            return super().fit((X[["a"]] == "x").astype(float), y)

        def predict(self, X):
            return super().predict((X[["a"]] == "x").astype(float))

    found = curves_of((Model().fit(X, X["a"] == "x"), X), [0, 1])

    assert found.table["deletion"].iloc[1:].to_numpy() == pytest.approx(1, abs=0.3)
    assert found.table["insertion"].iloc[1:].to_numpy() == pytest.approx(1)


@given(st.integers(2, 50), st.integers(0, 100))
def test_another_row_is_another_row(n_samples, seed):
    rows = other_rows(n_samples, np.random.RandomState(seed))

    assert sorted(rows) == list(range(n_samples))
    assert (rows != np.arange(n_samples)).all()


@given(st.integers(1, 500))
def test_steps_are_few_and_mirrored(n_features):
    steps = steps_of(n_features)

    assert steps[0] == 0
    assert steps[-1] == n_features
    assert len(steps) <= 42
    assert set(n_features - steps) == set(steps)
