"""Folds with three parts: training, validation and test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._compat.sklearn import safe_indexing
from skdl.diagnosis._networks import network_of
from skdl.diagnosis.experiments._folds import split_rows
from skdl.diagnosis.experiments._losses import Metric, weight_norm
from skdl.diagnosis.experiments._prepared_data import PreparedData, prepare, train_runs
from skdl.diagnosis.experiments._regularisers import Regulariser

LOSSES = ("train_loss", "val_loss", "test_loss")
MEASURED = (*LOSSES, "weight_norm", "best_epoch")


@dataclass(frozen=True, eq=False)
class ThreeWayFold:
    """The rows of a fold, and a network for them."""

    # the network, training rows, and the validation rows that choose strengths
    data: PreparedData
    # (n_samples, ...) Features of the test rows, in the form that the network takes
    X_test: Any
    y_test: Any  # (n_samples,) Their targets

    def measure(self, network: Any, metric: Metric) -> list[float]:
        """Measure a network that was trained on this fold."""
        data = self.data
        parts = (
            (data.X_train, data.y_train),
            (data.X_val, data.y_val),
            (self.X_test, self.y_test),
        )
        losses = [metric.of_run(network, X, y) for X, y in parts]
        return [*losses, weight_norm(network), float(network.best_epoch_)]


def folds_of_three(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    cv: Any,
    validation_fraction: float,
    function: str,
    random_state: np.random.RandomState,
) -> list[ThreeWayFold]:
    """Split rows for cross-validation, and split the training rows once more."""
    # X: (n_samples, n_features); y: (n_samples,)
    splits = split_rows(
        network_of(estimator, function=function),
        X,
        y,
        cv=cv,
        function=function,
        random_state=random_state,
    )
    folds = []
    for train, test in splits:
        data = prepare(
            estimator,
            safe_indexing(X, train),
            safe_indexing(y, train),
            function=function,
            validation_fraction=validation_fraction,
            random_state=random_state,
        )
        X_test = data.transform(safe_indexing(X, test))
        folds.append(ThreeWayFold(data, X_test, safe_indexing(y, test)))
    return folds


def train_plan(
    plan: Sequence[tuple[Regulariser, int]],
    folds: Sequence[ThreeWayFold],
    seeds: Sequence[Sequence[int]],
    metric: Metric,
    *,
    keeps_best: bool,
    progress: bool | None,
) -> pd.DataFrame:
    """Train regularised networks on all folds together, and measure them."""
    planned = [
        (regulariser, fold, repeat)
        for regulariser, fold in plan
        for repeat in range(len(seeds[0]))
    ]
    runs = []
    for regulariser, fold, repeat in planned:
        data = folds[fold].data
        keeping = data.keeping_best() if keeps_best else {}
        seed = {"random_state": seeds[fold][repeat]}
        runs.append((data, {**regulariser.parameters, **keeping, **seed}))
    weights = "best epoch" if keeps_best else "end"
    networks = train_runs(
        runs, description=f"regularisation, {weights}", progress=progress
    )
    rows = [
        {
            "kind": regulariser.kind,
            "strength": regulariser.strength,
            "fold": fold,
            "repeat": repeat,
            "weights": weights,
            **dict(zip(MEASURED, folds[fold].measure(network, metric), strict=True)),
            "status": network.status_,
        }
        for (regulariser, fold, repeat), network in zip(planned, networks, strict=True)
    ]
    strengths = as_objects([row["strength"] for row in rows])
    return pd.DataFrame(rows).assign(strength=strengths)


def as_objects(values: Sequence[Any]) -> np.ndarray:
    """Make a column of unchanged values; pandas would turn None into nan."""
    # -> (n_rows,)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
