"""The engine's weights and histories are those of `keras.Model.fit`.

Rows are not shuffled and initial weights are the same, so the numbers must be too, but
for the rounding of float32. Keras trains eagerly here: a second way to compute, and no
graph to trace.
"""

import warnings

import keras
import numpy as np
import pytest
from keras import layers, losses, optimizers
from scikeras.utils import metric_name
from sklearn.preprocessing import FunctionTransformer

from skdl import KerasRegressor

BATCH_SIZE = 32  # not a divisor of 76 rows: the last batch is short


@pytest.fixture(autouse=True)
def keras_reads_its_own_variables(recwarn):
    """Keras 3.15 makes arrays of its variables in a way that NumPy 2 deprecates."""
    warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)


class AsGiven(KerasRegressor):
    """Passes tables for inputs and outputs on unchanged."""

    tables = staticmethod(lambda X: X)

    @property
    def target_encoder(self):
        """Targets unchanged, with any number of outputs."""
        return FunctionTransformer()

    @property
    def feature_encoder(self):
        """The encoder of the features."""
        return FunctionTransformer(self.tables)


class SplitInTwo(AsGiven):
    """Two inputs, and two outputs."""

    tables = staticmethod(lambda X: [X[:, :3], X[:, 3:]])

    @property
    def target_encoder(self):
        """The first column, and the others."""
        return FunctionTransformer(lambda y: [y[:, :1], y[:, 1:]])


def rows(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=(76, *shape)).astype("float32")


def full_name(name):
    """The name in scikeras: "mean_absolute_error" for "mae"."""
    try:
        return name if name.startswith("val_") else metric_name(name)
    except ValueError:  # not a metric, or one of an output
        return name


def weights_of(model):
    return [array.copy() for array in model.get_weights()]


@pytest.fixture
def compare(keras_fits, assert_same_history):
    """A function that trains one compiled model twice and compares."""

    def train_both(
        model,
        X,
        y,
        *,
        kind=AsGiven,
        weights=None,
        eagerly=True,
        by_engine=True,
        epochs=2,
        **fit,
    ):
        ours = kind(
            model, epochs=epochs, batch_size=BATCH_SIZE, shuffle=False, verbose=0, **fit
        )
        ours.fit(X, y, sample_weight=weights)
        assert bool(keras_fits) != by_engine
        initial = weights_of(model)
        model.run_eagerly = eagerly
        history = model.fit(
            kind(None).feature_encoder.transform(X),
            kind(None).target_encoder.transform(y),
            sample_weight=weights,
            epochs=epochs,
            batch_size=BATCH_SIZE,
            shuffle=False,
            verbose=0,
            **fit,
        ).history
        theirs = weights_of(model)
        moved = [abs(a - b).max() for a, b in zip(initial, theirs, strict=True)]
        assert max(moved) > 1e-3
        for one, other in zip(ours.model_.get_weights(), theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=2e-5)
        named = {full_name(name): values for name, values in history.items()}
        assert_same_history(ours.history_, named, rtol=1e-4)

    return train_both


# --- models -------------------------------------------------------------------------


def dense_with_batch_norm():
    return keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(6, kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dense(1, kernel_constraint=keras.constraints.MaxNorm(0.5)),
        ]
    )


def residual():
    inputs = keras.Input((5,))
    hidden = layers.Dense(5, activation="gelu")(inputs)
    hidden = layers.LayerNormalization()(hidden + inputs)
    return keras.Model(inputs, layers.Dense(1)(hidden))


def lstm():
    return keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.Masking(),
            layers.LSTM(4),
            layers.Dense(1),
        ]
    )


def gated():
    return keras.Sequential(
        [keras.Input((4, 3)), layers.Bidirectional(layers.GRU(2)), layers.Dense(1)]
    )


def convolutional():
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(2, 3),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


def attention():
    inputs = keras.Input((4, 3))
    mixed = layers.MultiHeadAttention(2, 2)(inputs, inputs)
    pooled = layers.GlobalAveragePooling1D()(mixed)
    return keras.Model(inputs, layers.Dense(1)(pooled))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "shape"),
    [
        (dense_with_batch_norm, (5,)),
        (residual, (5,)),
        (lstm, (4, 3)),
        (gated, (4, 3)),
        (convolutional, (6, 6, 1)),
        (attention, (4, 3)),
    ],
)
def test_every_kind_of_model(build, shape, compare):
    model = build()
    # Adam would make much of the rounding of gradients that are 0, as those of a bias
    # before a batch normalisation are.
    model.compile(optimizers.SGD(0.05, momentum=0.9), "mse", metrics=["mae"])
    X = rows(*shape)
    if shape == (4, 3):
        X[::3, 2:] = 0  # masked steps

    compare(model, X, rows(1, seed=1))


@pytest.mark.slow
def test_frozen_layers_stay_and_the_others_learn(compare):
    model = dense_with_batch_norm()
    model.layers[0].trainable = False
    model.compile(optimizers.SGD(0.05), "mse")

    compare(model, rows(5), rows(1, seed=1))


# Under optimizers that adapt, Keras on TensorFlow counts repeated tokens in their
# sparse gradients wrongly; plain descent adds them up.
@pytest.mark.slow
def test_embeddings_under_plain_descent(compare):
    model = keras.Sequential(
        [
            keras.Input((6,), dtype="int32"),
            layers.Embedding(9, 3, mask_zero=True),
            layers.LSTM(3),
            layers.Dense(1),
        ]
    )
    model.compile(optimizers.SGD(0.1), "mse")
    tokens = np.random.default_rng(0).integers(1, 9, size=(76, 6))
    tokens[::2, 4:] = 0

    compare(model, tokens, rows(1, seed=1))


