"""Ending trials that do worse than others, while their folds train.

After each epoch a trial reports the mean, over its folds, of the lowest validation loss
so far, with its sign changed as a study's values are better when greater. The
validation rows are held out of each fold's training rows; the rows that the fold is
scored on take no part.
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
WARMUP_EPOCHS = 5  # in which the median says little
NAMES: dict[str, Callable[[], BasePruner]] = {
    "median": lambda: optuna.pruners.MedianPruner(n_warmup_steps=WARMUP_EPOCHS),
    "successive_halving": optuna.pruners.SuccessiveHalvingPruner,
    "hyperband": optuna.pruners.HyperbandPruner,
    "wilcoxon": optuna.pruners.WilcoxonPruner,
}


def make_pruner(pruner: PrunerName | BasePruner | None) -> BasePruner | None:
    """Make a pruner by its name, or take the user's."""
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
    """What the folds of a trial have reported, and whether they are to stop."""

    def __init__(self, trial: Trial, n_splits: int) -> None:
        self.is_pruned = False
        self.error: Exception | None = None
        self.trial = trial
        self._lock = threading.Lock()
        self._losses: list[list[float]] = [[] for _ in range(n_splits)]
        self._has_ended = [False] * n_splits
        # A trial that was taken over may have got further before.
        self._reported = set(read_trial(trial).intermediate_values)
        self._n_decided = 0

    def hear(self, split: int, report: Any) -> bool:
        """Hear of an epoch of a fold."""
        with self._lock:
            losses = self._losses[split]
            loss = report.values["val_loss"]
            lowest = losses[-1] if losses else math.inf
            losses.append(loss if loss < lowest else lowest)  # nan is no improvement
            self._has_ended[split] = report.is_last
            self._decide()
            return self.is_over()

    def leave(self, split: int) -> None:
        """Take note that a fold has ended, in whatever way."""
        with self._lock:
            self._has_ended[split] = True
            self._decide()

    def is_over(self) -> bool:
        """Return whether the folds are to stop."""
        return self.is_pruned or self.error is not None

    def _decide(self) -> None:
        try:
            while not self.is_over() and self._decide_next():
                pass
        except (UpdateFinishedTrialError, *OUTAGES) as error:
            self.error = error

    def _decide_next(self) -> bool:
        """Report the next epoch that all folds have reached, if there is one."""
        epoch = self._n_decided
        folds = [
            (losses, has_ended)
            for losses, has_ended in zip(self._losses, self._has_ended, strict=True)
            if losses or not has_ended  # one that failed has nothing to say
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
    """What hears of the epochs of one fold, a `skdl.training._watched.Observer`."""

    reports: FoldReports
    split: int

    def __call__(self, report: Any) -> bool:
        """Hear of an epoch; a true result stops the fold."""
        return self.reports.hear(self.split, report)

    def is_over(self) -> bool:
        """Whether the trial was pruned."""
        return self.reports.is_over()

    def leave(self) -> None:
        """Take note that the fit has ended."""
        self.reports.leave(self.split)


def fold_observers(reports: Sequence[FoldReports], n_splits: int) -> list[FoldObserver]:
    """Make what hears of the fits of several trials."""
    return [FoldObserver(own, split) for own in reports for split in range(n_splits)]
