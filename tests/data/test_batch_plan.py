"""Row plans: every row once, then padding."""

from __future__ import annotations

import numpy as np

from skdl.data import PADDING, batch_plan


def plan(random, *, shuffle=True):
    return batch_plan(10, batch_size=4, shuffle=shuffle, random=random)


def test_every_epoch_visits_every_row_once():
    random = np.random.default_rng(0)
    epochs = [plan(random) for _ in range(2)]
    for epoch in epochs:
        assert epoch.shape == (3, 4)
        assert epoch.dtype == np.int32
        assert sorted(epoch[epoch >= 0]) == list(range(10))
        assert (epoch[-1, 2:] == PADDING).all()
    assert not np.array_equal(*epochs)


def test_the_order_is_one_permutation():
    expected = np.random.default_rng(0).permutation(10)
    np.testing.assert_array_equal(plan(np.random.default_rng(0)).flat[:10], expected)


def test_without_shuffle_rows_are_in_order():
    random = np.random.default_rng(0)
    before = random.bit_generator.state
    laid_out = plan(random, shuffle=False)
    assert laid_out.ravel().tolist() == [*range(10), -1, -1]
    assert random.bit_generator.state == before
