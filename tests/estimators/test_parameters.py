"""Each parameter has one rule, which fit checks and one sentence describes."""

import re

import numpy as np
import pytest
from sklearn.base import clone

from skdl import MLPClassifier, MLPRegressor, SkdlError

NAN = float("nan")
INFINITY = float("inf")

OUT_OF_RANGE = {
    "hidden_layer_sizes": [(0,), (8, -1)],
    "activation": ["ReLU", "swish", ""],
    "kernel_initializer": ["he", "HeNormal", "zeros"],
    "optimizer": ["Adam", "lbfgs"],
    "learning_rate": [0.0, -0.1, NAN, INFINITY],
    "learning_rate_schedule": ["step"],
    "momentum": [-0.1, 1.0, NAN],
    "weight_decay": [-1e-3, NAN, INFINITY],
    "clip_norm": [0.0, -1.0, NAN],
    "clip_value": [0.0, -1.0, NAN],
    "dropout": [-0.1, 1.0, 1.5, NAN],
    "input_noise": [-0.1, NAN, INFINITY],
    "batch_norm": ["both"],
    "batch_norm_momentum": [-0.1, 1.0],
    "l1": [-1.0, NAN, INFINITY],
    "l2": [-1.0, NAN, INFINITY],
    "label_smoothing": [-0.1, 1.0],
    "loss": ["mse", "log_loss"],
    "batch_size": [0, -32, "all"],
    "epochs": [0, -1],
    "validation_fraction": [0.0, 1.0, -0.5, NAN],
    "patience": [0, -1],
    "min_delta": [-1e-3, NAN],
    "class_weight": ["auto", {0: "heavy"}, {0: -1.0}, {0: NAN}, {0: INFINITY}],
    "random_state": [-1, 2**32],
    "verbose": [-1],
}
WRONG_TYPE = {
    "hidden_layer_sizes": [8, "8", None, (8.0,), (True,)],
    "activation": [None, np.tanh],
    "kernel_initializer": [None, 0.05],
    "optimizer": [None, 1],
    "learning_rate": ["fast", None, True],
    "learning_rate_schedule": [None, 0.9],
    "momentum": ["0.9", None],
    "nesterov": [1, "yes", None],
    "weight_decay": ["0.1", True],
    "clip_norm": ["1", True],
    "clip_value": ["1", True],
    "dropout": ["0.5", None, (0.5, 0.5), True],
    "input_noise": ["0.1", None],
    "batch_norm": [1, None],
    "batch_norm_momentum": ["0.9", None],
    "residual": [1, "yes", None],
    "l1": ["0", None],
    "l2": ["0", None],
    "label_smoothing": ["0.1", None],
    "loss": [None, 1],
    "batch_size": [32.0, None, True],
    "epochs": [10.0, "10", None, True],
    "shuffle": [1, None],
    "early_stopping": [1, "yes", None],
    "validation_fraction": ["0.1", None],
    "patience": [5.0, None],
    "min_delta": ["0", None],
    "class_weight": [[1, 2], 1.0],
    "warm_start": [1, None],
    "random_state": ["seed", 0.5],
    "verbose": ["loud", None],
}
IN_RANGE = {
    "hidden_layer_sizes": [(), (1,), [8, 8], np.array([8, 8])],
    "learning_rate": [1, np.float32(0.1)],
    "momentum": [0, 0.99],
    "weight_decay": [None, 0.0, 1],
    "clip_norm": [None, 1],
    "dropout": [0, np.float64(0.5)],
    "batch_norm": [True, False, "before", "after", np.bool_(True)],
    "batch_size": ["full", 1, np.int64(7)],
    "epochs": [1, np.int32(1)],
    "shuffle": [np.bool_(False)],
    "validation_fraction": [0.5, np.float32(0.1)],
    "min_delta": [0],
    "random_state": [None, 0, 2**32 - 1, np.int64(1)],
    "verbose": [True, 0, 10],
}
CLASSES = [MLPClassifier, MLPRegressor]


