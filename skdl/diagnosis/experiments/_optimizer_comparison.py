"""What a comparison of optimizers found: a run per optimizer, the best one first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._record import Record


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class OptimizerRun:
    """One optimizer at its tuned rate, trained with several seeds.

    Parameters
    ----------
    name : str
        What it is called in the comparison.
    parameters : mapping of str to object
        The network's parameters that make it, with its tuned "learning_rate".
    learning_rate : float
        The rate with the lowest validation loss; nan if training diverged at every
        rate.
    rates, rate_losses : ndarray of shape (n_rates,)
        The rates tried, ascending, and the lowest validation loss of an epoch at each;
        nan where training diverged.
    seeds, diverged : tuple of int
        The seeds that training finished with, and those it diverged with.
    losses, val_losses : ndarray of shape (n_seeds, n_epochs)
        Training and validation loss of each epoch, for each seed that finished.
    seconds : float
        Wall time of all seeds, trained together. Compiling is part of it where no
        network of this kind had been trained before.
    """

    name: str
    parameters: Mapping[str, Any]
    learning_rate: float
    rates: np.ndarray
    rate_losses: np.ndarray
    seeds: tuple[int, ...]
    diverged: tuple[int, ...]
    losses: np.ndarray
    val_losses: np.ndarray
    seconds: float

    @property
    def has_finished(self) -> bool:
        """Whether there is a seed that training finished with."""
        return bool(self.seeds)

    @property
    def best_losses(self) -> np.ndarray:
        """Lowest validation loss of an epoch, per seed that finished."""
        return self.val_losses.min(axis=1) if self.has_finished else np.empty(0)

    @property
    def best_epochs(self) -> np.ndarray:
        """Number, from 1, of the epoch with that loss, per seed that finished."""
        if not self.has_finished:
            return np.empty(0, dtype=int)
        return 1 + self.val_losses.argmin(axis=1)

    @property
    def is_at_edge(self) -> bool:
        """Whether the tuned rate is the lowest or highest tried: tuning may go on."""
        ends = (self.rates[0], self.rates[-1])
        return len(self.rates) > 1 and self.learning_rate in ends

    @property
    def status(self) -> str:
        """How training ended, in words."""
        if np.isnan(self.learning_rate):
            return "diverged at every rate"
        if not self.diverged:
            return "trained"
        n_seeds = len(self.seeds) + len(self.diverged)
        return f"diverged with {len(self.diverged)} of {n_seeds} seeds"

    def band(
        self, quantity: str = "val_losses"
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean of a loss over the seeds, and its range.

        Parameters
        ----------
        quantity : {"val_losses", "losses"}, default="val_losses"
            Of validation or training.

        Returns
        -------
        mean, low, high : ndarray of shape (n_epochs,)
            Mean, lowest and highest over the seeds that finished; empty if none did.
        """
        curves = getattr(self, quantity)
        if not self.has_finished:
            nothing = np.empty(0)
            return nothing, nothing, nothing
        return curves.mean(axis=0), curves.min(axis=0), curves.max(axis=0)


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class OptimizerComparison(Record):
    """Optimizers on one network and the same rows, each at its tuned rate.

    Parameters
    ----------
    runs : tuple of OptimizerRun
        By their lowest validation loss, averaged over the seeds. Those that diverged
        with some seeds come after those that did with none, and those without a seed
        that finished are last.
    best : dict of str to object
        Parameters of the first run, ready for ``set_params`` of the estimator. Empty if
        nothing finished.
    seeds : tuple of int
        The seeds that every optimizer was trained with.
    tuning_seed : int
        The seed that rates were tuned with.
    n_train, n_val : int
        Number of training and of validation rows.
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
        """Say in one line which optimizer is best."""
        first, *others = self.runs
        if not first.has_finished:
            return (
                f"{type(self).__name__}: nothing finished, {first.name} {first.status}"
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
