"""Percentile intervals of a statistic over resampled rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skdl.data._bootstrap_rows import bootstrap_rows
from skdl.data._percentile_interval import percentile_interval

N_RESAMPLES = 1000
N_RESAMPLES_OF_MANY_ROWS = 200  # their intervals are narrow
MANY_ROWS = 20_000


def bootstrap_interval(
    statistic: Callable[[np.ndarray], np.ndarray],
    n_samples: int,
    *,
    level: float = 0.95,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[float, float]:
    """Return the percentile interval of a statistic over resampled rows.

    Parameters
    ----------
    statistic : callable
        Takes row positions of shape (n_draws, n_samples) and returns one number per
        draw, NaN where it has no value.
    n_samples : int
        Number of rows.
    level : float, default=0.95
        Share of the draws that the interval covers.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    Returns
    -------
    low, high : float
        Ends of the interval.

    References
    ----------
    .. [1] Efron and Tibshirani (1993). An Introduction to the Bootstrap. Chapter 13.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl.data import bootstrap_interval
    >>> values = np.ones(5)
    >>> bootstrap_interval(lambda rows: values[rows].mean(axis=1), 5)
    (1.0, 1.0)
    """
    is_small = n_samples <= MANY_ROWS
    draws = bootstrap_rows(
        n_samples,
        n_resamples=N_RESAMPLES if is_small else N_RESAMPLES_OF_MANY_ROWS,
        random_state=random_state,
    )
    low, high = percentile_interval(
        np.concatenate([statistic(rows) for rows in draws]), level
    )
    return float(low), float(high)
