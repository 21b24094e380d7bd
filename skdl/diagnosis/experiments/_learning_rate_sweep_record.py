"""What a sweep of learning rates found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from skdl._record import Record

RateStatus = Literal["trained", "erratic", "diverged"]


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class LearningRateSweep(Record):
    """Losses of fresh networks by learning rate.

    Parameters
    ----------
    rates : ndarray of shape (n_rates,)
        Learning rates, in increasing order.
    losses, val_losses : ndarray of shape (n_rates, n_repeats)
        Training and validation loss of the networks that were kept: those of the last
        epoch, with early stopping those of the best one. nan where a run diverged.
    loss_curves, val_loss_curves : ndarray of shape (n_rates, n_repeats, n_epochs)
        The same over the epochs; nan after the end of a run.
    diverged_epochs : ndarray of shape (n_rates, n_repeats)
        Number, from 1, of the epoch in which a run diverged; 0 if it did not.
    statuses : tuple of str
        Of each rate: "diverged" if a run diverged, "erratic" if the training loss rose
        again or blew up, else "trained".
    smoothed_val_losses : ndarray of shape (n_rates,)
        Means of the validation losses, smoothed over neighbouring rates; nan for rates
        that diverged or are erratic.
    recommended : tuple of (float, float) or None
        Lowest and highest rate recommended; None if all diverged or are erratic.
    best_rate : float or None
        The best rate.
    best : dict of str to float or None
        The best rate, ready for ``set_params`` of the estimator that was given.
    edge : {"lowest", "highest"} or None
        Whether the best rate is at an end of those tried, so that there may be better
        ones beyond.
    seeds : tuple of int
        The ``random_state`` of the networks of each repeat.
    """

    rates: np.ndarray
    losses: np.ndarray
    val_losses: np.ndarray
    loss_curves: np.ndarray
    val_loss_curves: np.ndarray
    diverged_epochs: np.ndarray
    statuses: tuple[RateStatus, ...]
    smoothed_val_losses: np.ndarray
    recommended: tuple[float, float] | None
    best_rate: float | None
    best: dict[str, float] | None
    edge: Literal["lowest", "highest"] | None
    seeds: tuple[int, ...]

    @property
    def mean_losses(self) -> np.ndarray:
        """Mean training loss of each rate; nan if a run diverged."""
        return self.losses.mean(axis=1)

    @property
    def mean_val_losses(self) -> np.ndarray:
        """Mean validation loss of each rate; nan if a run diverged."""
        return self.val_losses.mean(axis=1)

    @property
    def is_recommended(self) -> np.ndarray:
        """Whether each rate is in the recommended range."""
        if self.recommended is None:
            return np.zeros(len(self.rates), dtype=bool)
        low, high = self.recommended
        return (self.rates >= low) & (self.rates <= high)

    def status_texts(self) -> list[str]:
        """Say how the runs of each rate went.

        Returns
        -------
        texts : list of str
            The status; of a rate that diverged also when, and how many runs.
        """
        return [
            _told(status, epochs)
            for status, epochs in zip(self.statuses, self.diverged_epochs, strict=True)
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return the losses as a table, the lowest rate first.

        Returns
        -------
        frame : DataFrame
            Columns "learning_rate", "loss", "loss_std", "val_loss", "val_loss_std"
            (means and standard deviations over the repeats, nan for a single one),
            "smoothed_val_loss", "status" and "recommended".
        """
        return pd.DataFrame(
            {
                "learning_rate": self.rates,
                "loss": self.mean_losses,
                "loss_std": _spread(self.losses),
                "val_loss": self.mean_val_losses,
                "val_loss_std": _spread(self.val_losses),
                "smoothed_val_loss": self.smoothed_val_losses,
                "status": self.status_texts(),
                "recommended": self.is_recommended,
            }
        )

    def __str__(self) -> str:
        """Say what is best in one line."""
        name, n_rates = type(self).__name__, len(self.rates)
        n_diverged = self.statuses.count("diverged")
        if self.recommended is None:
            how = "diverged" if n_diverged == n_rates else "diverged or are erratic"
            return (
                f"{name}: all {n_rates} rates {how}; try rates below "
                f"{self.rates[0]:g}, scale the features, or set 'clip_norm'"
            )
        low, high = self.recommended
        parts = [f"best {self.best_rate:g}", f"recommended {low:g} to {high:g}"]
        if n_diverged:
            parts.append(f"{n_diverged} of {n_rates} rates diverged")
        said = f"{name}: {', '.join(parts)}"
        if self.edge is None:
            return said
        beyond = "lower" if self.edge == "lowest" else "higher"
        return f"{said}; the best is the {self.edge} tried, so try {beyond} ones too"


def _told(status: str, diverged_epochs: np.ndarray) -> str:
    if status != "diverged":
        return status
    epochs = diverged_epochs[diverged_epochs > 0]
    n_repeats = len(diverged_epochs)
    runs = f" ({len(epochs)} of {n_repeats} runs)" if n_repeats > 1 else ""
    return f"diverged in epoch {epochs.min()}{runs}"


def _spread(losses: np.ndarray) -> np.ndarray:
    """Standard deviation over the repeats; of one it is not known."""
    if losses.shape[1] == 1:
        return np.full(len(losses), np.nan)
    return losses.std(axis=1, ddof=1)
