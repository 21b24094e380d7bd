"""The result of a comparison of optimizers: one run each, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._record import Record
from skdl.diagnosis.experiments._optimizer_run import OptimizerRun


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class OptimizerComparison(Record):
    """Optimizers on the same network and rows, each at its tuned learning rate.

    Parameters
    ----------
    runs : tuple of OptimizerRun
        The runs, ordered by their lowest validation loss, averaged over the seeds. Runs
        that diverged with some seeds come after those that never did, and runs that
        always diverged are last.
    best : dict of str to object
        Parameters of the first run, ready for ``set_params`` of the estimator. Empty if
        no training finished.
    seeds : tuple of int
        The seeds of all runs.
    tuning_seed : int
        The seed for tuning the learning rates.
    n_train, n_val : int
        Number of training rows and of validation rows.
    """

    runs: tuple[OptimizerRun, ...]
    best: dict[str, Any]
    seeds: tuple[int, ...]
    tuning_seed: int
    n_train: int
    n_val: int

    def to_frame(self) -> pd.DataFrame:
        """Return the comparison as a table, the best optimizer first.

        Returns
        -------
        frame : DataFrame
            Columns "optimizer", "learning_rate", "at_edge" (of the rates tried), the
            lowest validation loss as "best_val_loss" (mean over the seeds),
            "best_val_loss_low" and "best_val_loss_high" (range over the seeds),
            "epochs_to_best" (median), "final_val_loss", "final_loss" (means),
            "seconds" and "status".
        """
        return pd.DataFrame([_row(run) for run in self.runs])

    def __str__(self) -> str:
        """Return in one line which optimizer is best."""
        first, *others = self.runs
        if not first.has_finished:
            return (
                f"{type(self).__name__}: no training finished, {first.name} "
                f"{first.status}"
            )
        best = first.best_losses
        texts = [
            f"{type(self).__name__}: {first.name} at {first.learning_rate:g} has the "
            f"lowest validation loss, {best.mean():.4g} ({best.min():.4g} to "
            f"{best.max():.4g} over {len(best)} seed{'s' * (len(best) > 1)}), after "
            f"{np.median(first.best_epochs):g} epochs"
        ]
        if first.is_at_edge:
            texts.append("its rate is at the edge of those tried")
        if others and others[0].has_finished:
            then = others[0]
            texts.append(
                f"next {then.name} at {then.learning_rate:g}, "
                f"{then.best_losses.mean():.4g}"
            )
        texts += [
            f"{run.name} {run.status}" for run in self.runs if run.status != "trained"
        ]
        return "; ".join(texts)


def _row(run: OptimizerRun) -> dict[str, Any]:
    best, epochs, finals, losses = [np.full(1, np.nan)] * 4
    if run.has_finished:
        best, epochs = run.best_losses, run.best_epochs
        finals, losses = run.val_losses[:, -1], run.losses[:, -1]
    return {
        "optimizer": run.name,
        "learning_rate": run.learning_rate,
        "at_edge": run.is_at_edge,
        "best_val_loss": best.mean(),
        "best_val_loss_low": best.min(),
        "best_val_loss_high": best.max(),
        "epochs_to_best": np.median(epochs),
        "final_val_loss": finals.mean(),
        "final_loss": losses.mean(),
        "seconds": run.seconds,
        "status": run.status,
    }
