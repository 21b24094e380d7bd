"""Folds of three parts: rows to train on, to choose by, and to test on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import _safe_indexing

from skdl.diagnosis._networks import network_of
from skdl.diagnosis.experiments._folds import split_rows
from skdl.diagnosis.experiments._losses import Metric, weight_norm
from skdl.diagnosis.experiments._prepared_data import PreparedData, prepare, train_runs
from skdl.diagnosis.experiments._regularisers import Regulariser

LOSSES = ("train_loss", "val_loss", "test_loss")
MEASURED = (*LOSSES, "weight_norm", "best_epoch")


@dataclass(frozen=True, eq=False)
class Fold:
    """Rows of a fold, and a network for them.

    Parameters
    ----------
    subject : PreparedData
        The network, the rows to train on, and validation rows to choose by.
    X_test : array-like of shape (n_samples, ...)
        Features of the rows to test on, as the network takes them.
    y_test : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    """

    subject: PreparedData
    X_test: Any
    y_test: Any

    def measure(self, network: Any, metric: Metric) -> list[float]:
        """Measure a network that was trained on this fold.

        Parameters
        ----------
        network : estimator
            Fitted.
        metric : Metric
            Its loss.

        Returns
        -------
        numbers : list of float
            Those named in `MEASURED`.
        """
        subject = self.subject
        parts = (
            (subject.X_train, subject.y_train),
            (subject.X_val, subject.y_val),
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
) -> list[Fold]:
    """Split rows for cross-validation, and what is left for training once more.

    Parameters
    ----------
    estimator : estimator
        One of skdl's networks, or a pipeline that ends in one.
    X : array-like of shape (n_samples, n_features)
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    cv : int, splitter or iterable of (train, test)
        Folds, whose rows are those to test on.
    validation_fraction : float
        Share of the others to choose by.
    function : str
        Who asks, for messages.
    random_state : RandomState
        Which rows are where.

    Returns
    -------
    folds : list of Fold
        With the steps before the network fitted on the rows to train on.
    """
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
        subject = prepare(
            estimator,
            _safe_indexing(X, train),
            _safe_indexing(y, train),
            function=function,
            validation_fraction=validation_fraction,
            random_state=random_state,
        )
        X_test = subject.transform(_safe_indexing(X, test))
        folds.append(Fold(subject, X_test, _safe_indexing(y, test)))
    return folds


def train_plan(
    plan: Sequence[tuple[Regulariser, int]],
    folds: Sequence[Fold],
    seeds: Sequence[Sequence[int]],
    metric: Metric,
    *,
    keeps_best: bool,
    progress: bool | None,
) -> pd.DataFrame:
    """Train regularised networks on folds, all together, and measure them.

    Parameters
    ----------
    plan : sequence of (Regulariser, int)
        What to train, and on which fold.
    folds : sequence of Fold
        Rows.
    seeds : sequence of sequence of int
        By fold and repeat.
    metric : Metric
        The loss.
    keeps_best : bool
        Whether to measure the weights of the epoch with the lowest validation loss,
        rather than those that a fit keeps.
    progress : bool or None
        Whether to show a bar.

    Returns
    -------
    fits : DataFrame
        One row per regulariser and fold of the plan, and repeat, in this order:
        "kind", "strength", "fold", "repeat", "weights", the columns of `MEASURED`, and
        "status".
    """
    planned = [
        (regulariser, fold, repeat)
        for regulariser, fold in plan
        for repeat in range(len(seeds[0]))
    ]
    runs = []
    for regulariser, fold, repeat in planned:
        subject = folds[fold].subject
        keeping = subject.keeping_best() if keeps_best else {}
        seed = {"random_state": seeds[fold][repeat]}
        runs.append((subject, {**regulariser.parameters, **keeping, **seed}))
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
    """Make a column of values as they are, None too, which pandas makes nan of numbers.

    Parameters
    ----------
    values : sequence of object
        One per row.

    Returns
    -------
    column : ndarray of shape (n_rows,)
        Of objects.
    """
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
