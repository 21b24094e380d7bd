"""Check X, y and weights, and convert them to arrays of one float type."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, column_or_1d, validate_data

from skdl._compat.sklearn import check_sample_weight
from skdl.data import refuse_zero_weights
from skdl.exceptions import DataError


def working_dtype(X: Any) -> np.dtype:
    """Return the float type to train in."""
    # X: (n_samples, n_features)
    column_types = getattr(X, "dtypes", None)
    found = (
        list(column_types) if column_types is not None else [getattr(X, "dtype", None)]
    )
    if not all(isinstance(t, np.dtype) and t.kind in "buif" for t in found):
        return np.dtype(np.float64)
    promoted = np.result_type(np.float32, *found)
    return np.dtype(np.float32 if promoted == np.float32 else np.float64)


def check_features(
    estimator: BaseEstimator, X: Any, dtype: np.dtype | str, *, reset: bool
) -> np.ndarray | sparse.csr_matrix:
    """Check a table of features and the names of its columns."""
    # X: (n_samples, n_features) -> (n_samples, n_features)
    X = validate_data(estimator, X, dtype=dtype, accept_sparse="csr", reset=reset)
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def check_quantities(y: Any, n_samples: int, *, name: str = "y") -> np.ndarray:
    """Check targets that are numbers."""
    # y: (n_samples,) -> (n_samples,)
    y = check_array(y, ensure_2d=False, dtype="numeric", input_name=name)
    return _check_length(y, n_samples, name)


def check_labels(y: Any, n_samples: int, *, name: str = "y") -> Any:
    """Check targets that are labels."""
    # y: (n_samples,)
    y = check_array(
        y, ensure_2d=False, dtype=None, accept_sparse="csr", input_name=name
    )
    y = _check_length(y, n_samples, name)
    is_column = y.ndim == 2 and y.shape[1] == 1 and not sparse.issparse(y)
    return column_or_1d(y, warn=True) if is_column else y


def _check_length(y: Any, n_samples: int, name: str) -> Any:
    if y.shape[0] != n_samples:
        X_name = name.replace("y", "X", 1)
        raise DataError(
            f"{X_name} has {n_samples} rows but {name} has {y.shape[0]}. Pass one "
            "target per row."
        )
    return y


def float_type(features: Any) -> np.dtype:
    """Return the float type to train in, given checked features."""
    # features: (n_samples, ...)
    is_float = features.dtype.kind == "f"
    return features.dtype if is_float else np.dtype(np.float32)


def same_storage(features: Any, others: Any) -> Any:
    """Make features sparse or dense, like the others."""
    if sparse.issparse(features) == sparse.issparse(others):
        return features
    return sparse.csr_array(features) if sparse.issparse(others) else features.toarray()


def check_weights(
    sample_weight: Any, X: Any, dtype: np.dtype, *, name: str = "sample_weight"
) -> Any:
    """Check sample weights, or return ones if there are none."""
    # sample_weight: (n_samples,); X: (n_samples, ...) -> (n_samples,)
    weights = check_sample_weight(
        sample_weight, X, dtype=dtype, allow_all_zero_weights=True
    )
    if (weights < 0).any():
        raise DataError(
            f"{name} must be 0 or more. Got a minimum of {weights.min():g}. Change "
            "the negative weights, or leave out their rows."
        )
    refuse_zero_weights(weights)
    return weights
