"""Rows cut into bins of equal counts by a number."""

from __future__ import annotations

import numpy as np


def equal_count_bins(
    values: np.ndarray, n_bins: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut numbers into bins of about as many each; equal numbers share a bin.

    >>> import numpy as np
    >>> from skdl.explain.scores._bins import equal_count_bins
    >>> codes, lows, highs = equal_count_bins(np.array([1.0, 2, 3, 3, 3, 9]), 3)
    >>> codes.tolist()
    [0, 0, 1, 1, 1, 2]
    """
    # values: (n_samples,) -> (n_samples,), (n_bins,)
    inner = np.unique(np.quantile(values, np.linspace(0, 1, n_bins + 1)[1:-1]))
    codes = np.unique(np.searchsorted(inner, values), return_inverse=True)[1]
    n_found = codes.max() + 1
    lows, highs = np.full(n_found, np.inf), np.full(n_found, -np.inf)
    np.minimum.at(lows, codes, values)
    np.maximum.at(highs, codes, values)
    return codes, lows, highs


def means_by_code(
    codes: np.ndarray, values: np.ndarray, n_codes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average numbers by bin or group."""
    # codes: (n_samples,); values: (n_samples,) -> (n_codes,)
    codes, values = codes[codes >= 0], values[codes >= 0]
    counts = np.bincount(codes, minlength=n_codes)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(codes, weights=values, minlength=n_codes) / counts
        squares = (values - means[codes]) ** 2
        variances = np.bincount(codes, weights=squares, minlength=n_codes)
        variances = np.where(counts > 1, variances / (counts - 1), np.nan)
    return counts, means, variances
