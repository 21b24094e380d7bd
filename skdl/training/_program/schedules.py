"""Learning rates over time, as factors of the base rate.

A schedule is a row of the table `SCHEDULES`: a function of the completed share of the
run. So a schedule that was chosen for 20 epochs means the same for 200.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from keras import ops

EXPONENTIAL_END = 0.01  # the rate falls to this factor over the whole run
WARM_UP_SHARE = 0.05  # of the steps, with a rate that grows from 0
PLATEAU_FACTOR = 0.5  # the rate is halved ...
PLATEAU_PATIENCE = 5  # ... after this many epochs without improvement
PLATEAU_MIN_DELTA = 1e-4  # what counts as improvement, as in Keras


def _constant(progress: Any) -> Any:
    return ops.ones_like(progress)


def _exponential(progress: Any) -> Any:
    return ops.exp(math.log(EXPONENTIAL_END) * progress)


def _cosine(progress: Any) -> Any:
    warm_up = progress / WARM_UP_SHARE
    share = (progress - WARM_UP_SHARE) / (1.0 - WARM_UP_SHARE)
    cosine = 0.5 * (1.0 + ops.cos(math.pi * share))
    return ops.where(progress < WARM_UP_SHARE, warm_up, cosine)


SCHEDULES: dict[str, Callable[[Any], Any]] = {
    "constant": _constant,
    # Keras's ExponentialDecay(rate, decay_steps=all steps, decay_rate=0.01).
    "exponential": _exponential,
    # Keras's CosineDecay with warm-up (Loshchilov and Hutter 2017).
    "cosine": _cosine,
    # The factor changes between epochs, as with Keras's ReduceLROnPlateau.
    "plateau": _constant,
}
