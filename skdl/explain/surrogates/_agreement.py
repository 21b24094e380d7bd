"""How closely one answer about rows follows another, with an interval over the rows.

Answers are arrays of one column per output, as a
:class:`~skdl.explain.responses.Response` gives them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skdl.explain._predicting.responses import Response

N_BOOTSTRAP = 1000
N_BOOTSTRAP_OF_MANY_ROWS = 200  # their intervals are narrow
MANY_ROWS = 20_000
MOST_DRAWN_AT_ONCE = 2_000_000  # rows, over the resamples that are held together

Interval = tuple[float, float]


def in_one_unit(values: np.ndarray, response: Response) -> np.ndarray:
    """Return answers whose outputs may be added up."""
    # values: (n_samples, n_outputs) -> (n_samples, n_outputs)
    if response.task != "regression":
        return values
    deviations = values.std(axis=0)
    return values / np.where(deviations > 0, deviations, 1.0)


def share_explained(said: np.ndarray, followed: np.ndarray) -> float:
    """Return which share of the variance of one answer another one explains.

    >>> import numpy as np
    >>> from skdl.explain.surrogates._agreement import share_explained
    >>> said = np.array([[0.0], [1.0], [2.0]])
    >>> share_explained(said, said), share_explained(said, np.ones((3, 1)))
    (1.0, 0.0)
    """
    # said: (n_samples, n_outputs); followed: (n_samples, n_outputs)
    missed = ((said - followed) ** 2).sum()
    return float(1 - missed / ((said - said.mean(axis=0)) ** 2).sum())


def interval_explained(
    said: np.ndarray,
    followed: np.ndarray,
    generator: np.random.RandomState,
    *,
    level: float = 0.95,
) -> Interval:
    """Return where :func:`share_explained` lies, given the chance of the rows."""
    # said, followed: (n_samples, n_outputs)
    missed = ((said - followed) ** 2).sum(axis=1)
    centered = said - said.mean(axis=0)
    squares = (centered**2).sum(axis=1)

    def share(rows: np.ndarray) -> np.ndarray:
        means = centered[rows].mean(axis=1)  # (n_resamples, n_outputs)
        total = squares[rows].mean(axis=1) - (means**2).sum(axis=1)
        varies = total > 1e-12 * squares.mean()
        found = np.full(len(rows), np.nan)
        found[varies] = 1 - missed[rows].mean(axis=1)[varies] / total[varies]
        return found

    return bootstrap_interval(share, len(said), generator, level=level)


def bootstrap_interval(
    statistic: Callable[[np.ndarray], np.ndarray],
    n_samples: int,
    generator: np.random.RandomState,
    *,
    level: float = 0.95,
) -> Interval:
    """Return the percentiles of a statistic over resampled rows.

    .. [1] Efron and Tibshirani (1993). An Introduction to the Bootstrap. Chapter 13.
    """
    # statistic: (n_resamples, n_samples)
    n_resamples = N_BOOTSTRAP if n_samples <= MANY_ROWS else N_BOOTSTRAP_OF_MANY_ROWS
    at_once = max(1, MOST_DRAWN_AT_ONCE // n_samples)
    found = []
    for start in range(0, n_resamples, at_once):
        n_drawn = min(at_once, n_resamples - start)
        found.append(statistic(generator.randint(n_samples, size=(n_drawn, n_samples))))
    return middle(np.concatenate(found), level=level)


def middle(values: np.ndarray, *, level: float = 0.95) -> Interval:
    """Return the ends of the middle part of some values."""
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def labels_of(values: np.ndarray, response: Response, place: int | None) -> np.ndarray:
    """Return the labels that probabilities, or decision functions, stand for."""
    # values: (n_samples, n_outputs) -> (n_samples, n_labels)
    if response.task == "multiclass" and place is None:
        return values.argmax(axis=1)[:, None]
    even = 0.5 if response.method == "predict_proba" else 0.0
    return values > even
