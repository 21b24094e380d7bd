"""The record of rows that training reads: features, targets, weights and keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from skdl.data.row_keys import row_keys
from skdl.exceptions import DataError


def refuse_zero_weights(weights: np.ndarray) -> None:
    """Raise if no row counts.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        Sample weights of 0 or more.

    Raises
    ------
    DataError
        If no weight is above 0.
    """
    if not (weights > 0).any():
        raise DataError(
            "Sample weights (times class weights) must not all be zero. Got only "
            f"zeros in {len(weights)} rows. Give at least one row a weight above 0."
        )


@dataclass(frozen=True)
class Samples:
    """Rows ready for the engine.

    Parameters
    ----------
    features : ndarray or CSR array of shape (n_samples, n_features)
        Float32 or float64.
    targets : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Class numbers (int32) or numbers in the features' dtype.
    weights : ndarray of shape (n_samples,)
        Positive sample weights, in the features' dtype.
    keys : ndarray of shape (n_samples,)
        What each row's chance is drawn from, uint64 (see `row_keys`); 0 where nothing
        is drawn.
    """

    features: np.ndarray | sparse.csr_array
    targets: np.ndarray
    weights: np.ndarray
    keys: np.ndarray

    @classmethod
    def of_positive_weight(
        cls,
        features: np.ndarray | sparse.csr_array,
        targets: np.ndarray,
        weights: np.ndarray,
        *,
        keyed: bool,
    ) -> Samples:
        """Make samples of the rows that count, with their keys.

        Parameters
        ----------
        features : ndarray or CSR array of shape (n_samples, n_features)
            Float32 or float64.
        targets : ndarray of shape (n_samples,) or (n_samples, n_outputs)
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
        used = weights > 0
        if not used.all():
            features, targets, weights = features[used], targets[used], weights[used]
        keys = row_keys(features) if keyed else np.zeros(len(weights), dtype=np.uint64)
        return cls(features, targets, weights, keys)

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return self.features.shape[0]

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
        return Samples(
            self.features[rows], self.targets[rows], self.weights[rows], self.keys[rows]
        )
