"""A Keras optimizer as a value that fits into a signature."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np

from skdl._compat.keras import spares_weights_from_decay
from skdl.networks.keras import NotExpressibleError
from skdl.training._program.optimizers import OPTIMIZERS
from skdl.training._records import OptimizerSpec

_ELEMENTWISE = {family.__name__ for family in OPTIMIZERS.values()} | {"Ftrl"}
_NOT_PURE = {"LossScaleOptimizer", "MultiOptimizer", "ScheduleFreeAdamW"}


def describe_optimizer(
    optimizer: Any, *, has_constraints: bool
) -> tuple[OptimizerSpec, float]:
    """Describe a Keras optimizer.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        The optimizer.
    has_constraints : bool
        Whether some weights have constraints, which need arrays of their own shape.

    Returns
    -------
    spec : OptimizerSpec
        Its class and configuration.
    learning_rate : float
        Its learning rate; nan where a Keras schedule computes it.

    Raises
    ------
    NotExpressibleError
        If the engine cannot make its updates as pure functions.
    """
    family = type(optimizer)
    if getattr(keras.optimizers, family.__name__, None) is not family:
        raise NotExpressibleError(
            f"its optimizer {family.__name__} is not one of Keras's"
        )
    if family.__name__ in _NOT_PURE:
        raise NotExpressibleError(
            f"its optimizer {family.__name__} keeps state outside of its variables"
        )
    if optimizer.use_ema or optimizer.gradient_accumulation_steps:
        raise NotExpressibleError(
            "its optimizer averages weights or accumulates gradients"
        )
    if spares_weights_from_decay(optimizer):
        raise NotExpressibleError(
            "its optimizer excludes some weights from weight decay"
        )
    config = optimizer.get_config()
    rate = config.pop("learning_rate")
    if isinstance(rate, dict):  # a schedule
        config["learning_rate"], rate = rate, np.nan
    for name in ("name", "loss_scale_factor"):
        config.pop(name, None)
    spec = OptimizerSpec(
        name=family.__name__,
        config=json.dumps(config, sort_keys=True),
        is_elementwise=(
            family.__name__ in _ELEMENTWISE
            and not optimizer.clipnorm
            and not has_constraints
        ),
    )
    return spec, float(rate)
