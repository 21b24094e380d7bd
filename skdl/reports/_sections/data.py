"""The section about the data: what to know about each feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from skdl.reports._report_input import ReportInput, values_of
from skdl.reports._section import Section
from skdl.reports._sections.frames import add_frame

MOST_FEATURES_NAMED = 5


def add_data(section: Section, inputs: ReportInput) -> None:
    """Tabulate the features, and name those without any variation."""
    add_frame(section, describe_features(inputs), counted="features")
    by_reason: dict[str, list[str]] = {}
    for place, reason in inputs.unvarying.items():
        by_reason.setdefault(reason, []).append(inputs.names[place])
    for reason, names in by_reason.items():
        section.add_note(
            f"{named(names)}: {reason}. These rows cannot show the effect of such a "
            "feature.",
            tone="warning",
        )


def named(names: Sequence[str]) -> str:
    """Name the first few of many.

    >>> from skdl.reports._sections.data import named
    >>> named(["age", "fare"])
    '“age”, “fare”'
    """
    shown = ", ".join(f"“{name}”" for name in names[:MOST_FEATURES_NAMED])
    more = len(names) - MOST_FEATURES_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def describe_features(inputs: ReportInput) -> pd.DataFrame:
    """Tabulate what to know about each feature."""
    rows = []
    for place, name in enumerate(inputs.names):
        values = inputs.values(place)
        row = {
            "feature": name,
            "kind": kind_of(values),
            "unit": inputs.units.get(name),
            "missing": int(values.isna().sum()),
            "distinct": int(values.nunique()),
            "typical": _typical(values),
        }
        if inputs.X_train is not None:
            row["new"] = _count_new(values, values_of(inputs.X_train, place))
        rows.append(row)
    features = pd.DataFrame(rows)
    features["typical"] = pd.Series([row["typical"] for row in rows], dtype=object)
    return features


def kind_of(values: pd.Series) -> str:
    """Return what kind of values a feature has."""
    types = pd.api.types
    if types.is_bool_dtype(values.dtype):
        return "true or false"
    if types.is_integer_dtype(values.dtype):
        return "whole number"
    if types.is_numeric_dtype(values.dtype):
        return "number"
    return "date" if types.is_datetime64_any_dtype(values.dtype) else "category"


def is_numeric(values: pd.Series) -> bool:
    """Return whether a feature holds numbers."""
    return kind_of(values) in ("number", "whole number")


def _typical(values: pd.Series) -> Any:
    known = values.dropna()
    if known.empty:
        return None
    if is_numeric(known):
        median = float(known.median())
        is_whole = kind_of(known) == "whole number" and median.is_integer()
        return int(median) if is_whole else median
    return shown_value(known.mode().iloc[0])


def shown_value(value: Any) -> Any:
    """Return a value of a feature as tables show it."""
    return str(value) if isinstance(value, bool | np.bool_) else value


def _count_new(values: pd.Series, trained: pd.Series) -> int:
    """Count the values that the training rows do not have, or that exceed theirs."""
    known = values.dropna()
    if not (is_numeric(values) and is_numeric(trained)):
        return int((~known.astype(object).isin(set(trained.dropna()))).sum())
    numbers = known.to_numpy(dtype=float)
    trained_numbers = trained.dropna().to_numpy(dtype=float)
    if not len(trained_numbers):
        return len(numbers)
    low, high = trained_numbers.min(), trained_numbers.max()
    return int(np.sum((numbers < low) | (numbers > high)))
