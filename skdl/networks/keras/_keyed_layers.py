"""Keras's random layers and batch normalisation, adapted to the engine.

The engine pads batches and trains networks side by side. Two kinds of layers would
notice. Those that draw random numbers compute them here from row keys instead of a
generator's state, and batch normalisation ignores padded rows. Outside a training step
each layer does what its Keras parent does.
"""

from __future__ import annotations

import math
import weakref
import zlib
from typing import Any

import keras
from keras import ops

from skdl._compat.keras import MomentsOverride, noise_shape
from skdl.networks._training_batch import TrainingBatch, current_batch

# Limit of SELU for large negative inputs, alpha x scale (Klambauer et al. 2017).
SELU_SATURATION = 1.6732632423543772 * 1.0507009873554805


class KeyedMixin:
    """Draws random numbers from the row keys of the training step."""

    _seen: Any = None  # weak reference to the step that is being traced
    _n_draws = 0

    def _draws(self, inputs: Any, training: bool | None) -> bool:
        """Whether this call draws from row keys."""
        batch = current_batch()
        return bool(training) and batch is not None and _has_rows(inputs, batch)

    def _uniform(self, inputs: Any, shape: tuple[int, ...]) -> Any:
        """Draw numbers in (0, 1) of shape (batch_size, *shape)."""
        batch = current_batch()
        if batch is None:
            raise RuntimeError("Random numbers are drawn in training steps only.")
        if self._seen is None or self._seen() is not batch:
            self._seen, self._n_draws = weakref.ref(batch), 0
        self._n_draws += 1  # a layer that is called twice draws twice
        name = f"{self.name}/{self._n_draws}"  # type: ignore[attr-defined]
        stream = zlib.crc32(name.encode())
        dtype = keras.backend.standardize_dtype(inputs.dtype)
        return batch.uniform(stream, shape, dtype)

    def _normal(self, inputs: Any) -> Any:
        """Draw standard normal numbers of the shape of the inputs."""
        uniform = self._uniform(inputs, tuple(inputs.shape[1:]))
        return ops.erfinv(2.0 * uniform - 1.0) * math.sqrt(2.0)


def _has_rows(inputs: Any, batch: TrainingBatch) -> bool:
    """Whether the inputs have one entry per row, unlike inside some layers."""
    return inputs.shape[0] == batch.keys.shape[0]


class KeyedDropoutMixin(KeyedMixin):
    """Drops units or whole feature maps by row keys."""

    rate: float

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop units in training, as Keras's layer does."""
        if self.rate == 0 or not self._draws(inputs, training):
            return super().call(inputs, training=training)  # type: ignore[misc]
        shape = self._mask_shape(inputs)
        kept = ops.cast(self._uniform(inputs, shape) >= self.rate, inputs.dtype)
        return inputs * kept / (1.0 - self.rate) if self.rate < 1 else inputs * 0.0

    def _mask_shape(self, inputs: Any) -> tuple[int, ...]:
        """Shape of one row's mask; units along an axis of length 1 drop together."""
        return noise_shape(self, inputs)[1:]


class KeyedDropout(KeyedDropoutMixin, keras.layers.Dropout):
    """Dropout of units."""

    def _mask_shape(self, inputs: Any) -> tuple[int, ...]:
        if self.noise_shape is None:
            return tuple(inputs.shape[1:])
        return tuple(
            length if given is None else given
            for length, given in zip(
                inputs.shape[1:], self.noise_shape[1:], strict=True
            )
        )


class KeyedSpatialDropout1D(KeyedDropoutMixin, keras.layers.SpatialDropout1D):
    """Drops whole feature maps of sequences."""


class KeyedSpatialDropout2D(KeyedDropoutMixin, keras.layers.SpatialDropout2D):
    """Drops whole feature maps of images."""


class KeyedSpatialDropout3D(KeyedDropoutMixin, keras.layers.SpatialDropout3D):
    """Drops whole feature maps of volumes."""


class KeyedGaussianNoise(KeyedMixin, keras.layers.GaussianNoise):
    """Gaussian noise by row keys."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Add noise in training, as `keras.layers.GaussianNoise`."""
        if self.stddev == 0 or not self._draws(inputs, training):
            return super().call(inputs, training=training)
        return inputs + self.stddev * self._normal(inputs)


class KeyedGaussianDropout(KeyedMixin, keras.layers.GaussianDropout):
    """Multiplicative Gaussian noise by row keys."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Scale units at random in training, as `keras.layers.GaussianDropout`."""
        if self.rate == 0 or not self._draws(inputs, training):
            return super().call(inputs, training=training)
        deviation = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * (1.0 + deviation * self._normal(inputs))


class KeyedAlphaDropout(KeyedMixin, keras.layers.AlphaDropout):
    """Dropout that preserves mean and variance, by row keys."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop units in training, as `keras.layers.AlphaDropout`."""
        if self.noise_shape is not None or self.rate == 0 or self.rate == 1:
            return super().call(inputs, training=training)
        if not self._draws(inputs, training):
            return super().call(inputs, training=training)
        uniform = self._uniform(inputs, tuple(inputs.shape[1:]))
        kept = ops.cast(uniform >= self.rate, inputs.dtype)
        lowest = -SELU_SATURATION
        scale = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
        shift = -scale * lowest * self.rate
        return scale * (inputs * kept + lowest * (1 - kept)) + shift


class RowwiseBatchNormalization(MomentsOverride):
    """Batch normalisation whose statistics ignore padded rows."""

    def moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        """Return the mean and the variance of each unit."""
        batch = current_batch()
        if batch is None or not _has_rows(inputs, batch):
            return super().moments(inputs, mask)
        rank = len(inputs.shape)
        axis = self.axis % rank
        counts = ops.cast(batch.weights > 0, inputs.dtype)
        counts = ops.reshape(counts, (-1, *[1] * (rank - 1)))
        if mask is not None:
            counts = counts * ops.expand_dims(ops.cast(mask, inputs.dtype), -1)
        axes = [i for i in range(rank) if i != axis]
        spread = ops.broadcast_to(counts, inputs.shape)
        total = ops.sum(spread, axis=axes, keepdims=True)
        mean = ops.sum(spread * inputs, axis=axes, keepdims=True) / total
        square = ops.sum(spread * ops.square(inputs - mean), axis=axes, keepdims=True)
        return ops.squeeze(mean, axes), ops.squeeze(square / total, axes)


KEYED_LAYERS: dict[str, type] = {
    "Dropout": KeyedDropout,
    "SpatialDropout1D": KeyedSpatialDropout1D,
    "SpatialDropout2D": KeyedSpatialDropout2D,
    "SpatialDropout3D": KeyedSpatialDropout3D,
    "GaussianNoise": KeyedGaussianNoise,
    "GaussianDropout": KeyedGaussianDropout,
    "AlphaDropout": KeyedAlphaDropout,
    "BatchNormalization": RowwiseBatchNormalization,
}
