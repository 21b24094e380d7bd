"""Scores of several fitted models on one test set, with bootstrap intervals.

All models are scored on the same draws of the test rows, so the difference between two
of them gets an interval of its own, narrower than their single intervals suggest. Each
model predicts once. Usual scores are computed for all draws at once, as in
`performance`; any other scorer is called once per draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.metrics import check_scoring
from sklearn.utils.metaestimators import available_if

from skdl._checks import check_count
from skdl._record import Record
from skdl.data import bootstrap_rows, percentile_interval, score_name
from skdl.exceptions import DataError, ParameterError
from skdl.explain.scores._metrics import METRICS, why_not
from skdl.explain.scores._predictions import predictions_of
from skdl.explain.scores._resampling import resampled_scores

RESPONSES = ("predict", "predict_proba", "decision_function")

# The scorers of scikit-learn that are metrics of `performance`, by that name.
WEIGHED = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced_accuracy",
    "roc_auc": "roc_auc",
    "neg_log_loss": "log_loss",
    "r2": "r2",
    "neg_root_mean_squared_error": "rmse",
    "neg_mean_absolute_error": "mae",
    "neg_median_absolute_error": "median_absolute_error",
}


@dataclass(frozen=True, repr=False)
class ModelComparison(Record):
    """Test scores of several models and their gains over a reference.

    Parameters
    ----------
    models : tuple of str
        Names of the models, as given.
    reference : str
        Name of the model that the others are compared with.
    metric : str
        Name of the scorer. Greater is better.
    scores, score_lows, score_highs : tuple of float
        Score of each model on the test set, and the ends of its interval.
    gains, gain_lows, gain_highs : tuple of float
        Score minus the reference's score on the same rows, and the ends of the
        interval of this paired difference. Zero for the reference itself.
    confidence_level : float
        Share of the resamples that an interval covers.
    n_samples, n_resamples : int
        Number of test rows, and of bootstrap resamples.
    """

    models: tuple[str, ...]
    reference: str
    metric: str
    scores: tuple[float, ...]
    score_lows: tuple[float, ...]
    score_highs: tuple[float, ...]
    gains: tuple[float, ...]
    gain_lows: tuple[float, ...]
    gain_highs: tuple[float, ...]
    confidence_level: float
    n_samples: int
    n_resamples: int

    def to_frame(self) -> pd.DataFrame:
        """Return the comparison as a table, one row per model, in the order given.

        Returns
        -------
        frame : DataFrame
            Columns "model", "score", "score_low", "score_high", "gain", "gain_low"
            and "gain_high".
        """
        return pd.DataFrame(
            {
                "model": list(self.models),
                "score": list(self.scores),
                "score_low": list(self.score_lows),
                "score_high": list(self.score_highs),
                "gain": list(self.gains),
                "gain_low": list(self.gain_lows),
                "gain_high": list(self.gain_highs),
            }
        )


def compare_models(
    models: Mapping[str, Any],
    X: Any,
    y: Any,
    *,
    scoring: str | Callable[..., float] | None = None,
    reference: str | None = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
    random_state: Any = None,
) -> ModelComparison:
    """Score fitted models on the same test rows, with paired bootstrap intervals.

    Parameters
    ----------
    models : mapping of str to estimator
        Fitted classifiers or regressors by name.
    X : array-like of shape (n_samples, n_features)
        Test rows that no model was fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    scoring : str, callable or None, default=None
        A scikit-learn scorer or its name. None means accuracy for classifiers and R2
        for regressors.
    reference : str or None, default=None
        Name of the model to compare with; None means the first one.
    n_resamples : int, default=1000
        Number of bootstrap resamples.
    confidence_level : float, default=0.95
        Share of the resamples that an interval covers.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    Returns
    -------
    comparison : ModelComparison
        Scores and gains with percentile intervals.

    Raises
    ------
    ParameterError
        If there is no model, the reference is unknown or a number is out of range.
    DataError
        If there are fewer than two test rows.

    Notes
    -----
    Intervals come from a percentile bootstrap [1]_ over the test rows. They show how
    the scores would vary with another test set of this size, not with another training
    set or seed. A draw that lacks a class is replaced by one drawn within each class,
    because scores such as the area under the ROC curve are undefined there.

    References
    ----------
    .. [1] Efron and Tibshirani (1993). An Introduction to the Bootstrap. Chapman and
       Hall.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.explain import compare_models
    >>> X, y = load_iris(return_X_y=True)
    >>> models = {
    ...     "dummy": DummyClassifier().fit(X[::2], y[::2]),
    ...     "tree": DecisionTreeClassifier(random_state=0).fit(X[::2], y[::2]),
    ... }
    >>> comparison = compare_models(
    ...     models, X[1::2], y[1::2], n_resamples=100, random_state=0
    ... )
    >>> [round(score, 2) for score in comparison.scores]
    [0.33, 0.96]
    """
    n_samples = len(y)
    _check_parameters(models, reference, n_samples, n_resamples, confidence_level)
    names = list(models)
    reference = names[0] if reference is None else reference
    metric = _metric_name(scoring, models[names[0]])
    draw = {"n_resamples": n_resamples, "random_state": random_state}
    found = None
    if scoring is None or isinstance(scoring, str):
        found = _scores_by_weights(models, X, y, metric, **draw)
    scores, resampled = found or _scores_by_scorer(models, X, y, scoring, **draw)
    place = names.index(reference)
    score_ends = percentile_interval(resampled, confidence_level)
    gain_ends = percentile_interval(resampled - resampled[:, [place]], confidence_level)
    return ModelComparison(
        models=tuple(names),
        reference=reference,
        metric=metric,
        scores=tuple(scores.tolist()),
        score_lows=tuple(score_ends[0].tolist()),
        score_highs=tuple(score_ends[1].tolist()),
        gains=tuple((scores - scores[place]).tolist()),
        gain_lows=tuple(gain_ends[0].tolist()),
        gain_highs=tuple(gain_ends[1].tolist()),
        confidence_level=confidence_level,
        n_samples=n_samples,
        n_resamples=n_resamples,
    )


def _scores_by_weights(
    models: Mapping[str, Any],
    X: Any,
    y: Any,
    name: str,
    *,
    n_resamples: int,
    random_state: Any,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Score all draws at once; None if the score is no metric of `performance`."""
    # -> (n_models,), (n_resamples, n_models)
    if name not in WEIGHED:
        return None
    parts = [
        predictions_of(model, X, y, function="compare_models")
        for model in models.values()
    ]
    first = parts[0]
    usual = {metric.name: metric for metric in METRICS[first.task]}
    metric = usual.get(WEIGHED[name])
    is_same_task = all(
        part.task == first.task and part.classes == first.classes for part in parts
    )
    if metric is None or not is_same_task or any(why_not(metric, p) for p in parts):
        return None
    scores, resampled = resampled_scores(
        parts,
        [metric],
        np.ones(first.n_samples),
        n_resamples=n_resamples,
        random_state=random_state,
    )
    sign = 1 if metric.greater_is_better else -1
    return sign * scores[0], sign * resampled[:, 0]


