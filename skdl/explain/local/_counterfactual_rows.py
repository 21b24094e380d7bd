"""The cells that a changed row may be made of: those of the row, and those of X."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from skdl._tables import (
    Table,
    column,
    column_of,
    is_number,
    take_rows,
)
from skdl.exceptions import DataError, ParameterError
from skdl.explain.local._distances import CodedRows

MOST_STARTS = 1000


def row_of(row: Any, X: Table, names: tuple[str, ...]) -> Table:
    """Return the row to change, as a table of one row."""
    # row: (n_features,); X: (n_samples, n_features) -> (1, n_features)
    if isinstance(row, int | np.integer) and not isinstance(row, bool):
        if not -len(X) <= row < len(X):
            raise ParameterError(
                f"The 'row' parameter must be a position among the {len(X)} rows of X, "
                f"or the values of a row. Got {row}."
            )
        return take_rows(X, np.array([int(row) % len(X)]))
    values = _values_by_column(row, names)
    if len(values) != len(names):
        raise DataError(
            f"The 'row' must have one value for each of the {len(names)} columns of X. "
            f"Got {len(values)} values."
        )
    if not isinstance(X, pd.DataFrame):
        return np.array([values], dtype=object if X.dtype == object else None)
    frame = pd.DataFrame(index=[0])
    for place, value in enumerate(values):
        typed = _typed(value, X.dtypes.iloc[place])
        frame.insert(place, X.columns[place], typed, allow_duplicates=True)
    return frame


def _values_by_column(row: Any, names: tuple[str, ...]) -> list[Any]:
    if isinstance(row, pd.DataFrame):
        if len(row) != 1:
            raise DataError(
                f"The 'row' must be a single row. Got a table of shape {row.shape}. "
                "Pass table.iloc[[0]], or explain one row after another."
            )
        row = {str(name): row.iloc[0, place] for place, name in enumerate(row.columns)}
    if isinstance(row, Mapping | pd.Series):
        by_name = {str(name): value for name, value in row.items()}
        missing = [name for name in names if name not in by_name]
        unknown = [name for name in by_name if name not in names]
        if missing or unknown:
            raise DataError(
                "The 'row' must have the columns of X. "
                f"Got none for {missing}, and {unknown} besides."
            )
        return [by_name[name] for name in names]
    values = row.tolist() if hasattr(row, "tolist") else list(row)
    nested = len(values) == 1 and isinstance(values[0], list | tuple | np.ndarray)
    return list(values[0]) if nested else values


def _typed(value: Any, dtype: Any) -> pd.Series:
    """A column of one value, in a type of X if that holds it."""
    plain = pd.Series([value], dtype=object)
    try:
        typed = plain.astype(dtype)
    except (TypeError, ValueError):
        return plain.infer_objects()
    is_same = bool(typed.isna()[0]) if pd.isna(value) else typed[0] == value
    return typed if is_same else plain.infer_objects()


def few_rows(X: Table, most: int) -> Table:
    """Return the rows, or some at even steps if there are too many."""
    # X: (n_samples, n_features) -> (n_rows, n_features)
    if len(X) <= most:
        return X
    return take_rows(X, np.linspace(0, len(X) - 1, most).astype(int))


def joined(row: Table, X: Table) -> Table:
    """Return one table of both, in types that hold the cells of either."""
    # row: (1, n_features); X: (n_samples, n_features) -> (1 + n_samples, n_features)
    if isinstance(X, pd.DataFrame):
        return pd.concat([row, X])
    return np.concatenate([row, X])


def allowed_cells(
    table: Table,
    names: tuple[str, ...],
    fixed: Sequence[Any],
    ranges: Mapping[Any, Any],
) -> np.ndarray:
    """Return which cells a changed row may have."""
    # table: (1 + n_samples, n_features) -> (1 + n_samples, n_features)
    allowed = np.column_stack(
        [~pd.isna(np.asarray(column(table, p), object)) for p in range(len(names))]
    )
    if isinstance(fixed, str):
        fixed = [fixed]
    for feature in fixed:
        allowed[:, column_of(feature, names)] = False
    for feature, given in ranges.items():
        place = column_of(feature, names)
        values = np.asarray(column(table, place), dtype=object)
        if is_number(table, place):
            low, high = _pair(given, names[place])
            numbers = pd.to_numeric(values)
            allowed[:, place] &= (numbers >= low) & (numbers <= high)
            continue
        if isinstance(given, str) or not isinstance(given, Collection):
            raise ParameterError(
                f"The range of {names[place]!r}, which holds no numbers, must be a "
                f"list of the values that it may be changed to. Got {given!r} instead."
            )
        allowed[:, place] &= np.array([value in given for value in values], dtype=bool)
    return allowed


def _pair(given: Any, name: str) -> tuple[float, float]:
    try:
        low, high = given
        low = -np.inf if low is None else float(low)
        high = np.inf if high is None else float(high)
    except (TypeError, ValueError):
        low, high = np.inf, -np.inf
    if not low <= high:
        raise ParameterError(
            f"The range of {name!r} must be a pair (low, high) of numbers, with None "
            f"for an open end. Got {given!r} instead."
        )
    return low, high


def options_of(coded: CodedRows, allowed: np.ndarray) -> list[np.ndarray]:
    """Return what each feature may be changed to."""
    # allowed: (1 + n_samples, n_features)
    options = []
    for place, codes in enumerate(coded.codes.T):
        rows = np.flatnonzero(allowed[:, place] & (codes != codes[0]))
        values, firsts, counts = np.unique(
            codes[rows], return_index=True, return_counts=True
        )
        by_size = np.abs(values - codes[0]) if coded.is_number[place] else -counts
        options.append(rows[firsts[np.argsort(by_size, kind="stable")]])
    return options


def starts_of(rows: np.ndarray, coded: CodedRows, allowed: np.ndarray) -> np.ndarray:
    """Return whole rows, but for cells that may not be taken."""
    # allowed: (1 + n_samples, n_features) -> (n_starts, n_features)
    steps = coded.steps(rows, 0)
    sources = np.where(allowed[rows] & (steps > 0), rows[:, np.newaxis], 0)
    distances = np.where(sources > 0, steps, 0).sum(axis=1)
    nearest = np.argsort(distances, kind="stable")[:MOST_STARTS]
    return sources[nearest][sources[nearest].any(axis=1)]


def mixed(table: Table, source: np.ndarray) -> Table:
    """Return the row whose cells come from several rows."""
    # table: (1 + n_samples, n_features); source: (n_features,) -> (1, n_features)
    if not isinstance(table, pd.DataFrame):
        return table[source, np.arange(table.shape[1])][np.newaxis]
    row = table.iloc[[0]].copy()
    for place in np.flatnonzero(source):
        row.isetitem(place, table.iloc[[source[place]], place].array)
    return row
