"""How large the columns are that a network reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse


def feature_scales(features: Any) -> np.ndarray:
    """Measure how far the values of each column lie from 0.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_samples, n_columns)
        Numbers, as the network reads them.

    Returns
    -------
    scales : ndarray of shape (n_columns,)
        Absolute mean plus standard deviation: about 1 where columns are standardised.
    """
    if not sparse.issparse(features):
        return np.abs(features.mean(axis=0)) + features.std(axis=0)
    mean = np.asarray(features.mean(axis=0)).ravel()
    squares = np.asarray(features.multiply(features).mean(axis=0)).ravel()
    return np.abs(mean) + np.sqrt(np.maximum(squares - mean**2, 0.0))
