"""Slices: groups of rows, by one feature at a time, with the worst predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._checks import check_count, check_share
from skdl._record import Record
from skdl._tables import as_table, column_of, feature_names_of
from skdl.exceptions import DataError, ParameterError
from skdl.explain.scores._bins import means_by_code
from skdl.explain.scores._intervals import (
    mean_difference_interval,
    mean_interval,
    share_difference_interval,
    share_interval,
)
from skdl.explain.scores._predictions import Predictions, predictions_of
from skdl.explain.scores._row_groups import groups_of
from skdl.explain.scores._row_losses import ROW_METRICS, RowMetric


@dataclass(frozen=True, repr=False)
class Slices(Record):
    """Groups of rows, the worst first.

    Parameters
    ----------
    metric, label : str
        Name of the metric, and its label in tables and figures.
    greater_is_better : bool
        Whether a greater value is better.
    unit : str
        Unit of the metric, empty if it has none.
    overall : float
        The metric of all rows.
    features, groups : tuple of str
        The feature that makes each group, and its values: a word, "3 to 7" or
        "missing".
    counts : ndarray of int of shape (n_shown,)
        Rows of each group.
    scores, lows, highs : ndarray of shape (n_shown,)
        The metric of each group and the ends of its interval, for this group alone.
    gaps : ndarray of shape (n_shown,)
        How much worse the group is than all other rows: positive is worse, whatever
        the direction of the metric.
    gap_lows, gap_highs : ndarray of shape (n_shown,)
        Ends of intervals of the gaps that hold for all examined groups together. The
        groups are sorted by `gap_lows`, the largest first.
    n_groups : int
        Number of groups that were examined.
    min_samples : int
        Minimum number of rows in a group, and outside it.
    confidence_level : float
        Of the intervals.
    n_samples : int
        Number of rows in total.
    """

    metric: str
    label: str
    greater_is_better: bool
    unit: str
    overall: float
    features: tuple[str, ...]
    groups: tuple[str, ...]
    counts: np.ndarray
    scores: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    gaps: np.ndarray
    gap_lows: np.ndarray
    gap_highs: np.ndarray
    n_groups: int
    min_samples: int
    confidence_level: float
    n_samples: int

    @property
    def is_worse(self) -> np.ndarray:
        """Whether each group is worse than the other rows beyond chance."""
        return np.asarray(self.gap_lows > 0)

    @property
    def note(self) -> str:
        """What follows about the groups, given that many were examined."""
        n_worse = int(self.is_worse.sum())
        shown = len(self.groups)
        return (
            f"{n_worse} of the {shown} groups shown {'is' if n_worse == 1 else 'are'} "
            f"worse than the other rows beyond chance. {self.n_groups} groups of at "
            f"least {self.min_samples} rows were examined; the intervals of the gaps "
            f"allow for that (Bonferroni, {self.confidence_level * 100:g} % for all "
            "together), those of the scores do not."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the groups as a table, the worst first.

        Returns
        -------
        frame : DataFrame
            Columns "feature", "group", "n_samples", "score", "low", "high", "gap",
            "gap_low", "gap_high" and "is_worse".
        """
        return pd.DataFrame(
            {
                "feature": list(self.features),
                "group": list(self.groups),
                "n_samples": self.counts,
                "score": self.scores,
                "low": self.lows,
                "high": self.highs,
                "gap": self.gaps,
                "gap_low": self.gap_lows,
                "gap_high": self.gap_highs,
                "is_worse": self.is_worse,
            }
        )


def _metric_of(metric: str | None, known: Predictions) -> RowMetric:
    usual = {choice.name: choice for choice in ROW_METRICS[known.task]}
    chosen = next(iter(usual.values())) if metric is None else usual.get(metric)
    if chosen is None:
        raise ParameterError(
            f"The 'metric' parameter of slices must be one of {list(usual)} for a "
            f"{known.task} task: a mean over rows. Got {metric!r} instead."
        )
    has_probabilities = known.is_probability and known.scores is not None
    if chosen.needs_probabilities and not has_probabilities:
        raise ParameterError(
            f"The metric {chosen.name!r} of slices needs an estimator with "
            "'predict_proba' of at least two classes. Take 'accuracy', or wrap it in "
            "sklearn.calibration.CalibratedClassifierCV."
        )
    return chosen


@dataclass(frozen=True)
class _Sides:
    """Means of the rows of some groups, or of the rows outside them."""

    means: np.ndarray
    variances: np.ndarray
    counts: np.ndarray

    def interval(self, metric: RowMetric, level: float) -> tuple:
        if metric.is_share:
            return share_interval(self.means, self.counts, level)
        return mean_interval(self.means, self.variances, self.counts, level)

    def minus(self, other: _Sides, metric: RowMetric, level: float) -> tuple:
        if metric.is_share:
            ours, others = (self.means, self.counts), (other.means, other.counts)
            return share_difference_interval(ours, others, level)
        return mean_difference_interval(
            (self.means, self.variances, self.counts),
            (other.means, other.variances, other.counts),
            level,
        )


def _outside(inside: _Sides, losses: np.ndarray) -> _Sides:
    """Describe the rows outside each group."""
    counts = len(losses) - inside.counts
    mean = losses.mean()
    means = mean - inside.counts * (inside.means - mean) / counts
    total = ((losses - mean) ** 2).sum()
    squares = (
        total
        - inside.variances * (inside.counts - 1)
        - inside.counts * (inside.means - mean) ** 2
        - counts * (means - mean) ** 2
    )
    return _Sides(means, np.maximum(squares, 0) / (counts - 1), counts)


