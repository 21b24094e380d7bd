"""Validation splits: by content, stratified, grouped, weighted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdl.data import hold_out, row_keys
from skdl.exceptions import DataError


def split(X, **options):
    settings = {"weights": np.ones(len(X)), "fraction": 0.2, "seed": 3, **options}
    return hold_out(row_keys(X), **settings)


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(100, 3))


@given(seed=st.integers(0, 2**32 - 1), order=st.randoms(use_true_random=False))
def test_row_order_does_not_matter(seed, order):
    X = np.random.default_rng(1).normal(size=(40, 2))
    rows = list(range(40))
    order.shuffle(rows)
    np.testing.assert_array_equal(split(X, seed=seed)[rows], split(X[rows], seed=seed))


def test_share_is_exact_for_different_rows(X):
    assert split(X).sum() == 20
    assert split(X, fraction=0.37).sum() == 37


def test_seeds_choose_different_rows(X):
    assert not np.array_equal(split(X, seed=1), split(X, seed=2))


def test_copies_stay_on_one_side(X):
    copies = np.repeat(X, 3, axis=0)
    held_out = split(copies).reshape(100, 3)
    assert (held_out.all(axis=1) | ~held_out.any(axis=1)).all()


def test_weight_of_two_counts_as_two_rows(X):
    counts = np.random.default_rng(2).integers(1, 4, size=100)
    repeated = split(np.repeat(X, counts, axis=0))
    weighted = split(X, weights=counts.astype(float))
    np.testing.assert_array_equal(repeated, np.repeat(weighted, counts))


def test_each_class_is_split_alike(X):
    strata = np.repeat([0, 1, 2], [60, 30, 10])
    held_out = split(X, strata=strata)
    assert np.bincount(strata[held_out]).tolist() == [12, 6, 2]


def test_class_with_one_row_stays_in_training(X):
    strata = np.repeat([0, 1], [99, 1])
    assert not split(X, strata=strata)[99]


def test_groups_are_held_out_whole(X):
    groups = np.arange(100) // 10
    held_out = split(X, groups=groups, strata=np.arange(100) % 2)
    assert np.unique(groups[held_out]).size == 2
    assert held_out.sum() == 20


def test_too_few_rows_or_groups():
    one = np.ones((5, 2))
    with pytest.raises(DataError, match=r"2 different rows. Got n_samples=5 with 1"):
        split(one)
    with pytest.raises(DataError, match="at least 2 groups"):
        split(np.random.rand(5, 2), groups=np.zeros(5))
