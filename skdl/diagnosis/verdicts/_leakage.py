"""Copies of training rows among the validation rows, and which of them chance made.

A table of few values has equal rows by nature: of the passengers of the Titanic every
sixth has a twin. Two things tell rows that somebody repeated before the split:

- Halves. Cut the columns into two halves: of a row that chance made twice, each half is
  found in other rows too, as a whole agrees less often than its parts.
- How often rows occur. By nature the numbers of times that rows occur are counts of
  events, each row with a rate of its own: mixed Poisson, whose ``k! f(k)`` is
  log-convex in k, with f(k) rows that occur k times. Where all rows were doubled, or
  some repeated nine times, f has a peak that no rates can make.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.random_projection import GaussianRandomProjection

from skdl.data import row_keys

MOST_ROWS = 3000  # of each part, that forests and distances are computed for
MOST_DIRECTIONS = 100  # of wide tables, in which distances are measured
NEAR = 0.1  # of the median distance to the nearest training row
SAME = 1e-12  # of the mean of a column: the spread of equal values
ROUNDING = 1e-6  # of the length of a row: what equal rows may seem to lie apart
N_CUTS = 10  # into halves
SURE = 5.0  # standard errors of a count


def shares_of_copies(train: Any, validation: Any) -> tuple[float, float]:
    """Count the validation rows that are in the training part too."""
    # train, validation: (n_samples, n_columns)
    random = np.random.default_rng(0)
    here = random.permutation(train.shape[0])[:MOST_ROWS]
    there = random.permutation(validation.shape[0])[:MOST_ROWS]
    if not sparse.issparse(train):
        middle, spread = train.mean(axis=0), train.std(axis=0)
        spread = np.where(spread > SAME * np.abs(middle), spread, 1.0)
        # Distances are differences of squares: those of an offset would drown them.
        train, validation = ((part - middle) / spread for part in (train, validation))
    if train.shape[1] > 2 * MOST_DIRECTIONS:
        projection = GaussianRandomProjection(MOST_DIRECTIONS, random_state=0)
        train = projection.fit_transform(train)
        validation = projection.transform(validation)
    n_neighbours = min(2, train.shape[0])
    neighbours = NearestNeighbors(n_neighbors=n_neighbours, algorithm="auto").fit(train)
    # The nearest training row of a training row is the row itself.
    own = neighbours.kneighbors(train[here])[0][:, 1:]
    to_train = neighbours.kneighbors(validation[there], n_neighbors=1)[0][:, 0]
    limit = NEAR * float(np.median(own)) if own.size else 0.0
    limit = max(limit, ROUNDING * max(1.0, float(np.median(_norms(train[here])))))
    return float((to_train < limit).mean()), float((own < limit).sum() / len(own))


def _norms(rows: Any) -> np.ndarray:
    squares = rows.multiply(rows) if sparse.issparse(rows) else rows**2
    return np.sqrt(np.asarray(squares.sum(axis=1))).ravel()


def share_repeated(
    train: Any, validation: Any, targets: np.ndarray, targets_val: np.ndarray
) -> float:
    """Count the validation rows with an exact copy that chance did not make."""
    # train, validation: (n_samples, n_columns); targets, targets_val: (n_samples,
    # n_outputs)
    n_train = train.shape[0]
    stack = sparse.vstack if sparse.issparse(train) else np.vstack
    columns: Any = stack([train, validation])
    columns = columns.tocsc() if sparse.issparse(columns) else columns
    keys = _keys(columns)
    is_copy = np.isin(keys[n_train:], keys[:n_train])
    if not is_copy.any():
        return 0.0
    by_halves = is_copy & _has_halves_of_its_own(columns, keys)[n_train:]
    whole = keys ^ row_keys(np.vstack([targets, targets_val]) + 1.0)
    is_copy = np.isin(whole[n_train:], whole[:n_train])
    by_times = is_copy * _repeated_beyond_chance(whole)[n_train:]
    return float(max(by_halves.mean(), by_times.mean()))


def _keys(columns: Any) -> np.ndarray:
    rows = columns.tocsr() if sparse.issparse(columns) else columns
    return row_keys(rows)


def _has_halves_of_its_own(columns: Any, keys: np.ndarray) -> np.ndarray:
    """Whether some cut of the columns has halves that no other row has."""
    random = np.random.default_rng(0)
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    found = np.zeros(len(first), dtype=bool)
    for _ in range(N_CUTS):
        is_own = np.ones(len(first), dtype=bool)
        for half in np.array_split(random.permutation(columns.shape[1]), 2):
            parts = _keys(columns[:, half])[first]
            _, which, counts = np.unique(parts, return_inverse=True, return_counts=True)
            is_own &= counts[which] == 1
        found |= is_own
    return found[place]


def _repeated_beyond_chance(keys: np.ndarray) -> np.ndarray:
    """Which share of the rows that occur as often as each were made to do so."""
    _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
    frequencies = np.bincount(times, minlength=times.max() + 2).astype(float)
    k = np.arange(2, len(frequencies) - 1)
    here, fewer, more = frequencies[k], frequencies[k - 1], frequencies[k + 1]
    excess = here - np.sqrt(fewer * more * (k + 1) / k)
    is_sure = excess > SURE * np.sqrt(np.maximum(here, 1.0))
    shares = np.zeros(len(frequencies))
    shares[k] = np.where(is_sure, excess / np.maximum(here, 1.0), 0.0)
    return shares[times][place]
