"""Early stopping: when it stops, and which weights it keeps."""

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from skdl import MLPClassifier, MLPRegressor

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "learning_rate": 0.05,
    "epochs": 100,
    "early_stopping": True,
    "patience": 7,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def noise(X):
    """Labels that have nothing to do with the features."""
    return np.random.default_rng(5).integers(0, 2, len(X))


@pytest.fixture(scope="module")
def halves(X, noise):
    """Training rows and validation rows."""
    return {"X": X[:40], "y": noise[:40], "X_val": X[40:], "y_val": noise[40:]}


@pytest.fixture(scope="module")
def stopped(halves):
    return MLPClassifier(**SETTINGS).fit(**halves)


def test_it_stops_after_patience(stopped):
    val_loss = stopped.history_["val_loss"]

    assert stopped.status_ == "stopped early: the validation loss no longer improved"
    assert stopped.best_epoch_ == val_loss.argmin() + 1
    assert stopped.n_iter_ == len(val_loss) == stopped.best_epoch_ + 7
    assert stopped.loss_ == stopped.history_["loss"][val_loss.argmin()]


def test_best_weights_are_kept(stopped, halves):
    val_loss = stopped.history_["val_loss"]

    kept = log_loss(halves["y_val"], stopped.predict_proba(halves["X_val"]))

    np.testing.assert_allclose(kept, val_loss.min())
    assert val_loss.iloc[-1] > val_loss.min()


def test_best_weights_of_a_regressor_are_kept(X):
    y = np.random.default_rng(6).normal(loc=30, scale=5, size=len(X))
    model = MLPRegressor(**SETTINGS)

    model.fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])

    squared_error = mean_squared_error(y[40:], model.predict(X[40:]))
    best = model.history_["val_loss"].min()
    np.testing.assert_allclose(squared_error / y[:40].var(), best)
    assert model.n_iter_ == model.best_epoch_ + 7


def test_best_weights_are_kept_when_epochs_run_out(halves, stopped):
    few = stopped.best_epoch_ + 3

    model = MLPClassifier(**{**SETTINGS, "epochs": few}).fit(**halves)

    assert model.status_ == "finished all epochs"
    assert model.n_iter_ == few
    assert model.best_epoch_ == stopped.best_epoch_
    np.testing.assert_array_equal(
        model.predict_proba(halves["X"]), stopped.predict_proba(halves["X"])
    )


def test_best_statistics_of_batch_norm_are_kept(halves):
    model = MLPClassifier(**SETTINGS, batch_norm=True).fit(**halves)

    kept = log_loss(halves["y_val"], model.predict_proba(halves["X_val"]))
    np.testing.assert_allclose(kept, model.history_["val_loss"].min())
    assert model.n_iter_ > model.best_epoch_


def test_no_decrease_reaches_a_large_min_delta(halves):
    model = MLPClassifier(**SETTINGS, min_delta=100.0).fit(**halves)

    assert model.best_epoch_ == 1
    assert model.n_iter_ == 1 + 7


def test_validation_rows_without_early_stopping_change_nothing(halves):
    settings = {**SETTINGS, "early_stopping": False, "epochs": 20}

    watched = MLPClassifier(**settings).fit(**halves)
    alone = MLPClassifier(**settings).fit(halves["X"], halves["y"])

    assert watched.n_iter_ == 20
    assert watched.history_["val_loss"].notna().all()
    np.testing.assert_allclose(
        watched.predict_proba(halves["X"]), alone.predict_proba(halves["X"]), rtol=1e-9
    )
    kept = log_loss(halves["y_val"], watched.predict_proba(halves["X_val"]))
    np.testing.assert_allclose(kept, watched.history_["val_loss"].iloc[-1])


def test_validation_weights_count(halves):
    weights = np.random.default_rng(7).integers(0, 4, size=40)
    model = MLPClassifier(**SETTINGS).fit(**halves, sample_weight_val=weights)
    repeated = dict(
        halves,
        X_val=halves["X_val"].repeat(weights, axis=0),
        y_val=halves["y_val"].repeat(weights),
    )

    expected = MLPClassifier(**SETTINGS).fit(**repeated)

    np.testing.assert_allclose(
        model.history_["val_loss"], expected.history_["val_loss"], rtol=1e-9
    )
    assert model.best_epoch_ == expected.best_epoch_


def test_validation_rows_do_not_train(halves):
    epochs = {**SETTINGS, "epochs": 5}
    first = MLPClassifier(**epochs).fit(**halves)
    second = MLPClassifier(**epochs).fit(**{**halves, "y_val": 1 - halves["y_val"]})

    assert first.history_["loss"].equals(second.history_["loss"])
    assert not np.isclose(first.history_["val_loss"], second.history_["val_loss"]).any()


def test_validation_loss_includes_penalties_as_in_keras(halves):
    settings = {**SETTINGS, "epochs": 3, "early_stopping": False, "l2": 0.01}

    model = MLPClassifier(**settings).fit(**halves)

    kernels = [w for w in model.model_.get_weights() if w.ndim == 2]
    penalty = 0.01 * sum((kernel**2).sum() for kernel in kernels)
    loss = log_loss(halves["y_val"], model.predict_proba(halves["X_val"]))
    np.testing.assert_allclose(model.history_["val_loss"].iloc[-1], loss + penalty)
