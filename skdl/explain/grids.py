"""The values that a feature is set to, chosen as scikit-learn chooses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats.mstats import mquantiles

from skdl.explain.tables import Table, column


def grid_of(
    X: Table,
    place: int,
    *,
    is_categorical: bool,
    custom: Any,
    percentiles: tuple[float, float],
    grid_resolution: int,
) -> np.ndarray:
    """Return the values of one feature's grid.

    Parameters
    ----------
    X : ndarray or DataFrame of shape (n_samples, n_features)
        The rows.
    place : int
        Position of the feature.
    is_categorical : bool
        Whether every value is taken.
    custom : array-like of shape (n_values,) or None
        The values, where the caller names them.
    percentiles : tuple of float
        Where the grid begins and ends.
    grid_resolution : int
        Points of the grid; a feature of fewer values has one for each.

    Returns
    -------
    values : ndarray of shape (n_values,)
        Those of :func:`sklearn.inspection.partial_dependence`, which has found the
        parameters in order.
    """
    if custom is not None:
        has_words = any(isinstance(value, str) for value in custom)
        return np.asarray(custom, dtype=object if has_words else None)
    values = column(X, place)
    unique = np.unique(values)
    if is_categorical or len(unique) < grid_resolution:
        return unique
    low, high = mquantiles(values, prob=percentiles, axis=0)
    return np.linspace(low, high, num=grid_resolution)


def are_categorical(
    columns: Sequence[int],
    categorical_features: Any,
    feature_names: Sequence[Any],
) -> list[bool]:
    """Return which features are categorical.

    Parameters
    ----------
    columns : sequence of int
        Positions of the features.
    categorical_features : array-like or None
        Names, positions, or a mask over all columns.
    feature_names : sequence of str
        Names of all columns.

    Returns
    -------
    are_categorical : list of bool
        One per feature.
    """
    if categorical_features is None:
        return [False] * len(columns)
    named = np.asarray(categorical_features)
    if named.dtype.kind == "b":
        return [bool(named[place]) for place in columns]
    names = [str(name) for name in feature_names]
    places = {
        names.index(feature) if isinstance(feature, str) else int(feature)
        for feature in named.tolist()
    }
    return [place in places for place in columns]


def custom_of(custom_values: Mapping[Any, Any] | None, feature: Any) -> Any:
    """Return the values that the caller named for a feature, or None.

    Parameters
    ----------
    custom_values : mapping or None
        Values by feature, as the features were named.
    feature : str or int
        The feature, as it was named.

    Returns
    -------
    values : array-like of shape (n_values,) or None
        None where there are none.
    """
    return (custom_values or {}).get(feature)
