"""How large the columns are that a network reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.sparsefuncs import mean_variance_axis


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
    mean, variance = column_moments(features)
    return np.abs(mean) + np.sqrt(variance)


def column_moments(features: Any) -> tuple[np.ndarray, np.ndarray]:
    """Compute the mean and the variance of each column.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_samples, n_columns)
        Numbers, as the network reads them.

    Returns
    -------
    mean, variance : ndarray of shape (n_columns,)
        A sparse table is not made dense.
    """
    if sparse.issparse(features):
        return mean_variance_axis(features, axis=0)
    return features.mean(axis=0), features.var(axis=0)
