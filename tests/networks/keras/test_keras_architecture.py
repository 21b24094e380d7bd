"""Keras models as values: equal models are equal, inexpressible ones are refused."""

import pickle

import keras
import numpy as np
import pytest
from keras import layers, ops

from skdl.networks.keras import (
    KerasArchitecture,
    KerasConfig,
    NotExpressibleError,
    building,
)
from skdl.networks.keras._keras_architecture import is_seed_state


def sequential(*parts, n_features=4):
    return keras.Sequential([keras.Input((n_features,)), *parts])


def activation(x):
    return 2 * ops.tanh(x)


class Scaled(layers.Layer):
    """A user's layer, with a configuration."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        return self.factor * inputs

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Centred(layers.Layer):
    """A user's layer that mixes rows."""

    def call(self, inputs):
        return inputs - ops.mean(inputs, axis=0, keepdims=True)


def build(units=3, dropout=0.1):
    with building(0):
        return sequential(
            layers.Dense(units, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(dropout),
            layers.Dense(1),
        )


def test_models_of_equal_layers_are_equal_whatever_their_weights():
    first, second = build(), build()
    second.set_weights([w + 1 for w in second.get_weights()])

    one, other = KerasArchitecture.of(first), KerasArchitecture.of(second)

    assert one == other
    assert hash(one) == hash(other)
    assert one != KerasArchitecture.of(build(units=4))
    assert one != KerasArchitecture.of(build(dropout=0.2))


def test_the_models_it_builds_have_the_same_weights_in_the_same_order():
    model = build()
    architecture = KerasArchitecture.of(model)

    for again in (architecture.build(), architecture.build_plain()):
        assert [v.name for v in again.variables] == [v.name for v in model.variables]
        again.set_weights(model.get_weights())
        rows = np.ones((2, 4), "float32")
        np.testing.assert_array_equal(again(rows), model(rows))


@pytest.mark.parametrize(
    "part", [Scaled(3.0), layers.Dense(2, activation=activation)], ids=["layer", "act"]
)
def test_users_layers_and_functions_survive_a_pickle(part):
    model = sequential(part, layers.Dense(1))
    architecture = pickle.loads(pickle.dumps(KerasArchitecture.of(model)))

    again = architecture.build()

    again.set_weights(model.get_weights())
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(again(rows), model(rows))


class TrainedOtherwise(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


def of_own_class():
    inputs = keras.Input((4,))
    return TrainedOtherwise(inputs, layers.Dense(1)(inputs))


def with_operation_over_rows():
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Dense(1)(inputs - ops.mean(inputs, axis=0)))


@pytest.mark.parametrize(
    ("build_model", "reason"),
    [
        (of_own_class, "neither sequential nor functional"),
        (lambda: sequential(Centred(), layers.Dense(1)), "depends on the other rows"),
        (with_operation_over_rows, "depends on the other rows"),
        (
            lambda: sequential(layers.Dense(2, activity_regularizer="l1")),
            "depends on the rows",
        ),
        (
            lambda: sequential(layers.Dense(2, dtype="mixed_float16")),
            "several float types",
        ),
    ],
)
def test_what_the_engine_would_not_train_as_keras_does_is_refused(build_model, reason):
    with pytest.raises(NotExpressibleError, match=reason):
        KerasArchitecture.of(build_model())


def test_random_layers_and_convolutions_are_noticed():
    dense = KerasArchitecture.of(sequential(layers.Dense(2)))
    images = keras.Sequential(
        [keras.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten()]
    )

    assert KerasArchitecture.of(build()).draws
    assert not dense.draws
    assert not dense.is_convolutional
    assert KerasArchitecture.of(images).is_convolutional


def test_seed_generators_are_told_from_weights():
    model = sequential(layers.Dense(2), layers.Dropout(0.5))

    found = [is_seed_state(v) for v in model.variables]

    assert found == [False, False, True]


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.Huber(0.3),
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
        keras.losses.MeanSquaredError(dtype="float64"),
    ],
)
def test_losses_keep_all_their_settings(loss):
    y, guess = np.array([[0.0], [1.0]]), np.array([[2.0], [0.4]])

    (again,) = KerasConfig.of([loss]).build()

    assert again.dtype == loss.dtype
    np.testing.assert_array_equal(again(y, guess), loss(y, guess))
