"""Rows grouped by the values of one feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skdl._tables import Table, column
from skdl.explain.scores._bins import equal_count_bins

# A number of at most so many values, such as a number of rooms, is not cut.
MOST_VALUES_UNCUT = 10

MISSING = "missing"


def groups_of(
    X: Table, place: int, *, n_intervals: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Group rows by a feature.

    >>> import numpy as np
    >>> import pandas as pd
    >>> from skdl.explain.scores._row_groups import groups_of
    >>> X = pd.DataFrame({"sex": ["f", "m", None]})
    >>> codes, names = groups_of(X, 0, n_intervals=4)
    >>> codes.tolist(), names
    ([0, 1, 2], ('f', 'm', 'missing'))
    >>> groups_of(np.arange(12.0)[:, None], 0, n_intervals=2)[1]
    ('0 to 5', '6 to 11')
    """
    # X: (n_samples, n_features) -> (n_samples,)
    values = pd.Series(np.asarray(column(X, place), dtype=object)).infer_objects()
    if isinstance(X, pd.DataFrame):
        values = X.iloc[:, place].reset_index(drop=True).infer_objects()
    is_known = values.notna().to_numpy(dtype=bool)
    found, names = _groups_of_known(values[is_known], n_intervals)
    codes = np.full(len(values), len(names), dtype=np.intp)
    codes[is_known] = found
    return codes, names if is_known.all() else (*names, MISSING)


def _groups_of_known(
    values: pd.Series, n_intervals: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    kind = values.dtype
    is_date = pd.api.types.is_datetime64_any_dtype(kind)
    is_number = pd.api.types.is_numeric_dtype(kind) and not (
        pd.api.types.is_bool_dtype(kind) or pd.api.types.is_complex_dtype(kind)
    )
    codes, uniques = pd.factorize(values, sort=is_number or is_date)
    if not (is_number or is_date) or len(uniques) <= MOST_VALUES_UNCUT:
        return codes, tuple(_shown(value) for value in uniques)
    # By rank, so that infinite numbers and dates can be cut too.
    codes, lows, highs = equal_count_bins(codes.astype(float), n_intervals)
    return codes, tuple(
        _shown(uniques[int(low)])
        if low == high
        else f"{_shown(uniques[int(low)])} to {_shown(uniques[int(high)])}"
        for low, high in zip(lows, highs, strict=True)
    )


def _shown(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date() if value == value.normalize() else value)
    if isinstance(value, bool | np.bool_) or not np.issubdtype(type(value), np.number):
        return str(value)
    is_whole = float(value).is_integer() and abs(value) < 1e15
    return f"{value:.0f}" if is_whole else f"{value:.4g}"