def test_several_inputs_and_outputs(compare):
    first, others = keras.Input((3,)), keras.Input((2,))
    hidden = layers.Concatenate()([layers.Dense(4, activation="relu")(first), others])
    heads = [
        layers.Dense(1, name="one")(hidden),
        layers.Dense(2, name="two", kernel_regularizer="l2")(hidden),
    ]
    model = keras.Model([first, others], heads)
    model.compile(
        optimizers.Adam(0.01),
        {"one": losses.Huber(0.3), "two": "mae"},
        loss_weights={"one": 1.0, "two": 0.25},
        metrics={"one": ["mae", "mse"], "two": ["r2_score"]},
    )

    # Eagerly, Keras weighs the losses of outputs by a batch's rows; else it cannot.
    compare(model, rows(5), rows(3, seed=1), kind=SplitInTwo, eagerly=False)


# --- losses and metrics -------------------------------------------------------------


def small(activation=None, n_units=1):
    return keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(4, activation="tanh"),
            layers.Dense(n_units, activation=activation),
        ]
    )


QUANTITY, YES_OR_NO = rows(1, seed=1), (rows(1, seed=1) > 0).astype("float32")
ONE_OF_THREE = rows(3, seed=1).argmax(axis=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "activation", "y", "metrics"),
    [
        (losses.Huber(0.25), None, QUANTITY, ["mse", "r2_score"]),
        ("mae", None, QUANTITY, ["mape"]),
        (losses.Poisson(), "exponential", abs(QUANTITY), []),
        (losses.MeanSquaredError(reduction="sum"), None, QUANTITY, []),
        ("binary_crossentropy", "sigmoid", YES_OR_NO, ["accuracy", "AUC"]),
        (
            losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
            None,
            YES_OR_NO,
            [keras.metrics.BinaryAccuracy(threshold=0.0)],
        ),
        (losses.BinaryFocalCrossentropy(gamma=1.5), "sigmoid", YES_OR_NO, []),
        ("hinge", "tanh", YES_OR_NO, []),
        ("sparse_categorical_crossentropy", "softmax", ONE_OF_THREE, ["accuracy"]),
        (
            losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2),
            None,
            np.eye(3, dtype="float32")[ONE_OF_THREE],
            ["accuracy", keras.metrics.F1Score(average="macro")],
        ),
    ],
    ids=lambda value: getattr(value, "name", value) if value is not None else "linear",
)
def test_every_kind_of_loss(loss, activation, y, metrics, compare):
    n_units = 3 if y is ONE_OF_THREE or y.shape[1:] == (3,) else 1
    model = small(activation, n_units)
    model.compile(optimizers.SGD(0.02), loss, metrics=metrics)

    compare(model, rows(5), y)


def test_weighted_rows_and_metrics(compare):
    model = small()
    model.compile(
        optimizers.SGD(0.1),
        losses.MeanSquaredError(reduction="mean_with_sample_weight"),
        metrics=["mae"],
        weighted_metrics=[keras.metrics.MeanAbsoluteError(name="weighted")],
    )
    weights = np.random.default_rng(3).uniform(0.2, 3, 76).astype("float32")

    compare(model, rows(5), QUANTITY, weights=weights)


def test_validation_rows(compare):
    model = small()
    model.compile(optimizers.SGD(0.1), "mse", metrics=["mae"])

    compare(model, rows(5), QUANTITY, validation_split=0.25)


# --- optimizers ---------------------------------------------------------------------


NOT_FOR_THIS = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}
OPTIMIZERS = sorted(
    name
    for name, kind in vars(optimizers).items()
    if isinstance(kind, type)
    and issubclass(kind, optimizers.Optimizer)
    and name not in NOT_FOR_THIS
)


def test_the_list_of_optimizers_is_long():
    assert len(OPTIMIZERS) >= 13
    assert {"SGD", "Adam", "Lamb", "Muon", "Adafactor"} <= set(OPTIMIZERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(name, compare):
    model = small()
    rate = 1.0 if name == "Adadelta" else 0.01
    model.compile(getattr(optimizers, name)(rate), "mse")

    # It keeps state elsewhere, and Keras itself does otherwise with it eagerly.
    is_odd = name == "ScheduleFreeAdamW"
    compare(model, rows(5), QUANTITY, by_engine=not is_odd, eagerly=not is_odd)


@pytest.mark.slow
@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.SGD(0.05, momentum=0.9, nesterov=True, clipvalue=0.1),
        optimizers.Adam(0.02, amsgrad=True, weight_decay=0.1, global_clipnorm=0.5),
        optimizers.RMSprop(0.01, momentum=0.5, centered=True, clipnorm=0.2),
        optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)),
        optimizers.Adam(optimizers.schedules.CosineDecay(0.05, 8, warmup_steps=2)),
    ],
    ids=[
        "nesterov and clipvalue",
        "amsgrad, decay and global norm",
        "centered and clipnorm",
        "exponential",
        "cosine",
    ],
)
def test_settings_of_optimizers(optimizer, compare):
    model = small()
    model.compile(optimizer, "mse")

    compare(model, rows(5), QUANTITY, epochs=3)


@pytest.mark.parametrize(
    "settings",
    [
        {"use_ema": True, "ema_momentum": 0.5},
        {"gradient_accumulation_steps": 2},
    ],
    ids=["moving average", "accumulation"],
)
def test_settings_that_need_keras(settings, compare):
    model = small()
    model.compile(optimizers.SGD(0.05, **settings), "mse")

    compare(model, rows(5), QUANTITY, by_engine=False)
