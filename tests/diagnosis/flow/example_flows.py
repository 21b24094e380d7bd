"""Flows that are made up: all is well but for what a test gives."""

import numpy as np

import skdl
from skdl.diagnosis.flow._evidence import Flow
from skdl.diagnosis.flow._gradient_flow import NUMBERS

NAN = float("nan")
NO_EPOCHS = {name: np.empty((0, 4)) for name in NUMBERS}


def make_flow(*, first=None, epochs=None, end=None, diverged=False, **parameters):
    """Three hidden layers of 4 units and an output; all is well but for the given."""
    usual = {
        "gradient_norm": [1.0, 1.0, 1.0, 2.0],
        "update_ratio": [1e-3] * 4,
        "activation_mean": [0.5, 0.5, 0.5, NAN],
        "activation_std": [0.5, 0.5, 0.5, NAN],
        "dead_share": [0.0, 0.0, 0.0, NAN],
        "saturated_share": [NAN] * 4,
    }
    at = {name: np.array(values) for name, values in usual.items()}
    two = {name: np.array([values, values]) for name, values in usual.items()}
    assert list(usual) == list(NUMBERS)
    network = skdl.MLPClassifier((4, 4, 4), **parameters)
    return Flow(
        first_step=at | _arrays(first),
        epochs=two | _arrays(epochs),
        end=at | _arrays(end),
        names=("hidden_1", "hidden_2", "hidden_3", "outputs"),
        n_units=np.array([4, 4, 4, 1]),
        n_steps=50,
        has_diverged=diverged,
        parameters=network.get_params(deep=False),
    )


def _arrays(numbers):
    return {name: np.array(values) for name, values in (numbers or {}).items()}
