"""`keras.Model.fit` trains what the engine does not support."""

import keras
import numpy as np
import pytest
from keras import layers, losses, ops

from skdl import KerasRegressor

RATE = 0.01


@keras.saving.register_keras_serializable("skdl_tests")
class Doubling(layers.Layer):
    """Acts on each row by itself, so that the engine can train it."""

    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs):
        """Scale."""
        return inputs * self.factor

    def get_config(self):
        """Settings that rebuild the layer."""
        return {**super().get_config(), "factor": self.factor}


class LearnedScale(layers.Layer):
    """Has weights and is not registered with Keras."""

    def build(self, shape):
        """One weight per feature."""
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, inputs):
        """Scale."""
        return inputs * self.scale


class Centred(layers.Layer):
    """Depends on the other rows of a batch, so that padding would matter."""

    def call(self, inputs):
        """Subtract the mean of the batch."""
        return inputs - ops.mean(inputs, axis=0, keepdims=True)


class Penalised(layers.Layer):
    """Adds a loss that depends on the rows."""

    def call(self, inputs):
        """Penalise large values."""
        self.add_loss(0.1 * ops.mean(ops.square(inputs)))
        return inputs


def with_layer(layer):
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(4, activation="tanh", kernel_initializer="ones"),
            layer,
            layers.Dense(1),
        ]
    )


def by_operations():
    inputs = keras.Input((4,))
    centred = inputs - ops.mean(inputs, axis=0, keepdims=True)
    return keras.Model(inputs, layers.Dense(1)(centred))


class HalfSteps(keras.Model):
    """A custom training step with half of the gradient."""

    def train_step(self, data):
        """Make a step with half of the gradient."""
        import tensorflow as tf

        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply([g / 2 for g in gradients], self.trainable_weights)
        return {"loss": loss}


def half_steps():
    inputs = keras.Input((4,))
    return HalfSteps(inputs, layers.Dense(1)(inputs))


