"""The values that probes record: norms of weights, statistics of units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from keras import ops

# A sigmoid or tanh unit is saturated if the slope of its activation function, averaged
# over the rows, is below this share of the function's largest slope.
SATURATED_SLOPE = 0.1

MAY_DIE = ("relu",)
MAY_SATURATE = ("sigmoid", "tanh")


class UnitStatistics(NamedTuple):
    """Statistics of each unit over some rows; tensors of shape (n_units,)."""

    mean: Any
    variance: Any
    largest: Any
    slope: Any  # mean, as a share of the largest possible; 1 if it cannot saturate


def norm(arrays: Sequence[Any]) -> Any:
    """Return the Euclidean norm of all values together."""
    largest = ops.max(ops.stack([ops.max(ops.abs(array)) for array in arrays]))
    scale = ops.maximum(largest, np.finfo(arrays[0].dtype.as_numpy_dtype).tiny)
    squares = [ops.sum(ops.square(array / scale)) for array in arrays]
    return scale * ops.sqrt(sum(squares))


def unit_statistics(values: Any, is_row: Any, activation: str) -> UnitStatistics:
    """Compute the statistics of each unit."""
    # values: (batch_size, ..., n_units); is_row: (batch_size,)
    n_units = values.shape[-1]
    if len(values.shape) > 2:
        n_pixels = int(np.prod(values.shape[1:-1]))
        values = ops.reshape(values, (-1, n_units))
        is_row = ops.repeat(is_row, n_pixels)
    counts = ops.expand_dims(is_row, -1)
    weight = ops.cast(counts, values.dtype)
    n_values = ops.sum(weight)
    mean = ops.sum(weight * values, axis=0) / n_values
    variance = ops.sum(weight * ops.square(values - mean), axis=0) / n_values
    largest = ops.max(ops.where(counts, values, -np.inf), axis=0)
    slope = ops.ones_like(mean)
    if activation in MAY_SATURATE:
        # A sigmoid is a tanh of half its input, scaled: the same formula serves both.
        centred = values if activation == "tanh" else 2.0 * values - 1.0
        slopes = 1.0 - ops.square(centred)
        slope = ops.sum(weight * slopes, axis=0) / n_values
    return UnitStatistics(mean, variance, largest, slope)


def layer_statistics(units: UnitStatistics) -> list[Any]:
    """Summarise the units of a layer."""
    dtype = units.mean.dtype
    return [
        ops.mean(units.mean),
        ops.sqrt(ops.mean(units.variance)),
        ops.mean(ops.cast(units.largest <= 0.0, dtype)),
        ops.mean(ops.cast(units.slope < SATURATED_SLOPE, dtype)),
    ]
