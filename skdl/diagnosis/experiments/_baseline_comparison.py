"""The result of a comparison with baselines: is the estimator worth its cost?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from skdl._record import Record
from skdl.diagnosis.experiments._scored_model import ScoredModel

Conclusion = Literal["better", "not distinguishable", "worse"]


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class BaselineComparison(Record):
    """An estimator compared with simpler ones on the same folds.

    Parameters
    ----------
    estimator : ScoredModel
        The estimator.
    baselines : tuple of ScoredModel
        The baselines, the best one first.
    metric : str
        Name of the score. Greater is better.
    confidence_level : float
        Confidence level of the intervals.
    n_samples, n_folds : int
        Number of rows, and number of folds including repeats.
    left_out : mapping of str to str
        Baselines that could not be fitted or scored, and why.
    """

    estimator: ScoredModel
    baselines: tuple[ScoredModel, ...]
    metric: str
    confidence_level: float
    n_samples: int
    n_folds: int
    left_out: Mapping[str, str]

    @property
    def conclusion(self) -> Conclusion:
        """Whether the estimator is better than the best baseline."""
        best = self.baselines[0]
        if best.difference_low > 0:
            return "better"
        return "worse" if best.difference_high < 0 else "not distinguishable"

    @property
    def earns_its_cost(self) -> bool:
        """Whether the estimator is better by more than the interval allows for."""
        return self.conclusion == "better"

    @property
    def verdict(self) -> str:
        """Whether the estimator is worth its cost, in words."""
        ours, best = self.estimator, self.baselines[0]
        than = "from" if self.conclusion == "not distinguishable" else "than"
        texts = [
            f"{ours.name} is {self.conclusion} {than} the best baseline, {best.name}: "
            f"{self.metric} {ours.score:.4g} against {best.score:.4g}, difference "
            f"{best.difference:.2g} ({best.difference_low:.2g} to "
            f"{best.difference_high:.2g}).",
            f"A fold takes {ours.seconds:.2g} s against {best.seconds:.2g} s.",
        ]
        if self.conclusion == "better":
            texts.append("It is worth its cost.")
        elif self.conclusion == "worse":
            texts.append(f"It is not worth its cost here: use {best.name}.")
        elif ours.seconds > best.seconds:
            texts.append(f"It is not worth its cost here: {best.name} will do.")
        else:
            texts.append("It costs no more.")
        if self.left_out:
            texts.append(f"Not compared: {', '.join(self.left_out)} (see 'left_out').")
        if ours.n_diverged:
            texts.append(
                f"Training diverged in {ours.n_diverged} of {self.n_folds} folds: "
                "lower the learning rate first."
            )
        return " ".join(texts)

    def to_frame(self) -> pd.DataFrame:
        """Return the comparison as a table: the estimator, then the baselines.

        Returns
        -------
        frame : DataFrame
            Columns "model", "score", "score_low", "score_high", "difference",
            "difference_low", "difference_high" (estimator minus this model), "seconds"
            (per fold) and "diverged" (number of folds).
        """
        return pd.DataFrame(
            {
                "model": model.name,
                "score": model.score,
                "score_low": model.low,
                "score_high": model.high,
                "difference": model.difference,
                "difference_low": model.difference_low,
                "difference_high": model.difference_high,
                "seconds": model.seconds,
                "diverged": model.n_diverged,
            }
            for model in (self.estimator, *self.baselines)
        )

    def __str__(self) -> str:
        """Return the verdict in one line."""
        return f"{type(self).__name__}: {self.verdict}"
