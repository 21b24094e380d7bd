"""Permutation importance: how much a score drops when features are shuffled.

The numbers are those of :func:`sklearn.inspection.permutation_importance`: the same
permutations, scorer and rows in the same order. Only the number of calls differs: many
shuffled copies of the rows are predicted at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy import stats
from sklearn import config_context
from sklearn.base import ClassifierMixin
from sklearn.metrics import check_scoring

from skdl._checks import check_count, check_share
from skdl._models import final_step
from skdl._progress import Progress
from skdl._record import LikeABunch, Record
from skdl._tables import as_table, feature_names_of
from skdl.data import score_name
from skdl.exceptions import ParameterError
from skdl.explain._predicting.perturbation import MEMORY_BOUND
from skdl.explain._predicting.sklearn_checks import check_importance
from skdl.explain.importance._feature_groups import (
    Groups,
    columns_by_name,
    warn_of_associated,
)
from skdl.explain.importance._shuffling import Shuffling, score_shuffled, targets_for


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class PermutationImportance(LikeABunch, Record):
    """How much a score drops when features are shuffled.

    The fields of scikit-learn's result are keys as well.

    Parameters
    ----------
    importances : ndarray of shape (n_features, n_repeats)
        Score of the original rows minus that of the rows with the feature (or group of
        features) shuffled, in units of the score.
    importances_mean, importances_std : ndarray of shape (n_features,)
        Mean and standard deviation (with divisor n_repeats) over the repeats.
    feature_names : tuple of str
        Names of the features or groups.
    baseline_score : float
        Score of the original rows.
    metric : str
        Name of the score. Greater is better.
    n_samples : int
        Rows that were shuffled and scored.
    associated : tuple of (str, str, float), default=()
        Pairs of strongly associated features, with the strength in [0, 1].
    """

    importances: np.ndarray
    importances_mean: np.ndarray
    importances_std: np.ndarray
    feature_names: tuple[str, ...]
    baseline_score: float
    metric: str
    n_samples: int
    associated: tuple[tuple[str, str, float], ...] = ()

    _keys: ClassVar[tuple[str, ...]] = (
        "importances_mean",
        "importances_std",
        "importances",
    )

    def confidence_interval(
        self, confidence_level: float = 0.95
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return confidence intervals of the mean importances, over shuffles.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Share of such intervals that contain the mean over all permutations.

        Returns
        -------
        low, high : ndarray of shape (n_features,)
            Ends of the intervals, by Student's t over the repeats; NaN for a single
            repeat. Other rows or a refitted estimator would change the importances by
            more than these.

        Raises
        ------
        ParameterError
            If the level is not in (0, 1).
        """
        level = check_share(
            confidence_level, name="confidence_level", function="confidence_interval"
        )
        n_repeats = self.importances.shape[1]
        if n_repeats == 1:
            nothing = np.full(len(self.importances), np.nan)
            return nothing, nothing
        spread = self.importances.std(axis=1, ddof=1) / np.sqrt(n_repeats)
        half = stats.t.ppf((1 + level) / 2, n_repeats - 1) * spread
        return self.importances_mean - half, self.importances_mean + half

    def to_frame(self) -> pd.DataFrame:
        """Return the importances as a table, the largest first.

        Returns
        -------
        frame : DataFrame
            Columns "feature", "importance" (mean), "std", "low" and "high" (the ends
            of the 95 % interval).
        """
        low, high = self.confidence_interval()
        frame = pd.DataFrame(
            {
                "feature": list(self.feature_names),
                "importance": self.importances_mean,
                "std": self.importances_std,
                "low": low,
                "high": high,
            }
        )
        return frame.sort_values(
            "importance", ascending=False, kind="stable", ignore_index=True
        )


def _record(
    baseline: float, scores: np.ndarray, **fields: Any
) -> PermutationImportance:
    importances = baseline - scores
    return PermutationImportance(
        importances=importances,
        importances_mean=np.mean(importances, axis=1),
        importances_std=np.std(importances, axis=1),
        baseline_score=float(baseline),
        **fields,
    )


def _name(scoring: Any, estimator: Any) -> str:
    if scoring is not None:
        return score_name(scoring)
    own = getattr(type(final_step(estimator)), "score", None)
    return "accuracy" if own is ClassifierMixin.score else "score"


def _check_threshold(threshold: Any) -> None:
    is_number = isinstance(threshold, Real) and not isinstance(threshold, bool)
    if not is_number or not 0 <= threshold <= 1:
        raise ParameterError(
            "The 'correlation_threshold' parameter of permutation_importance must be a "
            f"number in [0, 1] or None. Got {threshold!r} instead."
        )


