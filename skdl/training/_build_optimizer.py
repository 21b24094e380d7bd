"""A Keras optimizer from its description."""

from __future__ import annotations

import json
from typing import Any

import keras

from skdl.training._records import OptimizerSpec


def build_optimizer(spec: OptimizerSpec, learning_rate: float) -> Any:
    """Make the Keras optimizer that `describe_optimizer` described.

    Parameters
    ----------
    spec : OptimizerSpec
        Its class and configuration.
    learning_rate : float
        Its learning rate, unless the configuration has a schedule.

    Returns
    -------
    keras.optimizers.Optimizer
        A new optimizer.
    """
    settings = {"learning_rate": learning_rate, **json.loads(spec.config or "{}")}
    return getattr(keras.optimizers, spec.name).from_config(settings)
