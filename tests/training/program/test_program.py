"""A program's weights equal those of `keras.Model.fit`, for every optimizer."""

from __future__ import annotations

import warnings
from dataclasses import replace

import keras
import numpy as np
import pytest

from skdl.networks import Regularization
from skdl.training import OPTIMIZERS, OptimizerSpec, Rates, train

pytestmark = pytest.mark.xla

RATE = 0.05
SGD = keras.optimizers.SGD


@pytest.fixture(scope="module", autouse=True)
def keras_computes_in_float64():
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx(before)


@pytest.fixture(autouse=True)
def keras_reads_its_own_variables(recwarn):
    # Keras 3.15 converts variables to NumPy in a way that NumPy 2 deprecates.
    warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_with_weights_and_l2(
    name, make_job, keras_fit, assert_same_weights
):
    sample_weight = np.random.default_rng(2).uniform(0.2, 3.0, size=70)
    settings = {"weight_decay": 0.004} if name == "adamw" else {}
    job = make_job(
        optimizer=OptimizerSpec(name, decays_weights=name == "adamw"),
        rates=Rates(RATE, weight_decay=settings.get("weight_decay", 0.0)),
        weights=sample_weight,
        regularization=Regularization(l2=0.01),
    )
    (outcome,) = train([job])
    model, history = keras_fit(job, OPTIMIZERS[name](RATE, **settings))
    assert_same_weights(outcome, model)
    assert len(history["loss"]) == len(outcome.history) == 5


@pytest.mark.parametrize(
    ("spec", "settings"),
    [
        # 7/8, because Keras rounds the number to float32.
        (OptimizerSpec("sgd", has_momentum=True), {"momentum": 0.875}),
        (
            OptimizerSpec("sgd", has_momentum=True, nesterov=True),
            {"momentum": 0.875, "nesterov": True},
        ),
        (OptimizerSpec("rmsprop", has_momentum=True), {"momentum": 0.5}),
        (OptimizerSpec("sgd", clips_norm=True), {"global_clipnorm": 0.1}),
        (OptimizerSpec("sgd", clips_value=True), {"clipvalue": 0.01}),
        (OptimizerSpec("lion", decays_weights=True), {"weight_decay": 0.1}),
    ],
    ids=["momentum", "nesterov", "rmsprop", "clip_norm", "clip_value", "weight_decay"],
)
def test_settings_of_optimizers(
    spec, settings, make_job, keras_fit, assert_same_weights
):
    numbers = (settings.get(name, 0.0) for name in ("weight_decay", "momentum"))
    job = make_job(optimizer=spec, rates=Rates(RATE, 0.1, 0.01, *numbers))
    (outcome,) = train([job])
    model, _ = keras_fit(job, OPTIMIZERS[spec.name](RATE, **settings))
    assert_same_weights(outcome, model)


@pytest.mark.parametrize(
    "parts",
    [
        {"batch_norm": "before"},
        {"batch_norm": "after", "activation": "relu"},
        {"residual": True, "activation": "gelu"},
        {"hidden_layer_sizes": (), "regularization": Regularization(l1=0.01)},
        {"loss": "squared_error"},
        {"loss": "absolute_error"},
        {"loss": "huber"},
        {"batch_size": 70},
    ],
    ids=lambda parts: "-".join(map(str, parts.values())),
)
def test_features_of_networks(parts, make_job, keras_fit, assert_same_weights):
    job = make_job(**parts)
    (outcome,) = train([job])
    model, history = keras_fit(job, SGD(RATE))
    assert_same_weights(outcome, model)
    np.testing.assert_allclose(outcome.history[:, 0], history["loss"], rtol=1e-5)


def test_validation_loss_and_early_stopping(make_job, keras_fit, assert_same_weights):
    job = make_job(
        n_validation=20, patience=2, epochs=40, rates=Rates(3.0), batch_norm="before"
    )
    (outcome,) = train([job])
    stopping = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    model, history = keras_fit(job, SGD(3.0), (stopping,))
    assert len(outcome.history) == len(history["loss"]) < 40
    np.testing.assert_allclose(outcome.history[:, 2], history["val_loss"], rtol=1e-5)
    assert outcome.best_epoch == stopping.best_epoch + 1
    assert_same_weights(outcome, model)


def test_exponential_and_cosine_schedules(make_job, keras_fit, assert_same_weights):
    n_steps = 25  # 5 epochs of 5 batches
    schedules = keras.optimizers.schedules
    theirs = {
        "exponential": schedules.ExponentialDecay(RATE, n_steps, 0.01),
        "cosine": schedules.CosineDecay(
            0.0,
            decay_steps=n_steps * 0.95,
            warmup_target=RATE,
            warmup_steps=n_steps * 0.05,
        ),
    }
    for name, schedule in theirs.items():
        job = make_job(schedule=name)
        (outcome,) = train([job])
        model, _ = keras_fit(job, SGD(schedule))
        assert_same_weights(outcome, model)


def test_plateau_schedule(make_job, keras_fit, assert_same_weights):
    job = make_job(n_validation=20, schedule="plateau", epochs=25, rates=Rates(1.5))
    (outcome,) = train([job])
    reduce = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=5)
    model, history = keras_fit(job, SGD(1.5), (reduce,))
    rates = np.asarray(history["learning_rate"])
    assert rates[-1] < rates[0]
    np.testing.assert_allclose(outcome.history[:, 4], rates, rtol=1e-6)
    assert_same_weights(outcome, model)


def test_label_smoothing_is_that_of_keras(make_job):
    outputs = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, -2.0]])
    from skdl.networks import HEADS

    ours = HEADS["categorical_crossentropy"].loss(np.array([0, 2]), outputs, 0.2)
    theirs = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.2, reduction="none"
    )(np.eye(3)[[0, 2]], outputs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    ours = HEADS["binary_crossentropy"].loss(
        np.array([[1.0], [0.0]]), outputs[:, :1], 0.2
    )
    theirs = keras.losses.BinaryCrossentropy(
        from_logits=True, label_smoothing=0.2, reduction="none"
    )(np.array([[1.0], [0.0]]), outputs[:, :1])
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_one_epoch_at_a_time_is_the_same_run(make_job):
    job = make_job(epochs=6, shuffle=True, regularization=Regularization(dropout=0.3))
    (whole,) = train([job])
    seen = []
    (watched,) = train([replace(job, on_epoch=seen.append)])
    assert [report.epoch for report in seen] == [1, 2, 3, 4, 5, 6]
    for ours, theirs in zip(
        whole.weights.trainable, watched.weights.trainable, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
