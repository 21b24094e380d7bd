"""The usual metrics of each task, for many weightings of the same rows at once.

A bootstrap draw is a count for each row, so a metric that takes weights can score all
draws with a few operations on a matrix of shape (n_draws, n_samples). A metric is
prepared once for some predictions, which sorts and compares them; the function it
returns only applies weights. With equal weights, the numbers are those of
:mod:`sklearn.metrics`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from skdl._responses import Task
from skdl.explain.scores._predictions import Predictions
from skdl.explain.scores._row_losses import (
    absolute_errors,
    is_right,
    log_losses,
    squared_distances,
    wrong_labels,
)

# (n_draws, n_samples) -> (n_draws,)
Weighed = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Metric:
    """A metric and how to compute it."""

    name: str  # as users pass it
    label: str  # in tables and figures
    greater_is_better: bool
    # from :class:`~skdl.explain.predictions.Predictions` to a function of weights of
    # shape (n_draws, n_samples) that returns shape (n_draws,). NaN where the metric has
    # no value for the rows that count
    prepare: Callable[[Predictions], Weighed]
    # what the estimator must predict
    needs: Literal["predictions", "scores", "probabilities"] = "predictions"
    has_unit: bool = False  # whether it is in the unit of the target


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide, with NaN where the divisor is 0."""
    empty = np.full(np.broadcast(above, below).shape, np.nan)
    return np.divide(above, below, out=empty, where=below != 0)


