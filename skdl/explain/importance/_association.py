"""Strength of association between pairs of features of any type."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from skdl._tables import Table, column, is_number

MOST_ROWS = 2000
MOST_LEVELS = 50  # a feature of more words is close to a name, which goes with all
MOST_MIXED_FEATURES = 60  # of words; pairs of numbers alone are one matrix product


def associated_features(X: Table, *, threshold: float) -> list[tuple[int, int, float]]:
    """Find the pairs of strongly associated features.

    >>> import numpy as np
    >>> from skdl.explain.importance._association import associated_features
    >>> X = np.column_stack([np.arange(9), np.arange(9) ** 3, np.arange(9) % 2])
    >>> associated_features(X, threshold=0.9)
    [(0, 1, 1.0)]
    """
    # X: (n_samples, n_features)
    steps = np.linspace(0, len(X) - 1, min(len(X), MOST_ROWS)).astype(int)
    numbers, words = {}, {}
    for place in range(X.shape[1]):
        values = column(X, place)
        if is_number(X, place):
            numbers[place] = pd.Series(np.asarray(values, float)[steps])
            continue
        try:
            codes, levels = pd.factorize(np.asarray(values, dtype=object)[steps])
        except TypeError:  # lists, dicts and the like have no levels
            continue
        if 2 <= len(levels) <= MOST_LEVELS:
            words[place] = pd.Series(codes)
    pairs = _between_numbers(numbers)
    if len(words) <= MOST_MIXED_FEATURES:
        pairs += [
            (one, other, _cramers_v(words[one], words[other]))
            for one, other in combinations(words, 2)
        ]
        pairs += [
            (min(place, other), max(place, other), _correlation_ratio(ranks, codes))
            for place, ranks in ((p, values.rank()) for p, values in numbers.items())
            for other, codes in words.items()
        ]
    strong = [pair for pair in pairs if pair[2] >= threshold]
    return sorted(strong, key=lambda pair: (-pair[2], pair[:2]))


def _between_numbers(numbers: dict[int, pd.Series]) -> list[tuple[int, int, float]]:
    varying = {
        place: values for place, values in numbers.items() if values.nunique() > 1
    }
    if len(varying) < 2:
        return []
    # Missing values get the mean rank, as they carry no order.
    ranks = np.array(
        [values.rank().fillna((values.count() + 1) / 2) for values in varying.values()]
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        strengths = np.abs(np.corrcoef(ranks))
    places = list(varying)
    return [
        (places[i], places[j], round(float(strengths[i, j]), 6))
        for i, j in combinations(range(len(places)), 2)
        if np.isfinite(strengths[i, j])
    ]


def _cramers_v(one: pd.Series, other: pd.Series) -> float:
    """Bergsma (2013)'s V, corrected for the bias of small tables."""
    counts = pd.crosstab(one, other).to_numpy(float)
    n = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    phi2 = float(((counts - expected) ** 2 / expected).sum() / n)
    n_rows, n_columns = counts.shape
    corrected = max(0.0, phi2 - (n_rows - 1) * (n_columns - 1) / (n - 1))
    least = min(
        n_rows - (n_rows - 1) ** 2 / (n - 1),
        n_columns - (n_columns - 1) ** 2 / (n - 1),
    )
    return round(float(np.sqrt(corrected / (least - 1))), 6) if least > 1 else 0.0


def _correlation_ratio(ranks: pd.Series, codes: Any) -> float:
    known = ranks.notna()
    ranks, codes = ranks[known], codes[known]
    total = float(((ranks - ranks.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    by_level = ranks.groupby(codes)
    means, sizes = by_level.mean(), by_level.size()
    between = float((sizes * (means - ranks.mean()) ** 2).sum())
    # Corrected for the levels' number, as Cramér's V is (epsilon squared).
    n, k = len(ranks), len(means)
    if n <= k:
        return 0.0
    within = (total - between) / (n - k)
    epsilon2 = 1 - within / (total / (n - 1))
    return round(float(np.sqrt(max(0.0, epsilon2))), 6)
