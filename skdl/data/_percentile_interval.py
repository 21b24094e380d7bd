"""Ends of the middle part of bootstrap draws."""

from __future__ import annotations

import numpy as np


def percentile_interval(values: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Return the ends of the middle part of some values, ignoring NaN.

    Parameters
    ----------
    values : ndarray of shape (n_draws, ...)
        A statistic of each draw.
    level : float, default=0.95
        Share of the draws that the interval covers.

    Returns
    -------
    ends : ndarray of shape (2, ...)
        Lower and upper ends.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl.data import percentile_interval
    >>> percentile_interval(np.arange(101.0), level=0.9).round(6).tolist()
    [5.0, 95.0]
    """
    return np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
