"""What architectures are drawn with: tunable or plain parts.

A part is asked for by name, so that one description draws two models: the tunable one
that the engine traces once for a whole search, and a plain one, made of Keras's own
layers, that a user can save, inspect or train on without skdl.
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
class Parts:
    """Makers of the layers that behave differently in training."""

    # from the number of a random stream, and a layer's name and dtype, to a layer
    noise: Callable[..., keras.layers.Layer]
    dropout: Callable[..., keras.layers.Layer]
    # from a layer's name and dtype to a layer
    batch_norm: Callable[..., keras.layers.Layer]
    # from nothing to a regularizer of kernels
    penalty: Callable[[], keras.regularizers.Regularizer]

    @classmethod
    def of(cls, regularization: Regularization | None) -> Parts:
        """Choose tunable or plain parts."""
        return _TUNABLE if regularization is None else _plain(regularization)


_TUNABLE = Parts(
    noise=TunableGaussianNoise,
    dropout=TunableDropout,
    batch_norm=WeightedBatchNormalization,
    penalty=TunablePenalty,
)


def _plain(numbers: Regularization) -> Parts:
    """Keras's own layers; the number of the random stream serves as their seed."""
    return Parts(
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
    parts: Parts,
    *,
    batch_norm: Literal["before", "after"] | None,
    activation: str,
    names: tuple[str, str],
    dtype: str,
) -> Any:
    """Draw an activation with batch normalisation before or after it, or without."""
    layers = [keras.layers.Activation(activation, name=names[1], dtype=dtype)]
    if batch_norm is not None:
        norm = parts.batch_norm(name=names[0], dtype=dtype)
        layers.insert(0 if batch_norm == "before" else 1, norm)
    for layer in layers:
        hidden = layer(hidden)
    return hidden
