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
        Its name in the comparison.
    scores : ndarray of shape (n_folds,)
        Score of each fold. Greater is better.
    low, high : float
        The interval of the mean score.
    difference, difference_low, difference_high : float
        Score of the estimator minus that of this model, averaged over the folds, and
        its interval. 0 for the estimator itself.
    seconds : float
        Mean wall time per fold for fitting and scoring. Networks train all folds
        together, and their time includes compilation.
    n_diverged : int, default=0
        Number of folds in which the training of a network diverged. Their scores use
        the weights from before that.
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
