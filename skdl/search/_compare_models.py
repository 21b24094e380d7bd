"""Scores of several fitted models on one test set, with bootstrap intervals.

The test rows are drawn anew with replacement, the same rows for every model, so the
difference of two models has an interval of its own that is narrower than a look at the
two single intervals suggests. Each model predicts once; its predictions are resampled.
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

from skdl._record import Record
from skdl.data import bootstrap_rows
from skdl.exceptions import DataError, ParameterError

RESPONSES = ("predict", "predict_proba", "decision_function")


@dataclass(frozen=True, repr=False)
class ModelComparison(Record):
    """Test scores of several models and their gain over a reference.

    Parameters
    ----------
    models : tuple of str
        Names of the models, as given.
    reference : str
        The model that the others are compared with.
    metric : str
        Name of the scorer. Greater is better.
    scores, score_lows, score_highs : tuple of float
        Score on the test set and the ends of its interval, one per model.
    gains, gain_lows, gain_highs : tuple of float
        Score minus the reference's score on the same rows, and the ends of the
        interval of that paired difference. Zero for the reference itself.
    confidence_level : float
        The share of resamples that an interval covers.
    n_samples, n_resamples : int
        Number of test rows, and how often they were drawn anew.
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
        Test rows, which no model was fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    scoring : str, callable or None, default=None
        A scorer of scikit-learn. None is accuracy for classifiers and R2 for
        regressors.
    reference : str or None, default=None
        Name of the model to compare with. By default the first one.
    n_resamples : int, default=1000
        How often the rows are drawn anew.
    confidence_level : float, default=0.95
        The share of resamples that an interval covers.
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
    Percentile bootstrap [1]_ over test rows: it says how the score would move with
    another test set of this size, not with another training set or seed. A draw in
    which a class is absent is replaced by one within each class, since scores such as
    the area under the ROC curve have no value there.

    References
    ----------
    .. [1] Efron and Tibshirani (1993). An Introduction to the Bootstrap. Chapman and
       Hall.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.search import compare_models
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
    reference = next(iter(models)) if reference is None else reference
    targets = np.asarray(y)
    remembered = {name: _remember(model, X) for name, model in models.items()}
    scorers = {
        name: check_scoring(model, scoring=scoring)
        for name, model in remembered.items()
    }

    def score(name: str, rows: np.ndarray) -> float:
        return float(scorers[name](remembered[name], rows[:, None], targets[rows]))

    every_row = np.arange(n_samples)
    scores = {name: score(name, every_row) for name in models}
    codes = None
    if targets.ndim == 1 and any(is_classifier(model) for model in models.values()):
        codes = np.unique(targets, return_inverse=True)[1]
    draws = bootstrap_rows(
        n_samples, n_resamples=n_resamples, codes=codes, random_state=random_state
    )
    # (n_resamples, n_models)
    resampled = np.array(
        [[score(name, rows) for name in models] for chunk in draws for rows in chunk]
    )
    gains = resampled - resampled[:, [list(models).index(reference)]]
    tail = (1 - confidence_level) / 2
    score_ends = np.quantile(resampled, [tail, 1 - tail], axis=0)
    gain_ends = np.quantile(gains, [tail, 1 - tail], axis=0)
    return ModelComparison(
        models=tuple(models),
        reference=reference,
        metric=_metric_name(scoring, next(iter(models.values()))),
        scores=tuple(scores.values()),
        score_lows=tuple(score_ends[0].tolist()),
        score_highs=tuple(score_ends[1].tolist()),
        gains=tuple(value - scores[reference] for value in scores.values()),
        gain_lows=tuple(gain_ends[0].tolist()),
        gain_highs=tuple(gain_ends[1].tolist()),
        confidence_level=confidence_level,
        n_samples=n_samples,
        n_resamples=n_resamples,
    )


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
    """Let the model respond to the test rows, once, in every way it can."""
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
    return (
        scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score")
    )


def _check_parameters(
    models: Mapping[str, Any],
    reference: str | None,
    n_samples: int,
    n_resamples: int,
    confidence_level: float,
) -> None:
    if not models:
        raise ParameterError(
            "The 'models' parameter must have at least one model. Got none."
        )
    if reference is not None and reference not in models:
        raise ParameterError(
            f"The 'reference' parameter must name one of the models {list(models)}. "
            f"Got {reference!r} instead."
        )
    if n_samples < 2:
        raise DataError(f"Intervals need at least 2 test rows. Got {n_samples}.")
    if n_resamples < 1:
        raise ParameterError(
            "The 'n_resamples' parameter must be a positive integer. "
            f"Got {n_resamples!r} instead."
        )
    if not 0 < confidence_level < 1:
        raise ParameterError(
            "The 'confidence_level' parameter must be a number in (0, 1). "
            f"Got {confidence_level!r} instead."
        )
