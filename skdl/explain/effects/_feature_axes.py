"""The points along a feature, and where the rows are among them.

A numeric feature is cut into intervals at quantiles; the levels of any other are put in
order. Points are values that occur in the rows, so a copy of the rows can hold them
without changing its type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from skdl._tables import (
    Table,
    column,
    deciles_of,
    is_number,
    values_at,
)
from skdl.exceptions import DataError
from skdl.explain.effects._level_order import by_similarity

MOST_LEVELS = 100

Ordering = Literal["value", "declared", "similarity"]


@dataclass(frozen=True)
class FeatureAxis:
    """The points along a feature, and where the rows are among them."""

    values: np.ndarray  # (n_points,) Edges of the intervals, or levels
    holders: np.ndarray  # (n_points,) A row that holds each of them
    # (n_samples,) The interval of each row (that which ends at point ``place + 1``), or
    # its level
    place: np.ndarray
    # (n_samples,) How far along its interval each row is, from 0 to 1; 0 for levels
    share: np.ndarray
    counts: np.ndarray  # (n_points - 1,) Rows per interval or level
    deciles: np.ndarray  # (9,) Deciles of a numeric feature
    is_numeric: bool
    ordering: Ordering  # how the points are ordered

    @property
    def n_steps(self) -> int:
        """Steps from one point to the next."""
        return len(self.values) - 1


def numbers_of(X: Table, place: int) -> np.ndarray | None:
    """Return a column as numbers, or None if it is not numeric."""
    # X: (n_samples, n_features) -> (n_samples,)
    values = pd.Series(column(X, place))
    if is_number(X, place):
        return values.to_numpy(float, na_value=np.nan)
    if values.dtype == object:
        kind = pd.api.types.infer_dtype(values, skipna=True)
        if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
            return pd.to_numeric(values).to_numpy(float, na_value=np.nan)
    return None


def intervals_of(
    values: np.ndarray, weights: np.ndarray, n_intervals: int, *, name: str
) -> FeatureAxis:
    """Cut a numeric feature into intervals at quantiles."""
    # values: (n_samples,); weights: (n_samples,)
    if np.isinf(values).any():
        raise DataError(
            f"The feature {name!r} has infinite values, which cannot be cut into "
            "intervals. Leave those rows out."
        )
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    shares = np.linspace(0, 1, n_intervals + 1) * reached[-1]
    at = np.searchsorted(reached, shares * (1 - 1e-12))  # the inverse of the ECDF
    at[0], at[-1] = 0, len(order) - 1
    edges, first = np.unique(values[order[at]], return_index=True)
    if len(edges) < 2:
        raise DataError(
            f"The feature {name!r} must have at least two values for a local effect. "
            f"Got {edges[0]:g} in each of {len(values)} rows. Pass more rows or "
            "another feature."
        )
    place = np.clip(np.searchsorted(edges, values) - 1, 0, None)
    return FeatureAxis(
        values=edges,
        holders=order[at][first],
        place=place,
        share=(values - edges[place]) / np.diff(edges)[place],
        counts=np.bincount(place, minlength=len(edges) - 1),
        deciles=deciles_of(values),
        is_numeric=True,
        ordering="value",
    )


def levels_of(X: Table, place: int, weights: np.ndarray, *, name: str) -> FeatureAxis:
    """Put the levels of a categorical feature in order."""
    # X: (n_samples, n_features); weights: (n_samples,)
    values = pd.Series(column(X, place)).reset_index(drop=True)
    codes, found = pd.factorize(values)
    levels = list(found)
    if not 2 <= len(levels) <= MOST_LEVELS:
        got = f"only '{levels[0]}'" if len(levels) == 1 else f"{len(levels)} levels"
        raise DataError(
            f"The feature {name!r}, which is not numeric, must have 2 to "
            f"{MOST_LEVELS} levels for a local effect. Got {got} in {len(values)} "
            "rows. Group its levels, or pass another feature."
        )
    ordering: Ordering = "value"
    is_declared = isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.ordered
    if is_declared:
        order = np.argsort(values.cat.categories.get_indexer(levels), kind="stable")
        ordering = "declared"
    else:
        order = _by_value(levels)
        if len(levels) > 2:
            rank = np.argsort(order)
            order = order[by_similarity(X, place, rank[codes], weights)]
            ordering = "similarity"
    _, first = np.unique(codes, return_index=True)
    place_of_level = np.argsort(order)
    shown = [levels[code] for code in order]
    return FeatureAxis(
        values=pd.Series(shown, dtype=object).to_numpy(),
        holders=first[order],
        place=place_of_level[codes],
        share=np.zeros(len(values)),
        counts=np.bincount(codes)[order],
        deciles=np.array([]),
        is_numeric=False,
        ordering=ordering,
    )


def _by_value(levels: list[Any]) -> np.ndarray:
    """Order levels: numbers by size, all else by text."""
    if all(isinstance(level, int | float | np.number) for level in levels):
        return np.argsort(levels, kind="stable")
    return np.argsort([str(level) for level in levels], kind="stable")


def neighbours(axis: FeatureAxis, X: Table, place: int) -> tuple[Any, Any, Any]:
    """Return what the column holds one point down, here, and one point up."""
    # X: (n_samples, n_features) -> (n_samples,)
    at, last = axis.place, len(axis.values) - 1
    down = at if axis.is_numeric else np.maximum(at - 1, 0)
    low, here, high = (
        values_at(X, place, axis.holders[points])
        for points in (down, at, np.minimum(at + 1, last))
    )
    return low, here, high
