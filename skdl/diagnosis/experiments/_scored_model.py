"""An estimator or a baseline, scored on folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class ScoredModel:
    """An estimator or a baseline, scored on folds.

    Parameters
    ----------
    name : str
        What it is called.
    scores : ndarray of shape (n_folds,)
        Score of each fold. Greater is better.
    low, high : float
        The ends of the interval of the mean score.
    difference, difference_low, difference_high : float
        Score of the estimator minus that of this one, averaged over the folds, and the
        ends of its interval. 0 for the estimator itself.
    seconds : float
        Wall time of a fold, fit and scores: that of all folds over their number.
        Networks train their folds together, and compiling is part of it.
    n_diverged : int, default=0
        Folds in which the training of a network diverged; the score is that of the
        weights before.
    """

    name: str
    scores: np.ndarray
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    seconds: float
    n_diverged: int = 0

    @property
    def score(self) -> float:
        """Mean over the folds."""
        return float(self.scores.mean())
