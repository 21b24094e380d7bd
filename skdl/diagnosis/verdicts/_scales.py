"""The scale of the columns that a network reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.sparsefuncs import mean_variance_axis


def feature_scales(features: Any) -> np.ndarray:
    """Measure how far from 0 the values of each column are."""
    # features: (n_samples, n_columns) -> (n_columns,)
    mean, variance = column_moments(features)
    return np.abs(mean) + np.sqrt(variance)


def column_moments(features: Any) -> tuple[np.ndarray, np.ndarray]:
    """Compute the mean and the variance of each column."""
    # features: (n_samples, n_columns) -> (n_columns,)
    if sparse.issparse(features):
        return mean_variance_axis(features, axis=0)
    return features.mean(axis=0), features.var(axis=0)
