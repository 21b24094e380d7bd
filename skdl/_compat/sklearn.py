"""Private parts of scikit-learn that have no public equivalent.

An alias has scikit-learn's own name without the underscore.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils import _safe_indexing
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import (
    _check_method_params,
    _check_sample_weight,
    _num_samples,
)

__all__ = [
    "BaseSearchCV",
    "MaskSelector",
    "best_index",
    "check_method_params",
    "check_refit",
    "check_sample_weight",
    "cv_results",
    "fit_and_score",
    "fit_context",
    "has_callbacks",
    "is_negated",
    "metrics_of",
    "num_samples",
    "routed_params",
    "safe_indexing",
    "safe_split",
    "score_function",
    "scorers_of",
    "splitter_of",
]

# --- rows ---

num_samples = _num_samples  # the number of rows of any array-like
safe_indexing = _safe_indexing  # the rows at some places, of any array-like
safe_split = _safe_split  # X and y at some places, for an estimator
check_sample_weight = _check_sample_weight  # weights as an array; ones if None
check_method_params = _check_method_params  # the fit parameters at some places

# --- scorers ---


def score_function(scorer: Any) -> Any:
    """Return the metric inside a scorer, or the scorer itself if it has none."""
    return getattr(scorer, "_score_func", scorer)


def is_negated(scorer: Any) -> bool:
    """Whether a scorer returns the negative of its metric."""
    return getattr(scorer, "_sign", 1) < 0


def metrics_of(scorer: Any) -> Mapping[str, Any] | None:
    """Return the scorers of a multimetric scorer by name, or None for any other."""
    return getattr(scorer, "_scorers", None)


# --- searches ---

# With scikit-learn's own function, scores, times, errors and callbacks are exactly
# those of its searches.
fit_and_score = _fit_and_score


def scorers_of(search: BaseSearchCV) -> tuple[Any, Any]:
    """Return what scores a search, and the name of the metric to refit by."""
    return search._get_scorers()


def routed_params(search: BaseSearchCV, params: dict[str, Any]) -> Any:
    """Route the parameters of `fit` to the estimator, the scorer and the splitter."""
    return search._get_routed_params_for_fit(params)


def splitter_of(search: BaseSearchCV) -> Any:
    """Return the splitter of a search whose `fit` is running."""
    return search._checked_cv_orig


def cv_results(
    search: BaseSearchCV,
    candidates: list[dict[str, Any]],
    n_splits: int,
    fits: list[dict[str, Any]],
    more: dict[str, list],
) -> dict[str, Any]:
    """Arrange the results of `fit_and_score` as ``cv_results_``."""
    return search._format_results(candidates, n_splits, fits, more)


def check_refit(search: BaseSearchCV, scores: Mapping[str, float]) -> None:
    """Raise if `refit` does not name one of several metrics."""
    search._check_refit_for_multimetric(scores)


def best_index(search: BaseSearchCV, refit_metric: Any, table: dict[str, Any]) -> int:
    """Return the place of the best candidate in ``cv_results_``."""
    return search._select_best_index(search.refit, refit_metric, table)


# --- callbacks ---


def fit_context(estimator: BaseEstimator, *, max_subtasks: int | None) -> Any:
    """Make the context through which a fit reports to the estimator's callbacks."""
    return estimator._init_callback_context(max_subtasks=max_subtasks)


def has_callbacks(estimator: BaseEstimator) -> bool:
    """Return whether callbacks were set on an estimator."""
    return bool(getattr(estimator, "_skl_callbacks", None))


# --- feature selection ---


class MaskSelector(SelectorMixin, BaseEstimator):
    """Selector that keeps the columns where `support_` is true."""

    support_: np.ndarray  # (n_features_in_,)

    def _get_support_mask(self) -> np.ndarray:
        return self.support_
