"""The layers that architectures are built from: tunable or plain ones.

With one factory an architecture builds the tunable model, which the engine traces once
for a whole search. With the other it builds a plain model of Keras's own layers, which
a user can save, inspect or train further without skdl.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import keras

from skdl.networks._layers import (
    TunableDropout,
    TunableGaussianNoise,
    TunablePenalty,
    WeightedBatchNormalization,
)
from skdl.networks._training_batch import Regularization

ACTIVATIONS = (
    "relu",
    "tanh",
    "sigmoid",
    "gelu",
    "silu",
    "leaky_relu",
    "elu",
    "selu",
    "linear",
)


@dataclass(frozen=True)
class LayerFactory:
    """Makes the layers that behave differently in training."""

    # takes the number of a random stream, and the name and dtype of the layer
    noise: Callable[..., keras.layers.Layer]
    dropout: Callable[..., keras.layers.Layer]
    # takes the name and dtype of the layer
    batch_norm: Callable[..., keras.layers.Layer]
    # takes nothing
    penalty: Callable[[], keras.regularizers.Regularizer]

    @classmethod
    def of(cls, regularization: Regularization | None) -> LayerFactory:
        """Choose tunable layers, or plain ones with these numbers."""
        return _TUNABLE if regularization is None else _plain(regularization)


_TUNABLE = LayerFactory(
    noise=TunableGaussianNoise,
    dropout=TunableDropout,
    batch_norm=WeightedBatchNormalization,
    penalty=TunablePenalty,
)


def _plain(numbers: Regularization) -> LayerFactory:
    """Keras's own layers, with the number of the random stream as their seed."""
    return LayerFactory(
        noise=lambda stream, **kwargs: keras.layers.GaussianNoise(
            numbers.input_noise, seed=stream, **kwargs
        ),
        dropout=lambda stream, **kwargs: keras.layers.Dropout(
            numbers.dropout, seed=stream, **kwargs
        ),
        batch_norm=lambda **kwargs: keras.layers.BatchNormalization(
            momentum=numbers.batch_norm_momentum, **kwargs
        ),
        penalty=lambda: keras.regularizers.L1L2(l1=numbers.l1, l2=numbers.l2),
    )


def norm_and_activation(
    hidden: Any,
    factory: LayerFactory,
    *,
    batch_norm: Literal["before", "after"] | None,
    activation: str,
    names: tuple[str, str],
    dtype: str,
) -> Any:
    """Add an activation, with batch normalisation before or after it, or without."""
    layers = [keras.layers.Activation(activation, name=names[1], dtype=dtype)]
    if batch_norm is not None:
        norm = factory.batch_norm(name=names[0], dtype=dtype)
        layers.insert(0 if batch_norm == "before" else 1, norm)
    for layer in layers:
        hidden = layer(hidden)
    return hidden
