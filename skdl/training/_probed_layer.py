"""A layer that probes record, and what they record of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

# The values that are recorded of a layer, in this order.
QUANTITIES = (
    "gradient_norm",
    "update_ratio",
    "activation_mean",
    "activation_std",
    "dead_share",
    "saturated_share",
)


@dataclass(frozen=True)
class ProbedLayer:
    """A layer with a kernel, and the activation behind it.

    Parameters
    ----------
    name : str
        Name of the Keras layer that has the kernel.
    n_units : int
        Number of units or feature maps.
    positions : tuple of int
        Positions of its kernel and (if it has one) its bias among the trainable
        weights.
    activates : str, default=None
        Name of the Keras layer that applies the activation; None for the last layer.
    activation : str, default=None
        Keras's name of the activation.
    """

    name: str
    n_units: int
    positions: tuple[int, ...]
    activates: str | None = None
    activation: str | None = None

    # Per epoch: the values of its first step, and means over its steps.
    n_values: ClassVar[int] = 2 * len(QUANTITIES)
