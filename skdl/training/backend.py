"""Every call to TensorFlow that the engine makes, so that another can stand beside it.

The floors above and the rest of the engine speak of arrays, rows and loops; what
those are on the device is decided here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

# The native libraries log to stderr while they load, before any of their own
# settings can be reached; a user's setting is respected.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from scipy import sparse

Tensor = Any


class SparseRows(NamedTuple):
    """A CSR matrix on the device.

    Parameters
    ----------
    data, indices, indptr : tensor
        As in `scipy.sparse.csr_array`.
    n_features : tensor
        Number of columns.
    """

    data: Tensor
    indices: Tensor
    indptr: Tensor
    n_features: Tensor


def compile_program(function: Callable, *, fuses: bool) -> Callable:
    """Compile a function of tensors.

    Parameters
    ----------
    function : callable
        From nested tuples of tensors to nested tuples of tensors.
    fuses : bool
        Whether to fuse the whole of it into machine code (XLA), which needs fixed
        shapes: 3 to 5 times faster for small networks (2 cores, 64-64 units, batch
        32: 35 against 136 us per step), half a second slower to compile.

    Returns
    -------
    callable
        Traced once per combination of shapes.
    """
    return tf.function(
        function, jit_compile=fuses, autograph=False, reduce_retracing=not fuses
    )


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


def rows_to_device(rows: np.ndarray | sparse.csr_array, capacity: int) -> Any:
    """Copy a table to the device.

    Parameters
    ----------
    rows : ndarray or CSR array of shape (n_samples, ...)
        The table.
    capacity : int
        Number of rows to pad a dense table to, with zeros.

    Returns
    -------
    tensor or SparseRows
        What `gather_rows` reads from.
    """
    if sparse.issparse(rows):
        return SparseRows(
            to_device(rows.data),
            to_device(rows.indices, "int64"),
            to_device(rows.indptr, "int64"),
            to_device(rows.shape[1], "int64"),
        )
    padded = np.zeros((capacity, *rows.shape[1:]), dtype=rows.dtype)
    padded[: len(rows)] = rows
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
    return tuple(np.array(tensor) for tensor in tensors)


def gather_rows(rows: Any, places: Tensor) -> Tensor:
    """Read rows by number; only these rows of a sparse table are made dense.

    Parameters
    ----------
    rows : tensor or SparseRows
        The table.
    places : tensor of shape (n,), int32
        Row numbers.

    Returns
    -------
    tensor of shape (n, ...)
        The rows.
    """
    if not isinstance(rows, SparseRows):
        return tf.gather(rows, places)
    places = tf.cast(places, tf.int64)
    starts, ends = tf.gather(rows.indptr, places), tf.gather(rows.indptr, places + 1)
    stored = tf.ragged.range(starts, ends)
    values = stored.flat_values
    columns = tf.gather(rows.indices, values)
    shape = tf.stack([tf.shape(places, out_type=tf.int64)[0], rows.n_features])
    coordinates = tf.stack([stored.value_rowids(), columns], axis=1)
    return tf.scatter_nd(coordinates, tf.gather(rows.data, values), shape)


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


def value_and_gradients(
    function: Callable, weights: Sequence[Tensor]
) -> tuple[Any, list[Tensor]]:
    """Evaluate a function and its gradients with respect to weights.

    Parameters
    ----------
    function : callable
        From a list of tensors to (scalar loss, anything else).
    weights : sequence of tensor
        Where to evaluate.

    Returns
    -------
    result, gradients : tuple
        What the function returned, and one gradient per weight.
    """
    weights = list(weights)
    with tf.GradientTape() as tape:
        tape.watch(weights)
        result = function(weights)
    return result, tape.gradient(result[0], weights, unconnected_gradients="zero")


def choose(condition: Tensor, first: Any, second: Any) -> Any:
    """Take one of two nested structures, tensor by tensor.

    Parameters
    ----------
    condition : boolean scalar tensor
        Whether to take the first.
    first, second : nested tuples of tensors
        Of the same structure.

    Returns
    -------
    nested tuples of tensors
        The one chosen.
    """
    return tf.nest.map_structure(lambda a, b: tf.where(condition, a, b), first, second)


def all_finite(tensors: Sequence[Tensor]) -> Tensor:
    """Whether no tensor holds nan or infinity.

    Parameters
    ----------
    tensors : sequence of tensor
        Floats of any shape.

    Returns
    -------
    boolean scalar tensor
        True if all values are finite.
    """
    # x * 0 is 0 for finite x only; one sum per tensor is cheaper than is_finite + all.
    totals = [tf.reduce_sum(tensor * 0.0) for tensor in tensors]
    return tf.equal(tf.add_n(totals), 0.0)


def set_row(table: Tensor, row: Tensor, values: Sequence[Tensor]) -> Tensor:
    """Return the table with one row replaced.

    Parameters
    ----------
    table : tensor of shape (n_rows, n_columns)
        The table.
    row : int32 scalar tensor
        Row number.
    values : sequence of scalar tensors
        The new row.

    Returns
    -------
    tensor of shape (n_rows, n_columns)
        The new table.
    """
    cast = tf.stack([tf.cast(value, table.dtype) for value in values])
    return tf.tensor_scatter_nd_update(table, [[row]], cast[tf.newaxis])
