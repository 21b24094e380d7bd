"""Initial kernels have the distributions of Keras's initializers."""

import math

import keras
import numpy as np
import pytest
from scipy.stats import ks_2samp

from skdl.networks import INITIALIZERS
from skdl.networks._initializers import fresh_layer

SHAPES = [(60, 40), (3, 3, 8, 30)]
RANDOM = [name for name in INITIALIZERS if name != "orthogonal"]


def kernel(name, shape, seed=0):
    random = np.random.default_rng(seed)
    return fresh_layer(shape, "float32", random, kernel_initializer=name)[0]


def keras_kernel(name, shape):
    config = {"class_name": name, "config": {"seed": 1}}
    return keras.ops.convert_to_numpy(keras.initializers.get(config)(shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", RANDOM)
def test_the_distribution_is_that_of_keras(name, shape):
    ours, theirs = kernel(name, shape), keras_kernel(name, shape)

    assert ours.shape == theirs.shape == shape
    assert ks_2samp(ours.ravel(), theirs.ravel()).pvalue > 0.01
    if name != "random_normal":  # which has no bound
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.03)


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("glorot_uniform", 2 / (60 + 40)),
        ("glorot_normal", 2 / (60 + 40)),
        ("he_uniform", 2 / 60),
        ("he_normal", 2 / 60),
        ("lecun_uniform", 1 / 60),
        ("lecun_normal", 1 / 60),
        ("orthogonal", 1 / 60),
        ("random_uniform", 0.05**2 / 3),
        ("random_normal", 0.05**2),
    ],
)
def test_variances_by_hand(name, variance):
    kernels = np.stack([kernel(name, (60, 40), seed) for seed in range(50)])

    assert kernels.mean() == pytest.approx(0, abs=3 * math.sqrt(variance / 120_000))
    assert kernels.var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("shape", [*SHAPES, (40, 60), (2, 2, 1, 9)], ids=str)
def test_columns_or_rows_are_orthogonal(shape):
    matrix = kernel("orthogonal", shape).reshape(-1, shape[-1])
    narrow = matrix if len(matrix) >= shape[-1] else matrix.T

    np.testing.assert_allclose(
        narrow.T @ narrow, np.eye(narrow.shape[1]), rtol=0, atol=1e-6
    )
    assert kernel("orthogonal", shape).shape == keras_kernel("orthogonal", shape).shape


@pytest.mark.parametrize("name", INITIALIZERS)
def test_only_the_seed_decides(name):
    np.testing.assert_array_equal(kernel(name, (9, 5)), kernel(name, (9, 5)))
    assert not np.array_equal(kernel(name, (9, 5)), kernel(name, (9, 5), seed=1))