def permutation_importance(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    scoring: str | Callable[..., Any] | Sequence[str] | Mapping[str, Any] | None = None,
    n_repeats: int = 5,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    sample_weight: Any = None,
    max_samples: int | float = 1.0,
    groups: Groups | None = None,
    correlation_threshold: float | None = 0.8,
    memory_bound: int = MEMORY_BOUND,
    progress: bool | None = None,
) -> PermutationImportance | dict[str, PermutationImportance]:
    """Measure how much a score drops when one feature at a time is shuffled.

    A drop-in for :func:`sklearn.inspection.permutation_importance`: the same
    parameters, permutations and numbers, with far fewer calls of the estimator.

    Parameters
    ----------
    estimator : estimator
        Fitted, and compatible with the scorer.
    X : array-like of shape (n_samples, n_features)
        Rows to shuffle, preferably ones that the estimator was not fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), or None
        Their targets; None if the scorer needs none.
    scoring : str, callable, list, tuple, dict or None, default=None
        One or several scikit-learn scores; None means the estimator's own.
    n_repeats : int, default=5
        How often each feature is shuffled.
    n_jobs : int or None, default=None
        Number of processes that share the features, as in scikit-learn.
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, passed to the scorer.
    max_samples : int or float, default=1.0
        Rows to draw (without replacement) for the shuffled scores, or their share.
    groups : mapping of str to list of features, list of lists or None, default=None
        Features, by name or position, that are shuffled together, with the same
        permutation. Features in no group are shuffled alone.
    correlation_threshold : float or None, default=0.8
        Features associated at least this strongly are named in a warning, unless they
        share a group: each seems unimportant because the other one stays. None skips
        the check, as do fewer than 8 rows.
    memory_bound : int, default=268435456
        Bytes that shuffled copies of the rows may take, including what the estimator
        computes from them (each row counts four times). At least one copy is always
        held.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    importance : PermutationImportance or dict of str to PermutationImportance
        The importances, with the attributes and keys of scikit-learn's result; for
        several scores a dict by their names.

    Raises
    ------
    ValueError
        As in scikit-learn's function: if a parameter or X is invalid.
    ParameterError
        If a group names an unknown feature, a feature is in two groups, or a parameter
        that scikit-learn's function lacks is invalid.

    Warns
    -----
    CorrelatedFeaturesWarning
        If features are strongly associated.
    RowsDependWarning
        If predictions depend on the other rows of the call, so copies cannot be
        predicted together.

    Notes
    -----
    An importance does not show whether another model could do without the feature. A
    feature that has a copy has an importance near zero [1]_.

    If columns share a name, scikit-learn's function shuffles all of them at once; this
    one shuffles each by itself, like the columns of an array.

    References
    ----------
    .. [1] Breiman (2001). Random Forests. Machine Learning 45.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.explain import permutation_importance
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> tree = DecisionTreeClassifier(random_state=0).fit(X, y)
    >>> importance = permutation_importance(
    ...     tree, X, y, random_state=0, correlation_threshold=None
    ... )
    >>> importance.to_frame()["feature"].tolist()[:2]
    ['petal width (cm)', 'petal length (cm)']
    """
    memory_bound = check_count(
        memory_bound, name="memory_bound", function="permutation_importance"
    )
    if correlation_threshold is not None:
        _check_threshold(correlation_threshold)
    seed = check_importance(
        estimator,
        X,
        y,
        scoring=scoring,
        n_repeats=n_repeats,
        n_jobs=n_jobs,
        random_state=random_state,
        sample_weight=sample_weight,
        max_samples=max_samples,
    )
    # Without rows or columns it is the estimator that refuses, as in scikit-learn.
    table = X if isinstance(X, pd.DataFrame) else as_table(X)
    names = feature_names_of(table)
    columns_of = columns_by_name(groups, names)
    associated = warn_of_associated(table, names, columns_of, correlation_threshold)
    n_scores = len(columns_of) * n_repeats
    with (
        config_context(skip_parameter_validation=True),  # as inside scikit-learn's
        Progress("permutation importance", n_scores, shown=progress) as bar,
    ):
        scorer = check_scoring(estimator, scoring=scoring)
        targets = targets_for(scoring, estimator, y)
        shuffling = Shuffling(
            estimator,
            table,
            targets,
            sample_weight,
            scorer,
            seed,
            n_repeats,
            max_samples,
        )
        baseline, known = shuffling.score_rows_as_they_are()
        scores = score_shuffled(
            shuffling,
            list(columns_of.values()),
            known,
            n_jobs=n_jobs,
            memory_bound=memory_bound,
            bar=bar,
        )
    records = {
        metric: _record(
            baseline[metric],
            np.array([score[metric] for score in scores]).reshape(-1, n_repeats),
            feature_names=tuple(columns_of),
            metric=metric if isinstance(metric, str) else _name(scoring, estimator),
            n_samples=shuffling.n_shuffled,
            associated=associated,
        )
        for metric in baseline
    }
    return records.get(None, records)
