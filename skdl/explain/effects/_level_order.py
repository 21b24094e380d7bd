"""An order of the levels of a feature, by similarity in the other features.

Apley and Zhu (2020), appendix E, and their R package ALEPlot: the distance of two
levels is the sum over the other features of the distance of their distributions, and
the order is that of the first coordinate of classical multidimensional scaling.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from skdl._tables import Table, column, is_number

N_QUANTILES = 100


def by_similarity(
    X: Table, place: int, codes: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Order the levels of a feature so that similar ones are neighbours."""
    # X: (n_samples, n_features); codes: (n_samples,); weights: (n_samples,) ->
    # (n_levels,)
    n_levels = int(codes.max()) + 1
    distances = np.zeros((n_levels, n_levels))
    for other in range(X.shape[1]):
        if other != place:
            distances += _between_levels(X, other, codes, weights, n_levels)
    return np.argsort(_first_coordinate(distances), kind="stable")


def _between_levels(
    X: Table, other: int, codes: np.ndarray, weights: np.ndarray, n_levels: int
) -> np.ndarray:
    """Distance between the levels in another feature, in [0, 1]."""
    values = pd.Series(column(X, other)).reset_index(drop=True)
    known = values.notna().to_numpy()
    if not known.any():
        return np.zeros((n_levels, n_levels))
    if is_number(X, other):
        numbers = values[known].to_numpy(float)
        points = np.unique(
            np.quantile(numbers, np.linspace(0, 1, N_QUANTILES), method="inverted_cdf")
        )
        parts = np.searchsorted(points, numbers)
    else:
        parts = pd.factorize(values[known])[0]
    # (n_levels, n_parts): the share of each part among the rows of a level
    shares = np.zeros((n_levels, parts.max() + 1))
    np.add.at(shares, (codes[known], parts), weights[known])
    total = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    if is_number(X, other):  # Kolmogorov and Smirnov's
        below = shares.cumsum(axis=1)
        apart = [np.abs(below - level).max(axis=1) for level in below]
    else:  # total variation
        apart = [np.abs(shares - level).sum(axis=1) / 2 for level in shares]
    # A level without known values has no distance to others.
    is_known = total[:, 0] > 0
    return np.where(np.outer(is_known, is_known), np.array(apart), 0.0)


def _first_coordinate(distances: np.ndarray) -> np.ndarray:
    """Classical multidimensional scaling (Torgerson 1952) to one dimension.

    Among equally good directions it takes the one closest to the levels' numbers:
    between both signs, or between many if levels are equally far from one another.
    """
    n_levels = len(distances)
    centring = np.eye(n_levels) - 1 / n_levels
    products = -0.5 * centring @ distances**2 @ centring
    strengths, vectors = np.linalg.eigh(products)
    numbers = np.arange(n_levels) - (n_levels - 1) / 2
    as_good = vectors[:, strengths >= strengths[-1] - 1e-9 * abs(strengths[-1]) - 1e-12]
    nearest = as_good @ (as_good.T @ numbers)
    is_none = np.abs(nearest).max() < 1e-9
    # Rounded, so that equally distant levels keep their order.
    return np.round(vectors[:, -1] if is_none else nearest, 9)
