"""Keras's random layers, by row keys: the same in any company and padding."""

import keras
import numpy as np
import pytest
from keras import layers

from skdl.networks import Regularization, TrainingBatch, training_batch
from skdl.networks.keras._keyed_layers import KEYED_LAYERS

N_ROWS, SHAPES = 8, {"1D": (6, 5), "2D": (4, 4, 5), "3D": (2, 3, 3, 5)}
RANDOM = sorted(set(KEYED_LAYERS) - {"BatchNormalization"})


def batch_of(rows, weights=None):
    keys = np.arange(100, 100 + N_ROWS, dtype=np.uint32)[rows]
    weights = np.ones(len(keys), "float32") if weights is None else weights
    return TrainingBatch(
        keras.ops.convert_to_tensor(weights),
        keras.ops.convert_to_tensor(keys),
        keras.ops.convert_to_tensor(np.uint32(7)),
        Regularization(),
    )


def call(layer, inputs, rows):
    with training_batch(batch_of(rows)):
        return keras.ops.convert_to_numpy(layer(inputs[rows], training=True))


def layer_and_inputs(name, amount=0.5):
    shape = SHAPES.get(name[-2:], (2000,))
    inputs = np.ones((N_ROWS, *shape), "float32")
    return KEYED_LAYERS[name](amount), inputs


@pytest.mark.parametrize("name", RANDOM)
def test_a_row_has_the_same_numbers_in_any_company(name):
    layer, inputs = layer_and_inputs(name)

    together = call(layer, inputs, np.arange(N_ROWS))
    apart = call(layer, inputs, np.array([5, 2, 2]))

    np.testing.assert_array_equal(apart, together[[5, 2, 2]])
    assert not np.array_equal(together[5], together[2])


@pytest.mark.parametrize("name", RANDOM)
def test_without_a_training_step_nothing_is_drawn(name):
    layer, inputs = layer_and_inputs(name)

    np.testing.assert_array_equal(layer(inputs, training=False), inputs)
    with training_batch(batch_of(np.arange(N_ROWS))):
        np.testing.assert_array_equal(layer(inputs, training=False), inputs)


@pytest.mark.parametrize("name", ["Dropout", "GaussianDropout", "GaussianNoise"])
def test_the_mean_stays_and_the_spread_is_that_of_keras(name):
    layer, inputs = layer_and_inputs(name, 0.25)
    plain = getattr(layers, name)(0.25, seed=0)

    ours = call(layer, inputs, np.arange(N_ROWS))
    keras_own = keras.ops.convert_to_numpy(plain(inputs, training=True))

    assert ours.mean() == pytest.approx(1.0, abs=0.02)
    assert ours.std() == pytest.approx(keras_own.std(), rel=0.05)


def test_alpha_dropout_keeps_mean_and_variance_of_standard_normal_inputs():
    inputs = np.random.default_rng(0).normal(size=(N_ROWS, 5000)).astype("float32")

    dropped = call(KEYED_LAYERS["AlphaDropout"](0.2), inputs, np.arange(N_ROWS))

    assert dropped.mean() == pytest.approx(0.0, abs=0.03)
    assert dropped.std() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("name", ["SpatialDropout1D", "SpatialDropout2D"])
def test_whole_feature_maps_are_dropped(name):
    layer, inputs = layer_and_inputs(name)

    dropped = call(layer, inputs, np.arange(N_ROWS)).reshape(N_ROWS, -1, 5)

    np.testing.assert_array_equal(
        dropped, np.repeat(dropped[:, :1], dropped.shape[1], 1)
    )
    assert set(np.unique(dropped)) == {0.0, 2.0}


def test_a_layer_that_is_called_twice_draws_twice():
    layer, inputs = layer_and_inputs("Dropout")

    with training_batch(batch_of(np.arange(N_ROWS))):
        first, second = (layer(inputs, training=True) for _ in range(2))

    assert not np.array_equal(first, second)


def test_batch_norm_ignores_padded_rows():
    inputs = np.random.default_rng(0).normal(size=(N_ROWS, 3, 4)).astype("float32")
    weights = np.array([1, 2, 1, 0, 1, 0, 3, 1], "float32")  # 0 is padding
    ours, plain = KEYED_LAYERS["BatchNormalization"](), layers.BatchNormalization()
    ours.build(inputs.shape)
    plain.build(inputs.shape)

    with training_batch(batch_of(np.arange(N_ROWS), weights)):
        normal = keras.ops.convert_to_numpy(ours(inputs, training=True))
    expected = keras.ops.convert_to_numpy(plain(inputs[weights > 0], training=True))

    np.testing.assert_allclose(normal[weights > 0], expected, atol=1e-5)
    for mine, theirs in zip(ours.variables, plain.variables, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), atol=1e-6)
