"""Random numbers come from `random_state` only, here and in another process."""

import hashlib
import random

import numpy as np
import pytest

from skdl import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.xla

SETTINGS = {"hidden_layer_sizes": (8,), "epochs": 6}
CHANCY = {
    **SETTINGS,
    "dropout": 0.3,
    "input_noise": 0.1,
    "early_stopping": True,
    "batch_norm": True,
}
FIT_AND_PRINT = f"""
import hashlib
import sys

import numpy as np
from skdl import MLPClassifier

with np.load(sys.argv[1]) as data:
    model = MLPClassifier(**{CHANCY}, random_state=7).fit(data["X"], data["y"])
weights = model.model_.get_weights()
print(hashlib.sha256(b"".join(w.tobytes() for w in weights)).hexdigest())
"""


def weights_of(model):
    return model.model_.get_weights()


def same_weights(first, second):
    pairs = zip(weights_of(first), weights_of(second), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_another_process_gives_the_same_weights(
    dtype, X, two_classes, in_new_process, tmp_path
):
    path = tmp_path / "table.npz"
    np.savez(path, X=X.astype(dtype), y=two_classes)
    model = MLPClassifier(**CHANCY, random_state=7).fit(X.astype(dtype), two_classes)
    content = b"".join(weight.tobytes() for weight in weights_of(model))

    printed = in_new_process(FIT_AND_PRINT, path)

    assert printed.splitlines()[-1] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_the_same_seed_gives_the_same_network(cls, X, two_classes):
    first = cls(**CHANCY, random_state=7).fit(X, two_classes)
    other = cls(**CHANCY, random_state=8).fit(X, two_classes)
    second = cls(**CHANCY, random_state=7).fit(X, two_classes)

    assert same_weights(first, second)
    assert not same_weights(first, other)


def test_a_random_state_advances_from_fit_to_fit(X, two_classes):
    generator = np.random.RandomState(7)
    model = MLPClassifier(**SETTINGS, random_state=generator)
    first = model.fit(X, two_classes).predict_proba(X)
    second = model.fit(X, two_classes).predict_proba(X)

    model.set_params(random_state=np.random.RandomState(7)).fit(X, two_classes)

    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(model.predict_proba(X), first)


def test_without_seed_fits_differ_whatever_the_numpy_seed(X, two_classes):
    fits = []
    for _ in range(2):
        np.random.seed(0)
        fits.append(MLPClassifier(**SETTINGS).fit(X, two_classes))

    assert not same_weights(*fits)


@pytest.fixture
def global_draws():
    """A function that draws from every global random state, from fixed seeds."""
    import keras
    import tensorflow as tf

    saved = random.getstate(), np.random.get_state()

    def draws(between):
        keras.utils.set_random_seed(11)
        tf.random.get_global_generator().reset_from_seed(11)
        between()
        return {
            "random": random.random(),
            "numpy": np.random.random(),
            "keras": float(keras.random.uniform(())),
            "tensorflow": float(tf.random.uniform(())),
            "tensorflow generator": float(tf.random.get_global_generator().uniform(())),
        }

    yield draws
    random.setstate(saved[0])
    np.random.set_state(saved[1])


@pytest.mark.parametrize("random_state", [None, 7, np.random.RandomState(0)], ids=str)
def test_no_global_random_state_is_read_or_advanced(
    random_state, X, two_classes, global_draws
):
    def fit_and_use():
        model = MLPClassifier(**{**CHANCY, "hidden_layer_sizes": (9,)})
        model.set_params(random_state=random_state).fit(X, two_classes)
        model.predict_proba(X)
        _ = model.model_

    expected = global_draws(lambda: None)

    assert global_draws(fit_and_use) == expected
    assert global_draws(fit_and_use) == expected


def test_settings_of_keras_do_not_change(X, two_classes):
    import keras
    import tensorflow as tf

    def settings():
        return (
            keras.config.floatx(),
            keras.config.dtype_policy().name,
            keras.config.epsilon(),
            tf.config.optimizer.get_jit(),
            tf.config.functions_run_eagerly(),
            tf.config.experimental.get_synchronous_execution(),
        )

    before = settings()
    MLPClassifier(**SETTINGS, random_state=0).fit(X, two_classes).model_  # noqa: B018

    assert settings() == before


def test_the_default_float_type_of_keras_does_not_matter(X, two_classes):
    import keras

    expected = MLPClassifier(**CHANCY, random_state=7).fit(X, two_classes)
    keras.config.set_floatx("float16")
    try:
        different_shape = {**CHANCY, "hidden_layer_sizes": (7,)}
        MLPClassifier(**different_shape, random_state=7).fit(X, two_classes)
        model = MLPClassifier(**CHANCY, random_state=7).fit(X, two_classes)
        dtypes = {w.dtype for w in model.model_.get_weights()}
    finally:
        keras.config.set_floatx("float32")

    assert dtypes == {np.dtype(np.float64)}
    assert same_weights(model, expected)


def test_row_order_does_not_change_the_validation_loss(X, two_classes):
    settings = {**SETTINGS, "early_stopping": True, "batch_size": "full"}
    order = np.random.default_rng(0).permutation(len(X))

    model = MLPClassifier(**settings, random_state=0).fit(X, two_classes)
    shuffled = MLPClassifier(**settings, random_state=0)
    shuffled.fit(X[order], two_classes[order])

    np.testing.assert_allclose(shuffled.history_, model.history_, rtol=1e-9)


def test_the_number_of_epochs_does_not_change_the_first_ones(X, two_classes):
    short = MLPClassifier(**SETTINGS, random_state=0).fit(X, two_classes)
    long = MLPClassifier(**{**SETTINGS, "epochs": 200}, random_state=0)

    long.fit(X, two_classes)

    np.testing.assert_array_equal(long.history_[:6], short.history_)