def cases(table):
    """Every value of a table, with every estimator that has the parameter."""
    return [
        pytest.param(cls, name, value, id=f"{cls.__name__}-{name}={value!r:.40}")
        for cls in CLASSES
        for name, values in table.items()
        if name in cls().get_params()
        for value in values
    ]


def message_about(cls, name, value):
    got = repr(value)
    return re.compile(
        rf"^The '{name}' parameter of {cls.__name__} must be .+\. "
        rf"Got {re.escape(got)}( of type \w+)? instead\."
    )


@pytest.mark.parametrize(("cls", "name", "value"), cases(OUT_OF_RANGE))
def test_value_out_of_range(cls, name, value, X, two_classes):
    estimator = cls(**{name: value})

    with pytest.raises(ValueError, match=message_about(cls, name, value)) as caught:
        estimator.fit(X, two_classes)

    assert isinstance(caught.value, SkdlError)


@pytest.mark.parametrize(("cls", "name", "value"), cases(WRONG_TYPE))
def test_value_of_wrong_type(cls, name, value, X, two_classes):
    estimator = cls(**{name: value})

    with pytest.raises(TypeError, match=message_about(cls, name, value)) as caught:
        estimator.fit(X, two_classes)

    assert isinstance(caught.value, SkdlError)
    assert f"of type {type(value).__name__}" in str(caught.value)


@pytest.mark.parametrize(("cls", "name", "value"), cases(IN_RANGE))
def test_valid_values_pass_the_check(cls, name, value, X):
    with pytest.raises(ValueError, match="requires y to be passed"):
        cls(**{name: value}).fit(X, None)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_parameter_is_tried(cls):
    names = set(cls().get_params())

    assert names <= set(WRONG_TYPE)
    booleans = {"nesterov", "residual", "shuffle", "early_stopping", "warm_start"}
    assert names - booleans <= set(OUT_OF_RANGE)


@pytest.mark.parametrize("cls", CLASSES)
def test_random_state_may_be_a_numpy_random_state(cls, X):
    with pytest.raises(ValueError, match="requires y to be passed"):
        cls(random_state=np.random.RandomState(0)).fit(X, None)


def test_the_sentence_of_the_style_guide(X, two_classes):
    expected = (
        "The 'dropout' parameter of MLPClassifier must be a number in [0, 1). "
        "Got 1.5 instead."
    )

    with pytest.raises(ValueError, match=f"^{re.escape(expected)}$"):
        MLPClassifier(dropout=1.5).fit(X, two_classes)


@pytest.mark.parametrize("cls", CLASSES)
def test_the_constructor_neither_checks_nor_changes_parameters(cls):
    values = {name: object() for name in cls().get_params()}

    estimator = cls(**values)

    assert vars(estimator) == values
    assert all(getattr(estimator, name) is values[name] for name in values)


@pytest.mark.parametrize("cls", CLASSES)
def test_partial_fit_checks_too(cls, X, two_classes):
    with pytest.raises(ValueError, match=r"The 'l2' parameter of .* Got -1 instead"):
        cls(l2=-1).partial_fit(X, two_classes)


@pytest.mark.parametrize("cls", CLASSES)
def test_fit_does_not_change_parameters(cls, X, two_classes):
    estimator = cls([8], epochs=1, random_state=0)
    before = {name: repr(value) for name, value in estimator.get_params().items()}

    estimator.fit(X, two_classes)

    after = {name: repr(value) for name, value in estimator.get_params().items()}
    assert after == before
    assert clone(estimator).get_params() == estimator.get_params()


@pytest.mark.parametrize("cls", CLASSES)
def test_all_but_the_first_parameter_are_keyword_only(cls):
    with pytest.raises(TypeError, match="positional argument"):
        cls((8,), "relu")
