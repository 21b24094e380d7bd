"""Rows as tables: columns by name, and stacked copies with changes.

An explainer needs predictions for rows in which some columns hold other values. It
describes each such copy of the rows by a :data:`Change`, and :func:`stack` puts many
copies below one another, so that one call of ``predict`` covers all of them.
Arrays stay arrays and DataFrames stay DataFrames, with their types and their index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils import check_array

from skdl._nearest_names import nearest_names
from skdl.exceptions import DataError, ParameterError

# The new values in a copy of the rows, by the position of the column: one value for all
# rows, or an array with one per row.
Change = Mapping[int, Any]

Table: TypeAlias = np.ndarray | pd.DataFrame

DECILES = np.linspace(0.1, 0.9, 9)


def as_table(X: Any) -> Table:
    """Return rows as an array or a DataFrame, without a copy if they are one."""
    # X: (n_samples, n_features) -> (n_samples, n_features)
    if sparse.issparse(X):
        raise DataError(
            "Explanations change single columns, so they need dense rows. Got a sparse "
            f"{type(X).__name__} of shape {X.shape}. Pass X[:n].toarray()."
        )
    if not isinstance(X, pd.DataFrame):
        return check_array(X, ensure_all_finite="allow-nan", dtype=None)
    if X.empty:
        raise DataError(
            f"An explanation needs at least one row and one column. Got {X.shape}."
        )
    return X


def feature_names_of(X: Table, names: Sequence[Any] | None = None) -> tuple[str, ...]:
    """Return a name for each column."""
    # X: (n_samples, n_features)
    if names is None:
        if isinstance(X, pd.DataFrame):
            return tuple(str(name) for name in X.columns)
        return tuple(f"x{place}" for place in range(X.shape[1]))
    if len(names) != X.shape[1]:
        raise ParameterError(
            "The 'feature_names' parameter must have one name per column of X. Got "
            f"{len(names)} names for {X.shape[1]} columns."
        )
    return tuple(str(name) for name in names)


def units_of(X: Any) -> dict[str, str]:
    """Return the units of the columns that have one in the data."""
    units = X.attrs.get("units") if isinstance(X, pd.DataFrame) else None
    if not isinstance(units, Mapping):
        return {}
    return {str(name): str(unit) for name, unit in units.items() if unit}


def column_of(feature: Any, names: Sequence[str]) -> int:
    """Return the position of a column.

    >>> from skdl._tables import column_of
    >>> column_of("fare", ["age", "fare"])
    1
    """
    if isinstance(feature, int | np.integer) and not isinstance(feature, bool):
        if -len(names) <= feature < len(names):
            return int(feature) % len(names)
        raise ParameterError(
            f"A feature's position must be less than the number of columns, "
            f"{len(names)}. Got {feature}."
        )
    if feature in names:
        if list(names).count(feature) > 1:
            raise ParameterError(
                f"{list(names).count(feature)} columns are called {feature!r}. Pass "
                "the position of the one you mean."
            )
        return list(names).index(feature)
    near = nearest_names(feature, names)
    shown = ", ".join(repr(name) for name in near or list(names)[:8])
    raise ParameterError(
        f"There is no feature {feature!r} among the {len(names)} columns. "
        f"{'Nearest' if near else 'The first ones'}: {shown}."
    )


def column(X: Table, place: int) -> Any:
    """Return one column."""
    # X: (n_samples, n_features) -> (n_samples,)
    return X.iloc[:, place] if isinstance(X, pd.DataFrame) else X[:, place]


def is_number(X: Table, place: int) -> bool:
    """Return whether a column is numeric (booleans are not)."""
    # X: (n_samples, n_features)
    kind = column(X, place).dtype
    return bool(
        pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
    )


def take_rows(X: Table, rows: np.ndarray) -> Table:
    """Return some rows."""
    # X: (n_samples, n_features) -> (len(rows), n_features)
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def cells(values: Any) -> Any:
    """Return a column as an array of its own type, whose parts fit a stack as is."""
    # values: (n_samples,) -> (n_samples,)
    if not isinstance(values, pd.Series):
        return values
    return values.to_numpy() if isinstance(values.dtype, np.dtype) else values.array


def values_at(X: Table, place: int, rows: np.ndarray) -> Any:
    """Return the values of a column in some rows, in its own type."""
    # X: (n_samples, n_features) -> (len(rows),)
    return cells(column(X, place))[rows]


def deciles_of(values: np.ndarray) -> np.ndarray:
    """Return the nine deciles of the finite numbers, or nothing if there are none."""
    # values: (n_samples,) -> (9,)
    finite = values[np.isfinite(values)]
    return np.quantile(finite, DECILES) if finite.size else np.array([])


def bytes_per_row(X: Table) -> int:
    """Return how much memory a row takes."""
    # X: (n_samples, n_features)
    if isinstance(X, pd.DataFrame):
        return max(1, int(X.memory_usage(index=True).sum()) // max(1, len(X)))
    return max(1, X.itemsize * X.shape[1])


def stack(X: Table, changes: Iterable[Change]) -> Table:
    """Put copies of the rows below one another, each with its changes.

    >>> import numpy as np
    >>> from skdl._tables import stack
    >>> stack(np.array([[1.0, 2.0], [3.0, 4.0]]), [{}, {0: 9.0}]).tolist()
    [[1.0, 2.0], [3.0, 4.0], [9.0, 2.0], [9.0, 4.0]]
    """
    # X: (n_samples, n_features) -> (n_copies * n_samples, n_features)
    changes = list(changes)
    if isinstance(X, pd.DataFrame):
        return _stack_frame(X, changes)
    stacked: np.ndarray = np.tile(X, (len(changes), 1))
    for copy, change in enumerate(changes):
        rows = slice(copy * len(X), (copy + 1) * len(X))
        for place, values in change.items():
            stacked[rows, place] = values
    return stacked


def _stack_frame(X: pd.DataFrame, changes: Sequence[Change]) -> pd.DataFrame:
    if len(changes) == 1:
        stacked = X.copy(deep=False)  # columns that stay are shared
    else:
        stacked = X.take(np.tile(np.arange(len(X)), len(changes)))
    for place in sorted({place for change in changes for place in change}):
        new = [
            (copy, change[place])
            for copy, change in enumerate(changes)
            if place in change
        ]
        unchanged = X.iloc[:, place]
        if all(_fits(values, unchanged.dtype) for _, values in new):
            array = stacked.iloc[:, place].array.copy()
            for copy, values in new:
                array[copy * len(X) : (copy + 1) * len(X)] = values
            whole = pd.Series(array, index=stacked.index, dtype=unchanged.dtype)
        else:
            parts = [unchanged] * len(changes)
            for copy, values in new:
                parts[copy] = _assigned(unchanged, values)
            whole = pd.concat(parts)
            whole.index = stacked.index
        stacked.isetitem(place, whole)  # of an array, pandas would infer the type
    return stacked


def _fits(values: Any, dtype: Any) -> bool:
    """Whether a column of this type is certain to hold the values unchanged."""
    if np.ndim(values) == 1:
        is_fixed = isinstance(dtype, pd.SparseDtype)
        return getattr(values, "dtype", None) == dtype and not is_fixed
    is_real = isinstance(values, float | int | np.floating | np.integer)
    return is_real and dtype == np.float64


def _assigned(unchanged: pd.Series, values: Any) -> pd.Series:
    """Return a column with new values, as pandas assigns them."""
    if isinstance(unchanged.dtype, pd.SparseDtype) and np.ndim(values) == 1:
        return pd.Series(values, index=unchanged.index, dtype=unchanged.dtype)
    frame = unchanged.to_frame()
    frame.iloc[:, 0] = values
    return frame.iloc[:, 0]
