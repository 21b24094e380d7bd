"""Rows as numbers whose columns can be described in the user's terms.

A surrogate is fitted to numbers, but must read as `sex = female` or `age <= 12`.
Numbers stay numbers, text becomes one column of 0 and 1 per level, and a missing value
is a level of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skdl._tables import Table, column, feature_names_of, units_of
from skdl.exceptions import DataError

MOST_LEVELS = 20  # of a feature of words; rarer ones are one level, OTHER
MISSING = "(missing)"
OTHER = "(other)"


@dataclass(frozen=True)
class Term:
    """One column of numbers, and its meaning."""

    place: int  # position of the feature among the columns of the rows
    feature: str
    # the level that the column is 1 at; None for the numbers themselves
    level: str | None = None

    @property
    def text(self) -> str:
        """The column in words, such as "age", "sex = female", "age is missing"."""
        if self.level is None:
            return self.feature
        if self.level == MISSING:
            return f"{self.feature} is missing"
        return f"{self.feature} = {self.level}"


@dataclass(frozen=True)
class ReadFeature:
    """What was learned about a feature."""

    place: int  # position among the columns of the rows
    name: str
    unit: str  # its unit; empty if unknown
    # levels of words, the most frequent first; None for numbers
    levels: tuple[str, ...] | None
    median: float = 0.0  # of numbers; 0 where all are missing
    has_missing: bool = False  # whether a number was missing
    is_whole: bool = False  # whether all numbers were whole


class ReadableColumns(TransformerMixin, BaseEstimator):
    """Turn rows of numbers and text into numbers with readable names."""

    def __init__(
        self,
        style: Literal["tree", "linear"] = "tree",
        feature_names: Sequence[str] | None = None,
    ) -> None:
        self.style = style
        self.feature_names = feature_names

    def fit(self, X: Table, y: Any = None) -> ReadableColumns:
        """Learn the levels and the medians."""
        # X: (n_samples, n_features)
        names, units = feature_names_of(X, self.feature_names), units_of(X)
        self.features_ = tuple(
            _read(place, name, units.get(name, ""), column(X, place))
            for place, name in enumerate(names)
        )
        self.terms_ = tuple(
            term for feature in self.features_ for term in self._terms_of(feature)
        )
        if not self.terms_:
            raise DataError(
                "A surrogate needs a feature that differs between rows. "
                f"Got {len(names)} features, each of one level."
            )
        return self

    def _terms_of(self, feature: ReadFeature) -> list[Term]:
        place, name = feature.place, feature.name
        is_linear = self.style == "linear"
        if feature.levels is None:
            missing = [Term(place, name, MISSING)]
            return [Term(place, name)] + missing * (is_linear and feature.has_missing)
        levels = feature.levels if len(feature.levels) > 1 else ()
        return [Term(place, name, level) for level in levels[int(is_linear) :]]

    def transform(self, X: Table) -> np.ndarray:
        """Turn rows into numbers."""
        # X: (n_samples, n_features) -> (n_samples, n_terms)
        check_is_fitted(self)
        if np.shape(X)[1] != len(self.features_):
            raise DataError(
                f"The surrogate was fitted to rows of {len(self.features_)} columns. "
                f"Got {np.shape(X)[1]} columns."
            )
        numbers = np.empty((len(X), len(self.terms_)))
        words: dict[int, np.ndarray] = {}
        for index, term in enumerate(self.terms_):
            feature = self.features_[term.place]
            values = column(X, term.place)
            if feature.levels is not None:
                if term.place not in words:
                    words[term.place] = _as_levels(values, feature.levels)
                numbers[:, index] = words[term.place] == term.level
                continue
            values = _as_numbers(values)
            is_missing = np.isnan(values)
            if term.level is not None:
                numbers[:, index] = is_missing
            elif self.style == "linear":
                numbers[:, index] = np.where(is_missing, feature.median, values)
            else:
                numbers[:, index] = values
        return numbers

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the columns in words."""
        # -> (n_terms,)
        check_is_fitted(self)
        return np.array([term.text for term in self.terms_], dtype=object)


def _read(place: int, name: str, unit: str, values: Any) -> ReadFeature:
    if _is_numeric(values):
        numbers = _as_numbers(values)
        known = numbers[~np.isnan(numbers)]
        return ReadFeature(
            place,
            name,
            unit,
            None,
            median=float(np.median(known)) if len(known) else 0.0,
            has_missing=len(known) < len(numbers),
            is_whole=bool(len(known) and (known == np.round(known)).all()),
        )
    counts = pd.Series(_as_words(values)).value_counts(sort=False)
    # The most frequent first, ties in alphabetical order.
    ranked = sorted(counts.index, key=lambda level: (-counts[level], level))
    if len(ranked) > MOST_LEVELS:
        ranked = [*ranked[: MOST_LEVELS - 1], OTHER]
    return ReadFeature(place, name, unit, tuple(ranked))


def _is_numeric(values: Any) -> bool:
    kind = pd.Series(values).infer_objects().dtype
    is_numeric = pd.api.types.is_numeric_dtype(kind)
    return is_numeric and not pd.api.types.is_bool_dtype(kind)


def _as_numbers(values: Any) -> np.ndarray:
    return pd.Series(values).to_numpy(dtype=float, na_value=np.nan)


def _as_words(values: Any) -> np.ndarray:
    words = np.asarray(values, dtype=object)
    is_missing = pd.isna(words)
    return np.array(
        [
            MISSING if missing else str(word)
            for word, missing in zip(words, is_missing, strict=True)
        ],
        dtype=object,
    )


def _as_levels(values: Any, levels: Sequence[str]) -> np.ndarray:
    words = _as_words(values)
    if OTHER not in levels:
        return words
    return np.where(np.isin(words, list(levels)), words, OTHER)
