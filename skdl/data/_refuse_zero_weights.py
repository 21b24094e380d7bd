"""The check that some row counts."""

from __future__ import annotations

import numpy as np

from skdl.exceptions import DataError


def refuse_zero_weights(weights: np.ndarray) -> None:
    """Raise an error if all weights are zero.

    Parameters
    ----------
    weights : ndarray of shape (n_samples,)
        Sample weights, times class weights.

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
