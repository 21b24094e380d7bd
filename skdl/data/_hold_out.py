"""Which training rows are held out to compute the validation loss.

The choice depends on the values of the rows and on the seed, not on their order. Copies
of a row stay together, and a weight of 2 counts as two copies.

Rows with many copies are an exception. In a table of few categories such a row is a
cell of the table, and without any copy of it there would be nothing to learn from. Its
copies are assigned one by one.
"""

from __future__ import annotations

import numpy as np

from skdl.data._mix import mix
from skdl.exceptions import DataError

_ONE = np.uint64(1)

MAX_COPIES = 8  # if a row has more, they are assigned one by one


def _separate_many_copies(units: np.ndarray) -> np.ndarray:
    """Give each copy of a row with many copies a number of its own."""
    _, cell, n_copies = np.unique(units, return_inverse=True, return_counts=True)
    order = np.argsort(cell, kind="stable")
    first = np.cumsum(n_copies) - n_copies
    copy = np.empty(len(units), dtype=np.uint64)
    copy[order] = np.arange(len(units), dtype=np.uint64) - first[cell[order]].astype(
        np.uint64
    )
    return np.where(n_copies[cell] > MAX_COPIES, mix(units ^ mix(copy + _ONE)), units)


def _blocks(units: np.ndarray, weights: np.ndarray, seed: int) -> tuple:
    """Rows that must stay together, in random order: (block of each row, weights)."""
    distinct, block_of_row = np.unique(units, return_inverse=True)
    position = np.empty(len(distinct), dtype=np.intp)
    position[np.argsort(mix(distinct ^ np.uint64(seed)), kind="stable")] = np.arange(
        len(distinct)
    )
    block_of_row = position[block_of_row]
    return block_of_row, np.bincount(block_of_row, weights=weights)


def _n_held_out(block_weights: np.ndarray, fraction: float) -> int:
    """How many leading blocks come closest to the fraction of the weight."""
    if len(block_weights) < 2:
        return 0
    held_out = np.cumsum(block_weights)
    distance = np.abs(held_out[:-1] - fraction * held_out[-1])
    return 1 + int(np.argmin(distance))


def hold_out(
    keys: np.ndarray,
    *,
    weights: np.ndarray,
    fraction: float,
    seed: int,
    strata: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Choose the rows of the validation part.

    Parameters
    ----------
    keys : ndarray of shape (n_samples,), uint64
        Row keys (see `row_keys`); rows with equal keys are copies.
    weights : ndarray of shape (n_samples,)
        Positive sample weights.
    fraction : float
        Share of the weight to hold out, between 0 and 1.
    seed : int
        Another seed holds out other rows.
    strata : ndarray of shape (n_samples,), default=None
        Class numbers; each class with two different rows or more is split alike.
    groups : ndarray of shape (n_samples,), default=None
        Group labels. A group is held out as a whole, and `strata` is ignored.

    Returns
    -------
    ndarray of shape (n_samples,), bool
        True for the rows held out.

    Raises
    ------
    DataError
        If there are too few rows (or groups) to have some on each side.
    """
    n_samples = len(keys)
    if groups is not None:
        units = np.unique(groups, return_inverse=True)[1].astype(np.uint64)
        units = mix(units + _ONE)
        strata = None
    else:
        units = keys
    if strata is None:
        strata = np.zeros(n_samples, dtype=np.intp)
    held_out = np.zeros(n_samples, dtype=bool)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        in_stratum = (
            units[rows] if groups is not None else _separate_many_copies(units[rows])
        )
        block_of_row, block_weights = _blocks(in_stratum, weights[rows], seed)
        held_out[rows] = block_of_row < _n_held_out(block_weights, fraction)
    if not held_out.any():
        unit = "different rows" if groups is None else "groups"
        raise DataError(
            "early_stopping=True holds out validation rows, which needs at least 2 "
            f"{unit}"
            + (
                " of some class"
                if groups is None and len(np.unique(strata)) > 1
                else ""
            )
            + f". Got n_samples={n_samples} with {len(np.unique(units))} {unit}. "
            "Use more rows, pass X_val and y_val to fit, or set early_stopping=False."
        )
    return held_out
