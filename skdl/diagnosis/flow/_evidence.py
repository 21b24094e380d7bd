"""The input of the gradient flow rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# How much the first step changes the weights, relative to their norm. About 0.001 is
# usual (Karpathy). The first step is used because it is the first to go wrong.
LEAST_UPDATE, USUAL_UPDATE, LARGE_UPDATE = 0.001, 0.01, 0.1


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class Flow:
    """The input of the rules."""

    # (n_layers,) The numbers of the layers by name
    first_step: Mapping[str, np.ndarray]
    end: Mapping[str, np.ndarray]
    # (n_epochs, n_layers) Mean over the steps of each epoch
    epochs: Mapping[str, np.ndarray]
    names: tuple[str, ...]
    n_units: np.ndarray  # (n_layers,) Units of each layer
    n_steps: int
    has_diverged: bool  # whether the loss or a weight overflowed
    parameters: Mapping[str, Any]

    @property
    def n_hidden(self) -> int:
        """Number of hidden layers."""
        return len(self.names) - 1

    @property
    def gradient_norms(self) -> np.ndarray:
        """Gradient norms by moment and layer, starting with the first step."""
        first = self.first_step["gradient_norm"]
        return np.vstack([first[np.newaxis], self.epochs["gradient_norm"]])

    @property
    def last(self) -> np.ndarray:
        """Gradient norm of each layer in the last epoch."""
        return self.gradient_norms[-1]

    @property
    def vanishing(self) -> np.ndarray:
        """For each moment, the smallest layer's norm divided by the largest layer's."""
        norms = self.gradient_norms
        largest = norms.max(axis=1)
        return norms.min(axis=1) / np.where(largest > 0, largest, 1.0)

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of the dense hidden layers, as in the network's parameter."""
        return tuple(int(size) for size in self.parameters["hidden_layer_sizes"])

    @property
    def is_bounded(self) -> bool:
        """Whether the slope of the activation is small almost everywhere."""
        return self.parameters["activation"] in ("sigmoid", "tanh")

    @property
    def first_update(self) -> float:
        """How much the first step changed the median layer, relative to its norm."""
        ratio = float(np.median(self.first_step["update_ratio"]))
        return ratio if np.isfinite(ratio) else np.inf

    @property
    def has_large_steps(self) -> bool:
        """Whether the first step changed the weights by a tenth of their norm."""
        return self.first_update >= LARGE_UPDATE

    def lower_rate(self) -> dict[str, Any]:
        """Return a rate at which the first step changes the weights by a hundredth."""
        excess = min(self.first_update, 1e12) / USUAL_UPDATE
        divisor = 10.0 ** max(1, math.ceil(math.log10(max(excess, 1e-12))))
        return {"learning_rate": float(f"{self._rate / divisor:.6g}")}

    def higher_rate(self) -> dict[str, Any]:
        """Return a rate at which the first step changes the weights by a thousandth."""
        lack = LEAST_UPDATE / max(self.first_update, 1e-12)
        factor = 10.0 ** max(1, math.floor(math.log10(lack)))
        return {"learning_rate": float(f"{self._rate * factor:.6g}")}

    @property
    def _rate(self) -> float:
        return float(self.parameters["learning_rate"])

    def fitting_initializer(self) -> str | None:
        """Name an initializer that suits the activation, if the present one ignores
        the layers' widths."""
        activation = self.parameters["activation"]
        initializer = self.parameters.get("kernel_initializer", "")
        if not initializer.startswith("random_") or activation == "sigmoid":
            return None
        if activation == "selu":
            return "lecun_normal"
        return "glorot_uniform" if activation in ("tanh", "linear") else "he_normal"

    def can_add(self) -> bool:
        """Whether residual connections are possible but not used."""
        is_alike = any(
            a == b for a, b in zip(self.widths, self.widths[1:], strict=False)
        )
        return is_alike and self.parameters.get("residual") is False


def largest(shares: np.ndarray) -> float:
    """Return the largest share of any layer, 0 if none is known."""
    # shares: (n_layers,)
    return float(np.nanmax(shares)) if np.isfinite(shares).any() else 0.0
