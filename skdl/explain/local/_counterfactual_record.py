"""The record of a counterfactual."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._record import Record
from skdl._tables import Table, column

LIMITS = (
    "It shows what changes the prediction, not what would happen in the world.",
    "A smaller change may exist: the search only tries values that occur in X.",
    "Features change by themselves: those correlated with them stay as they are.",
)


@dataclass(frozen=True, repr=False)
class Counterfactual(Record):
    """A small change of a row that changes what an estimator predicts.

    Parameters
    ----------
    found : bool
        Whether the change leads to the desired prediction. If not, it is the best
        attempt.
    row_before, row_after : ndarray or DataFrame of shape (1, n_features)
        The row, and the changed row; the estimator can predict both.
    prediction_before, prediction_after : object
        Class or quantity.
    desired : str
        The desired prediction, in words.
    feature_names : tuple of str
        Names of the features.
    steps : ndarray of shape (n_features,)
        How far each feature moved: numbers in median absolute deviations of X (in
        ranges, if that is 0), others by 1.
    distance : float
        The sum of the steps.
    response : str
        What `response_before` and `response_after` are, such as "probability".
    response_before, response_after : ndarray of shape (n_outputs,)
        Predictions of the estimator, per output.
    output_names : tuple of str
        Names of the outputs.
    n_candidates : int
        Number of changed rows that were tried.
    nearest_real_distance : float
        Distance from the changed row to the nearest row of X with the desired
        prediction; NaN if there is none. If it is well above `typical_distance`, no
        real row resembles the changed one.
    typical_distance : float
        The median distance from a row of X to its nearest other row.
    limits : tuple of str
        What the record does not show.
    units : tuple of str, default=()
        Units of the features, empty if unknown.
    """

    found: bool
    row_before: Table
    row_after: Table
    prediction_before: Any
    prediction_after: Any
    desired: str
    feature_names: tuple[str, ...]
    steps: np.ndarray
    distance: float
    response: str
    response_before: np.ndarray
    response_after: np.ndarray
    output_names: tuple[str, ...]
    n_candidates: int
    nearest_real_distance: float
    typical_distance: float
    limits: tuple[str, ...]
    units: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the features that changed, in the order of the columns."""
        places = np.flatnonzero(self.steps)
        return tuple(self.feature_names[place] for place in places)

    @property
    def summary(self) -> str:
        """The result, in a sentence."""
        n_changed = len(self.changed)
        what = f"{n_changed} changed feature{'s' * (n_changed != 1)}"
        if self.found:
            return (
                f"{what} lead{'s' * (n_changed == 1)} from {self.prediction_before} to "
                f"{self.prediction_after}."
            )
        return (
            f"No change that leads to {self.desired} was found among "
            f"{self.n_candidates} candidates. The best attempt, {what}, leads from "
            f"{self.prediction_before} to {self.prediction_after}."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per changed feature, the largest step first.

        Returns
        -------
        frame : DataFrame
            Columns "feature", "before", "after" and "step".
        """
        order = np.argsort(-self.steps, kind="stable")
        places = [place for place in order if self.steps[place] > 0]
        cells = [
            [np.asarray(column(row, place), dtype=object)[0] for place in places]
            for row in (self.row_before, self.row_after)
        ]
        return pd.DataFrame(
            {
                "feature": [self.feature_names[place] for place in places],
                "before": pd.Series(cells[0], dtype=object),
                "after": pd.Series(cells[1], dtype=object),
                "step": self.steps[places],
            }
        )

    def _repr_html_(self) -> str:
        limits = "".join(f"<li>{html.escape(limit)}</li>" for limit in self.limits)
        table = super()._repr_html_()
        return f"{table}<p>{html.escape(self.summary)}</p><ul>{limits}</ul>"