def slices(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    metric: str | None = None,
    features: str | Sequence[Any] | None = None,
    feature_names: Sequence[str] | None = None,
    n_intervals: int = 4,
    max_groups: int = 20,
    min_samples: int = 30,
    confidence_level: float = 0.95,
) -> Slices:
    """Find the groups of rows, by one feature at a time, with the worst predictions.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor.
    X : array-like of shape (n_samples, n_features)
        Rows that the estimator was not fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    metric : str or None, default=None
        A mean over rows: "accuracy" (by default), "log_loss" or "brier_score" of
        classes, "hamming_loss" (by default) or "subset_accuracy" of labels, "mae" (by
        default) or "mse" of numbers.
    features : str, sequence of str or int, or None, default=None
        The features to group by, by name or position; by default all.
    feature_names : sequence of str or None, default=None
        Names of the columns; None takes those of a DataFrame.
    n_intervals : int, default=4
        Number of intervals with equal counts for numbers and dates with more than ten
        values; fewer if they would have fewer than `min_samples` rows. Anything else
        has a group per value; missing values are a group.
    max_groups : int, default=20
        Maximum number of groups to return; all are examined and counted.
    min_samples : int, default=30
        Minimum number of rows in a group, and outside it.
    confidence_level : float, default=0.95
        Of the intervals.

    Returns
    -------
    slices : Slices
        The groups, sorted by how far they are worse beyond chance.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ParameterError
        If a parameter is out of range, a feature is unknown, or the metric needs
        probabilities that the estimator lacks.
    DataError
        If X and y do not match each other or the estimator, or no group has enough
        rows.

    Notes
    -----
    Among many groups, the worst looks bad by chance alone. The interval of a gap
    therefore has the level 1 - (1 - confidence_level) / n_groups (Bonferroni), so all
    of them hold together with the stated confidence, however the groups overlap. A
    group is worse beyond chance if its interval is above 0. Shares have the intervals
    of Wilson and Newcombe, other means those of Student and Welch. Groups are formed
    without looking at the predictions. A worse group does not prove that its feature is
    the cause.

    References
    ----------
    .. [1] Dunn (1961). Multiple Comparisons Among Means. Journal of the American
       Statistical Association 56.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.explain import slices
    >>> data = load_breast_cancer(as_frame=True)
    >>> X, y = data.data, data.target
    >>> tree = DecisionTreeClassifier(max_depth=1).fit(X[::2], y[::2])
    >>> found = slices(tree, X[1::2], y[1::2], features=["mean radius"])
    >>> found.to_frame()[["group", "n_samples", "score"]].head(2).round(2)
                group  n_samples  score
    0  13.49 to 16.07         71   0.79
    1  11.76 to 13.48         71   0.86
    """
    check_count(n_intervals, name="n_intervals", function="slices", least=2)
    check_count(max_groups, name="max_groups", function="slices")
    check_count(min_samples, name="min_samples", function="slices", least=2)
    level = check_share(confidence_level, name="confidence_level", function="slices")
    known = predictions_of(estimator, X, y, function="slices")
    chosen = _metric_of(metric, known)
    table = as_table(X)
    names = feature_names_of(table, feature_names)
    wanted = [features] if isinstance(features, str) else features
    places = [
        column_of(feature, names)
        for feature in (range(len(names)) if wanted is None else wanted)
    ]
    losses = chosen.losses(known)
    found, inside = _examine(table, places, losses, n_intervals, min_samples)
    outside = _outside(inside, losses)
    n_groups = len(found)
    strict = 1 - (1 - level) / n_groups
    worse = (outside, inside) if chosen.greater_is_better else (inside, outside)
    gaps = worse[0].means - worse[1].means
    gap_lows, gap_highs = worse[0].minus(worse[1], chosen, strict)
    lows, highs = inside.interval(chosen, level)
    order = np.lexsort((-gaps, -gap_lows))[:max_groups]
    return Slices(
        metric=chosen.name,
        label=chosen.label,
        greater_is_better=chosen.greater_is_better,
        unit=chosen.unit(known.unit),
        overall=float(losses.mean()),
        features=tuple(names[found[row][0]] for row in order),
        groups=tuple(found[row][1] for row in order),
        counts=inside.counts[order],
        scores=inside.means[order],
        lows=lows[order],
        highs=highs[order],
        gaps=gaps[order],
        gap_lows=gap_lows[order],
        gap_highs=gap_highs[order],
        n_groups=n_groups,
        min_samples=min_samples,
        confidence_level=level,
        n_samples=known.n_samples,
    )


def _examine(
    table: Any,
    places: Sequence[int],
    losses: np.ndarray,
    n_intervals: int,
    min_samples: int,
) -> tuple[list[tuple[int, str]], _Sides]:
    """Average the losses of every group that is large enough."""
    found: list[tuple[int, str]] = []
    sides = []
    n_intervals = max(2, min(n_intervals, len(losses) // min_samples))
    for place in places:
        codes, names = groups_of(table, place, n_intervals=n_intervals)
        counts, means, variances = means_by_code(codes, losses, len(names))
        fits = (counts >= min_samples) & (len(losses) - counts >= min_samples)
        found += [(place, names[code]) for code in np.flatnonzero(fits)]
        sides.append(_Sides(means[fits], variances[fits], counts[fits]))
    if not found:
        raise DataError(
            f"slices needs a group of at least {min_samples} rows with as many outside "
            f"it. Got none in {len(losses)} rows and {len(places)} features. Lower "
            "'min_samples', or pass more rows."
        )
    inside = _Sides(
        *(
            np.concatenate([getattr(side, name) for side in sides])
            for name in ("means", "variances", "counts")
        )
    )
    return found, inside
