"""Row keys: by content, the same for dense and sparse, well spread."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import sparse

from skdl.data import row_keys


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sparse_and_dense_agree(dtype):
    X = sparse.random(200, 50, density=0.1, random_state=0, dtype=dtype).tocsr()
    np.testing.assert_array_equal(row_keys(X), row_keys(X.toarray()))


def test_depends_on_each_value_and_on_its_column():
    X = np.random.default_rng(0).normal(size=(1, 20))
    swapped = X[:, [1, 0, *range(2, 20)]]
    changed = X.copy()
    changed[0, 7] = np.nextafter(changed[0, 7], 9)
    keys = {int(row_keys(table)[0]) for table in (X, swapped, changed)}
    assert len(keys) == 3


def test_zero_has_one_key_whatever_its_sign():
    np.testing.assert_array_equal(
        row_keys(np.array([[0.0, 1.0]])), row_keys(np.array([[-0.0, 1.0]]))
    )


def test_many_rows_have_many_keys_whose_bits_are_even():
    keys = row_keys(np.arange(200_000, dtype=float).reshape(-1, 2))
    assert len(np.unique(keys)) == 100_000
    ones = [((keys >> np.uint64(bit)) & np.uint64(1)).mean() for bit in range(64)]
    # 100,000 fair coins: 5 standard deviations are 0.008
    assert max(abs(share - 0.5) for share in np.array(ones)) < 0.008


def test_blocks_change_nothing(monkeypatch):
    X = np.random.default_rng(0).normal(size=(97, 5))
    whole = row_keys(X)
    monkeypatch.setattr(sys.modules["skdl.data._row_keys"], "_BLOCK_VALUES", 20)
    np.testing.assert_array_equal(row_keys(X), whole)
