"""Rows drawn with replacement, for bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from skdl.data._as_random_state import as_random_state

MOST_AT_ONCE = 2_000_000  # row positions of one chunk: 16 MB


def bootstrap_rows(
    n_samples: int,
    *,
    n_resamples: int,
    codes: np.ndarray | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> Iterator[np.ndarray]:
    """Draw rows with replacement, in chunks of many draws.

    Parameters
    ----------
    n_samples : int
        Number of rows, and of rows in each draw.
    n_resamples : int
        Number of draws.
    codes : ndarray of shape (n_samples,) or None, default=None
        Class numbers. A draw that lacks a class is replaced by one drawn within each
        class; these replacements come last.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    Yields
    ------
    rows : ndarray of shape (n_draws, n_samples)
        Row positions of some draws.

    Examples
    --------
    >>> from skdl.data import bootstrap_rows
    >>> [rows.shape for rows in bootstrap_rows(3, n_resamples=5, random_state=0)]
    [(5, 3)]
    """
    generator = as_random_state(random_state)
    members = _members(codes)
    n_at_once = max(1, MOST_AT_ONCE // n_samples)
    n_replaced = 0
    for start in range(0, n_resamples, n_at_once):
        n_draws = min(n_at_once, n_resamples - start)
        rows = generator.randint(n_samples, size=(n_draws, n_samples))
        if len(members) > 1:
            rows = rows[_holds_all(rows, members)]
            n_replaced += n_draws - len(rows)
        if len(rows):
            yield rows
    for start in range(0, n_replaced, n_at_once):
        yield np.array(
            [
                np.hstack([generator.choice(part, len(part)) for part in members])
                for _ in range(min(n_at_once, n_replaced - start))
            ]
        )


def _members(codes: np.ndarray | None) -> list[np.ndarray]:
    """Return the rows of each class."""
    if codes is None:
        return []
    codes = np.unique(codes, return_inverse=True)[1]
    return [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]


def _holds_all(rows: np.ndarray, members: list[np.ndarray]) -> np.ndarray:
    """Return which draws have a row of each class."""
    codes = np.empty(rows.shape[1], np.intp)
    for code, part in enumerate(members):
        codes[part] = code
    n_classes = len(members)
    of_draw = codes[rows] + n_classes * np.arange(len(rows))[:, None]
    counts = np.bincount(of_draw.ravel(), minlength=n_classes * len(rows))
    return counts.reshape(len(rows), n_classes).min(axis=1) > 0
