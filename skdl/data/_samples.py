"""The rows that training reads: features, targets, weights and keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from skdl.data._mix import mix
from skdl.data._refuse_zero_weights import refuse_zero_weights
from skdl.data._row_keys import row_keys
from skdl.data._tables_of import map_tables, tables_of


@dataclass(frozen=True)
class Samples:
    """Rows ready for the engine.

    Parameters
    ----------
    features : ndarray or CSR array of shape (n_samples, ...), or tuple of ndarray
        Float32 or float64, or whatever numeric type the network's input has. A tuple
        has one table per input of the network.
    targets : ndarray of shape (n_samples, ...), or tuple of ndarray
        Class numbers (int32) or numbers in the features' dtype. A tuple has one table
        per output of the network.
    weights : ndarray of shape (n_samples,)
        Positive sample weights, in the features' dtype.
    keys : ndarray of shape (n_samples,)
        Row keys, uint64 (see `row_keys`): random numbers for a row are computed from
        its key. All 0 where training draws none.
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
        """Keep the rows that have a positive weight, and compute their keys.

        Parameters
        ----------
        features : ndarray or CSR array of shape (n_samples, ...), or tuple of ndarray
            In the types of the network's inputs.
        targets : ndarray of shape (n_samples, ...), or tuple of ndarray
            Encoded targets.
        weights : ndarray of shape (n_samples,)
            Sample weights of 0 or more.
        keyed : bool
            Whether training draws random numbers for the rows. If not, all keys are 0:
            hashing 60,000 x 784 values takes half a second.

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
        """Return the same rows with their keys.

        Returns
        -------
        Samples
            With keys from `row_keys`.
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
        """Select rows by number or by mask.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,) or (n_samples,)
            Row numbers, or a boolean mask.

        Returns
        -------
        Samples
            The selected rows, in that order.
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