def mean_of_known(values: np.ndarray, axis: int = -1) -> np.ndarray:
    """Average along an axis, ignoring NaN; NaN if there is nothing else."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0).sum(axis=axis), known.sum(axis=axis))


def mean_of(losses: Callable[[Predictions], np.ndarray]) -> Callable:
    """Make the metric that is the mean of losses of single rows."""

    def prepare(known: Predictions) -> Weighed:
        values = losses(known)
        return lambda weights: ratio(weights @ values, weights.sum(axis=1))

    return prepare


# --- metrics of classes and labels ------------------------------------------------


def _indicators(known: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """Return truth and prediction as one column of 0 and 1 per class or label."""
    if known.task == "multilabel":
        return known.truth.astype(float), known.predicted.astype(float)
    classes = np.arange(len(known.names))
    truth, predicted = known.truth[:, None], known.predicted[:, None]
    return (truth == classes).astype(float), (predicted == classes).astype(float)


def balanced_accuracy(known: Predictions) -> Weighed:
    """Mean over the classes of y of the share that is predicted right."""
    truth, predicted = _indicators(known)
    right = truth * predicted
    return lambda weights: mean_of_known(ratio(weights @ right, weights @ truth))


def f1(average: Literal["binary", "macro", "micro"]) -> Callable:
    """Make F1 of the second class, averaged over classes, or of all labels as one.

    Classes and labels that neither occur nor are predicted are left out of averages.
    """

    def prepare(known: Predictions) -> Weighed:
        truth, predicted = _indicators(known)
        if average == "binary":
            truth, predicted = truth[:, 1:], predicted[:, 1:]
        both = truth * predicted
        either = truth + predicted
        if average == "micro":
            both = both.sum(axis=1, keepdims=True)
            either = either.sum(axis=1, keepdims=True)
        return lambda weights: mean_of_known(
            ratio(2 * (weights @ both), weights @ either)
        )

    return prepare


def _is_positive(known: Predictions) -> np.ndarray:
    """Return what the columns of the scores are about, as truth values."""
    truth, _ = _indicators(known)
    return (truth[:, 1:] if known.task == "binary" else truth).astype(bool)


def _over_columns(curve: Callable[[np.ndarray, np.ndarray], Weighed]) -> Callable:
    """Make the mean of an area over the columns of the scores."""

    def prepare(known: Predictions) -> Weighed:
        assert known.scores is not None
        areas = [
            curve(positive, scores)
            for positive, scores in zip(
                _is_positive(known).T, known.scores.T, strict=True
            )
        ]
        return lambda weights: mean_of_known(
            np.array([area(weights) for area in areas]), axis=0
        )

    return prepare


def area_under_roc(positive: np.ndarray, scores: np.ndarray) -> Weighed:
    """Prepare the share of pairs of a negative and a positive row in right order."""
    # positive: (n_samples,); scores: (n_samples,) -> (n_draws, n_samples) or (n_draws,)
    order = np.argsort(scores, kind="stable")
    above, below = order[positive[order]], order[~positive[order]]
    # A positive row beats the negative ones before its ties, and half of these.
    before = np.searchsorted(scores[below], scores[above], side="left")
    after = np.searchsorted(scores[below], scores[above], side="right")

    def area(weights: np.ndarray) -> np.ndarray:
        up_to = np.zeros((len(weights), len(below) + 1))
        np.cumsum(weights[:, below], axis=1, out=up_to[:, 1:])
        beaten = (up_to[:, before] + up_to[:, after]) / 2
        wins = np.einsum("ij,ij->i", weights[:, above], beaten)
        return ratio(wins, weights[:, above].sum(axis=1) * up_to[:, -1])

    return area


def area_under_precision_recall(positive: np.ndarray, scores: np.ndarray) -> Weighed:
    """Prepare average precision: precision at each threshold by the gain in recall."""
    # positive: (n_samples,); scores: (n_samples,) -> (n_draws, n_samples) or (n_draws,)
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))

    def area(weights: np.ndarray) -> np.ndarray:
        sorted_weights = weights[:, order]
        found = np.add.reduceat(sorted_weights * positive[order], starts, axis=1)
        taken = np.add.reduceat(sorted_weights, starts, axis=1).cumsum(axis=1)
        precision = found.cumsum(axis=1)
        np.divide(precision, taken, out=precision, where=taken > 0)
        return ratio(np.einsum("ij,ij->i", precision, found), found.sum(axis=1))

    return area


# --- metrics of numbers -----------------------------------------------------------


def r2(known: Predictions) -> Weighed:
    """Share of the variance that is explained, the mean over outputs."""
    centred = known.truth - known.truth.mean(axis=0)
    errors = (known.truth - known.predicted) ** 2

    def values(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(axis=1, keepdims=True)
        spread = weights @ centred**2 - (weights @ centred) ** 2 / total
        # A draw of equal targets has no variance, but for rounding.
        floor = 1e-12 * (weights @ centred**2)
        spread = np.where(spread > floor, spread, 0)
        return mean_of_known(1 - ratio(weights @ errors, spread))

    return values


def root_mean_squared_error(known: Predictions) -> Weighed:
    """Root of the mean squared error, the mean over outputs."""
    errors = (known.truth - known.predicted) ** 2

    def values(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(axis=1, keepdims=True)
        root: np.ndarray = np.sqrt(weights @ errors / total).mean(axis=1)
        return root

    return values


def median_absolute_error(known: Predictions) -> Weighed:
    """Median of the absolute errors, the mean over outputs."""
    errors = np.abs(known.truth - known.predicted)
    orders = np.argsort(errors, axis=0, kind="stable").T

    def values(weights: np.ndarray) -> np.ndarray:
        medians = []
        for output, order in enumerate(orders):
            up_to = np.cumsum(weights[:, order], axis=1)
            half = up_to[:, -1:] / 2
            low = (up_to >= half * (1 - 1e-12)).argmax(axis=1)
            high = (up_to > half * (1 + 1e-12)).argmax(axis=1)
            ranked = errors[order, output]
            medians.append((ranked[low] + ranked[high]) / 2)
        mean: np.ndarray = np.mean(medians, axis=0)
        return mean

    return values


ACCURACY = Metric("accuracy", "accuracy", True, mean_of(is_right))
LOG_LOSS = Metric("log_loss", "log loss", False, mean_of(log_losses), "probabilities")
BALANCED = Metric("balanced_accuracy", "balanced accuracy", True, balanced_accuracy)
ROC = _over_columns(area_under_roc)
PRECISION = Metric(
    "average_precision",
    "average precision",
    True,
    _over_columns(area_under_precision_recall),
    "scores",
)
MACRO_F1 = Metric("f1_macro", "macro F1", True, f1("macro"))

METRICS: dict[Task, tuple[Metric, ...]] = {
    "binary": (
        ACCURACY,
        BALANCED,
        Metric("roc_auc", "ROC AUC", True, ROC, "scores"),
        PRECISION,
        Metric("f1", "F1", True, f1("binary")),
        LOG_LOSS,
        Metric(
            "brier_score", "Brier score", False, mean_of(squared_distances),
            "probabilities",
        ),
    ),
    "multiclass": (
        ACCURACY,
        BALANCED,
        MACRO_F1,
        Metric("roc_auc_ovr", "ROC AUC, one vs rest", True, ROC, "probabilities"),
        LOG_LOSS,
    ),
    "multilabel": (
        Metric("subset_accuracy", "subset accuracy", True, mean_of(is_right)),
        Metric("hamming_loss", "Hamming loss", False, mean_of(wrong_labels)),
        Metric("f1_micro", "micro F1", True, f1("micro")),
        MACRO_F1,
        PRECISION,
    ),
    "regression": (
        Metric("r2", "R²", True, r2),
        Metric("rmse", "RMSE", False, root_mean_squared_error, has_unit=True),
        Metric("mae", "MAE", False, mean_of(absolute_errors), has_unit=True),
        Metric(
            "median_absolute_error", "median abs. error", False,
            median_absolute_error, has_unit=True,
        ),
    ),
}  # fmt: skip


def why_not(metric: Metric, known: Predictions) -> str:
    """Return why a metric has no value, or nothing if it has one."""
    if metric.needs != "predictions" and known.scores is None:
        return "the estimator has no probabilities, nor one decision value per class"
    if metric.needs == "probabilities" and not known.is_probability:
        return "the estimator has no predict_proba"
    present = [] if known.codes is None else np.unique(known.codes).tolist()
    if len(present) == 1:
        only = f"all rows of y are of the class {known.names[present[0]]}"
        if metric.name in ("roc_auc", "roc_auc_ovr"):
            return f"it compares rows of different classes, and {only}"
        if metric.name in ("f1", "average_precision") and present == [0]:
            return f"it is about rows of the other class, and {only}"
    if metric.name == "average_precision" and not known.truth.any():
        return "no row has any of the labels"
    if metric.name == "r2" and (np.ptp(known.truth, axis=0) == 0).all():
        return "all targets are equal, so there is no variance to explain"
    return ""
