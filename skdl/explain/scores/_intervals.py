"""Intervals of shares, of means, and of their differences."""

from __future__ import annotations

import numpy as np
from scipy import stats


def share_interval(
    shares: np.ndarray, counts: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's interval of shares.

    .. [1] Wilson (1927). Probable Inference, the Law of Succession, and Statistical
       Inference. Journal of the American Statistical Association 22.

    >>> import numpy as np
    >>> from skdl.explain.scores._intervals import share_interval
    >>> low, high = share_interval(np.array([1.0]), np.array([10]), 0.95)
    >>> float(low[0].round(3)), float(high[0])
    (0.722, 1.0)
    """
    # shares, counts: (n_groups,) -> (n_groups,)
    z2 = stats.norm.ppf((1 + level) / 2) ** 2
    middle = (shares + z2 / (2 * counts)) / (1 + z2 / counts)
    variance = shares * (1 - shares) / counts + z2 / (4 * counts**2)
    half = np.sqrt(z2 * variance) / (1 + z2 / counts)
    return np.clip(middle - half, 0, shares), np.clip(middle + half, shares, 1)


def share_difference_interval(
    ours: tuple[np.ndarray, np.ndarray],
    others: tuple[np.ndarray, np.ndarray],
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return Newcombe's interval of the difference of shares of other rows.

    .. [1] Newcombe (1998). Interval Estimation for the Difference between Independent
       Proportions: Comparison of Eleven Methods. Statistics in Medicine 17.
    """
    # ours, others: (n_groups,) -> (n_groups,)
    low, high = share_interval(*ours, level)
    other_low, other_high = share_interval(*others, level)
    difference = ours[0] - others[0]
    return (
        difference - np.hypot(ours[0] - low, other_high - others[0]),
        difference + np.hypot(high - ours[0], others[0] - other_low),
    )


def mean_interval(
    means: np.ndarray, variances: np.ndarray, counts: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return Student's interval of means."""
    # means, variances, counts: (n_groups,) -> (n_groups,)
    freedom = np.maximum(counts - 1, 1)
    half = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variances / counts)
    return means - half, means + half


def mean_difference_interval(
    ours: tuple[np.ndarray, np.ndarray, np.ndarray],
    others: tuple[np.ndarray, np.ndarray, np.ndarray],
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return Welch's interval of the difference of means of other rows.

    .. [1] Welch (1947). The Generalization of Student's Problem when Several Different
       Population Variances are Involved. Biometrika 34.
    """
    # ours, others: (n_groups,) -> (n_groups,)
    difference = ours[0] - others[0]
    one, other = ours[1] / ours[2], others[1] / others[2]
    below = one**2 / (ours[2] - 1) + other**2 / (others[2] - 1)
    ones = np.ones_like(below)
    freedom = np.divide((one + other) ** 2, below, out=ones, where=below > 0)
    half = stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(one + other)
    return difference - half, difference + half
