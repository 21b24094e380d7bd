"""How strongly features go together, against scipy and by hand."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from scipy import stats

from skdl.explain.importance._association import (
    MOST_LEVELS,
    MOST_ROWS,
    associated_features,
)


def strengths(X, threshold=0.0):
    pairs = associated_features(X, threshold=threshold)
    return {(one, other): strength for one, other, strength in pairs}


def test_numbers_have_spearmans_correlation(numbers):
    X, _ = numbers
    X = np.round(X, 1)  # ties

    found = strengths(X)

    expected = np.abs(stats.spearmanr(X).statistic)
    assert len(found) == 6
    for pair, strength in found.items():
        assert strength == pytest.approx(expected[pair], abs=1e-6)


def test_words_have_cramers_v():
    # 2 x 2 table [[8, 2], [2, 8]]: phi² = 0.36; corrected as Bergsma (2013) says.
    one = ["a"] * 10 + ["b"] * 10
    other = ["x"] * 8 + ["y"] * 2 + ["x"] * 2 + ["y"] * 8
    table = pd.crosstab(pd.Series(one), pd.Series(other))
    phi2 = stats.contingency.association(table, method="cramer") ** 2
    assert phi2 == pytest.approx(0.36)
    corrected = (phi2 - 1 / 19) / (2 - 1 / 19 - 1)

    found = strengths(pd.DataFrame({"one": one, "other": other}))

    assert found == {(0, 1): pytest.approx(np.sqrt(corrected), abs=1e-6)}


def test_words_and_numbers_have_the_correlation_ratio():
    # Ranks 1..6 in three pairs: within the pairs 1.5 of 17.5 in all.
    X = pd.DataFrame({"number": [1.0, 2, 30, 40, 500, 600], "word": list("aabbcc")})
    epsilon2 = 1 - (1.5 / 3) / (17.5 / 5)

    assert strengths(X) == {(0, 1): pytest.approx(np.sqrt(epsilon2), abs=1e-6)}


def test_the_same_in_other_words():
    words = pd.Series(list("abcabcabc"))
    X = pd.DataFrame(
        {
            "words": words,
            "renamed": words.map({"a": "z", "b": "y", "c": "x"}),
            "category": words.astype("category"),
            "truth": words == "a",
        }
    )

    found = strengths(X)

    assert [found[pair] for pair in [(0, 1), (0, 2), (1, 2)]] == [1, 1, 1]
    assert 0.9 < found[0, 3] <= 1


def test_the_strongest_comes_first(numbers):
    X, _ = numbers
    X = np.column_stack([X, X[:, 3] + 0.1 * X[:, 2], -(X[:, 1] ** 3)])

    pairs = associated_features(X, threshold=0.8)

    assert [pair[:2] for pair in pairs] == [(1, 5), (3, 4)]
    assert pairs[0][2] == 1


@pytest.mark.parametrize(
    "values",
    [
        np.ones(20),
        np.full(20, np.nan),
        np.array(["word"] * 20, dtype=object),
        np.array([None] * 20, dtype=object),
        np.array([f"name {i}" for i in range(20)] + ["more"] * 0, dtype=object),
        pd.date_range("2020", periods=20),
        pd.array([1, None] * 10, dtype="Int64"),
        pd.Categorical(["a"] * 20, categories=["a", "b"]),
        np.array([1, "a", None, 2.5] * 5, dtype=object),
        pd.Series([[1], [2]] * 10),
        pd.arrays.SparseArray([0.0, 1.0] * 10),
        pd.Series([np.inf, -np.inf] * 10),
    ],
    ids=str,
)
def test_columns_of_all_kinds(values):
    generator = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "values": values,
            "number": generator.normal(size=20),
            "word": generator.choice(["x", "y"], 20),
        }
    )

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = strengths(X)

    assert all(0 <= strength <= 1 for strength in found.values())


def test_missing_values_say_nothing_about_the_order():
    # Ranks 1, 2, 3, 4 beside 1, 2, -, 3, whose gap gets the mean rank, 2.
    X = np.array([[10.0, 1, np.nan], [20, 2, np.nan], [30, np.nan, np.nan], [40, 3, 7]])
    expected = np.corrcoef([1, 2, 3, 4], [1, 2, 2, 3])[0, 1]

    assert strengths(X) == {(0, 1): pytest.approx(expected, abs=1e-6)}


def test_few_rows_show_nothing():
    for n_rows in 1, 2:
        X = pd.DataFrame({"a": [1.0, 2][:n_rows], "b": ["x", "y"][:n_rows]})
        assert associated_features(X, threshold=0.5) == []


def test_many_rows_are_thinned():
    X = np.random.default_rng(0).normal(size=(5 * MOST_ROWS, 2))
    X[:, 1] += X[:, 0]
    steps = np.linspace(0, len(X) - 1, MOST_ROWS).astype(int)

    assert strengths(X)[0, 1] == strengths(X[steps])[0, 1]
    assert strengths(X)[0, 1] == pytest.approx(stats.spearmanr(X).statistic, abs=0.05)


def test_names_go_with_nothing():
    n_rows = MOST_LEVELS + 1
    X = pd.DataFrame(
        {"name": [f"n{i}" for i in range(n_rows)], "x": np.arange(n_rows), "w": "a"}
    )

    assert associated_features(X, threshold=0.0) == []


@settings(max_examples=60)
@given(
    hypothesis_numpy.arrays(
        float,
        st.tuples(st.integers(1, 30), st.integers(1, 5)),
        elements=st.floats(-3, 3).map(round) | st.just(np.nan),
    ),
    st.floats(0, 1),
)
def test_any_table_of_numbers(X, threshold):
    pairs = associated_features(X, threshold=threshold)

    assert all(one < other for one, other, _ in pairs)
    assert all(threshold <= strength <= 1 for _, _, strength in pairs)
    order = [strength for _, _, strength in pairs]
    assert order == sorted(order, reverse=True)
    turned = associated_features(-X, threshold=threshold)
    assert turned == pairs
