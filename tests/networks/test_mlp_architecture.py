"""One description, two models: tunable and plain."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from skdl.networks import ACTIVATIONS, MLPArchitecture, Regularization


def describe(**changes):
    return MLPArchitecture(
        **{
            "n_features": 5,
            "hidden_layer_sizes": (7, 7),
            "n_outputs": 2,
            "activation": "relu",
            "batch_norm": "before",
            "residual": True,
            "has_dropout": True,
            "has_input_noise": True,
            "has_penalty": True,
            "dtype": "float32",
            **changes,
        }
    )


def test_both_models_have_the_same_weights_in_the_same_order():
    architecture = describe()
    tunable, plain = (
        architecture.build(),
        architecture.build(Regularization(dropout=0.5)),
    )
    trainable, frozen = architecture.initial_weights(np.random.default_rng(0))
    for arrays, theirs, ours in (
        (trainable, plain.trainable_weights, tunable.trainable_variables),
        (frozen, plain.non_trainable_weights, tunable.non_trainable_variables),
    ):
        for array, their, our in zip(arrays, theirs, ours, strict=True):
            assert array.shape == their.shape == our.shape
            assert their.path == our.path


def test_plain_model_has_keras_layers_only():
    plain = describe().build(Regularization(dropout=0.5, l2=0.1, input_noise=0.1))
    assert all(type(layer).__module__.startswith("keras") for layer in plain.layers)
    assert plain.get_layer("dropout_1").rate == 0.5


def test_building_leaves_global_random_state_alone():
    before = random.getstate(), np.random.get_state()[1].copy()
    describe().build()
    describe().build(Regularization(dropout=0.5, input_noise=0.1))
    assert random.getstate() == before[0]
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


def test_initial_weights_are_those_of_glorot():
    architecture = describe(hidden_layer_sizes=(300,), n_features=200, batch_norm=None)
    (kernel, bias, *_), _ = architecture.initial_weights(np.random.default_rng(0))
    limit = np.sqrt(6 / 500)
    assert np.abs(kernel).max() <= limit
    assert kernel.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)
    assert not bias.any()


def test_all_layers_except_the_last_use_the_initializer():
    architecture = describe(
        hidden_layer_sizes=(40, 30), n_outputs=20, n_features=60, batch_norm=None
    )
    (first, _, second, _, last, _), _ = architecture.initial_weights(
        np.random.default_rng(0), "random_uniform"
    )
    assert 0.04 < np.abs(first).max() <= 0.05
    assert 0.04 < np.abs(second).max() <= 0.05
    assert 0.3 < np.abs(last).max() <= np.sqrt(6 / 50)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_known_to_keras(activation):
    model = describe(activation=activation).build()
    assert model.get_layer("activation_1").activation is keras.activations.get(
        activation
    )
