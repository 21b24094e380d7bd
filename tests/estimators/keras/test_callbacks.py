"""Keras callbacks: the history is the same whether the engine or Keras trains."""

import csv
import warnings

import keras
import numpy as np
import pytest
import tensorflow.summary as summary

from skdl import KerasRegressor

callbacks = keras.callbacks
N_EPOCHS = 8
# Keras 3.15 makes arrays of its variables in a way that NumPy 2 deprecates.
KERAS_READS_VARIABLES = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning"
)


class Nothing(callbacks.Callback):
    """A callback that the engine does not support, so that Keras trains."""


@pytest.fixture(scope="module")
def estimator(dense, fast):
    """A function from callbacks to an estimator that validates after each epoch."""

    def build(*given, **parameters):
        settings = {
            **fast,
            "loss": "mse",
            "metrics": ["mae"],
            "optimizer": "sgd",
            "optimizer__learning_rate": 0.05,
            "epochs": N_EPOCHS,
            "validation_split": 0.2,
            **parameters,
        }
        return KerasRegressor(dense, callbacks=list(given), **settings)

    return build


@pytest.fixture
def both_ways(estimator, X, quantity, keras_fits, assert_same_history):
    """A function that fits by the engine and by Keras; returns the first."""

    def fit(make, *, by_engine=True, **parameters):
        ours = estimator(*make(), **parameters).fit(X, quantity)
        assert bool(keras_fits) != by_engine
        n_before = len(keras_fits)
        theirs = estimator(*make(), Nothing(), **parameters)
        with warnings.catch_warnings():  # Keras reads its own learning rate
            warnings.filterwarnings("ignore", "__array__ impl", DeprecationWarning)
            theirs.fit(X, quantity)
        assert len(keras_fits) == n_before + 1
        assert_same_history(ours.history_, theirs.history_, rtol=1e-4)
        np.testing.assert_allclose(
            ours.predict(X), theirs.predict(X), rtol=1e-3, atol=1e-4
        )
        assert ours.status_ == theirs.status_
        return ours

    return fit


def n_epochs_of(model):
    return len(model.history_["loss"])


def test_without_any(both_ways):
    model = both_ways(list)

    assert n_epochs_of(model) == N_EPOCHS
    assert list(model.history_) == [
        "loss",
        "mean_absolute_error",
        "val_loss",
        "val_mean_absolute_error",
    ]


@pytest.mark.parametrize("restores", [False, True])
def test_early_stopping(restores, both_ways):
    # A learning rate at which the validation loss soon rises.
    settings = {"optimizer__learning_rate": 0.3}
    model = both_ways(
        lambda: [
            callbacks.EarlyStopping(
                patience=1, min_delta=0.2, restore_best_weights=restores
            )
        ],
        **settings,
    )

    assert 1 < n_epochs_of(model) < N_EPOCHS
    assert model.status_ == "stopped by a callback"


def test_early_stopping_on_a_metric_that_grows(both_ways):
    model = both_ways(
        lambda: [
            callbacks.EarlyStopping("val_r2_score", mode="max", min_delta=10.0),
        ],
        metrics=["r2_score"],
    )

    assert n_epochs_of(model) < N_EPOCHS


def test_reduce_on_plateau(both_ways):
    model = both_ways(
        lambda: [
            callbacks.ReduceLROnPlateau(factor=0.5, patience=1, min_delta=1.0),
        ]
    )

    rates = model.history_["learning_rate"]
    assert rates[0] == pytest.approx(0.05)
    assert rates[-1] < rates[0] / 2
    assert float(model.model_.optimizer.learning_rate) <= rates[-1]


def test_scheduled_learning_rate(both_ways):
    model = both_ways(
        lambda: [callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)]
    )

    np.testing.assert_allclose(
        model.history_["learning_rate"],
        [0.05 * 0.5 ** (epoch + 1) for epoch in range(N_EPOCHS)],
        rtol=1e-6,
    )


@KERAS_READS_VARIABLES
def test_checkpoints(both_ways, tmp_path, X):
    def make():
        path = str(tmp_path / "best.weights.h5")
        return [
            callbacks.ModelCheckpoint(
                path, monitor="loss", save_best_only=True, save_weights_only=True
            ),
            callbacks.ModelCheckpoint(str(tmp_path / "epoch_{epoch}.keras")),
        ]

    both_ways(make)

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "best.weights.h5",
        *(f"epoch_{n}.keras" for n in range(1, N_EPOCHS + 1)),
    }


@KERAS_READS_VARIABLES
def test_checkpoints_hold_the_weights_of_their_epoch(
    estimator, X, quantity, tmp_path, keras_fits
):
    path = str(tmp_path / "epoch_{epoch}.keras")
    model = estimator(callbacks.ModelCheckpoint(path)).fit(X, quantity)
    half = estimator(epochs=4).fit(X, quantity)
    assert not keras_fits

    for n_epochs, expected in ((4, half), (N_EPOCHS, model)):
        saved = keras.models.load_model(path.format(epoch=n_epochs))
        np.testing.assert_allclose(
            saved.predict(X, verbose=0)[:, 0], expected.predict(X), rtol=1e-5, atol=1e-6
        )
        assert saved.compiled


