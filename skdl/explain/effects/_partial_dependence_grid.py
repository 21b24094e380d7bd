"""The points at which a partial dependence is computed, as scikit-learn chooses them.

scikit-learn's own function has checked the parameters before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats.mstats import mquantiles

from skdl._tables import Table, column, feature_names_of


def columns_of(X: Table, features: Any) -> list[int]:
    """Return the positions of features."""
    # X: (n_samples, n_columns)
    named = np.asarray(features, dtype=object).ravel()
    if all(isinstance(feature, bool | np.bool_) for feature in named):
        return [int(place) for place in np.flatnonzero(named)]
    names = X.columns.tolist() if isinstance(X, pd.DataFrame) else ()
    return [
        names.index(feature) if isinstance(feature, str) else int(feature)
        for feature in named
    ]


def _categorical(categorical_features: Any, names: tuple[str, ...]) -> set[int]:
    if categorical_features is None:
        return set()
    marked = np.asarray(categorical_features)
    if marked.dtype.kind == "b":
        return {int(place) for place in np.flatnonzero(marked)}
    return {
        names.index(feature) if isinstance(feature, str) else int(feature)
        for feature in marked
    }


def grid_of(
    X: Table,
    features: Any,
    *,
    categorical_features: Any,
    feature_names: Any,
    custom_values: Mapping[Any, Any] | None,
    percentiles: tuple[float, float],
    grid_resolution: int,
) -> list[np.ndarray]:
    """Return the points of each feature."""
    # X: (n_samples, n_columns) -> (n_values,)
    categorical = _categorical(categorical_features, feature_names_of(X, feature_names))
    named = [features] if isinstance(features, str | int) else list(features)
    axes = []
    for place, column_place in enumerate(columns_of(X, features)):
        feature = named[place] if place < len(named) else None
        if custom_values and feature in custom_values:
            custom = custom_values[feature]
            has_words = any(isinstance(value, str) for value in custom)
            axes.append(np.asarray(custom, dtype=object if has_words else None))
            continue
        values = column(X, column_place)
        unique = np.unique(values)
        if column_place in categorical or len(unique) < grid_resolution:
            axes.append(unique)
        else:
            # With missing values, scikit-learn's percentiles and all its points are
            # NaN.
            present = values[~pd.isna(values)]
            low, high = mquantiles(present, prob=percentiles, axis=0)
            axes.append(np.linspace(low, high, num=grid_resolution))
    return axes
