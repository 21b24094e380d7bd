"""Scores of an estimator on rows it was not fitted on, compared with a baseline.

The estimator predicts once. Its predictions are then resampled with replacement, with
the same draws for the baseline, so the gain has an interval of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._checks import check_count, check_share, check_weights
from skdl._progress import Progress
from skdl._record import Record
from skdl.data import percentile_interval
from skdl.exceptions import DataError, ParameterError
from skdl.explain.scores._baselines import baseline_predictions
from skdl.explain.scores._metrics import METRICS, Metric, why_not
from skdl.explain.scores._predictions import Predictions, predictions_of
from skdl.explain.scores._resampling import resampled_scores


@dataclass(frozen=True, repr=False)
class Performance(Record):
    """Scores with intervals, and the gain over a baseline.

    Parameters
    ----------
    task : {"regression", "binary", "multiclass", "multilabel"}
        What is predicted.
    metrics, labels : tuple of str
        Names of the metrics, and their labels in tables and figures.
    greater_is_better : tuple of bool
        Whether a greater value is better, for each metric.
    units : tuple of str
        Units of the metrics, empty for those without.
    scores, lows, highs : ndarray of shape (n_metrics,)
        The scores of the estimator and the ends of their intervals.
    baseline : str
        What the scores are compared with, in words; empty without a baseline.
    baseline_scores, baseline_lows, baseline_highs : ndarray of shape (n_metrics,)
        The same of the baseline; NaN without one.
    gains, gain_lows, gain_highs : ndarray of shape (n_metrics,)
        How much better the estimator is than the baseline on the same rows:
        positive is better, whatever the direction of the metric.
    confidence_level : float
        Share of the draws that an interval covers.
    n_samples, n_resamples : int
        Number of rows, and of bootstrap resamples.
    left_out : dict of str to str
        Usual metrics that have no value here, and why.
    """

    task: str
    metrics: tuple[str, ...]
    labels: tuple[str, ...]
    greater_is_better: tuple[bool, ...]
    units: tuple[str, ...]
    scores: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    baseline: str
    baseline_scores: np.ndarray
    baseline_lows: np.ndarray
    baseline_highs: np.ndarray
    gains: np.ndarray
    gain_lows: np.ndarray
    gain_highs: np.ndarray
    confidence_level: float
    n_samples: int
    n_resamples: int
    left_out: dict[str, str]

    def to_frame(self) -> pd.DataFrame:
        """Return the scores as a table, one row per metric.

        Returns
        -------
        frame : DataFrame
            Columns "metric", "better" ("higher" or "lower"), "unit", "score", "low",
            "high", and with a baseline "baseline", "baseline_low", "baseline_high",
            "gain", "gain_low" and "gain_high".
        """
        better = ["higher" if up else "lower" for up in self.greater_is_better]
        columns = {
            "metric": list(self.metrics),
            "better": better,
            "unit": list(self.units),
            "score": self.scores,
            "low": self.lows,
            "high": self.highs,
        }
        if self.baseline:
            columns |= {
                "baseline": self.baseline_scores,
                "baseline_low": self.baseline_lows,
                "baseline_high": self.baseline_highs,
                "gain": self.gains,
                "gain_low": self.gain_lows,
                "gain_high": self.gain_highs,
            }
        return pd.DataFrame(columns)


def _chosen(
    metrics: Sequence[str] | str | None, known: Predictions
) -> tuple[list[Metric], dict[str, str]]:
    """Return the metrics to compute, and the usual ones that have no value."""
    usual = {metric.name: metric for metric in METRICS[known.task]}
    reasons = {name: why_not(metric, known) for name, metric in usual.items()}
    if metrics is None:
        chosen = [metric for name, metric in usual.items() if not reasons[name]]
        return chosen, {name: reason for name, reason in reasons.items() if reason}
    named = [metrics] if isinstance(metrics, str) else list(metrics)
    unknown = [name for name in named if name not in usual]
    if unknown or not named:
        raise ParameterError(
            f"The 'metrics' parameter of performance must be some of {list(usual)} for "
            f"a {known.task} task. Got {unknown or named} instead."
        )
    for name in named:
        if reasons[name]:
            raise DataError(
                f"The metric {name!r} has no value here: {reasons[name]}. Leave it out "
                "of 'metrics'."
            )
    return [usual[name] for name in named], {}


def performance(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    metrics: Sequence[str] | str | None = None,
    baseline: Any = "dummy",
    y_train: Any = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
    sample_weight: Any = None,
    random_state: int | np.random.RandomState | None = None,
    progress: bool | None = None,
) -> Performance:
    """Score a fitted estimator by the usual metrics, with intervals and a baseline.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor.
    X : array-like of shape (n_samples, n_features)
        Rows that the estimator was not fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    metrics : sequence of str, str or None, default=None
        Names of metrics; None takes all the usual ones of the task that have a value:
        "accuracy", "balanced_accuracy", "roc_auc", "average_precision", "f1",
        "log_loss" and "brier_score" of two classes; "accuracy", "balanced_accuracy",
        "f1_macro", "roc_auc_ovr" and "log_loss" of more; "subset_accuracy",
        "hamming_loss", "f1_micro", "f1_macro" and "average_precision" of labels; "r2",
        "rmse", "mae" and "median_absolute_error" of numbers.
    baseline : {"dummy"}, estimator or None, default="dummy"
        What to compare with. "dummy" always predicts the commonest class (with the
        class shares as probabilities) or the mean; None compares with nothing.
    y_train : array-like of shape (n_train,) or (n_train, n_outputs), default=None
        Targets that the dummy is fitted to; None takes `y`.
    n_resamples : int, default=1000
        Number of bootstrap resamples.
    confidence_level : float, default=0.95
        Share of the draws that an interval covers.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows in the metrics.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    performance : Performance
        Scores, those of the baseline, and the gains.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ParameterError
        If a parameter is out of range, a metric is not one of the task, or the
        baseline predicts something else.
    DataError
        If X and y do not fit together or to the estimator, there are fewer than two
        rows, or a requested metric has no value.

    Notes
    -----
    Intervals come from a percentile bootstrap [1]_ over the rows. They show how a score
    would vary with another test set of this size, not with another training set or
    seed. If all rows are predicted correctly, so are all draws, and the interval has no
    width, although rarer errors may exist. A draw that lacks a class is replaced by one
    drawn within each class. The
    area under the ROC curve of several classes is the mean of those of each class
    against the rest. Averages over classes or labels leave out those that have no
    value: a label without a positive row has no average precision.

    A dummy fitted to `y` itself is slightly too good, which makes gains too small by
    about one part in n_samples. It is not cross-fitted: class shares of the training
    folds run against those of the left-out rows, so a constant that differs by fold
    would rank rows worse than chance.

    References
    ----------
    .. [1] Efron and Tibshirani (1993). An Introduction to the Bootstrap. Chapman and
       Hall.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.explain import performance
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X[::2], y[::2])
    >>> found = performance(tree, X[1::2], y[1::2], n_resamples=200, random_state=0)
    >>> found.to_frame()[["metric", "score", "baseline"]].head(2).round(2)
                  metric  score  baseline
    0           accuracy    0.9      0.61
    1  balanced_accuracy    0.9      0.50
    """
    level = check_share(
        confidence_level, name="confidence_level", function="performance"
    )
    n_resamples = check_count(n_resamples, name="n_resamples", function="performance")
    known = predictions_of(estimator, X, y, function="performance")
    chosen, left_out = _chosen(metrics, known)
    weights = check_weights(sample_weight, n_samples=known.n_samples)
    other, baseline_name = baseline_predictions(baseline, X, y, y_train, known)
    for metric in chosen:
        if other is not None and (reason := why_not(metric, other)):
            raise ParameterError(
                f"The 'baseline' {baseline_name} has no {metric.name}: {reason}. Leave "
                "it out of 'metrics', or take another baseline."
            )
    with Progress("performance", n_resamples, shown=progress) as bar:
        scores, resampled = resampled_scores(
            [known] if other is None else [known, other],
            chosen,
            weights,
            n_resamples=n_resamples,
            random_state=random_state,
            bar=bar,
        )
    signs = np.array([1.0 if metric.greater_is_better else -1.0 for metric in chosen])
    lows, highs = percentile_interval(resampled, level)
    # The last column is the baseline's.
    gains = signs * (scores[:, 0] - scores[:, -1])
    gain_ends = percentile_interval(
        signs * (resampled[..., 0] - resampled[..., -1]), level
    )
    absent = np.nan if other is None else 0.0
    return Performance(
        task=known.task,
        metrics=tuple(metric.name for metric in chosen),
        labels=tuple(metric.label for metric in chosen),
        greater_is_better=tuple(metric.greater_is_better for metric in chosen),
        units=tuple(known.unit if metric.has_unit else "" for metric in chosen),
        scores=scores[:, 0],
        lows=lows[:, 0],
        highs=highs[:, 0],
        baseline=baseline_name,
        baseline_scores=scores[:, -1] + absent,
        baseline_lows=lows[:, -1] + absent,
        baseline_highs=highs[:, -1] + absent,
        gains=gains + absent,
        gain_lows=gain_ends[0] + absent,
        gain_highs=gain_ends[1] + absent,
        confidence_level=level,
        n_samples=known.n_samples,
        n_resamples=n_resamples,
        left_out=left_out,
    )
