"""The section about the rows: what to know of each feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from skdl.reports._report_input import ReportInput, values_of
from skdl.reports._section import Section

MOST_FEATURES_LISTED = 40
MOST_FEATURES_NAMED = 5


def add_data(section: Section, subject: ReportInput) -> None:
    """Tabulate the features, and name those that say nothing."""
    add_features(section, describe_features(subject))
    by_reason: dict[str, list[str]] = {}
    for place, reason in subject.unvarying.items():
        by_reason.setdefault(reason, []).append(subject.names[place])
    for reason, names in by_reason.items():
        section.add_note(
            f"{named(names)}: {reason}. What such a feature does cannot be seen.",
            tone="warning",
        )


def add_features(section: Section, features: pd.DataFrame) -> None:
    """Add the table of features, the first of many."""
    section.add_table(features.head(MOST_FEATURES_LISTED))
    n_hidden = len(features) - MOST_FEATURES_LISTED
    if n_hidden > 0:
        section.add_text(f"And {n_hidden} more features.")


def named(names: Sequence[str]) -> str:
    """Name the first few of many.

    >>> from skdl.reports._sections.data import named
    >>> named(["age", "fare"])
    '“age”, “fare”'
    """
    shown = ", ".join(f"“{name}”" for name in names[:MOST_FEATURES_NAMED])
    more = len(names) - MOST_FEATURES_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def describe_features(subject: ReportInput) -> pd.DataFrame:
    """Tabulate what to know about each feature."""
    rows = []
    for place, name in enumerate(subject.names):
        values = subject.values(place)
        row = {
            "feature": name,
            "kind": kind_of(values),
            "unit": subject.units.get(name),
            "missing": int(values.isna().sum()),
            "distinct": int(values.nunique()),
            "typical": _typical(values),
        }
        if subject.X_train is not None:
            row["new"] = _count_new(values, values_of(subject.X_train, place))
        rows.append(row)
    features = pd.DataFrame(rows)
    features["typical"] = pd.Series([row["typical"] for row in rows], dtype=object)
    return features if subject.units else features.drop(columns="unit")


def kind_of(values: pd.Series) -> str:
    """Say what a feature holds."""
    types = pd.api.types
    if types.is_bool_dtype(values.dtype):
        return "truth value"
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
    known = values.dropna()
    if not (is_numeric(values) and is_numeric(trained)):
        return int((~known.astype(object).isin(set(trained.dropna()))).sum())
    numbers = known.to_numpy(dtype=float)
    trained_numbers = trained.dropna().to_numpy(dtype=float)
    if not len(trained_numbers):
        return len(numbers)
    low, high = trained_numbers.min(), trained_numbers.max()
    return int(np.sum((numbers < low) | (numbers > high)))
