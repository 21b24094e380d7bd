"""The input of an experiment: a network, and the rows prepared for it.

An experiment trains a network many times with different parameters. The steps before it
in a pipeline are fitted once, to the training rows only. Then all variants train
together, as banks, and are validated on the same held-out rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from skdl._models import fresh_steps_before, parameter_prefix, prefixed
from skdl._parallel import fused_if, runs_in_this_process
from skdl._progress import Progress
from skdl.diagnosis._networks import network_of
from skdl.diagnosis.experiments._folds import check_rows, is_stratified
from skdl.exceptions import DataError, DivergenceWarning


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class PreparedData:
    """A network, and its training and validation rows."""

    network: BaseEstimator  # one of skdl's networks, not fitted
    # prefix of its parameters in the given estimator, such as "mlpclassifier__"; "" for
    # the network itself
    prefix: str
    # (n_samples, ...) Features, transformed by the steps before the network
    X_train: Any
    # (n_samples,) Targets. X_val and y_val are None if no rows are held out
    y_train: Any
    X_val: Any
    y_val: Any
    # what comes before the network, fitted on the training rows
    steps: Pipeline | None = None

    def transform(self, X: Any) -> Any:
        """Bring other rows into the form that the network takes."""
        # X: (n_samples, n_features) -> (n_samples, ...)
        return X if self.steps is None else self.steps.transform(X)

    def keeping_best(self) -> dict[str, Any]:
        """Return parameters that keep the weights of the best epoch."""
        network: Any = self.network
        patience = network.patience if network.early_stopping else network.epochs
        return {"early_stopping": True, "patience": patience}

    def outer(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Rename parameters of the network to those of the given estimator."""
        return prefixed(parameters, self.prefix)


def prepare(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    function: str,
    X_val: Any = None,
    y_val: Any = None,
    validation_fraction: float | None = 0.2,
    random_state: int | np.random.RandomState | None = None,
) -> PreparedData:
    """Hold out rows and fit the steps before the network."""
    # X: (n_samples, n_features); y: (n_samples,)
    network = network_of(estimator, function=function)
    check_rows(X, y, function=function)
    if (X_val is None) != (y_val is None):
        missing = "X_val" if X_val is None else "y_val"
        raise DataError(
            f"{function} needs X_val and y_val together, or neither. Got no {missing}."
        )
    if X_val is not None:
        check_rows(X_val, y_val, function=function, names=("X_val", "y_val"))
    if X_val is None and validation_fraction is not None:
        X, X_val, y, y_val = _held_out(
            network, X, y, validation_fraction, random_state, function
        )
    steps = fresh_steps_before(estimator)
    if steps is not None:
        X = steps.fit_transform(X, y)
        X_val = None if X_val is None else steps.transform(X_val)
    prefix = parameter_prefix(estimator)
    return PreparedData(clone(network), prefix, X, y, X_val, y_val, steps)


def _held_out(
    network: Any,
    X: Any,
    y: Any,
    fraction: float,
    random_state: int | np.random.RandomState | None,
    function: str,
) -> list:
    strata = y if is_stratified(network, y) else None
    if strata is not None and np.unique(strata, return_counts=True)[1].min() < 2:
        strata = None
    try:
        return train_test_split(
            X, y, test_size=fraction, stratify=strata, random_state=random_state
        )
    except ValueError as error:
        raise DataError(
            f"{function} cannot hold out {fraction:g} of the rows: "
            f"{str(error).rstrip('.')}. Pass X_val and y_val, or another "
            "'validation_fraction'."
        ) from error


def train_variants(
    data: PreparedData,
    variants: Sequence[Mapping[str, Any]],
    *,
    description: str,
    progress: bool | None = None,
) -> list[Any]:
    """Train the network with several sets of parameters, all together."""
    runs = [(data, variant) for variant in variants]
    return train_runs(runs, description=description, progress=progress)


def train_runs(
    runs: Sequence[tuple[PreparedData, Mapping[str, Any]]],
    *,
    description: str,
    progress: bool | None = None,
) -> list[Any]:
    """Train networks, each on its own rows (such as a fold's), all together."""
    fit = _fitted if runs_in_this_process() else _fitted_in_worker
    with (
        Progress(description, len(runs), shown=progress) as bar,
        _without_divergence_warnings(),
        fused_if(True, n_fits=len(runs)),
    ):
        fits = (
            delayed(fit)(clone(data.network).set_params(**variant), data, bar)
            for data, variant in runs
        )
        return list(Parallel()(fits))


def _without_divergence_warnings() -> warnings.catch_warnings:
    """Ignore the warnings, because the record reports divergence.

    Filters belong to the process: if several threads changed and restored them, one
    could leave behind the filters of another.
    """
    return warnings.catch_warnings(action="ignore", category=DivergenceWarning)


def _fitted(network: Any, data: PreparedData, bar: Progress) -> Any:
    network.fit(data.X_train, data.y_train, X_val=data.X_val, y_val=data.y_val)
    bar.advance()
    return network


def _fitted_in_worker(network: Any, data: PreparedData, bar: Progress) -> Any:
    with _without_divergence_warnings():
        return _fitted(network, data, bar)
