"""Dropout and noise: their shares, means and distributions."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops
from scipy.stats import kstest

from skdl.data import row_keys
from skdl.networks import Regularization, TrainingBatch, training_batch
from skdl.networks._layers import TunableDropout, TunableGaussianNoise

N_ROWS, N_UNITS = 2000, 50
KEYS = row_keys(np.arange(2.0 * N_ROWS).reshape(N_ROWS, 2)).astype(np.uint32)


def batch(seed=1, keys=KEYS, **numbers):
    return TrainingBatch(
        weights=ops.ones(len(keys)),
        keys=ops.convert_to_tensor(keys),
        seed=ops.convert_to_tensor(np.uint32(seed)),
        regularization=Regularization(**numbers),
    )


def call(layer, inputs, keys=KEYS, **numbers):
    with training_batch(batch(keys=keys, **numbers)):
        return layer(inputs, training=True).numpy()


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_drops_its_share_and_keeps_the_mean(rate):
    ones = np.ones((N_ROWS, N_UNITS), dtype="float32")
    dropped = call(TunableDropout(1), ones, dropout=rate)
    np.testing.assert_allclose(np.unique(dropped), [0.0, 1 / (1 - rate)], rtol=1e-6)
    # 100,000 draws: 5 standard deviations of the share are below 0.008
    assert (dropped == 0).mean() == pytest.approx(rate, abs=0.008)
    assert dropped.mean() == pytest.approx(1.0, abs=0.008 / (1 - rate))


def test_rate_zero_and_inference_change_nothing():
    inputs = np.random.default_rng(0).normal(size=(N_ROWS, 4)).astype("float32")
    np.testing.assert_array_equal(call(TunableDropout(1), inputs), inputs)
    with training_batch(batch(dropout=0.9, input_noise=3.0)):
        for layer in (TunableDropout(1), TunableGaussianNoise(2)):
            np.testing.assert_array_equal(layer(inputs, training=False), inputs)


def test_noise_is_normal():
    noise = call(TunableGaussianNoise(1), np.zeros((N_ROWS, N_UNITS)), input_noise=2.0)
    assert kstest(noise.ravel() / 2.0, "norm").pvalue > 1e-3


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.95])
def test_images_keep_their_share_and_their_mean(rate):
    ones = np.ones((400, 5, 5, 10), dtype="float32")
    dropped = call(TunableDropout(1), ones, dropout=rate, keys=KEYS[:400])
    np.testing.assert_allclose(dropped[dropped > 0], 1 / (1 - rate), rtol=1e-6)
    assert (dropped == 0).mean() == pytest.approx(rate, abs=0.008)


def test_noise_of_images_is_normal():
    images = np.zeros((N_ROWS, 5, 5, 2))
    noise = call(TunableGaussianNoise(1), images, input_noise=2.0)
    assert noise.shape == images.shape
    assert kstest(noise.ravel() / 2.0, "norm").pvalue > 1e-3
