"""Every parameter changes the trained network."""

import numpy as np
import pytest

from skdl import MLPClassifier, MLPRegressor

BASE = {"hidden_layer_sizes": (8, 8), "epochs": 6, "batch_size": 16, "random_state": 0}
SGD = {"optimizer": "sgd", "learning_rate": 0.1}
STOPPING = {"early_stopping": True, "learning_rate": 5e-3, "epochs": 40, "patience": 5}
EFFECTS = [
    ({}, {"hidden_layer_sizes": (8,)}),
    ({}, {"activation": "tanh"}),
    ({}, {"kernel_initializer": "he_normal"}),
    ({}, SGD),
    ({}, {"learning_rate": 2e-3}),
    ({}, {"learning_rate_schedule": "cosine"}),
    ({}, {"learning_rate_schedule": "exponential"}),
    ({"epochs": 40, "learning_rate": 0.5}, {"learning_rate_schedule": "plateau"}),
    (SGD, {"momentum": 0.9}),
    ({**SGD, "momentum": 0.9}, {"nesterov": True}),
    ({}, {"weight_decay": 0.1}),
    ({"optimizer": "adamw"}, {"weight_decay": 0.0}),
    (SGD, {"clip_norm": 0.01}),
    (SGD, {"clip_value": 1e-3}),
    ({}, {"dropout": 0.5}),
    ({}, {"input_noise": 0.5}),
    ({}, {"batch_norm": True}),
    ({"batch_norm": "before"}, {"batch_norm": "after"}),
    ({"batch_norm": True}, {"batch_norm_momentum": 0.5}),
    ({}, {"residual": True}),
    ({}, {"l1": 0.1}),
    ({}, {"l2": 0.1}),
    ({}, {"batch_size": 80}),
    ({}, {"epochs": 5}),
    ({}, {"shuffle": False}),
    ({}, {"random_state": 1}),
    ({**STOPPING, "early_stopping": False}, {"early_stopping": True}),
    (STOPPING, {"validation_fraction": 0.3}),
    (STOPPING, {"min_delta": 10.0}),
]
CLASSIFIER_EFFECTS = [
    ({}, {"label_smoothing": 0.5}),
    ({}, {"class_weight": {0: 5.0}}),
    ({}, {"class_weight": "balanced"}),
]
REGRESSOR_EFFECTS = [
    ({}, {"loss": "absolute_error"}),
    ({}, {"loss": "huber"}),
]


def label(effect):
    base, change = effect
    return f"{change} on {base}" if base else f"{change}"


def raw_outputs(cls, X, y, **parameters):
    model = cls(**{**BASE, **parameters}).fit(X, y)
    return getattr(model, "decision_function", model.predict)(X)


@pytest.mark.parametrize("effect", EFFECTS + CLASSIFIER_EFFECTS, ids=label)
def test_parameter_of_the_classifier_has_an_effect(effect, X, two_classes):
    base, change = effect
    y = two_classes.copy()
    y[:8] = 1

    without = raw_outputs(MLPClassifier, X, y, **base)
    with_change = raw_outputs(MLPClassifier, X, y, **{**base, **change})

    assert np.abs(with_change - without).max() > 1e-4


@pytest.mark.parametrize("effect", REGRESSOR_EFFECTS, ids=label)
def test_parameter_of_the_regressor_has_an_effect(effect, X, quantity):
    base, change = effect

    without = raw_outputs(MLPRegressor, X, quantity, **base)
    with_change = raw_outputs(MLPRegressor, X, quantity, **{**base, **change})

    assert np.abs(with_change - without).max() > 1e-4


def test_every_parameter_is_tried():
    tried = {name for _, change in EFFECTS for name in change}
    of_classifier = tried | {
        name for _, change in CLASSIFIER_EFFECTS for name in change
    }
    of_regressor = tried | {name for _, change in REGRESSOR_EFFECTS for name in change}

    elsewhere = {"patience", "verbose", "warm_start"}
    assert set(MLPClassifier().get_params()) - elsewhere == of_classifier
    assert set(MLPRegressor().get_params()) - elsewhere == of_regressor


@pytest.mark.parametrize(
    "activation",
    ["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", "selu", "linear"],
)
def test_activations_equal_those_of_keras(activation, X, two_classes):
    import keras

    model = MLPClassifier((8,), activation=activation, epochs=1, random_state=0)
    model.fit(X, two_classes)
    kernel, bias, last_kernel, last_bias = model.model_.get_weights()

    function = keras.activations.get(activation)
    hidden = keras.ops.convert_to_numpy(function(X @ kernel + bias))

    logits = (hidden @ last_kernel + last_bias)[:, 0]
    np.testing.assert_allclose(model.decision_function(X), logits, rtol=1e-6)


@pytest.mark.parametrize(("verbose", "n_lines"), [(False, 0), (True, 6), (2, 3)])
def test_verbose_prints_a_line_per_epoch(verbose, n_lines, X, two_classes, capsys):
    MLPClassifier(**BASE, verbose=verbose).fit(X, two_classes)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == n_lines
    assert all("epoch" in line and "loss" in line for line in lines)
