"""The input of `explain_report`: a fitted estimator and rows, checked.

What several sections need is computed when the first of them needs it, and kept.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import check_scoring

from skdl._models import path_to_model
from skdl._record import Record
from skdl._responses import Response
from skdl._tables import (
    Table,
    column,
    units_of,
)
from skdl.data import score_name
from skdl.exceptions import CorrelatedFeaturesWarning
from skdl.explain import (
    ExplanationQuality,
    PermutationImportance,
    explanation_quality,
    permutation_importance,
)

N_MODELS = 3  # refits of the model, each with another seed
MOST_FEATURES_OFTEN = 20


class NotAvailable(Exception):
    """A section cannot be made from this input; the message says why."""


@dataclass(frozen=True)
class ReportInput:
    """A fitted estimator and rows, checked."""

    estimator: Any  # fitted: a classifier, a regressor, or what ends in one
    X: Table  # (n_samples, n_features) The rows
    y: Any
    # rows that the estimator was fitted on, with the columns of X
    X_train: Table | None
    y_train: Any
    names: tuple[str, ...]
    response: Response  # what the estimator predicts
    # features whose effects are shown; None for the strongest
    features: tuple[int, ...] | None
    scoring: Any
    n_repeats: int  # shuffles of each feature
    max_effects: int  # features whose effects are shown by default
    # records to show too, by the headings of their sections
    records: Mapping[str, Record]
    random_state: Any
    # whether to show progress bars; None shows them on a terminal for whatever takes
    # more than two seconds
    progress: bool | None

    @property
    def path(self) -> list[Any]:
        """The estimator, what is inside it, and so on down to the model itself."""
        return path_to_model(self.estimator)

    @property
    def model(self) -> Any:
        """The model at the end of Pipelines and searches."""
        return self.path[-1]

    @property
    def search(self) -> Any:
        """The fitted search on the way to the model, or None."""
        return next((step for step in self.path if hasattr(step, "cv_results_")), None)

    @property
    def metric(self) -> str:
        """Name of the score."""
        return metric_of(self.estimator, self.scoring)

    @property
    def target(self) -> str:
        """Name of the target, empty if y has none."""
        name = self.y.name if isinstance(self.y, pd.Series) else None
        return "" if name is None else str(name)

    @property
    def units(self) -> dict[str, str]:
        """Units by feature, for those that have one."""
        return units_of(self.X)

    @cached_property
    def score(self) -> float | None:
        """The score on the rows, None without targets."""
        return None if self.y is None else self._score_of(self.X, self.y)

    @cached_property
    def training_score(self) -> float | None:
        """The score on the training rows, None without them."""
        if self.X_train is None or self.y_train is None:
            return None
        return self._score_of(self.X_train, self.y_train)

    def _score_of(self, X: Any, y: Any) -> float:
        return float(
            check_scoring(self.estimator, scoring=self.scoring)(self.estimator, X, y)
        )

    @cached_property
    def importance(self) -> PermutationImportance:
        """How much the score drops when each feature is shuffled; it needs targets."""
        with warnings.catch_warnings():
            # The page names the correlated features.
            warnings.simplefilter("ignore", CorrelatedFeaturesWarning)
            importance = permutation_importance(
                self.estimator,
                self.X,
                self.y,
                scoring=self.scoring,
                n_repeats=self.n_repeats,
                random_state=self.random_state,
                progress=self.progress,
            )
        assert isinstance(importance, PermutationImportance)
        return importance

    @cached_property
    def quality(self) -> ExplanationQuality:
        """How good the importances are as an explanation."""
        # With many features each is shuffled less often, so that it takes seconds and
        # not minutes.
        fewer = min(1.0, np.sqrt(MOST_FEATURES_OFTEN / len(self.names)))
        return explanation_quality(
            self.estimator,
            self.X,
            self.y,
            scoring=self.scoring,
            explanation=self.importance,
            X_train=self.X_train,
            y_train=self.y_train,
            n_models=N_MODELS,
            n_repeats=min(self.n_repeats, max(2, round(5 * fewer))),
            n_resamples=max(4, round(20 * fewer)),
            random_state=self.random_state,
            progress=self.progress,
        )

    @property
    def has_several_numbers(self) -> bool:
        """Whether the model predicts several numbers, each in its own unit."""
        is_regression = self.response.task == "regression"
        return is_regression and len(self.response.outputs) > 1

    def values(self, place: int) -> pd.Series:
        """Return a column with its true type."""
        # -> (n_samples,)
        return values_of(self.X, place)

    @cached_property
    def unvarying(self) -> dict[int, str]:
        """Why the rows cannot show the effect of a feature, by its position."""
        reasons = {}
        for place in range(len(self.names)):
            n_distinct = self.values(place).nunique()
            if n_distinct == 0:
                reasons[place] = "no value in any row"
            elif n_distinct == 1:
                reasons[place] = "the same value in all rows"
        return reasons

    @cached_property
    def shown_features(self) -> tuple[int, ...]:
        """The features whose effects are shown: the requested or the strongest ones."""
        if self.features is not None:
            return tuple(f for f in self.features if f not in self.unvarying)
        order = list(range(len(self.names)))
        if self.y is not None:
            means = self.importance.importances_mean
            order = [int(place) for place in np.argsort(-means, kind="stable")]
        varying = [place for place in order if place not in self.unvarying]
        return tuple(varying[: self.max_effects])


def values_of(X: Table, place: int) -> pd.Series:
    """Return a column with its true type."""
    # X: (n_samples, n_features) -> (n_samples,)
    return pd.Series(column(X, place)).infer_objects()


def metric_of(estimator: Any, scoring: Any = None) -> str:
    """Name the score of an estimator."""
    if scoring is None and hasattr(estimator, "cv_results_"):
        scoring = getattr(estimator, "scoring", None)
    if scoring is not None:
        return score_name(scoring)
    own = getattr(type(path_to_model(estimator)[-1]), "score", None)
    if own is ClassifierMixin.score:
        return "accuracy"
    return "R²" if own is RegressorMixin.score else "score"
