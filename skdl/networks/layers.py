"""Layers whose numbers are tensors, read from the training step being traced.

Outside a training step each does what its Keras namesake does at inference, so a
model built of these has the same weights, in the same order, as the plain model.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from skdl.networks.batch import current_batch


class TunableDropout(keras.layers.Layer):
    """Dropout whose rate is a tensor of the training step.

    Parameters
    ----------
    stream : int
        Number of this layer's random bits.
    **kwargs
        As for `keras.layers.Layer`.

    Notes
    -----
    A unit is kept with probability 1 - rate and then scaled by 1 / (1 - rate), so that
    its mean is unchanged (Srivastava et al. 2014, as Keras does it).
    """

    def __init__(self, stream: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stream = stream

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop units in training.

        Parameters
        ----------
        inputs : tensor of shape (batch_size, ...)
            Activations.
        training : bool, default=False
            Whether a training step calls.

        Returns
        -------
        tensor of shape (batch_size, ...)
            Scaled activations, zero where dropped.
        """
        batch = current_batch()
        if not training or batch is None:
            return inputs
        rate = batch.regularization.dropout
        drawn = batch.uniform(self.stream, inputs.shape[1:], inputs.dtype)
        return ops.where(drawn >= rate, inputs / (1.0 - rate), 0.0)


class TunableGaussianNoise(keras.layers.Layer):
    """Gaussian noise whose standard deviation is a tensor of the training step.

    Parameters
    ----------
    stream : int
        Number of this layer's random bits.
    **kwargs
        As for `keras.layers.Layer`.
    """

    def __init__(self, stream: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stream = stream

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Add noise in training.

        Parameters
        ----------
        inputs : tensor of shape (batch_size, ...)
            Features, or images.
        training : bool, default=False
            Whether a training step calls.

        Returns
        -------
        tensor of shape (batch_size, ...)
            With noise added in training.
        """
        batch = current_batch()
        if not training or batch is None:
            return inputs
        drawn = batch.uniform(self.stream, inputs.shape[1:], inputs.dtype)
        normal = ops.erfinv(2.0 * drawn - 1.0) * (2.0**0.5)
        return inputs + batch.regularization.input_noise * normal


class WeightedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation whose batch statistics count sample weights.

    With equal weights this is Keras's layer. A weight of 2 counts as two rows, and a
    padded row, of weight 0, does not count. The momentum is the training step's. In
    images, each pixel of a row counts by the row's weight.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise each unit.

        Parameters
        ----------
        inputs : tensor of shape (batch_size, ..., n_units)
            Activations.
        training : bool, default=None
            Whether to use, and to learn from, the statistics of this batch.
        mask : None, default=None
            As in Keras; not used.

        Returns
        -------
        tensor of shape (batch_size, ..., n_units)
            Normalised activations.
        """
        batch = current_batch()
        if not training or batch is None:
            return super().call(inputs, training=training, mask=mask)
        # One column per place of an image and unit: broadcasting a few units over
        # many places is slow on a CPU, by a third of this layer's time.
        n_places = math.prod(inputs.shape[1:-1])
        rows = ops.reshape(inputs, (-1, n_places * inputs.shape[-1]))
        share = batch.weights / ops.sum(batch.weights)
        mean = _unit_means(share, rows, n_places)
        centred = rows - _per_place(mean, n_places)
        variance = _unit_means(share, ops.square(centred), n_places)
        momentum = batch.regularization.batch_norm_momentum
        for moving, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            moving.assign(moving * momentum + value * (1.0 - momentum))
        scale = self.gamma * ops.rsqrt(variance + self.epsilon)
        normal = centred * _per_place(scale, n_places) + _per_place(self.beta, n_places)
        return ops.reshape(normal, (-1, *inputs.shape[1:]))


def _unit_means(share: Any, rows: Any, n_places: int) -> Any:
    """Each unit's mean over rows, by their shares, and over places."""
    if n_places == 1:
        return ops.sum(ops.expand_dims(share, -1) * rows, axis=0)
    sums = ops.matmul(ops.expand_dims(share, 0), rows)
    return ops.mean(ops.reshape(sums, (n_places, -1)), axis=0)


def _per_place(units: Any, n_places: int) -> Any:
    """Repeat what each unit has for each place of an image."""
    return units if n_places == 1 else ops.tile(units, n_places)


class TunablePenalty(keras.regularizers.Regularizer):
    """L1 and L2 penalty whose factors are tensors of the training step.

    Notes
    -----
    ``l1 * sum(|w|) + l2 * sum(w**2)``, as `keras.regularizers.L1L2`. Outside a training
    step there is nothing to be penalised, and the penalty is 0.
    """

    def __call__(self, x: Any) -> Any:
        """Return the penalty of one kernel.

        Parameters
        ----------
        x : tensor of shape (n_inputs, n_units)
            The kernel.

        Returns
        -------
        scalar tensor
            Its penalty.
        """
        batch = current_batch()
        if batch is None:
            return ops.zeros((), dtype=x.dtype)
        numbers = batch.regularization
        return numbers.l1 * ops.sum(ops.abs(x)) + numbers.l2 * ops.sum(ops.square(x))
