"""One optimizer of a comparison, trained with several seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class OptimizerRun:
    """One optimizer at its tuned learning rate, trained with several seeds.

    Parameters
    ----------
    name : str
        Its name in the comparison.
    parameters : mapping of str to object
        Parameters of the network, including the tuned "learning_rate".
    learning_rate : float
        The rate with the lowest validation loss; nan if training diverged at every
        rate.
    rates, rate_losses : ndarray of shape (n_rates,)
        The rates tried, in rising order, and the lowest validation loss of any epoch at
        each; nan if training diverged.
    seeds, diverged : tuple of int
        The seeds for which training finished, and those for which it diverged.
    losses, val_losses : ndarray of shape (n_seeds, n_epochs)
        Training and validation loss of each epoch, for each seed that finished.
    seconds : float
        Wall time of all seeds, trained together. Includes compilation if no such
        network was trained before.
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
        """Whether training finished for any seed."""
        return bool(self.seeds)

    @property
    def best_losses(self) -> np.ndarray:
        """Lowest validation loss of any epoch, for each seed that finished."""
        return self.val_losses.min(axis=1) if self.has_finished else np.empty(0)

    @property
    def best_epochs(self) -> np.ndarray:
        """Number, from 1, of the epoch with that loss, for each seed that finished."""
        if not self.has_finished:
            return np.empty(0, dtype=int)
        return 1 + self.val_losses.argmin(axis=1)

    @property
    def is_at_edge(self) -> bool:
        """Whether the tuned rate is the lowest or highest tried, so try more."""
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
            Validation or training loss.

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
