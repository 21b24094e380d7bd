"""Tables of a bank: every distinct set of rows once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from skdl.data import Samples, row_keys
from skdl.training._bank.tables import SampleTable


def make_samples(seed=0, n_rows=5, *, is_sparse=False, is_keyed=True):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n_rows, 3))
    if is_sparse:
        X = sparse.csr_array(X * (X > 0))
    keys = row_keys(X) if is_keyed else np.zeros(n_rows, np.uint64)
    return Samples(X, random.normal(size=(n_rows, 1)), np.ones(n_rows), keys)


def copied(samples):
    """Equal rows that share no memory."""
    return Samples(
        samples.features.copy(),
        samples.targets.copy(),
        samples.weights.copy(),
        samples.keys.copy(),
    )


@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("is_keyed", [False, True])
def test_equal_sets_are_stored_once(is_sparse, is_keyed):
    table = SampleTable()
    first = make_samples(0, is_sparse=is_sparse, is_keyed=is_keyed)
    second = make_samples(1, is_sparse=is_sparse, is_keyed=is_keyed)
    added = [first, copied(first), second, first, copied(second)]
    assert [table.add(samples) for samples in added] == [0, 0, 1, 0, 1]
    assert table.n_rows == 10
    np.testing.assert_array_equal(table.first_rows(), [0, 5])
    assert table.first_rows().dtype == np.int32


@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("is_keyed", [False, True])
@pytest.mark.parametrize("part", ["features", "targets", "weights"])
def test_one_different_value_makes_another_set(is_sparse, is_keyed, part):
    first = make_samples(is_sparse=is_sparse, is_keyed=is_keyed)
    second = copied(first)
    array = getattr(second, part)
    values = array.data if part == "features" and is_sparse else array.reshape(-1)
    values[len(values) // 2] += 1e-12  # neither the first nor the last
    if is_keyed:
        second = replace(second, keys=row_keys(second.features))
    table = SampleTable()
    assert [table.add(first), table.add(second), table.add(first)] == [0, 1, 0]


def test_the_place_of_sparse_values_counts():
    first = make_samples(is_sparse=True, is_keyed=False)
    moved = first.features.copy()
    row = int(np.flatnonzero(np.diff(moved.indptr) == 1)[0])
    at = moved.indptr[row]
    moved.indices[at] = (moved.indices[at] + 1) % 3
    table = SampleTable()
    assert [table.add(first), table.add(replace(first, features=moved))] == [0, 1]


def test_sizes_and_orders_make_different_sets():
    samples = make_samples()
    table = SampleTable()
    for i, rows in enumerate(([0, 1, 2, 3, 4], [0, 1, 2, 4], [0, 2, 1, 3, 4])):
        assert table.add(samples.take(np.array(rows))) == i
    np.testing.assert_array_equal(table.first_rows(), [0, 5, 9])


@pytest.mark.parametrize("keyed_first", [True, False])
def test_rows_without_keys_share_those_with_keys(keyed_first):
    keyed = make_samples()
    bare = replace(copied(keyed), keys=np.zeros(5, np.uint64))
    table = SampleTable()
    order = [keyed, bare, keyed] if keyed_first else [bare, keyed, bare]
    assert [table.add(samples) for samples in order] == [0, 0, 0]
    keys = table.to_device(16).keys.numpy()
    np.testing.assert_array_equal(keys[:5], keyed.keys.astype(np.uint32))
    assert not keys[5:].any()


def test_all_sets_are_on_the_device_followed_by_padding():
    sets = [make_samples(0, 5), make_samples(1, 3)]
    table = SampleTable()
    for samples in sets:
        table.add(samples)
    rows = table.to_device(16)
    for on_device, name in (
        (rows.features, "features"),
        (rows.targets, "targets"),
        (rows.weights, "weights"),
    ):
        stacked = np.concatenate([getattr(samples, name) for samples in sets])
        np.testing.assert_array_equal(on_device.numpy()[:8], stacked)
        assert not on_device.numpy()[8:].any()
        assert len(on_device) == 16


def test_sparse_sets_are_on_the_device_as_one_matrix():
    sets = [make_samples(i, 4, is_sparse=True) for i in range(2)]
    table = SampleTable()
    for samples in sets:
        table.add(samples)
    on_device = table.to_device(16).features
    parts = tuple(part.numpy() for part in on_device)
    stacked = sparse.csr_array(parts, shape=(8, 3)).toarray()
    expected = np.vstack([samples.features.toarray() for samples in sets])
    np.testing.assert_array_equal(stacked, expected)


def test_samples_know_their_memory():
    assert make_samples().n_bytes == 5 * 3 * 8
    samples = make_samples(is_sparse=True)
    index = samples.features.indices.itemsize
    n_stored = samples.features.nnz
    assert samples.n_bytes == n_stored * (8 + index) + 6 * index
