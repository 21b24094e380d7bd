"""Every call to TensorFlow that the engine makes, so that another can stand beside it.

The floors above and the rest of the engine speak of arrays, rows and loops; what
those are on the device is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from scipy import sparse
from tensorflow.python.ops.parallel_for import pfor

Tensor = Any


@pfor.RegisterPFor("Bitcast")  # of Keras's argmax; TensorFlow has no rule for it
def _map_bitcast(inputs: Any) -> Any:
    bits = tf.bitcast(inputs.stacked_input(0), inputs.get_attr("type"))
    return pfor.wrap(bits, True)


class CannotMapError(Exception):
    """A function of one member cannot be applied to several at once."""


class SparseRows(NamedTuple):
    """A CSR matrix on the device.

    Parameters
    ----------
    data, indices, indptr : tensor
        As in `scipy.sparse.csr_array`.
    """

    data: Tensor
    indices: Tensor
    indptr: Tensor


def to_device(values: Any, dtype: str | None = None) -> Tensor:
    """Copy an array or number to the device.

    Parameters
    ----------
    values : array-like
        What to copy.
    dtype : str, default=None
        Type on the device; None keeps the array's.

    Returns
    -------
    tensor
        A constant.
    """
    return tf.constant(values, dtype=dtype)


def rows_to_device(tables: Sequence[Any], n_rows: int) -> Any:
    """Copy tables to the device, one below the other.

    Parameters
    ----------
    tables : sequence of ndarray, or one CSR array, of shape (n_samples, ...)
        The tables.
    n_rows : int
        Number of rows to pad dense tables to, with zeros.

    Returns
    -------
    tensor or SparseRows
        What `gather_rows` reads from. 64-bit keys keep their lower half.
    """
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
    """Copy tensors to arrays.

    Parameters
    ----------
    tensors : sequence of tensor
        What to copy.

    Returns
    -------
    tuple of ndarray
        Arrays that own their memory.
    """
    return tuple(np.array(tensor.numpy()) for tensor in tensors)


def gather_rows(rows: Any, places: Tensor, n_columns: int | None = None) -> Tensor:
    """Read rows by number; only these rows of a sparse table are made dense.

    Parameters
    ----------
    rows : tensor, tuple of tensors, or SparseRows
        The table, or several with the same rows.
    places : tensor of shape (...), int32
        Row numbers.
    n_columns : int, default=None
        Number of columns; needed for a sparse table.

    Returns
    -------
    tensor of shape (..., n_columns), or tuple of tensors
        The rows.
    """
    if not isinstance(rows, SparseRows):
        return tf.nest.map_structure(lambda table: tf.gather(table, places), rows)
    batched_shape = (*places.shape, n_columns)
    places = tf.reshape(places, [-1])
    if n_columns is None:
        raise TypeError("n_columns is needed to read rows of a sparse table.")
    places = tf.cast(places, tf.int64)
    starts, ends = tf.gather(rows.indptr, places), tf.gather(rows.indptr, places + 1)
    stored = tf.ragged.range(starts, ends)
    values = stored.flat_values
    columns = tf.gather(rows.indices, values)
    shape = tf.stack([tf.shape(places, out_type=tf.int64)[0], n_columns])
    coordinates = tf.stack([stored.value_rowids(), columns], axis=1)
    dense = tf.scatter_nd(coordinates, tf.gather(rows.data, values), shape)
    return tf.reshape(dense, batched_shape)


def flat(tensors: Any) -> list[Tensor]:
    """List the tensors of a nested structure.

    Parameters
    ----------
    tensors : tensor, or nested lists, tuples and dicts of tensors
        The structure.

    Returns
    -------
    list of tensor
        In the order of a model's outputs.
    """
    return tf.nest.flatten(tensors)


def stack_members(members: Sequence[Any]) -> Any:
    """Copy the parts of some members to the device, as a bank.

    Parameters
    ----------
    members : sequence of nested tuples of ndarray
        Of the same structure, shapes and types.

    Returns
    -------
    nested tuples of tensors
        With a leading axis of members.
    """
    return tf.nest.map_structure(lambda *parts: tf.constant(np.stack(parts)), *members)


def take_members(bank: Any, places: Sequence[int]) -> list[Any]:
    """Copy some members' parts of a bank to the host.

    Parameters
    ----------
    bank : nested tuples of tensors
        With a leading axis of members.
    places : sequence of int
        Numbers of the members.

    Returns
    -------
    list of nested tuples of ndarray
        One per member; arrays with memory of their own.
    """
    on_host = tf.nest.map_structure(lambda tensor: tensor.numpy(), bank)
    return [
        tf.nest.map_structure(lambda array, i=i: array[i].copy(), on_host)
        for i in places
    ]


def loop(condition: Callable, body: Callable, state: Any) -> Any:
    """Repeat a body while a condition holds, on the device.

    Parameters
    ----------
    condition : callable
        From the state to a boolean scalar.
    body : callable
        From the state to the next one, of the same structure.
    state : nested tuples of tensors
        Where to begin.

    Returns
    -------
    nested tuples of tensors
        The last state.
    """
    (last,) = tf.while_loop(condition, lambda s: (body(s),), (state,))
    return last


def map_members(function: Callable, arguments: Any, n_members: int) -> Any:
    """Apply a function of one member to all members of a bank at once.

    Parameters
    ----------
    function : callable
        From nested tuples of tensors to nested tuples of tensors.
    arguments : nested tuples of tensors
        With a leading axis of `n_members`.
    n_members : int
        Number of members. One member is not batched.

    Returns
    -------
    nested tuples of tensors
        With a leading axis of `n_members`.

    Raises
    ------
    CannotMapError
        If TensorFlow has no rule for some operation. One member needs no rules.
    """
    if n_members == 1:
        alone = tf.nest.map_structure(lambda tensor: tensor[0], arguments)
        result = function(alone)
        return tf.nest.map_structure(lambda tensor: tensor[tf.newaxis], result)
    function = tf.autograph.experimental.do_not_convert(function)
    try:
        return tf.vectorized_map(function, arguments, fallback_to_while_loop=False)
    except (NotImplementedError, ValueError) as error:
        raise CannotMapError(f"No rule to map this over members: {error}") from error


def select(conditions: Tensor, first: Any, second: Any) -> Any:
    """Take each member's part of one of two nested structures.

    Parameters
    ----------
    conditions : boolean tensor of shape (n_members,)
        Whether to take the member's part of the first.
    first, second : nested tuples of tensors
        Of the same structure, with a leading axis of members.

    Returns
    -------
    nested tuples of tensors
        The parts chosen.
    """

    def choose(a: Tensor, b: Tensor) -> Tensor:
        shape = conditions.shape + [1] * (a.shape.rank - 1)
        return tf.where(tf.reshape(conditions, shape), a, b)

    return tf.nest.map_structure(choose, first, second)


def flatten(tensors: Sequence[Tensor], gaps: Sequence[int]) -> Tensor:
    """Lay tensors out one behind the other.

    Parameters
    ----------
    tensors : sequence of tensor
        Of one dtype.
    gaps : sequence of int
        Number of zeros behind each.

    Returns
    -------
    tensor of shape (n_values,)
        All values.
    """
    shapes = [tuple(tensor.shape) for tensor in tensors]

    # The gradient of tf.concat is slices, and theirs cannot be mapped over members.
    @tf.custom_gradient
    def join(*tensors: Tensor) -> tuple[Tensor, Callable]:
        parts = []
        for tensor, gap in zip(tensors, gaps, strict=True):
            parts.append(tf.reshape(tensor, [-1]))
            if gap:
                parts.append(tf.zeros([gap], tensor.dtype))
        return tf.concat(parts, axis=0), lambda slope: unflatten(slope, shapes, gaps)

    return join(*tensors)


def unflatten(
    values: Tensor, shapes: Sequence[tuple[int, ...]], gaps: Sequence[int]
) -> list[Tensor]:
    """Cut a vector into tensors, the reverse of `flatten`.

    Parameters
    ----------
    values : tensor of shape (n_values,)
        All values.
    shapes : sequence of tuple of int
        Shapes of the tensors.
    gaps : sequence of int
        Number of values to leave out behind each.

    Returns
    -------
    list of tensor
        Of these shapes.
    """
    sizes = [int(np.prod(shape)) for shape in shapes]
    parts = tf.split(
        values, [n for pair in zip(sizes, gaps, strict=True) for n in pair]
    )
    return [
        tf.reshape(part, shape) for part, shape in zip(parts[::2], shapes, strict=True)
    ]


def are_below(tensors: Sequence[Tensor], limit: float) -> Tensor:
    """Whether all of a member's values are smaller in size than a limit; nan is not.

    Parameters
    ----------
    tensors : sequence of tensor
        Floats with a leading axis of members.
    limit : float
        Largest size.

    Returns
    -------
    boolean tensor of shape (n_members,)
        True where every value is below.
    """
    parts = []
    for tensor in tensors:
        axes = list(range(1, tensor.shape.rank))
        parts.append(tf.reduce_all(tf.abs(tensor) < limit, axis=axes))
    return tf.reduce_all(tf.stack(parts), axis=0)


def set_row(table: Tensor, row: Tensor, values: Sequence[Tensor]) -> Tensor:
    """Return the table with one row replaced.

    Parameters
    ----------
    table : tensor of shape (n_rows, n_members, n_columns)
        The table.
    row : int32 scalar tensor
        Row number.
    values : sequence of tensor of shape (n_members,)
        The new row, column by column.

    Returns
    -------
    tensor of shape (n_rows, n_members, n_columns)
        The new table.
    """
    cast = tf.stack([tf.cast(value, table.dtype) for value in values], axis=-1)
    return tf.tensor_scatter_nd_update(table, [[row]], cast[tf.newaxis])
