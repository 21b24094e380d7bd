"""Build functions, and a recorder of `keras.Model.fit`, shared by these tests.

The tables are those of `tests/estimators/conftest.py`: 80 rows of 4 features.
"""

import itertools

import keras
import numpy as np
import pytest
from keras import layers

FAST = {"verbose": 0, "shuffle": False, "random_state": 0, "batch_size": 32}


class Calls:
    """A counter that does not change the identity of a build function."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.n = 0

    def __call__(self) -> None:
        self.n = next(self._numbers)


def dense_network(meta, n_units=8):
    """A hidden layer and the outputs that the targets need; not compiled."""
    n_classes = meta.get("n_classes_")
    model = keras.Sequential([keras.Input((meta["n_features_in_"],))])
    model.add(layers.Dense(n_units, activation="relu"))
    if n_classes is None:
        model.add(layers.Dense(meta["n_outputs_"]))
    elif meta["target_type_"] == "multiclass":
        model.add(layers.Dense(n_classes, activation="softmax"))
    else:
        n_outputs = 1 if n_classes == 2 and meta["target_type_"] == "binary" else None
        model.add(layers.Dense(n_outputs or n_classes, activation="sigmoid"))
    return model


@pytest.fixture(scope="session")
def dense():
    """A build function that reads `meta`."""
    return dense_network


@pytest.fixture(scope="session")
def fast():
    """Settings of an estimator: quiet, and the same in every run."""
    return dict(FAST)


@pytest.fixture
def calls():
    """A new counter of calls."""
    return Calls()


@pytest.fixture
def keras_fits(monkeypatch):
    """The models that `keras.Model.fit` has trained since the test began."""
    models = []
    original = keras.Model.fit

    def fit(self, *args, **kwargs):
        models.append(self)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(keras.Model, "fit", fit)
    return models


@pytest.fixture(scope="session")
def assert_same_history():
    """A function that compares two histories, name by name."""

    def compare(ours, theirs, rtol=1e-5):
        assert set(ours) == set(theirs)
        for name in theirs:
            np.testing.assert_allclose(
                ours[name], theirs[name], rtol=rtol, atol=1e-6, err_msg=name
            )

    return compare
