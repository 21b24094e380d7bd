"""Random bits: uniform, uncorrelated, and by row and unit only."""

from __future__ import annotations

import numpy as np
from keras import ops

from skdl.data import row_keys
from skdl.networks import Regularization, TrainingBatch

N_ROWS, N_UNITS = 2000, 50
KEYS = row_keys(np.arange(2.0 * N_ROWS).reshape(N_ROWS, 2)).astype(np.uint32)


def batch(seed=1, keys=KEYS, **numbers):
    return TrainingBatch(
        weights=ops.ones(len(keys)),
        keys=ops.convert_to_tensor(keys),
        seed=ops.convert_to_tensor(np.uint32(seed)),
        regularization=Regularization(**numbers),
    )


def drawn(seed=1, stream=1, keys=KEYS, n_units=N_UNITS):
    return np.asarray(batch(seed, keys).uniform(stream, n_units, "float64").numpy())


def test_uniform_is_uniform_and_uncorrelated():
    u = drawn()
    assert u.min() > 0.0
    assert u.max() < 1.0
    counts = np.histogram(u, bins=20, range=(0, 1))[0]
    expected = u.size / 20
    assert ((counts - expected) ** 2 / expected).sum() < 43.8  # chi2, 19 df, p = 0.001
    for other in (drawn(seed=2), drawn(stream=2), np.roll(u, 1, 0), np.roll(u, 1, 1)):
        # 5 standard deviations of a correlation of 100,000 independent pairs
        assert abs(np.corrcoef(u.ravel(), other.ravel())[0, 1]) < 0.016


def test_bits_depend_on_row_and_unit_alone():
    u = drawn()
    rows = np.random.default_rng(0).permutation(N_ROWS)[:100]
    np.testing.assert_array_equal(drawn(keys=KEYS[rows]), u[rows])
    np.testing.assert_array_equal(drawn(n_units=20), u[:, :20])


def test_bits_of_images_are_uncorrelated_and_depend_on_row_and_unit_alone():
    def kept(seed=1, stream=1, keys=KEYS[:1000]):
        return batch(seed, keys).keeps(stream, (10, 5, 2), 0.5).numpy()

    k = kept()
    for other in (
        kept(seed=2),
        kept(stream=2),
        np.roll(k, 1, 0),
        np.roll(k, 1, 1),
        np.roll(k, 1, 2),
        k[..., ::-1],
    ):
        assert abs(np.corrcoef(k.ravel(), other.ravel())[0, 1]) < 0.016
    np.testing.assert_array_equal(kept(keys=KEYS[5:9]), k[5:9])
