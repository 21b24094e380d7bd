"""Parameters of functions, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdl.exceptions import DataError, ParameterError


def check_share(value: Any, *, name: str, function: str) -> float:
    """Return a number strictly between 0 and 1, or refuse it."""
    if isinstance(value, float | np.floating) and 0 < value < 1:
        return float(value)
    raise ParameterError(
        f"The '{name}' parameter of {function} must be a number in (0, 1). "
        f"Got {value!r} instead."
    )


def check_count(value: Any, *, name: str, function: str, least: int = 1) -> int:
    """Return a whole number of at least `least`, or refuse it."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if is_whole and value >= least:
        return int(value)
    raise ParameterError(
        f"The '{name}' parameter of {function} must be a whole number of at least "
        f"{least}. Got {value!r} instead."
    )


def check_weights(sample_weight: Any, *, n_samples: int) -> np.ndarray:
    """Return the weights of the rows, or refuse them."""
    # sample_weight: (n_samples,) -> (n_samples,)
    if sample_weight is None:
        return np.ones(n_samples)
    try:
        weights = np.asarray(sample_weight, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(
            "The 'sample_weight' parameter must be numbers, one per row of X. Got "
            f"{type(sample_weight).__name__}, of which numpy says: {error}."
        ) from error
    if weights.shape != (n_samples,):
        raise DataError(
            "The 'sample_weight' parameter must have one weight per row of X. Got "
            f"shape {weights.shape} for {n_samples} rows."
        )
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise DataError(
            "The weights in 'sample_weight' must be finite and not negative, and one "
            f"of them above 0. Got {weights.min()} to {weights.max()}."
        )
    return weights
