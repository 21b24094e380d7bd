"""Pruning: unpromising trials stop while their folds train.

After each epoch a trial reports the lowest validation loss so far, averaged over its
folds and negated, as the study maximises. The validation rows are held out of each
fold's training rows; the test rows of the fold are never used.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.pruners import BasePruner
from optuna.trial import Trial

from skdl._compat.optuna import read_trial
from skdl.exceptions import ParameterError, ParameterTypeError
from skdl.search._studies.workers import OUTAGES

PrunerName = Literal["median", "successive_halving", "hyperband", "wilcoxon"]
WARMUP_EPOCHS = 5  # in which the median is no guide yet
NAMES: dict[str, Callable[[], BasePruner]] = {
    "median": lambda: optuna.pruners.MedianPruner(n_warmup_steps=WARMUP_EPOCHS),
    "successive_halving": optuna.pruners.SuccessiveHalvingPruner,
    "hyperband": optuna.pruners.HyperbandPruner,
    "wilcoxon": optuna.pruners.WilcoxonPruner,
}


def make_pruner(pruner: PrunerName | BasePruner | None) -> BasePruner | None:
    """Make a pruner by name, or return the one that was passed."""
    if pruner is None or isinstance(pruner, BasePruner):
        return pruner
    expected = (
        "The 'pruner' parameter of OptunaSearchCV must be None, one of "
        f"{', '.join(map(repr, NAMES))} or a pruner of optuna.pruners. Got {pruner!r}"
    )
    if not isinstance(pruner, str):
        raise ParameterTypeError(f"{expected} of type {type(pruner).__name__} instead.")
    if pruner not in NAMES:
        raise ParameterError(f"{expected} instead.")
    return NAMES[pruner]()


class FoldReports:
    """Losses that the folds of a trial report, and whether they must stop."""

    def __init__(self, trial: Trial, n_splits: int) -> None:
        self.is_pruned = False
        self.error: Exception | None = None
        self.trial = trial
        self._lock = threading.Lock()
        self._losses: list[list[float]] = [[] for _ in range(n_splits)]
        self._has_ended = [False] * n_splits
        # Another worker may have reported epochs before it died.
        self._reported = set(read_trial(trial).intermediate_values)
        self._n_decided = 0

    def add(self, split: int, report: Any) -> bool:
        """Add the loss of an epoch; a true result stops the fold."""
        with self._lock:
            losses = self._losses[split]
            loss = report.values["val_loss"]
            lowest = losses[-1] if losses else math.inf
            losses.append(loss if loss < lowest else lowest)  # nan never improves
            self._has_ended[split] = report.is_last
            self._decide()
            return self.is_over()

    def leave(self, split: int) -> None:
        """Note that a fold has ended, for whatever reason."""
        with self._lock:
            self._has_ended[split] = True
            self._decide()

    def is_over(self) -> bool:
        """Return whether the folds must stop."""
        return self.is_pruned or self.error is not None

    def _decide(self) -> None:
        try:
            while not self.is_over() and self._decide_next():
                pass
        except (UpdateFinishedTrialError, *OUTAGES) as error:
            self.error = error

    def _decide_next(self) -> bool:
        """Report the next epoch, if all folds have reached it."""
        epoch = self._n_decided
        folds = [
            (losses, has_ended)
            for losses, has_ended in zip(self._losses, self._has_ended, strict=True)
            if losses or not has_ended  # a failed one is left out
        ]
        if all(has_ended and len(losses) <= epoch for losses, has_ended in folds):
            return False
        if any(not has_ended and len(losses) <= epoch for losses, has_ended in folds):
            return False
        here = [losses[min(epoch, len(losses) - 1)] for losses, _ in folds]
        self._n_decided += 1
        if epoch not in self._reported:
            self.trial.report(-float(np.mean(here)), step=epoch)
        is_last = all(ended and len(losses) <= epoch + 1 for losses, ended in folds)
        self.is_pruned = not is_last and self.trial.should_prune()
        return True


@dataclass(frozen=True)
class FoldObserver:
    """Observer of one fold, as `skdl.training.watched` takes it."""

    reports: FoldReports
    split: int

    def __call__(self, report: Any) -> bool:
        """Add the loss of an epoch; a true result stops the fold."""
        return self.reports.add(self.split, report)

    def is_over(self) -> bool:
        """Return whether the trial was pruned."""
        return self.reports.is_over()

    def leave(self) -> None:
        """Note that the fit has ended."""
        self.reports.leave(self.split)


def fold_observers(reports: Sequence[FoldReports], n_splits: int) -> list[FoldObserver]:
    """Make the observers of all folds of several trials."""
    return [FoldObserver(own, split) for own in reports for split in range(n_splits)]
