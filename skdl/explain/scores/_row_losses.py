"""Contributions of single rows to metrics that are means over rows.

The mean over any group of rows is the metric of that group.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skdl._responses import Task
from skdl.data import row_losses
from skdl.explain.scores._predictions import Predictions


def is_right(known: Predictions) -> np.ndarray:
    """Return 1 where a row (with all its labels) is predicted correctly, else 0."""
    right = known.truth == known.predicted
    return (right if right.ndim == 1 else right.all(axis=1)).astype(float)


def log_losses(known: Predictions) -> np.ndarray:
    """Return the log loss of each row; labels are averaged."""
    assert known.scores is not None
    is_multiclass = known.task == "multiclass"
    return row_losses(
        "categorical_crossentropy" if is_multiclass else "binary_crossentropy",
        _indicators(known, known.scores),
        known.scores,
        least_probability=known.precision,
    )


def squared_distances(known: Predictions) -> np.ndarray:
    """Return the squared difference of the probabilities and the truth (1 or 0)."""
    assert known.scores is not None
    losses = row_losses("squared_error", _indicators(known, known.scores), known.scores)
    is_sum = known.task == "multiclass"  # Brier's score of classes is not averaged
    return losses * known.scores.shape[1] if is_sum else losses


def _indicators(known: Predictions, scores: np.ndarray) -> np.ndarray:
    """Return the truth as 1 and 0, in the columns of the scores."""
    # scores: (n_samples, n_scores) -> (n_samples, n_scores)
    if known.task == "multiclass":
        return (known.truth[:, None] == np.arange(scores.shape[1])).astype(float)
    return known.truth.reshape(scores.shape).astype(float)


def wrong_labels(known: Predictions) -> np.ndarray:
    """Return the share of wrong labels of each row."""
    share: np.ndarray = (known.truth != known.predicted).mean(axis=1)
    return share


def squared_errors(known: Predictions) -> np.ndarray:
    """Return the squared error of each row, averaged over outputs."""
    return row_losses("squared_error", known.truth, known.predicted)


def absolute_errors(known: Predictions) -> np.ndarray:
    """Return the absolute error of each row, averaged over outputs."""
    return row_losses("absolute_error", known.truth, known.predicted)


@dataclass(frozen=True)
class RowMetric:
    """A metric that is a mean over rows."""

    name: str  # as users pass it
    label: str
    greater_is_better: bool
    # from `Predictions` to the contribution of each row, of shape (n_samples,)
    losses: Callable[[Predictions], np.ndarray]
    is_share: bool = False  # whether a row adds 0 or 1
    # whether the estimator must have ``predict_proba``
    needs_probabilities: bool = False
    power_of_unit: int = 0  # 1 in the unit of the target, 2 in its square

    def unit(self, of_target: str) -> str:
        """Return the unit of the metric."""
        if not of_target or not self.power_of_unit:
            return ""
        return of_target if self.power_of_unit == 1 else f"({of_target})²"


_OF_CLASSES = (
    RowMetric("accuracy", "accuracy", True, is_right, is_share=True),
    RowMetric("log_loss", "log loss", False, log_losses, needs_probabilities=True),
    RowMetric(
        "brier_score",
        "Brier score",
        False,
        squared_distances,
        needs_probabilities=True,
    ),
)

# The first of a task is the usual one.
ROW_METRICS: dict[Task, tuple[RowMetric, ...]] = {
    "binary": _OF_CLASSES,
    "multiclass": _OF_CLASSES,
    "multilabel": (
        RowMetric("hamming_loss", "Hamming loss", False, wrong_labels),
        RowMetric("subset_accuracy", "subset accuracy", True, is_right, is_share=True),
    ),
    "regression": (
        RowMetric("mae", "MAE", False, absolute_errors, power_of_unit=1),
        RowMetric("mse", "MSE", False, squared_errors, power_of_unit=2),
    ),
}
