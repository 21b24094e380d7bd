"""Probes record what a gradient tape and NumPy compute, and change nothing."""

from __future__ import annotations

import warnings
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import sparse

import skdl
from skdl.networks import ConvArchitecture, Regularization
from skdl.training import (
    OPTIMIZERS,
    QUANTITIES,
    NetworkWeights,
    OptimizerSpec,
    Rates,
    Status,
    probed,
    train,
)
from skdl.training import _predict_outputs as prediction
from skdl.training._bank import bank
from skdl.training._probing.measures import layer_statistics, norm, unit_statistics
from skdl.training._probing.program import ProbingProgram
from skdl.training._program.program import Program

RATE = 0.05
HIDDEN = {"hidden_layer_sizes": (6, 5)}


@pytest.fixture(autouse=True)
def keras_reads_its_own_variables(recwarn):
    # Keras 3.15 converts its own variables to NumPy in a way that NumPy 2 deprecates.
    warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)


def statistics(values, activation):
    """Statistics of the activations of a layer, by NumPy."""
    values = values.reshape(-1, values.shape[-1])
    centred = values if activation == "tanh" else 2 * values - 1
    return [
        values.mean(),
        np.sqrt(values.var(axis=0).mean()),
        np.mean((values <= 0).all(axis=0)) if activation == "relu" else np.nan,
        np.mean((1 - centred**2).mean(axis=0) < 0.1)
        if activation in ("tanh", "sigmoid")
        else np.nan,
    ]


def flat_norm(arrays):
    return np.linalg.norm(np.concatenate([np.ravel(array) for array in arrays]))


def plain_model(job):
    """The plain Keras network, with its activations as further outputs."""
    architecture = job.signature.architecture
    model = architecture.build(job.regularization)
    for variables, values in (
        (model.trainable_weights, job.weights.trainable),
        (model.non_trainable_weights, job.weights.frozen),
    ):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
    seen = [
        layer.output
        for layer in model.layers
        if isinstance(layer, keras.layers.Activation)
    ]
    return model, keras.Model(model.inputs, [model.output, *seen])


