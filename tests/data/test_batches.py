"""Row plans and capacities."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skdl.data import batch_plan, row_capacity


@given(st.integers(1, 10_000_000))
def test_capacity_wastes_little(n_rows):
    capacity = row_capacity(n_rows)
    assert n_rows <= capacity < n_rows + max(16, n_rows / 8 + 1)


def test_few_capacities():
    assert len({row_capacity(n) for n in range(1, 100_001)}) < 100


def plan(n_epochs, random, *, shuffle=True):
    return batch_plan(
        10,
        n_epochs=n_epochs,
        batch_size=4,
        capacity=16,
        n_rows=3,
        shuffle=shuffle,
        random=random,
    )


def test_every_epoch_visits_every_row_once():
    laid_out = plan(2, np.random.default_rng(0))
    assert laid_out.shape == (3, 4, 4)
    for epoch in laid_out[:2]:
        assert sorted(epoch[epoch >= 0]) == list(range(10))
    assert (laid_out[2] == -1).all()
    assert not np.array_equal(laid_out[0], laid_out[1])


def test_one_by_one_is_all_at_once():
    random = np.random.default_rng(0)
    one_by_one = [plan(1, random)[0] for _ in range(3)]
    np.testing.assert_array_equal(plan(3, np.random.default_rng(0)), one_by_one)


def test_without_shuffle_rows_are_in_order():
    laid_out = plan(1, np.random.default_rng(0), shuffle=False)
    assert laid_out[0].ravel()[:12].tolist() == [*range(10), -1, -1]
