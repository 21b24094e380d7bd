"""The record of rows that training reads: features, targets, weights and keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from skdl.data._row_keys import mix, row_keys
from skdl.exceptions import DataError


def refuse_zero_weights(weights: np.ndarray) -> None:
    """Raise if no row counts."""
    # weights: (n_samples,)
    if not (weights > 0).any():
        raise DataError(
            "Sample weights (times class weights) must not all be zero. Got only "
            f"zeros in {len(weights)} rows. Give at least one row a weight above 0."
        )


def tables_of(rows: Any) -> tuple:
    """Return the tables that some rows are made of."""
    # rows: (n_samples, ...)
    return rows if isinstance(rows, tuple) else (rows,)


def map_tables(function: Callable[[Any], Any], rows: Any) -> Any:
    """Apply a function to each table that some rows are made of."""
    # rows: (n_samples, ...)
    return tuple(map(function, rows)) if isinstance(rows, tuple) else function(rows)


@dataclass(frozen=True)
class Samples:
    """Rows ready for the engine.

    Parameters
    ----------
    features : ndarray or CSR array of shape (n_samples, ...), or tuple of ndarray
        Float32 or float64; numbers of any type for a network that reads them so. A
        tuple has one table per input of the network.
    targets : ndarray of shape (n_samples, ...), or tuple of ndarray
        Class numbers (int32) or numbers in the features' dtype. A tuple has one table
        per output of the network.
    weights : ndarray of shape (n_samples,)
        Positive sample weights, in the features' dtype.
    keys : ndarray of shape (n_samples,)
        What each row's chance is drawn from, uint64 (see `row_keys`); 0 where nothing
        is drawn.
    """

    features: Any
    targets: Any
    weights: np.ndarray
    keys: np.ndarray

    @classmethod
    def of_positive_weight(
        cls,
        features: Any,
        targets: Any,
        weights: np.ndarray,
        *,
        keyed: bool,
    ) -> Samples:
        """Make samples of the rows that count, with their keys.

        Parameters
        ----------
        features : ndarray or CSR array of shape (n_samples, ...), or tuple of ndarray
            Of the network's types.
        targets : ndarray of shape (n_samples, ...), or tuple of ndarray
            Encoded targets.
        weights : ndarray of shape (n_samples,)
            Sample weights of 0 or more.
        keyed : bool
            Whether anything will be drawn for the rows. If not, all keys are 0: to
            hash 60,000 x 784 values takes half a second.

        Returns
        -------
        Samples
            The rows with a weight above 0.

        Raises
        ------
        DataError
            If no weight is above 0.
        """
        refuse_zero_weights(weights)
        keys = np.zeros(len(weights), dtype=np.uint64)
        used = weights > 0
        samples = cls(features, targets, weights, keys)
        if not used.all():
            samples = samples.take(used)
        return samples.with_keys() if keyed else samples

    def with_keys(self) -> Samples:
        """Return the same rows with the keys of their content.

        Returns
        -------
        Samples
            With keys by `row_keys`.
        """
        tables = [
            table if sparse.issparse(table) else table.reshape(len(table), -1)
            for table in tables_of(self.features)
        ]
        keys = row_keys(tables[0])
        for table in tables[1:]:
            keys = mix(keys) ^ row_keys(table)
        return replace(self, keys=keys)

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return len(self.weights)

    @property
    def n_values(self) -> int:
        """Number of feature values in a row."""
        return sum(int(np.prod(t.shape[1:])) for t in tables_of(self.features))

    @property
    def n_bytes(self) -> int:
        """Memory of the features, in bytes."""
        return sum(map(_table_bytes, tables_of(self.features)))

    @property
    def is_sparse(self) -> bool:
        """Whether the features are a CSR matrix."""
        return sparse.issparse(self.features)

    def take(self, rows: np.ndarray) -> Samples:
        """Return the given rows, by number or by mask.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,) or (n_samples,)
            Row numbers, or a boolean mask.

        Returns
        -------
        Samples
            The rows, in the order asked for.
        """
        features, targets = (
            map_tables(lambda table: table[rows], part)
            for part in (self.features, self.targets)
        )
        return Samples(features, targets, self.weights[rows], self.keys[rows])


def _table_bytes(table: Any) -> int:
    if sparse.issparse(table):
        return table.data.nbytes + table.indices.nbytes + table.indptr.nbytes
    return table.nbytes