def _scores_by_scorer(
    models: Mapping[str, Any],
    X: Any,
    y: Any,
    scoring: Any,
    *,
    n_resamples: int,
    random_state: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """Call a scorer once per model and draw."""
    # -> (n_models,), (n_resamples, n_models)
    targets = np.asarray(y)
    remembered = [_remember(model, X) for model in models.values()]
    scorers = [check_scoring(model, scoring=scoring) for model in remembered]
    codes = None
    if targets.ndim == 1 and any(is_classifier(model) for model in remembered):
        codes = np.unique(targets, return_inverse=True)[1]
    draws = bootstrap_rows(
        len(targets), n_resamples=n_resamples, codes=codes, random_state=random_state
    )

    def score(rows: np.ndarray) -> list[float]:
        return [
            float(scorer(model, rows[:, None], targets[rows]))
            for scorer, model in zip(scorers, remembered, strict=True)
        ]

    resampled = np.array([score(rows) for chunk in draws for rows in chunk])
    return np.array(score(np.arange(len(targets)))), resampled


def _knows(response: str) -> Callable[[_Remembered], bool]:
    return lambda remembered: response in (remembered.responses or {})


class _Remembered(BaseEstimator):
    """A model's predictions for the test rows; its ``X`` is a column of row numbers."""

    def __init__(self, responses: Mapping[str, np.ndarray] | None = None) -> None:
        self.responses = responses

    def fit(self, X: Any, y: Any = None) -> _Remembered:
        return self  # scikit-learn's scorers want a method of this name

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def _look_up(self, response: str, X: np.ndarray) -> np.ndarray:
        return (self.responses or {})[response][X[:, 0]]

    @available_if(_knows("predict"))
    def predict(self, X: np.ndarray) -> np.ndarray:
        return self._look_up("predict", X)

    @available_if(_knows("predict_proba"))
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return self._look_up("predict_proba", X)

    @available_if(_knows("decision_function"))
    def decision_function(self, X: np.ndarray) -> np.ndarray:
        return self._look_up("decision_function", X)


class _RememberedClassifier(ClassifierMixin, _Remembered):
    """With the labels of the classes, in the order of the probabilities."""


class _RememberedRegressor(RegressorMixin, _Remembered):
    """Predicts numbers."""


def _remember(model: Any, X: Any) -> _Remembered:
    """Keep everything that the model predicts for the test rows."""
    responses = {
        response: np.asarray(getattr(model, response)(X))
        for response in RESPONSES
        if hasattr(model, response)
    }
    if not is_classifier(model):
        return _RememberedRegressor(responses)
    remembered = _RememberedClassifier(responses)
    remembered.classes_ = model.classes_
    return remembered


def _metric_name(scoring: Any, model: Any) -> str:
    if scoring is None:
        return "accuracy" if is_classifier(model) else "r2"
    return score_name(scoring)


def _check_parameters(
    models: Mapping[str, Any],
    reference: str | None,
    n_samples: int,
    n_resamples: int,
    confidence_level: float,
) -> None:
    if not models:
        raise ParameterError(
            "The 'models' parameter of compare_models needs at least one model. Got "
            "none."
        )
    if reference is not None and reference not in models:
        raise ParameterError(
            f"The 'reference' parameter must name one of the models {list(models)}. "
            f"Got {reference!r} instead."
        )
    if n_samples < 2:
        raise DataError(f"compare_models needs at least 2 test rows. Got {n_samples}.")
    check_count(n_resamples, name="n_resamples", function="compare_models")
    if not 0 < confidence_level < 1:
        raise ParameterError(
            "The 'confidence_level' parameter of compare_models must be in (0, 1). "
            f"Got {confidence_level!r} instead."
        )