def keras_steps(job, optimizer, *, n_steps):
    """Values of each layer in the first steps, by a tape on the plain model."""
    model, seeing = plain_model(job)
    kernels = [layer for layer in model.layers if hasattr(layer, "kernel")]
    size, train = job.signature.batch_size, job.train
    steps = []
    for start in range(0, n_steps * size, size):
        rows = slice(start, start + size)
        weight = train.weights[rows] / train.weights[rows].sum()
        with tf.GradientTape() as tape:
            outputs, *activations = seeing(train.features[rows], training=True)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(
                train.targets[rows], outputs
            )
            loss = tf.reduce_sum(losses[:, 0] * weight) + sum(model.losses)
        variables = model.trainable_variables
        gradients = tape.gradient(loss, [v.value for v in variables])
        slopes = {v.path: g.numpy() for v, g in zip(variables, gradients, strict=True)}
        before = [layer.kernel.numpy() for layer in kernels]
        optimizer.apply(gradients, variables)
        activation = job.signature.architecture.activation
        seen = [statistics(values.numpy(), activation) for values in activations]
        steps.append(
            [
                [
                    flat_norm([slopes[v.path] for v in layer.trainable_variables]),
                    flat_norm([layer.kernel.numpy() - old]) / flat_norm([old]),
                    *numbers,
                ]
                for layer, old, numbers in zip(
                    kernels, before, [*seen, [np.nan] * 4], strict=True
                )
            ]
        )
    return np.array(steps)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sgd", {"activation": "relu"}),
        ("adam", {"activation": "sigmoid", "residual": True}),
        pytest.param(
            "rmsprop",
            {"batch_norm": "before", "activation": "relu"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "adagrad",
            {"batch_norm": "after", "activation": "tanh"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_steps_equal_those_of_a_tape(name, options, make_job):
    sample_weight = np.random.default_rng(2).uniform(0.2, 3.0, size=70)
    if "batch_norm" in options:  # Keras's layer ignores weights
        sample_weight[:] = 1.0
    job = make_job(
        optimizer=OptimizerSpec(name),
        rates=Rates(RATE),
        weights=sample_weight,
        epochs=1,
        regularization=Regularization(l2=0.01, batch_norm_momentum=0.9),
        **options,
    )
    with probed() as request:
        train([job])
    steps = keras_steps(job, OPTIMIZERS[name](RATE), n_steps=5)
    recording = request.recording
    np.testing.assert_allclose(recording.first_step, steps[0], rtol=1e-6)
    np.testing.assert_allclose(recording.epochs[0], steps.mean(axis=0), rtol=1e-5)
    assert [layer.name for layer in recording.layers] == [
        "hidden_1",
        "hidden_2",
        "outputs",
    ]
    assert [layer.n_units for layer in recording.layers] == [6, 6, 1]
    assert recording.n_steps == 5


def test_gradients_are_those_before_they_are_clipped(make_job):
    job = make_job(
        optimizer=OptimizerSpec("sgd", clips_norm=True),
        rates=Rates(RATE, clip_norm=0.01),
        batch_size=70,
        epochs=1,
        **HIDDEN,
    )
    with probed() as request:
        train([job])
    steps = keras_steps(
        job, keras.optimizers.SGD(RATE, global_clipnorm=0.01), n_steps=1
    )
    np.testing.assert_allclose(request.recording.first_step, steps[0], rtol=1e-6)


def test_maps_of_convolutions(make_job):
    job = make_job(n_features=3 * 2 * 2, hidden_layer_sizes=(5,), activation="relu")
    architecture = ConvArchitecture(
        image_shape=(6, 5, 2),
        filters=(3, 2),
        kernel_size=(3, 3),
        pool_size=(2, 2),
        is_scaled=False,
        has_augmentation=False,
        has_input_noise=False,
        dense=replace(job.signature.architecture, n_features=2),
    )
    images = np.random.default_rng(3).normal(size=(70, 6, 5, 2))
    job = replace(
        job,
        epochs=1,
        rates=Rates(RATE),
        signature=replace(job.signature, architecture=architecture),
        weights=NetworkWeights(*architecture.initial_weights(np.random.default_rng(1))),
        train=replace(job.train, features=images),
    )
    with probed() as request:
        train([job])
    described = replace(job.signature, architecture=_Relu(architecture))
    steps = keras_steps(
        replace(job, signature=described), keras.optimizers.SGD(RATE), n_steps=1
    )
    np.testing.assert_allclose(request.recording.first_step, steps[0], rtol=1e-6)
    assert [layer.name for layer in request.recording.layers] == [
        "convolution_1",
        "convolution_2",
        "hidden_1",
        "outputs",
    ]


class _Relu:
    """A convolutional network with the name of its activation."""

    activation = "relu"

    def __init__(self, architecture):
        self.build = architecture.build


def test_the_end_is_of_all_training_rows(make_job, monkeypatch):
    job = make_job(activation="relu", n_validation=20, patience=2, **HIDDEN)
    monkeypatch.setattr(prediction, "BLOCK_BYTES", 7 * 6 * 4)
    monkeypatch.setattr("skdl.training._probing.endings.BLOCK_BYTES", 7 * 6 * 4)
    with probed() as request:
        (outcome,) = train([job])
    _, seeing = plain_model(replace(job, weights=outcome.weights))
    _, *activations = seeing(job.train.features)
    expected = [statistics(values.numpy(), "relu") for values in activations]
    end = request.recording.end
    np.testing.assert_allclose(end[:-1, 2:], expected, rtol=1e-6)
    assert np.isnan(end[:, :2]).all()
    assert np.isnan(end[-1]).all()


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    X = random.normal(size=(90, 5)).astype("float32")
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def network(**settings):
    return skdl.MLPClassifier((6, 6), epochs=3, random_state=0, **settings)


@pytest.mark.parametrize("is_sparse", [False, True])
def test_probes_do_not_change_a_fit(data, is_sparse):
    X, y = (sparse.csr_matrix(data[0]), data[1]) if is_sparse else data
    settings = {} if is_sparse else {"batch_norm": True, "residual": True}
    model = network(dropout=0.3, early_stopping=True, **settings)
    plain = model.fit(X, y)
    weights, history = plain._network.weights, plain.history_
    with probed() as request:
        model.fit(X, y)
    for ours, theirs in zip(
        (*model._network.weights.trainable, *model._network.weights.frozen),
        (*weights.trainable, *weights.frozen),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(model.history_, history, rtol=1e-5)
    assert list(model.history_) == list(history)
    assert request.recording.epochs.shape == (3, 3, len(QUANTITIES))
    assert request.recording.status is Status.FINISHED


def test_other_fits_run_their_usual_program(data):
    network().fit(*data)
    known = bank.programs.known()
    with probed():
        network().fit(*data)
    (own,) = set(bank.programs.known()) - set(known)
    network().fit(*data)
    assert set(bank.programs.known()) == {*known, own}
    for key in bank.programs.known():
        kind = ProbingProgram if key.signature.probes else Program
        assert type(bank.programs.peek(key)) is kind
    assert own.signature.probes
    assert replace(own, signature=replace(own.signature, probes=())) in known


def test_only_the_first_network_is_recorded(data):
    heard = []
    with probed(on_epoch=lambda: heard.append(1)) as request:
        network().fit(*data)
        first = request.recording
        network().fit(*data)
    assert request.recording is first
    assert len(heard) == 3


def test_the_observers_of_a_fit_get_the_same_reports(data, capsys):
    with probed(on_epoch=lambda: None):
        network(verbose=True).fit(*data)
    with_probes = capsys.readouterr().out
    network(verbose=True).fit(*data)
    assert with_probes == capsys.readouterr().out != ""


def test_without_training_nothing_is_recorded():
    with probed() as request:
        train([])
    assert request.recording is None


def test_a_diverged_run_keeps_what_it_recorded(make_job):
    job = make_job(rates=Rates(1e20), activation="relu", loss="squared_error", **HIDDEN)
    with probed() as request:
        (outcome,) = train([job])
    recording = request.recording
    assert outcome.status is recording.status is Status.DIVERGED
    steps = keras_steps_of_one(job)
    np.testing.assert_allclose(recording.first_step[:, 0], steps, rtol=1e-6)
    assert np.isfinite(recording.epochs[:, :, :2]).all()
    assert len(recording.epochs) <= len(outcome.history)


def keras_steps_of_one(job):
    """Gradient norms of the first batch's squared error."""
    model, _ = plain_model(job)
    rows = slice(0, job.signature.batch_size)
    with tf.GradientTape() as tape:
        outputs = model(job.train.features[rows], training=True)
        loss = tf.reduce_mean(tf.square(outputs - job.train.targets[rows]))
    gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
    return [flat_norm(gradients[i : i + 2]) for i in range(0, len(gradients), 2)]


def test_units_by_hand():
    values = tf.constant([[0.0, 2.0, 0.0], [0.0, 0.0, 4.0], [9.0, 9.0, 9.0]])
    is_row = tf.constant([True, True, False])
    units = unit_statistics(values, is_row, "relu")
    np.testing.assert_allclose(units.mean, [0, 1, 2])
    np.testing.assert_allclose(units.variance, [0, 1, 4])
    np.testing.assert_allclose(units.largest, [0, 2, 4])
    summed = [float(number) for number in layer_statistics(units)]
    np.testing.assert_allclose(summed, [1, np.sqrt(5 / 3), 1 / 3, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("activation", "values", "slopes"),
    [("tanh", [0.0, 1.0], [1.0, 0.0]), ("sigmoid", [0.5, 0.0], [1.0, 0.0])],
)
def test_slopes_by_hand(activation, values, slopes):
    is_row = tf.constant([True])
    units = unit_statistics(tf.constant([values]), is_row, activation)
    np.testing.assert_allclose(units.slope, slopes)
    assert float(layer_statistics(units)[3]) == 0.5


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_norms_of_very_small_and_large_numbers(size):
    arrays = [tf.constant([3.0, 0.0]) * size, tf.constant([[4.0]]) * size]
    np.testing.assert_allclose(norm(arrays), 5.0 * size, rtol=1e-6)
    assert float(norm([tf.zeros(2)])) == 0.0
