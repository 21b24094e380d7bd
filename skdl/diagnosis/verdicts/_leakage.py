"""Copies of training rows among the validation rows, and which of them are chance.

A table with few distinct values naturally has equal rows: one in six passengers of the
Titanic has a twin. Two things reveal rows that were repeated before the split:

- Halves. Cut the columns into two halves. If two rows are equal by chance, other rows
  share each of their halves, because parts agree more often than wholes.
- How often rows occur. Natural counts of equal rows are counts of events, each row with
  its own rate: mixed Poisson, whose ``k! f(k)`` is log-convex in k if f(k) rows occur k
  times. If all rows were doubled, or some repeated nine times, f has a peak that no
  rates can explain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.random_projection import GaussianRandomProjection

from skdl.data import row_keys

MOST_ROWS = 3000  # of each part, used for forests and distances
MOST_DIRECTIONS = 100  # that distances in wide tables are measured in
NEAR = 0.1  # of the median distance to the nearest training row
SAME = 1e-12  # of the mean of a column: the spread of equal values
ROUNDING = 1e-6  # of the length of a row: apparent distance between equal rows
N_CUTS = 10  # into halves
SURE = 5.0  # standard errors of a count


def shares_of_copies(train: Any, validation: Any) -> tuple[float, float]:
    """Return the shares of validation and training rows with a copy in training."""
    # train, validation: (n_samples, n_columns)
    random = np.random.default_rng(0)
    here = random.permutation(train.shape[0])[:MOST_ROWS]
    there = random.permutation(validation.shape[0])[:MOST_ROWS]
    if not sparse.issparse(train):
        middle, spread = train.mean(axis=0), train.std(axis=0)
        spread = np.where(spread > SAME * np.abs(middle), spread, 1.0)
        # Distances are differences of squares, and an offset would drown them.
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
    """Return the share of validation rows with an exact copy beyond chance."""
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
    """Whether some cut of the columns gives halves that no other row shares."""
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
    """For each row, the share of rows with its count that chance does not explain."""
    _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
    frequencies = np.bincount(times, minlength=times.max() + 2).astype(float)
    k = np.arange(2, len(frequencies) - 1)
    here, fewer, more = frequencies[k], frequencies[k - 1], frequencies[k + 1]
    excess = here - np.sqrt(fewer * more * (k + 1) / k)
    is_sure = excess > SURE * np.sqrt(np.maximum(here, 1.0))
    shares = np.zeros(len(frequencies))
    shares[k] = np.where(is_sure, excess / np.maximum(here, 1.0), 0.0)
    return shares[times][place]
