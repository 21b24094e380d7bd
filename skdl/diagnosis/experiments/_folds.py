"""Splits into folds, and the precision of means over folds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import (
    KFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    check_cv,
)
from sklearn.utils.multiclass import type_of_target

from skdl._checks import check_count
from skdl._compat.sklearn import num_samples
from skdl.exceptions import DataError, ParameterError

Splits = list[tuple[np.ndarray, np.ndarray]]


def check_rows(
    X: Any, y: Any, *, function: str, names: tuple[str, str] = ("X", "y")
) -> None:
    """Refuse missing targets, and targets of other rows."""
    # X: (n_samples, ...)
    of_rows, of_targets = names
    if y is None:
        raise DataError(
            f"{function} needs {of_targets}, one target per row of {of_rows}. Got None "
            "instead."
        )
    n_rows, n_targets = num_samples(X), num_samples(y)
    if n_rows != n_targets:
        raise DataError(
            f"{function} needs one target per row, but {of_rows} has {n_rows} rows and "
            f"{of_targets} has {n_targets}. Pass the targets of the same rows."
        )


def is_stratified(estimator: Any, y: Any) -> bool:
    """Return whether to stratify folds by class."""
    # y: (n_samples,)
    if not is_classifier(estimator) or np.ndim(y) != 1:
        return False
    try:
        return type_of_target(y) in ("binary", "multiclass")
    except TypeError:  # words and gaps cannot be sorted; fit refuses them
        return False


def split_rows(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    cv: Any,
    function: str,
    random_state: np.random.RandomState,
    n_repeats: int = 1,
) -> Splits:
    """Split rows for cross-validation."""
    # X: (n_samples, n_features); y: (n_samples,)
    check_rows(X, y, function=function)
    if isinstance(cv, int | np.integer):
        cv = _shuffled(
            check_count(cv, name="cv", function=function, least=2),
            n_repeats,
            stratified=is_stratified(estimator, y),
            random_state=random_state,
        )
    elif isinstance(cv, str) or not (hasattr(cv, "split") or isinstance(cv, Iterable)):
        raise ParameterError(
            f"The 'cv' parameter of {function} must be a number of folds, a splitter "
            f"of scikit-learn, or pairs of (train, test). Got {cv!r} instead."
        )
    try:
        return list(check_cv(cv).split(X, y))
    except ValueError as error:
        raise DataError(
            f"{function} cannot split the rows into folds: "
            f"{str(error).rstrip('.')}. Pass another 'cv'."
        ) from error


def _shuffled(
    n_splits: int,
    n_repeats: int,
    *,
    stratified: bool,
    random_state: np.random.RandomState,
) -> Any:
    if n_repeats == 1:
        kind = StratifiedKFold if stratified else KFold
        return kind(n_splits, shuffle=True, random_state=random_state)
    family = RepeatedStratifiedKFold if stratified else RepeatedKFold
    return family(n_splits=n_splits, n_repeats=n_repeats, random_state=random_state)


def draw_seeds(shape: tuple[int, ...], random_state: np.random.RandomState) -> Any:
    """Draw seeds for networks."""
    return random_state.randint(np.iinfo(np.int32).max, size=shape).tolist()


def standard_errors(values: np.ndarray) -> np.ndarray:
    """Return the standard errors of means over folds and repeats."""
    # values: (..., n_folds, n_repeats) -> (...)
    values = values[..., 0, :] if values.shape[-2] == 1 else values.mean(axis=-1)
    n = values.shape[-1]
    if n == 1:
        return np.full(values.shape[:-1], np.nan)
    return values.std(axis=-1, ddof=1) / np.sqrt(n)


def one_standard_error(
    losses: np.ndarray, errors: np.ndarray, sizes: np.ndarray
) -> tuple[int, int, float]:
    """Choose by the one-standard-error rule."""
    # losses, errors: (n_candidates,); sizes: (n_candidates,)
    losses = np.where(np.isnan(losses), np.inf, losses)
    best = int(np.lexsort((sizes, losses))[0])
    limit = float(losses[best] + np.nan_to_num(errors[best]))
    within = np.flatnonzero(losses <= limit)
    simplest = int(within[np.lexsort((losses[within], sizes[within]))[0]])
    return best, simplest, limit
