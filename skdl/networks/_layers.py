"""Layers whose numbers are tensors, read from the training step being traced.

Outside a training step each layer does what its Keras counterpart does at inference. A
model made of them has the same weights as the plain model, in the same order.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from skdl.networks._normalization import normalize_images
from skdl.networks._training_batch import TrainingBatch, current_batch


class TunableDropout(keras.layers.Layer):
    """Dropout whose rate is a tensor of the training step.

    A unit is kept with probability 1 - rate and then scaled by 1 / (1 - rate), so that
    its mean is unchanged (Srivastava et al. 2014), as in Keras.
    """

    def __init__(self, stream: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stream = stream

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop units in training."""
        # inputs: (batch_size, ...) -> (batch_size, ...)
        batch = current_batch()
        if not training or batch is None:
            return inputs
        rate = batch.regularization.dropout
        if len(inputs.shape) > 2:
            kept = batch.keeps(self.stream, inputs.shape[1:], rate)
            return inputs * (ops.cast(kept, inputs.dtype) / (1.0 - rate))
        drawn = batch.uniform(self.stream, inputs.shape[1:], inputs.dtype)
        return ops.where(drawn >= rate, inputs / (1.0 - rate), 0.0)


class TunableGaussianNoise(keras.layers.Layer):
    """Gaussian noise whose standard deviation is a tensor of the training step."""

    def __init__(self, stream: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stream = stream

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Add noise in training."""
        # inputs: (batch_size, ...) -> (batch_size, ...)
        batch = current_batch()
        if not training or batch is None:
            return inputs
        drawn = batch.uniform(self.stream, inputs.shape[1:], inputs.dtype)
        normal = ops.erfinv(2.0 * drawn - 1.0) * (2.0**0.5)
        return inputs + batch.regularization.input_noise * normal


class WeightedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation with sample weights in its batch statistics.

    With equal weights this is Keras's layer. A weight of 2 counts like two rows, and
    padding, with a weight of 0, does not count. The momentum comes from the training
    step. In images, each pixel of a row has the weight of the row.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise each unit."""
        # inputs: (batch_size, ..., n_units) -> (batch_size, ..., n_units)
        batch = current_batch()
        if not training or batch is None:
            return super().call(inputs, training=training, mask=mask)
        share = batch.weights / ops.sum(batch.weights)
        if len(inputs.shape) > 2:
            normal, mean, variance = normalize_images(
                inputs, share, self.gamma, self.beta, self.epsilon
            )
            self._update_moving(batch, mean, variance)
            return normal
        share = ops.expand_dims(share, -1)
        mean = ops.sum(share * inputs, axis=0)
        variance = ops.sum(share * ops.square(inputs - mean), axis=0)
        self._update_moving(batch, mean, variance)
        scale = self.gamma * ops.rsqrt(variance + self.epsilon)
        return (inputs - mean) * scale + self.beta

    def _update_moving(self, batch: TrainingBatch, mean: Any, variance: Any) -> None:
        momentum = batch.regularization.batch_norm_momentum
        for moving, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moving.assign(moving * momentum + value * (1.0 - momentum))


class TunablePenalty(keras.regularizers.Regularizer):
    """L1 and L2 penalty whose factors are tensors of the training step.

    ``l1 * sum(|w|) + l2 * sum(w**2)``, as `keras.regularizers.L1L2`. Outside a training
    step the penalty is 0.
    """

    def __call__(self, x: Any) -> Any:
        """Return the penalty of one kernel."""
        # x: (n_inputs, n_units)
        batch = current_batch()
        if batch is None:
            return ops.zeros((), dtype=x.dtype)
        numbers = batch.regularization
        return numbers.l1 * ops.sum(ops.abs(x)) + numbers.l2 * ops.sum(ops.square(x))
