"""X, y and weights as the user passed them become arrays of one float type."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    column_or_1d,
    validate_data,
)

from skdl.data._samples import refuse_zero_weights
from skdl.exceptions import DataError


def working_dtype(X: Any) -> np.dtype:
    """The float type to train in.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Any table.

    Returns
    -------
    numpy.dtype
        float32 where it holds every value of X's type (float32, float16, bool and
        integers of 8 or 16 bits), else float64: NumPy's promotion with float32.
    """
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
    """Check a table of features and its column names.

    Parameters
    ----------
    estimator : estimator
        Remembers the columns, or has them from an earlier fit.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        The table.
    dtype : numpy.dtype
        Float type of the result.
    reset : bool
        Whether to remember the columns, rather than to compare.

    Returns
    -------
    ndarray or CSR matrix of shape (n_samples, n_features)
        Finite values.

    Raises
    ------
    ValueError, TypeError
        By scikit-learn, if X is not a finite table of numbers with these columns.
    """
    X = validate_data(estimator, X, dtype=dtype, accept_sparse="csr", reset=reset)
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def check_quantities(y: Any, n_samples: int, *, name: str = "y") -> np.ndarray:
    """Check targets that are numbers.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    n_samples : int
        Number of rows of X.
    name : str, default="y"
        How messages call it.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Finite numbers.

    Raises
    ------
    ValueError
        If y is not numeric, not finite, or of another length than X.
    """
    y = check_array(y, ensure_2d=False, dtype="numeric", input_name=name)
    return _check_length(y, n_samples, name)


def check_labels(y: Any, n_samples: int, *, name: str = "y") -> Any:
    """Check targets that are labels.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Targets of any type.
    n_samples : int
        Number of rows of X.
    name : str, default="y"
        How messages call it.

    Returns
    -------
    ndarray or sparse matrix
        Labels, without nan.

    Raises
    ------
    ValueError
        If y has nan, infinity, or another length than X.
    """
    y = check_array(
        y, ensure_2d=False, dtype=None, accept_sparse="csr", input_name=name
    )
    y = _check_length(y, n_samples, name)
    is_column = y.ndim == 2 and y.shape[1] == 1 and not sparse.issparse(y)
    return column_or_1d(y, warn=True) if is_column else y


def _check_length(y: Any, n_samples: int, name: str) -> Any:
    if y.shape[0] != n_samples:
        raise DataError(
            f"{name} must have as many rows as its X, {n_samples}. Got {y.shape[0]}. "
            "Pass the targets of the same rows."
        )
    return y


def float_type(features: Any) -> np.dtype:
    """The float type to train in, by checked features.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_samples, ...)
        Of a float type, or uint8.

    Returns
    -------
    numpy.dtype
        float32 for uint8.
    """
    is_float = features.dtype.kind == "f"
    return features.dtype if is_float else np.dtype(np.float32)


def same_storage(features: Any, others: Any) -> Any:
    """Store features as others are: sparse, or dense.

    Parameters
    ----------
    features, others : ndarray or CSR matrix
        Checked features.

    Returns
    -------
    ndarray or CSR array
        The first ones, as one program reads them both.
    """
    if sparse.issparse(features) == sparse.issparse(others):
        return features
    return sparse.csr_array(features) if sparse.issparse(others) else features.toarray()


def check_weights(
    sample_weight: Any, X: Any, dtype: np.dtype, *, name: str = "sample_weight"
) -> Any:
    """Check sample weights; ones where there are none.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        Weights of 0 or more.
    X : ndarray or CSR matrix of shape (n_samples, ...)
        Checked features.
    dtype : numpy.dtype
        Float type of the result.
    name : str, default="sample_weight"
        How messages call it.

    Returns
    -------
    ndarray of shape (n_samples,)
        In that dtype.

    Raises
    ------
    ValueError
        If the weights are not finite numbers of 0 or more, one per row.
    """
    weights = _check_sample_weight(
        sample_weight, X, dtype=dtype, allow_all_zero_weights=True
    )
    if (weights < 0).any():
        raise DataError(
            f"{name} must be 0 or more. Got a smallest value of {weights.min():g}. "
            "Remove the rows, or shift the weights."
        )
    refuse_zero_weights(weights)
    return weights