def test_terminate_on_nan(estimator, X, quantity):
    fits = []
    for others in ([], [Nothing()]):
        model = estimator(
            callbacks.TerminateOnNaN(),
            *others,
            optimizer__learning_rate=1e20,
        )
        with pytest.warns(UserWarning, match="diverged"):
            model.fit(X, quantity)
        fits.append(model)

    ours, theirs = fits
    assert n_epochs_of(ours) == n_epochs_of(theirs) == 1
    assert ours.status_ == theirs.status_


def test_csv_logger(both_ways, tmp_path):
    paths = iter([tmp_path / "engine.csv", tmp_path / "keras.csv"])

    model = both_ways(lambda: [callbacks.CSVLogger(next(paths))])

    engine, by_keras = (
        list(csv.DictReader((tmp_path / name).read_text().splitlines()))
        for name in ("engine.csv", "keras.csv")
    )
    assert [row.keys() for row in engine] == [row.keys() for row in by_keras]
    assert len(engine) == N_EPOCHS
    for ours, theirs in zip(engine, by_keras, strict=True):
        for name in theirs:
            assert float(ours[name]) == pytest.approx(float(theirs[name]), rel=1e-4)
    logged = [float(row["val_loss"]) for row in engine]
    np.testing.assert_allclose(logged, model.history_["val_loss"])


@KERAS_READS_VARIABLES
def test_tensorboard_falls_back(
    estimator, X, quantity, keras_fits, tmp_path, monkeypatch
):
    written = []  # in place of the package tensorboard, which need not be there

    def scalar(name, value, step):
        written.append((name, step, float(value)))

    monkeypatch.setattr(summary, "scalar", scalar)
    board = callbacks.TensorBoard(tmp_path, write_graph=False)

    model = estimator(board).fit(X, quantity)

    assert len(keras_fits) == 1
    losses = [value for name, step, value in written if name == "epoch_loss"]
    n_each = len(losses) // N_EPOCHS  # of training, then of validation
    assert n_each == 2
    assert losses[::2] == pytest.approx(model.history_["loss"])
    assert losses[1::2] == pytest.approx(model.history_["val_loss"])


def test_lambdas_at_the_ends_of_epochs(both_ways):
    seen = []

    def make():
        seen.append([])
        return [
            callbacks.LambdaCallback(
                on_train_begin=lambda logs: seen[-1].append("train begins"),
                on_epoch_begin=lambda epoch, logs: seen[-1].append(epoch),
                on_epoch_end=lambda epoch, logs: seen[-1].append((epoch, set(logs))),
                on_train_end=lambda logs: seen[-1].append("train ends"),
            )
        ]

    both_ways(make)

    by_engine, by_keras = seen
    assert by_engine == by_keras
    assert len(by_engine) == 2 * N_EPOCHS + 2


def test_lambdas_at_the_ends_of_batches_fall_back(both_ways):
    batches = []

    both_ways(
        lambda: [
            callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs: batches.append(batch)
            )
        ],
        by_engine=False,
    )

    assert batches == [0, 1] * N_EPOCHS * 2


def test_a_custom_callback_may_change_the_model(estimator, X, quantity):
    class Zeros(callbacks.Callback):
        def on_train_end(self, logs=None):
            weights = [np.zeros_like(array) for array in self.model.get_weights()]
            self.model.set_weights(weights)

    model = estimator(Zeros()).fit(X, quantity)

    assert not model.predict(X).any()


def test_a_custom_callback_stops_training(both_ways, keras_fits):
    class Stop(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 2

    model = both_ways(lambda: [Stop()], by_engine=False)

    assert n_epochs_of(model) == 3


def test_callbacks_passed_to_fit(estimator, X, quantity):
    epochs = []
    callback = callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epochs.append(epoch)
    )

    estimator().fit(X, quantity, callbacks=[callback])

    assert epochs == list(range(N_EPOCHS))


def test_the_engine_prints_what_keras_prints(estimator, X, quantity, capsys):
    estimator(verbose=2, epochs=2).fit(X, quantity)
    by_engine = capsys.readouterr().out.splitlines()
    estimator(Nothing(), verbose=2, epochs=2).fit(X, quantity)
    by_keras = capsys.readouterr().out.splitlines()

    assert [line for line in by_engine if line.startswith("Epoch")] == [
        "Epoch 1/2",
        "Epoch 2/2",
    ]
    for ours, theirs in zip(by_engine, by_keras, strict=True):
        # But for the time that it took.
        assert ours.split(" - ")[3:] == theirs.split(" - ")[3:]


def test_nothing_is_printed_when_quiet(estimator, X, quantity, capsys):
    estimator().fit(X, quantity).predict(X)

    assert capsys.readouterr().out == ""