class Called(keras.Model):
    """Neither sequential nor functional."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, inputs):
        """Sum up."""
        return self.dense(inputs)


def errors_of(y, y_pred):
    """Targets without the axis of the outputs."""
    return ops.reshape(ops.cast(y, y_pred.dtype), ops.shape(y_pred)) - y_pred


def absolute(y, y_pred):
    """A value per row."""
    return ops.mean(ops.abs(errors_of(y, y_pred)), axis=-1)


def worst(y, y_pred):
    """One value for all rows of a batch."""
    return ops.max(ops.abs(errors_of(y, y_pred)))


def compared(y, y_pred):
    """A value per row that depends on the other rows of the batch."""
    errors = ops.abs(errors_of(y, y_pred))
    return ops.mean(errors * ops.mean(errors), axis=-1)


class Cubed(losses.Loss):
    """A custom loss."""

    def call(self, y, y_pred):
        """A value per row."""
        return ops.mean(ops.abs(errors_of(y, y_pred)) ** 3, axis=-1)


class Largest(keras.metrics.Metric):
    """The largest error so far."""

    def __init__(self, name="largest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.found = self.add_variable((), "zeros", name="found")

    def update_state(self, y, y_pred, sample_weight=None):
        """Look at more rows."""
        errors = ops.max(ops.abs(errors_of(y, y_pred)))
        self.found.assign(ops.maximum(self.found, errors))

    def result(self):
        """Return the largest error."""
        return self.found


ENGINE, KERAS = "engine", "keras"


@pytest.mark.parametrize(
    ("build", "compiled_for", "expected"),
    [
        (lambda: with_layer(Doubling(3.0)), {}, ENGINE),
        (lambda: with_layer(LearnedScale()), {}, ENGINE),
        (lambda: with_layer(layers.Lambda(lambda x: x * 2)), {}, ENGINE),
        (lambda: with_layer(Centred()), {}, KERAS),
        (by_operations, {}, KERAS),
        (lambda: with_layer(Penalised()), {}, KERAS),
        (lambda: with_layer(layers.ActivityRegularization(0.1)), {}, KERAS),
        (half_steps, {}, KERAS),
        (lambda: with_layer(Doubling()), {"loss": absolute}, ENGINE),
        (lambda: with_layer(Doubling()), {"loss": worst}, KERAS),
        (lambda: with_layer(Doubling()), {"loss": compared}, KERAS),
        (lambda: with_layer(Doubling()), {"loss": Cubed()}, ENGINE),
        (lambda: with_layer(Doubling()), {"metrics": [absolute]}, ENGINE),
        (lambda: with_layer(Doubling()), {"metrics": [worst]}, KERAS),
        (lambda: with_layer(Doubling()), {"metrics": [compared]}, KERAS),
        (lambda: with_layer(Doubling()), {"metrics": [Largest()]}, KERAS),
        (lambda: with_layer(Doubling()), {"run_eagerly": True}, KERAS),
    ],
    ids=[
        "registered layer",
        "layer with weights",
        "lambda",
        "layer that couples rows",
        "operation that couples rows",
        "add_loss",
        "activity regularisation",
        "train_step",
        "loss function",
        "loss of a batch",
        "loss that couples rows",
        "loss class",
        "metric function",
        "metric of a batch",
        "metric that couples rows",
        "metric class",
        "run_eagerly",
    ],
)
def test_the_same_results_either_way(
    build, compiled_for, expected, X, quantity, keras_fits, assert_same_history
):
    keras.utils.set_random_seed(0)
    given = build()
    given.compile(keras.optimizers.SGD(RATE), **{"loss": "mse", **compiled_for})
    initial = [array.copy() for array in given.get_weights()]
    model = KerasRegressor(given, epochs=2, batch_size=30, shuffle=False, verbose=0)

    y = quantity / 10
    model.fit(X, y)

    assert (KERAS if keras_fits else ENGINE) == expected
    given.set_weights(initial)
    given.run_eagerly = True
    theirs = given.fit(X, y, epochs=2, batch_size=30, shuffle=False, verbose=0).history
    assert_same_history(model.history_, theirs, rtol=1e-4)
    for one, other in zip(model.model_.get_weights(), given.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def test_a_model_that_is_only_called(X, quantity, keras_fits):
    model = KerasRegressor(
        Called, loss="mse", random_state=0, epochs=3, verbose=0, shuffle=False
    )
    with pytest.raises(TypeError, match="must be a callable"):
        model.fit(X, quantity)  # scikeras takes functions only

    model.set_params(model=lambda: Called()).fit(X, quantity)

    assert len(keras_fits) == 1
    assert model.predict(X).shape == (80,)
    assert model.history_["loss"][-1] < model.history_["loss"][0]


def test_arguments_that_only_keras_supports(dense, fast, X, quantity, keras_fits):
    model = KerasRegressor(dense, loss="mse", fit__steps_per_epoch=2, **fast)

    model.fit(X, quantity)

    assert len(keras_fits) == 1
    assert len(model.history_["loss"]) == 1


def test_seeded_fits_by_keras_repeat(dense, fast, X, quantity):
    settings = {**fast, "shuffle": True, "run_eagerly": True, "loss": "mse"}
    first, again, other = (
        KerasRegressor(dense, **{**settings, "random_state": s}).fit(X, quantity)
        for s in (0, 0, 1)
    )

    assert first.history_ == again.history_ != other.history_
    np.testing.assert_array_equal(first.predict(X), again.predict(X))


def test_class_and_sample_weights_where_keras_trains(dense, fast, X, quantity):
    weights = np.random.default_rng(0).uniform(0, 3, 80)
    weights[::7] = 0
    settings = {**fast, "loss": "mse", "optimizer": "sgd", "epochs": 2}
    by_engine = KerasRegressor(dense, **settings)
    by_keras = KerasRegressor(dense, run_eagerly=True, **settings)

    for model in (by_engine, by_keras):
        model.fit(X, quantity, sample_weight=weights)

    np.testing.assert_allclose(
        by_engine.predict(X), by_keras.predict(X), rtol=1e-4, atol=1e-5
    )
