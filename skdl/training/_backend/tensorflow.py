"""Arrays, rows, members and loops on the device.

The rest of the engine works in these terms; here they become tensors of TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from scipy import sparse

from skdl._compat.tensorflow import let_bitcast_be_vectorized

Tensor = Any


let_bitcast_be_vectorized()


class CannotMapError(Exception):
    """A function of one member cannot be mapped over the members of a bank."""


class SparseRows(NamedTuple):
    """A CSR matrix on the device."""

    data: Tensor
    indices: Tensor
    indptr: Tensor


def to_device(values: Any, dtype: str | None = None) -> Tensor:
    """Copy an array or number to the device."""
    return tf.constant(values, dtype=dtype)


def rows_to_device(tables: Sequence[Any], n_rows: int) -> Any:
    """Copy tables to the device, one below the other, padded to a number of rows."""
    # tables: (n_samples, ...)
    first = tables[0]
    if sparse.issparse(first):
        return SparseRows(
            to_device(first.data),
            to_device(first.indices, "int64"),
            to_device(first.indptr, "int64"),
        )
    dtype = np.uint32 if first.dtype == np.uint64 else first.dtype
    padded = np.zeros((n_rows, *first.shape[1:]), dtype=dtype)
    start = 0
    for table in tables:
        padded[start : start + len(table)] = table.astype(dtype, copy=False)
        start += len(table)
    return to_device(padded)


def to_host(tensors: Sequence[Tensor]) -> tuple[np.ndarray, ...]:
    """Copy tensors to arrays."""
    return tuple(np.array(tensor.numpy()) for tensor in tensors)


def gather_rows(rows: Any, numbers: Tensor, n_columns: int | None = None) -> Tensor:
    """Read rows by number; rows of a sparse table become dense."""
    # numbers: (...) -> (..., n_columns)
    if not isinstance(rows, SparseRows):
        return tf.nest.map_structure(lambda table: tf.gather(table, numbers), rows)
    batched_shape = (*numbers.shape, n_columns)
    numbers = tf.reshape(numbers, [-1])
    if n_columns is None:
        raise TypeError("n_columns is needed to read rows of a sparse table.")
    numbers = tf.cast(numbers, tf.int64)
    starts, ends = tf.gather(rows.indptr, numbers), tf.gather(rows.indptr, numbers + 1)
    stored = tf.ragged.range(starts, ends)
    values = stored.flat_values
    columns = tf.gather(rows.indices, values)
    shape = tf.stack([tf.shape(numbers, out_type=tf.int64)[0], n_columns])
    coordinates = tf.stack([stored.value_rowids(), columns], axis=1)
    dense = tf.scatter_nd(coordinates, tf.gather(rows.data, values), shape)
    return tf.reshape(dense, batched_shape)


def flat(tensors: Any) -> list[Tensor]:
    """List the tensors of a nested structure."""
    return tf.nest.flatten(tensors)


def stack_members(members: Sequence[Any]) -> Any:
    """Copy the arrays of some members to the device, stacked."""
    return tf.nest.map_structure(lambda *parts: tf.constant(np.stack(parts)), *members)


def take_members(bank: Any, seats: Sequence[int]) -> list[Any]:
    """Copy the arrays of some members to the host."""
    on_host = tf.nest.map_structure(lambda tensor: tensor.numpy(), bank)
    return [
        tf.nest.map_structure(lambda array, i=i: array[i].copy(), on_host)
        for i in seats
    ]


def loop(condition: Callable, body: Callable, state: Any) -> Any:
    """Repeat a body while a condition holds, on the device."""
    (last,) = tf.while_loop(condition, lambda s: (body(s),), (state,))
    return last


def map_members(function: Callable, arguments: Any, n_members: int) -> Any:
    """Apply a function of one member to all members at once."""
    if n_members == 1:
        alone = tf.nest.map_structure(lambda tensor: tensor[0], arguments)
        result = function(alone)
        return tf.nest.map_structure(lambda tensor: tensor[tf.newaxis], result)
    function = tf.autograph.experimental.do_not_convert(function)
    try:
        return tf.vectorized_map(function, arguments, fallback_to_while_loop=False)
    except (NotImplementedError, ValueError) as error:
        raise CannotMapError(f"It cannot be mapped over members: {error}") from error


def select(conditions: Tensor, first: Any, second: Any) -> Any:
    """For each member, take the values of one of two nested structures."""
    # conditions: (n_members,)

    def choose(a: Tensor, b: Tensor) -> Tensor:
        shape = conditions.shape + [1] * (a.shape.rank - 1)
        return tf.where(tf.reshape(conditions, shape), a, b)

    return tf.nest.map_structure(choose, first, second)


def flatten(tensors: Sequence[Tensor], gaps: Sequence[int]) -> Tensor:
    """Join tensors into one vector, each followed by a gap of zeros."""
    # -> (n_values,)
    shapes = [tuple(tensor.shape) for tensor in tensors]

    # tf.concat's gradient is slices, whose gradients cannot be mapped over members.
    @tf.custom_gradient
    def join(*tensors: Tensor) -> tuple[Tensor, Callable]:
        parts = []
        for tensor, gap in zip(tensors, gaps, strict=True):
            parts.append(tf.reshape(tensor, [-1]))
            if gap:
                parts.append(tf.zeros([gap], tensor.dtype))
        return tf.concat(parts, axis=0), lambda upstream: unflatten(
            upstream, shapes, gaps
        )

    return join(*tensors)


def unflatten(
    values: Tensor, shapes: Sequence[tuple[int, ...]], gaps: Sequence[int]
) -> list[Tensor]:
    """Split a vector into tensors, the reverse of `flatten`."""
    # values: (n_values,)
    sizes = [int(np.prod(shape)) for shape in shapes]
    parts = tf.split(
        values, [n for pair in zip(sizes, gaps, strict=True) for n in pair]
    )
    return [
        tf.reshape(part, shape) for part, shape in zip(parts[::2], shapes, strict=True)
    ]


def are_below(tensors: Sequence[Tensor], limit: float) -> Tensor:
    """Whether the absolute values of a member are all below a limit; nan is not."""
    # -> (n_members,)
    parts = []
    for tensor in tensors:
        axes = list(range(1, tensor.shape.rank))
        parts.append(tf.reduce_all(tf.abs(tensor) < limit, axis=axes))
    return tf.reduce_all(tf.stack(parts), axis=0)


def set_row(table: Tensor, row: Tensor, values: Sequence[Tensor]) -> Tensor:
    """Return the table with one row replaced."""
    # table: (n_rows, n_members, n_columns); values: n_columns of (n_members,)
    cast = tf.stack([tf.cast(value, table.dtype) for value in values], axis=-1)
    return tf.tensor_scatter_nd_update(table, [[row]], cast[tf.newaxis])
