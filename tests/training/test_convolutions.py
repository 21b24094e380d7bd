"""Convolutional networks train as in Keras, and one by one on a CPU."""

from __future__ import annotations

import warnings
from dataclasses import replace

import keras
import numpy as np
import pytest

from skdl.data import Samples, row_keys
from skdl.networks import ConvArchitecture, Regularization, block_shapes
from skdl.training import NetworkWeights, OptimizerSpec, Rates, predict_outputs, train
from skdl.training._backend import device
from skdl.training._bank import bank
from skdl.training._train import train_banks

RATE = 0.05
SHAPE, FILTERS, KERNEL, POOL = (6, 5, 2), (3, 4), (3, 2), (2, 2)


@pytest.fixture(scope="module", autouse=True)
def keras_computes_in_float64():
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx(before)


@pytest.fixture(autouse=True)
def keras_reads_its_own_variables(recwarn):
    # Keras 3.15 converts its own variables to NumPy in a way that NumPy 2 deprecates.
    warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)


@pytest.fixture
def make_conv_job(make_job):
    """A job on 70 images: is one corner brighter than the other?"""

    def make(*, n_validation=0, weights=None, is_scaled=False, **options):
        (last,) = block_shapes(SHAPE, FILTERS, KERNEL, POOL)[-1:]
        n_features = last.maps[0] * last.maps[1] * FILTERS[-1]
        job = make_job(n_features=n_features, hidden_layer_sizes=(5,), **options)
        described = ConvArchitecture(
            image_shape=SHAPE,
            filters=FILTERS,
            kernel_size=KERNEL,
            pool_size=POOL,
            is_scaled=is_scaled,
            has_augmentation=job.regularization.shift > 0,
            has_input_noise=False,
            dense=job.signature.architecture,
        )
        images = np.random.default_rng(0).normal(size=(70, *SHAPE))
        labels = (images[:, 0, 0, :1] > images[:, 5, 4, :1]).astype(float)
        if is_scaled:
            images = np.clip(128 + 50 * images, 0, 255).astype(np.uint8)
        weights = np.ones(70) if weights is None else weights
        keys = row_keys(images.reshape(70, -1))
        samples, n_train = Samples(images, labels, weights, keys), 70 - n_validation
        fresh = described.initial_weights(np.random.default_rng(1))
        return replace(
            job,
            signature=replace(job.signature, architecture=described),
            weights=NetworkWeights(*fresh),
            train=samples.take(np.arange(n_train)),
            validation=samples.take(np.arange(n_train, 70)) if n_validation else None,
        )

    return make


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"batch_norm": "before"},
        {"batch_norm": "after", "activation": "relu"},
        {"regularization": Regularization(l2=0.01, l1=0.001)},
        {"is_scaled": True},
    ],
    ids=["plain", "norm-before", "norm-after", "penalty", "uint8"],
)
def test_weights_are_those_of_keras(
    parts, make_conv_job, keras_fit, assert_same_weights
):
    job = make_conv_job(optimizer=OptimizerSpec("adam"), rates=Rates(RATE), **parts)
    (outcome,) = train([job])
    model, history = keras_fit(job, keras.optimizers.Adam(RATE))
    assert_same_weights(outcome, model)
    np.testing.assert_allclose(outcome.history[:, 0], history["loss"], rtol=1e-5)


def test_sample_weights_are_those_of_keras(
    make_conv_job, keras_fit, assert_same_weights
):
    sample_weight = np.random.default_rng(2).uniform(0.2, 3.0, size=70)
    job = make_conv_job(weights=sample_weight)
    (outcome,) = train([job])
    model, _ = keras_fit(job, keras.optimizers.SGD(RATE))
    assert_same_weights(outcome, model)


def test_validation_loss_and_early_stopping(
    make_conv_job, keras_fit, assert_same_weights
):
    options = {"n_validation": 20, "epochs": 40, "batch_norm": "before"}
    job = make_conv_job(patience=2, rates=Rates(1.0), **options)
    (outcome,) = train([job])
    stopping = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    model, history = keras_fit(job, keras.optimizers.SGD(1.0), (stopping,))
    assert len(outcome.history) == len(history["loss"]) < 40
    np.testing.assert_allclose(outcome.history[:, 2], history["val_loss"], rtol=1e-5)
    assert_same_weights(outcome, model)


def test_many_train_one_by_one_with_the_results_of_each_alone(
    make_conv_job, assert_as_alone, monkeypatch
):
    widths = []
    seconds = bank.Bank._seconds
    monkeypatch.setattr(
        bank.Bank,
        "_seconds",
        lambda self, width, *rest: widths.append(width) or seconds(self, width, *rest),
    )
    numbers = Regularization(dropout=0.3, shift=0.2, batch_norm_momentum=0.9)
    job = make_conv_job(batch_norm="before", regularization=numbers, shuffle=True)
    jobs = [replace(job, seed=seed) for seed in range(5)]

    outcomes = train_banks(jobs)

    assert set(widths) == {1}
    assert_as_alone(jobs, outcomes)


def test_a_gpu_trains_them_side_by_side(make_conv_job, monkeypatch):
    groups = []
    begin = bank.Bank.__init__

    def watched(self, *arguments, **options):
        begin(self, *arguments, **options)
        groups.append(self._widths)

    monkeypatch.setattr(bank.Bank, "__init__", watched)
    jobs = [replace(make_conv_job(epochs=1), seed=seed) for seed in range(2)]
    train_banks(jobs)
    monkeypatch.setattr(device, "has_gpu", lambda: True)
    bank.Bank(
        bank.Group(jobs[0].signature, (0, 1)),
        jobs,
        max_memory=1 << 30,
        is_alone=False,
        is_cancelled=lambda place: False,
    )
    assert groups[0] == [1]
    assert len(groups[1]) > 1


def test_predictions_in_blocks_are_those_of_the_model(make_conv_job, monkeypatch):
    job = make_conv_job(is_scaled=True)
    architecture = job.signature.architecture
    whole = predict_outputs(architecture, job.weights, job.train.features)
    widest = 6 * 5 * 3 * 4  # values of the largest maps of a row, of 4 bytes each
    monkeypatch.setattr("skdl.training._predict_outputs.BLOCK_BYTES", 9 * widest)
    blocks = predict_outputs(architecture, job.weights, job.train.features)
    model = architecture.build(job.regularization)
    for variable, value in zip(
        model.trainable_weights, job.weights.trainable, strict=True
    ):
        variable.assign(value)
    np.testing.assert_allclose(blocks, whole, rtol=1e-12)
    theirs = model(job.train.features).numpy()
    np.testing.assert_allclose(whole, theirs, rtol=1e-12)
