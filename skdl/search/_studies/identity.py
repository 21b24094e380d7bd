"""The search that a study belongs to: only the same search can resume it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator

# Settings that change how fast a result is computed, but not the result.
MACHINE_SETTINGS = ("n_jobs", "verbose", "memory", "cache_size", "pre_dispatch")


@dataclass(frozen=True)
class Identity:
    """The properties that must match for a search to resume a study."""

    estimator: str  # name of the estimator's class
    settings: dict[str, str]
    space: str
    objectives: tuple[str, ...]  # names of the metrics to maximise
    scoring: str
    rows: str  # hash of X, y and the metadata passed to fit
    folds: str  # hash of the row indices of each fold

    @property
    def record(self) -> dict[str, Any]:
        """The properties as the study stores them."""
        return json.loads(json.dumps(vars(self)))

    def differences(self, other: dict[str, Any]) -> list[str]:
        """Describe how a study differs from this search."""
        phrases = {
            "estimator": "another estimator ({theirs}, not {ours})",
            "space": "another space ({theirs}, not {ours})",
            "objectives": "other objectives ({theirs}, not {ours})",
            "scoring": "another scoring ({theirs}, not {ours})",
            "rows": "another X, y or other metadata",
            "folds": "other folds (a 'cv' that shuffles needs an integer random_state)",
        }
        ours = self.record
        found = [
            phrase.format(theirs=other.get(name), ours=ours[name])
            for name, phrase in phrases.items()
            if ours[name] != other.get(name)
        ]
        theirs = other.get("settings", {})
        changed = [
            f"{name}: {theirs[name]}, not {self.settings[name]}"
            for name in sorted(self.settings.keys() & theirs.keys())
            if theirs[name] != self.settings[name]
        ]
        if changed and not found:
            found.append(f"other settings of the estimator ({'; '.join(changed)})")
        return found


def settings_of(estimator: BaseEstimator, searched: frozenset[str]) -> dict[str, str]:
    """Return the parameters of an estimator that the search does not change."""
    parameters = estimator.get_params(deep=True)
    nested = {name.rpartition("__")[0] for name in parameters if "__" in name}
    settings = {}
    for name, value in parameters.items():
        is_searched = any(name == s or name.startswith(f"{s}__") for s in searched)
        if is_searched or name.split("__")[-1] in MACHINE_SETTINGS:
            continue
        if isinstance(value, BaseEstimator) and name in nested:
            settings[name] = type(
                value
            ).__name__  # its parameters are listed themselves
        elif not _holds_estimators(value):  # as a pipeline's steps do
            settings[name] = text_of(value)
    return settings


def _holds_estimators(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_estimators, value))
    return isinstance(value, BaseEstimator)


def text_of(value: Any) -> str:
    """Name a value in a way that is the same in every process."""
    if inspect.isroutine(value) or inspect.isclass(value):
        return str(getattr(value, "__qualname__", type(value).__name__))
    if isinstance(value, np.ndarray):  # whose repr omits values
        return f"array {joblib.hash(np.ascontiguousarray(value))}"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__} {sorted(map(text_of, value))}"
    return re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(repr(value).split()))


def scoring_text(scoring: Any) -> str:
    """Name a scoring."""
    if scoring is None:
        return "the estimator's own"
    if isinstance(scoring, str):
        return scoring
    if isinstance(scoring, Mapping):
        return str({name: scoring_text(part) for name, part in scoring.items()})
    if isinstance(scoring, list | tuple | set):
        return str(sorted(scoring))
    return text_of(scoring)


def rows_hash(*tables: Any) -> str:
    """Hash the values of X, y and the metadata passed to fit."""
    return joblib.hash([None if t is None else _content(t) for t in tables])


def _content(table: Any) -> Any:
    """Convert a table to something that joblib hashes by its values alone."""
    if isinstance(table, pd.DataFrame | pd.Series):
        return _cells(table)
    if sparse.issparse(table):
        rows = table.tocsr()
        return [rows.shape, rows.data, rows.indices, rows.indptr]
    values = np.asarray(table)
    if values.dtype == object:
        return _cells(pd.DataFrame(values.reshape(len(values), -1)))
    # Neither the memory layout nor memory mapping is part of the values.
    return np.ascontiguousarray(values).view(np.ndarray)


def _cells(table: pd.DataFrame | pd.Series) -> Any:
    try:
        return np.asarray(pd.util.hash_pandas_object(table, index=False))
    except TypeError:  # cells without a hash, such as lists
        return np.asarray(table.map(text_of), dtype=str)
