"""Searches train banks of models, with the same results as without `skdl.fuse`."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.model_selection import GridSearchCV, cross_val_score

import skdl
from skdl import KerasClassifier, KerasRegressor

TWO_BUILDERS = """
import keras, numpy as np
from skdl import KerasRegressor

def one():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="d")])

def other(name):
    model = keras.Sequential(name="sequential")
    model.add(keras.Input((3,)))
    model.add(keras.layers.Dense(1, name=name))
    return model

X = np.random.default_rng(0).normal(size=(90, 3))
settings = {"loss": "mse", "verbose": 0}
for rate, epochs, n_rows in ((0.1, 3, 90), (0.2, 1, 90), (0.1, 3, 85)):
    model = KerasRegressor(one, optimizer__learning_rate=rate, **settings)
    model.set_params(epochs=epochs).fit(X[:n_rows], X[:n_rows, 0])
KerasRegressor(other, name="d", random_state=3, **settings).fit(X, X[:, 1])
"""


@pytest.mark.slow
@pytest.mark.xla
def test_equal_architectures_share_one_program(root):
    # TensorFlow itself tells of each executable that it compiles.
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "TF_CPP_MIN_LOG_LEVEL": "0",
        "TF_CPP_VMODULE": "device_compiler=2",
    }
    command = [sys.executable, "-c", TWO_BUILDERS]
    process = subprocess.run(command, env=environment, capture_output=True, text=True)

    assert process.returncode == 0, process.stderr
    assert process.stderr.count("Compilation of XLA executable time") == 1


def scores_of(search):
    """All results except times."""
    return {
        name: np.asarray(values.tolist() if hasattr(values, "tolist") else values)
        for name, values in search.cv_results_.items()
        if name.startswith(("split", "mean_test", "rank")) or name == "params"
    }


def assert_same_search(one, other, rtol=1e-4):
    ours, theirs = scores_of(one), scores_of(other)
    assert set(ours) == set(theirs)
    assert ours["params"].tolist() == theirs["params"].tolist()
    for name in set(ours) - {"params"}:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=rtol, err_msg=name)
    assert one.best_params_ == other.best_params_


@pytest.fixture
def search(X, quantity):
    """A function that searches inside `skdl.fuse` or outside."""

    def run(model, grid, *, fused, X=X, y=quantity):
        found = GridSearchCV(model, grid, cv=2, return_train_score=True)
        if not fused:
            return found.fit(X, y)
        with skdl.fuse():
            return found.fit(X, y)

    return run


@pytest.mark.slow
def test_rates_and_sizes(dense, fast, search, keras_fits):
    model = KerasRegressor(
        dense, loss="mse", optimizer="adam", **{**fast, "shuffle": True, "epochs": 3}
    )
    grid = {
        "optimizer__learning_rate": [0.001, 0.01, 0.1],
        "model__n_units": [4, 8],
    }

    alone, together = (search(model, grid, fused=fused) for fused in (False, True))

    assert_same_search(alone, together)
    assert len(set(alone.cv_results_["mean_test_score"])) == 6
    assert not keras_fits


def test_candidates_of_one_architecture_train_in_one_bank(dense, fast, search, banks):
    model = KerasRegressor(dense, loss="mse", optimizer="sgd", **fast)

    search(model, {"optimizer__learning_rate": [0.01, 0.02, 0.03]}, fused=True)

    assert max(banks) == 6  # three rates on two folds


@pytest.mark.slow
def test_classifiers_with_seeds_and_weights(dense, fast, search, X, three_classes):
    model = KerasClassifier(
        dense,
        loss="sparse_categorical_crossentropy",
        class_weight="balanced",
        metrics=["accuracy"],
        **{**fast, "epochs": 3},
    )
    grid = {"random_state": [0, 1], "optimizer__learning_rate": [0.01, 0.1]}

    alone, together = (
        search(model, grid, fused=fused, y=three_classes) for fused in (False, True)
    )

    assert_same_search(alone, together)


def recurrent(rate=0.0):
    """Dropout inside a recurrent layer draws from a state of its own."""
    return keras.Sequential(
        [
            keras.Input((4, 1)),
            layers.LSTM(3, dropout=rate, recurrent_dropout=rate),
            layers.Dense(1),
        ]
    )


@pytest.mark.slow
def test_recurrent_networks_with_dropout(fast, search, X, keras_fits):
    model = KerasRegressor(recurrent, rate=0.5, loss="mse", optimizer="sgd", **fast)
    grid = {"optimizer__learning_rate": [0.01, 0.1]}

    alone, together = (
        search(model, grid, fused=fused, X=X[:, :, None]) for fused in (False, True)
    )

    assert_same_search(alone, together)


def test_dropout_in_training_is_dropout(fast, X, quantity):
    with_dropout, without = (
        KerasRegressor(recurrent, rate=rate, loss="mse", optimizer="sgd", **fast).fit(
            X[:, :, None], quantity
        )
        for rate in (0.5, 0.0)
    )

    assert with_dropout.history_ != without.history_


def test_models_that_keras_trains_work_inside(dense, fast, X, quantity, keras_fits):
    model = KerasRegressor(dense, loss="mse", run_eagerly=True, **fast)

    alone = cross_val_score(model, X, quantity, cv=2)
    with skdl.fuse():
        together = cross_val_score(model, X, quantity, cv=2)

    np.testing.assert_allclose(together, alone, rtol=1e-4)
    assert len(keras_fits) == 4


def test_callbacks_inside(dense, fast, X, quantity):
    def scores():
        model = KerasRegressor(
            dense,
            loss="mse",
            optimizer="sgd",
            optimizer__learning_rate=0.3,
            validation_split=0.2,
            callbacks=keras.callbacks.EarlyStopping,
            callbacks__patience=1,
            **{**fast, "epochs": 8},
        )
        return cross_val_score(model, X, quantity, cv=3)

    alone = scores()
    with skdl.fuse():
        together = scores()

    np.testing.assert_allclose(together, alone, rtol=1e-4)
