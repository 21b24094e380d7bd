"""Which layers of a network are looked at, and what it is drawn by then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import keras

from skdl.training._records import Architecture

# What is recorded of a layer, in this order.
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
        Its units, or feature maps.
    places : tuple of int
        Of its kernel and, if it has one, its bias among the trainable weights.
    activates : str, default=None
        Name of the Keras layer that applies the activation; None for the last layer.
    activation : str, default=None
        Keras's name of the activation.
    """

    name: str
    n_units: int
    places: tuple[int, ...]
    activates: str | None = None
    activation: str | None = None

    # Of an epoch: those of its first step, and means over its steps.
    n_values: ClassVar[int] = 2 * len(QUANTITIES)


@dataclass(frozen=True)
class ProbedArchitecture:
    """A network that also returns what its hidden layers do."""

    plain: Architecture
    # of the network. Outputs of their activations, where they have one, come behind the
    # network's own output
    layers: tuple[ProbedLayer, ...]

    @property
    def dtype(self) -> str:
        """Float type of weights and activations."""
        return self.plain.dtype

    @property
    def is_convolutional(self) -> bool:
        """Whether most of the arithmetic is in convolutions."""
        return self.plain.is_convolutional

    def build(self) -> keras.Model:
        """Draw the Keras model."""
        model = self.plain.build()
        seen = [model.get_layer(name).output for name in self.activating]
        return keras.Model(model.inputs, [*model.outputs, *seen])

    @property
    def activating(self) -> list[str]:
        """Names of the layers whose outputs are returned."""
        return [layer.activates for layer in self.layers if layer.activates]

    def merge(self, other: Any) -> None:
        """Return None: what units do is not mixed with what padding does."""


def find_layers(architecture: Architecture) -> tuple[ProbedLayer, ...]:
    """Find the layers of a network that have a kernel."""
    model = architecture.build()
    places = {id(array): i for i, array in enumerate(model.trainable_variables)}
    found: list[ProbedLayer] = []
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            own = tuple(places[id(array)] for array in layer.trainable_variables)
            found.append(ProbedLayer(layer.name, int(layer.kernel.shape[-1]), own))
        elif isinstance(layer, keras.layers.Activation):
            found[-1] = replace(
                found[-1],
                activates=layer.name,
                activation=layer.activation.__name__,
            )
    return tuple(found)
