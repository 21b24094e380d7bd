"""Convolutional networks: one description, two models."""

from __future__ import annotations

import random
from dataclasses import replace

import keras
import numpy as np
import pytest

from skdl.networks import (
    ConvArchitecture,
    MLPArchitecture,
    Regularization,
    block_shapes,
)

EVERYTHING = Regularization(dropout=0.5, l2=0.1, input_noise=0.1, shift=0.1)


def describe(*, batch_norm="before", **changes):
    dense = MLPArchitecture(
        n_features=4 * 3 * 5,
        hidden_layer_sizes=(6,),
        n_outputs=2,
        activation="relu",
        batch_norm=batch_norm,
        residual=False,
        has_dropout=True,
        has_input_noise=False,
        has_penalty=True,
        dtype="float32",
    )
    usual = {
        "image_shape": (8, 6, 3),
        "filters": (4, 5),
        "kernel_size": (3, 2),
        "pool_size": (2, 1),
        "is_scaled": True,
        "has_augmentation": True,
        "has_input_noise": True,
        "dense": dense,
    }
    described = ConvArchitecture(**{**usual, **changes})
    last = block_shapes(
        described.image_shape,
        described.filters,
        described.kernel_size,
        described.pool_size,
    )[-1]
    n_features = last.maps[0] * last.maps[1] * described.filters[-1]
    return replace(described, dense=replace(dense, n_features=n_features))


@pytest.mark.parametrize("batch_norm", [None, "before", "after"])
def test_both_models_have_the_same_weights_in_the_same_order(batch_norm):
    architecture = describe(batch_norm=batch_norm)
    tunable, plain = architecture.build(), architecture.build(EVERYTHING)
    trainable, frozen = architecture.initial_weights(np.random.default_rng(0))
    for arrays, theirs, ours in (
        (trainable, plain.trainable_weights, tunable.trainable_variables),
        (frozen, plain.non_trainable_weights, tunable.non_trainable_variables),
    ):
        for array, their, our in zip(arrays, theirs, ours, strict=True):
            assert array.shape == their.shape == our.shape
            assert their.path == our.path


def test_plain_model_is_the_blocks_of_keras_without_augmentation():
    plain = describe().build(EVERYTHING)

    assert all(type(layer).__module__.startswith("keras") for layer in plain.layers)
    assert [type(layer).__name__ for layer in plain.layers] == [
        "InputLayer",
        "Rescaling",
        "GaussianNoise",
        *["Conv2D", "BatchNormalization", "Activation", "MaxPooling2D", "Dropout"] * 2,
        "Flatten",
        *["Dense", "BatchNormalization", "Activation", "Dropout"],
        "Dense",
    ]


def test_a_pool_of_one_pixel_has_no_layer():
    names = [layer.name for layer in describe(pool_size=(1, 1)).build().layers]
    assert not [name for name in names if "pooling" in name]


def test_building_leaves_global_random_state_alone():
    before = random.getstate(), np.random.get_state()[1].copy()
    describe().build()
    describe().build(EVERYTHING)
    assert random.getstate() == before[0]
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


def test_images_are_channels_last_whatever_keras_is_set_to():
    architecture = describe()
    keras.config.set_image_data_format("channels_first")
    try:
        for model in (architecture.build(), architecture.build(EVERYTHING)):
            assert model.get_layer("convolution_2").output.shape == (None, 4, 6, 5)
    finally:
        keras.config.set_image_data_format("channels_last")


def test_initial_weights_are_those_of_glorot():
    architecture = describe(image_shape=(8, 6, 30), filters=(200,), kernel_size=(5, 5))
    (kernel, *_), _ = architecture.initial_weights(np.random.default_rng(0))
    limit = np.sqrt(6 / (25 * 230))
    assert kernel.shape == (5, 5, 30, 200)
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)


def test_all_layers_except_the_last_use_the_initializer():
    trainable, _ = describe(batch_norm=None).initial_weights(
        np.random.default_rng(0), "random_uniform"
    )
    *kernels, last = [array for array in trainable if array.ndim > 1]
    assert [kernel.ndim for kernel in kernels] == [4, 4, 2]
    for kernel in kernels:
        assert 0.04 < np.abs(kernel).max() <= 0.05
    assert 0.3 < np.abs(last).max() <= np.sqrt(6 / 8)


def test_only_equal_networks_stand_in_for_each_other():
    architecture = describe()
    assert architecture.merge(describe()) == architecture
    assert architecture.merge(describe(filters=(4, 6))) is None
    assert architecture.merge(architecture.dense) is None
