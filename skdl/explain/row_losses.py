"""What each row adds to a metric that is a mean over rows.

The mean over any group of rows is the metric of that group.
"""

from __future__ import annotations

import numpy as np

from skdl.explain.predictions import Predictions


def is_right(known: Predictions) -> np.ndarray:
    """1 where a row is predicted right (all its labels are), else 0."""
    right = known.truth == known.predicted
    return (right if right.ndim == 1 else right.all(axis=1)).astype(float)


def log_losses(known: Predictions) -> np.ndarray:
    """Minus the logarithm of the probability of what is true; labels are averaged."""
    assert known.scores is not None
    scores = known.scores
    if known.task == "multiclass":
        said = scores[np.arange(len(scores)), known.truth]
    else:
        truth = known.truth.reshape(scores.shape).astype(bool)
        said = np.where(truth, scores, 1 - scores)
    said = np.clip(said, known.precision, 1 - known.precision)
    losses: np.ndarray = -np.log(said.reshape(len(scores), -1)).mean(axis=1)
    return losses


def squared_distances(known: Predictions) -> np.ndarray:
    """Squared difference of the probability and what is true (1 or 0)."""
    assert known.scores is not None
    if known.task == "multiclass":
        truth = known.truth[:, None] == np.arange(known.scores.shape[1])
        total: np.ndarray = ((known.scores - truth) ** 2).sum(axis=1)
        return total
    truth = known.truth.reshape(known.scores.shape)
    mean: np.ndarray = ((known.scores - truth) ** 2).mean(axis=1)
    return mean


def wrong_labels(known: Predictions) -> np.ndarray:
    """Share of a row's labels that are wrong."""
    share: np.ndarray = (known.truth != known.predicted).mean(axis=1)
    return share


def squared_errors(known: Predictions) -> np.ndarray:
    """Squared error of a row, the mean over outputs."""
    mean: np.ndarray = ((known.truth - known.predicted) ** 2).mean(axis=1)
    return mean


def absolute_errors(known: Predictions) -> np.ndarray:
    """Absolute error of a row, the mean over outputs."""
    mean: np.ndarray = np.abs(known.truth - known.predicted).mean(axis=1)
    return mean
