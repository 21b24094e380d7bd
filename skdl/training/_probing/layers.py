"""Which layers of a network can be probed, and the model that exposes their outputs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras

from skdl.training._probed_layer import QUANTITIES, ProbedLayer
from skdl.training._records import Architecture

__all__ = ["QUANTITIES", "ProbedArchitecture", "ProbedLayer", "find_layers"]


@dataclass(frozen=True)
class ProbedArchitecture:
    """A network that also returns the activations of its hidden layers."""

    plain: Architecture
    layers: tuple[ProbedLayer, ...]  # whose activations follow the network's own output

    @property
    def dtype(self) -> str:
        """Float type of weights and activations."""
        return self.plain.dtype

    @property
    def is_convolutional(self) -> bool:
        """Whether most of the arithmetic is in convolutions."""
        return self.plain.is_convolutional

    def build(self) -> keras.Model:
        """Build the Keras model."""
        model = self.plain.build()
        hidden = [
            model.get_layer(layer.activates).output
            for layer in self.layers
            if layer.activates
        ]
        return keras.Model(model.inputs, [*model.outputs, *hidden])

    def merge(self, other: object) -> None:
        """Return None: padding must not count in a layer's statistics."""


def find_layers(architecture: Architecture) -> tuple[ProbedLayer, ...]:
    """Find the layers of a network that have a kernel."""
    model = architecture.build()
    positions = {id(array): i for i, array in enumerate(model.trainable_variables)}
    found: list[ProbedLayer] = []
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            own = tuple(positions[id(array)] for array in layer.trainable_variables)
            found.append(ProbedLayer(layer.name, int(layer.kernel.shape[-1]), own))
        elif isinstance(layer, keras.layers.Activation):
            found[-1] = replace(
                found[-1],
                activates=layer.name,
                activation=layer.activation.__name__,
            )
    return tuple(found)
