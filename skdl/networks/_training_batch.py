"""What layers can find out about the training step that is being traced.

Keras layers receive features only. Exact sample weights in batch normalisation, and
dropout rates that differ between networks of one program, need more: the sample
weights, the source of random bits, and the regularisation as tensors. The engine makes
these available with `training_batch` while it traces a step.

Random bits are computed from the seed of the step, the layer, the row key and the unit,
not from a generator's state. So a row has the same mask in every batch and bank,
however the arrays are padded.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from keras import ops

from skdl.networks._mix32 import (
    FIRST,
    SECOND,
    mix32,
    mix32_of_array,
    shift_right,
    uint32,
)


@dataclass(frozen=True)
class Regularization:
    """The numbers of a network that may differ between jobs of one program.

    Parameters
    ----------
    l1 : float or scalar tensor, default=0.0
        Factor of the sum of absolute kernel weights in the loss.
    l2 : float or scalar tensor, default=0.0
        Factor of the sum of squared kernel weights in the loss.
    dropout : float or scalar tensor, default=0.0
        Share of hidden units that a step sets to zero.
    input_noise : float or scalar tensor, default=0.0
        Standard deviation of Gaussian noise on the inputs, in units of the features.
    label_smoothing : float or scalar tensor, default=0.0
        Share of a label's weight that is spread evenly over all classes.
    batch_norm_momentum : float or scalar tensor, default=0.99
        Share of the old value in each update of the moving batch statistics.
    shift : float or scalar tensor, default=0.0
        Largest random shift of an image, as a share of its height and width.
    rotation : float or scalar tensor, default=0.0
        Largest random rotation of an image, in degrees.
    zoom : float or scalar tensor, default=0.0
        Largest random change of the size of an image, as a share.
    """

    l1: Any = 0.0
    l2: Any = 0.0
    dropout: Any = 0.0
    input_noise: Any = 0.0
    label_smoothing: Any = 0.0
    batch_norm_momentum: Any = 0.99
    shift: Any = 0.0
    rotation: Any = 0.0
    zoom: Any = 0.0

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the numbers, in the order of the fields."""
        return tuple(field.name for field in fields(cls))


@dataclass(frozen=True)
class TrainingBatch:
    """The rows of one training step.

    Parameters
    ----------
    weights : tensor of shape (batch_size,)
        Sample weights; 0 for padding.
    keys : tensor of shape (batch_size,), uint32
        Row keys, 32 bits of each.
    seed : scalar tensor, uint32
        Seed of this step.
    regularization : Regularization
        Scalar tensors.
    """

    weights: Any
    keys: Any
    seed: Any
    regularization: Regularization

    def uniform(self, stream: int, units: int | tuple[int, ...], dtype: str) -> Any:
        """Draw a number in (0, 1) for each row and unit.

        Parameters
        ----------
        stream : int
            Number of the layer; each layer has random bits of its own.
        units : int or tuple of int
            Number of columns, or the shape of a row: (height, width, channels).
        dtype : str
            Float type of the result.

        Returns
        -------
        tensor of shape (batch_size, units) or (batch_size, *units)
            Uniform on a grid of 2**24 values, ends excluded.
        """
        shape = (units,) if isinstance(units, int) else tuple(units)
        rows = self._row_bits(stream)
        columns = ops.convert_to_tensor(_column_numbers(math.prod(shape)))
        bits = mix32(mix32(rows[:, None] ^ columns[None, :]) + rows[:, None])
        high = ops.cast(shift_right(bits, 8), dtype)  # 24 bits are exact in float32
        drawn = (high + 0.5) * (1.0 / (1 << 24))
        return drawn if len(shape) == 1 else ops.reshape(drawn, (-1, *shape))

    def keeps(self, stream: int, shape: tuple[int, ...], rate: Any) -> Any:
        """Draw whether each unit of an image is kept.

        Parameters
        ----------
        stream : int
            Number of the layer; each layer has random bits of its own.
        shape : tuple of int
            Of a row: (height, width, channels).
        rate : scalar tensor
            Share of units that are not kept.

        Returns
        -------
        boolean tensor of shape (batch_size, *shape)
            True with probability 1 - rate.

        Notes
        -----
        Images have many units, and on a CPU no compiler fuses the steps of this
        arithmetic. So the columns are scrambled beforehand and bits are compared as
        integers, which is twice as fast as `uniform` or Keras's dropout.
        """
        columns = ops.convert_to_tensor(
            mix32_of_array(_column_numbers(math.prod(shape)))
        )
        bits = (self._row_bits(stream)[:, None] ^ columns[None, :]) * uint32(FIRST)
        bits = (bits ^ shift_right(bits, 15)) * uint32(SECOND)
        least = ops.cast(rate * 2.0**32, "uint32")
        return ops.reshape(bits >= least, (-1, *shape))

    def _row_bits(self, stream: int) -> Any:
        """Bits of each row in this step for one layer."""
        step = mix32(self.seed + uint32(_GOLDEN * (stream + 1)))
        return mix32(self.keys ^ step)


_GOLDEN = 0x9E3779B9
_UNIT_STEP = 0x85EBCA6B
_state = threading.local()


def _column_numbers(n_units: int) -> np.ndarray:
    return np.arange(1, n_units + 1, dtype=np.uint32) * np.uint32(_UNIT_STEP)


@contextmanager
def training_batch(batch: TrainingBatch | None) -> Iterator[None]:
    """Make a batch available to the layers that are called inside.

    Parameters
    ----------
    batch : TrainingBatch or None
        The rows of the step that is being traced; None at inference.

    Yields
    ------
    None
        While layers can find the batch.
    """
    outer = getattr(_state, "batch", None)
    _state.batch = batch
    try:
        yield
    finally:
        _state.batch = outer


def current_batch() -> TrainingBatch | None:
    """Return the batch that `training_batch` made available, or None."""
    return getattr(_state, "batch", None)
