"""Accumulated local effects: how predictions change with a feature, near the rows.

Partial dependence sets a feature to a value in all rows, even in those that could never
have it. An accumulated local effect only compares, for each row, the ends of the short
interval that the row lies in, and sums the mean changes along the feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.utils.extmath import cartesian

from skdl._checks import check_count, check_share, check_weights
from skdl._progress import Progress
from skdl._record import Record
from skdl._responses import response_of
from skdl._tables import (
    Change,
    Table,
    as_table,
    column,
    column_of,
    feature_names_of,
    take_rows,
    units_of,
)
from skdl.exceptions import DataError, ParameterError
from skdl.explain._predicting.perturbation import MEMORY_BOUND, respond
from skdl.explain.effects._feature_axes import (
    FeatureAxis,
    Ordering,
    intervals_of,
    levels_of,
    neighbours,
    numbers_of,
)
from skdl.explain.effects._local_effects import accumulate, accumulate_second


@dataclass(frozen=True, repr=False)
class AccumulatedLocalEffects(Record):
    """The effect of one feature on predictions, or of two beyond what each does alone.

    Parameters
    ----------
    grid_values : list of ndarray of shape (n_values,)
        Edges of the intervals of each feature of numbers, or levels in their order.
    effects : ndarray of shape (n_outputs, n_values) or (n_outputs, n_values, n_values)
        Accumulated local effects at the edges or levels, in units of the response, with
        mean 0 over the rows. For two features: their joint effect, without what either
        does alone.
    standard_errors : ndarray of shape (n_outputs, n_values) or None
        How much the effects would vary with other rows of the same kind, given the same
        estimator and intervals. None for two features.
    counts : ndarray of shape (n_values - 1,), (n_values,) or (n_values - 1, ...)
        Rows per interval, level or cell. A cell without rows takes the local effect of
        the nearest one with rows: it is a guess.
    feature_names : tuple of str
        Names of the features.
    output_names : tuple of str
        Names of the outputs: classes, or predictions.
    response : str
        What the numbers are, such as "probability".
    kind : {"numeric", "categorical"}
        Whether the points are edges of intervals or levels.
    ordering : {"value", "declared", "similarity"}
        How the points are ordered: by value, as a Categorical declares, or by
        similarity in the other features.
    n_samples : int
        Rows that were used.
    n_left_out : int
        Rows that were not used, because the feature is missing or their weight is 0.
    deciles : tuple of ndarray of shape (9,), default=()
        Deciles of each numeric feature, which show where the rows are.
    units : tuple of str, default=()
        Units of the features, empty if unknown.
    """

    grid_values: list[np.ndarray]
    effects: np.ndarray
    standard_errors: np.ndarray | None
    counts: np.ndarray
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]
    response: str
    kind: Literal["numeric", "categorical"]
    ordering: Ordering
    n_samples: int
    n_left_out: int
    deciles: tuple[np.ndarray, ...] = ()
    units: tuple[str, ...] = ()

    def confidence_interval(
        self, confidence_level: float = 0.95
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return confidence intervals of the effects, over samples of rows.

        Parameters
        ----------
        confidence_level : float, default=0.95
            Share of such intervals, at one point, that contain the effect in the
            population.

        Returns
        -------
        low, high : ndarray of shape (n_outputs, n_values)
            Ends of the intervals, by the normal distribution. Refitting the estimator
            would change the effects by more than these.

        Raises
        ------
        ParameterError
            If the level is not in (0, 1).
        DataError
            If the effects are of two features, which have no standard errors.
        """
        level = check_share(
            confidence_level, name="confidence_level", function="confidence_interval"
        )
        if self.standard_errors is None:
            raise DataError(
                "The effects of two features have no standard errors. Look at the "
                "'counts' of the cells, or compute the effects for samples of rows."
            )
        half = stats.norm.ppf((1 + level) / 2) * self.standard_errors
        return self.effects - half, self.effects + half

    def to_frame(self) -> pd.DataFrame:
        """Return the effects as a table, one row per output and point.

        Returns
        -------
        frame : DataFrame
            Columns "output", one per feature, "effect", "n_samples" (rows of the
            level, or of the interval or cell that ends at the point; 0 at the first
            edge), and for one feature "standard_error", "low" and "high" (the ends of
            the 95 % interval).
        """
        points = cartesian([np.asarray(axis, object) for axis in self.grid_values])
        counts = self.counts
        if self.kind == "numeric":
            counts = np.pad(counts, [(1, 0)] * counts.ndim)
        frames = []
        for place, name in enumerate(self.output_names):
            frame = pd.DataFrame(points, columns=list(self.feature_names))
            frame = frame.infer_objects()
            frame.insert(0, "output", name)
            frame["effect"] = self.effects[place].ravel()
            frame["n_samples"] = counts.ravel()
            if self.standard_errors is not None:
                low, high = self.confidence_interval()
                frame["standard_error"] = self.standard_errors[place]
                frame["low"], frame["high"] = low[place], high[place]
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)


def _columns(features: Any, names: tuple[str, ...]) -> list[int]:
    """Return the positions of one or two features."""
    is_one = isinstance(features, str | int | np.integer)
    columns = [column_of(f, names) for f in ([features] if is_one else list(features))]
    if len(columns) not in (1, 2) or len(set(columns)) < len(columns):
        raise ParameterError(
            "The 'features' parameter of accumulated_local_effects must be one feature "
            f"or two different ones. Got {features!r}."
        )
    return columns


def _used_rows(
    X: Table, columns: list[int], weights: np.ndarray, names: tuple[str, ...]
) -> np.ndarray:
    """Return the rows that have the features and a weight."""
    missing = np.zeros(len(X), dtype=bool)
    for place in columns:
        missing |= np.asarray(pd.isna(column(X, place)))
    rows = np.flatnonzero(~missing & (weights > 0))
    if len(rows) == 0:
        wanted = " and ".join(repr(names[place]) for place in columns)
        raise DataError(
            f"A local effect needs rows with a value of {wanted} and a weight above "
            f"0. Got none among {len(X)} rows. Pass other rows or another feature."
        )
    return rows


def _axis(
    X: Table,
    place: int,
    weights: np.ndarray,
    n_intervals: int,
    *,
    name: str,
    coded: set[int],
) -> FeatureAxis:
    """Return the points along one feature."""
    numbers = None if place in coded else numbers_of(X, place)
    if numbers is None:
        return levels_of(X, place, weights, name=name)
    return intervals_of(numbers, weights, n_intervals, name=name)


def _check_numeric(axes: list[FeatureAxis], names: list[str]) -> None:
    for axis, name in zip(axes, names, strict=True):
        if not axis.is_numeric:
            raise ParameterError(
                "Accumulated local effects of two features need two numeric features. "
                f"Got {name!r}, which has levels. Pass it alone, or two numeric "
                "features."
            )


def _changes(
    axes: Sequence[FeatureAxis], X: Table, columns: Sequence[int]
) -> list[Change]:
    """Return the copies of the rows whose predictions are compared."""
    steps = [
        neighbours(axis, X, place) for axis, place in zip(axes, columns, strict=True)
    ]
    if len(columns) == 1:
        low, here, high = steps[0]
        held = (low, high) if axes[0].is_numeric else (low, here, high)
        return [{columns[0]: values} for values in held]
    (low, _, high), (left, _, right) = steps
    one, other = columns
    return [
        {one: values, other: across}
        for values in (low, high)
        for across in (left, right)
    ]


def _accumulated(
    axes: list[FeatureAxis], answers: list[np.ndarray], weights: np.ndarray
) -> dict[str, Any]:
    """Return the fields that follow from the predictions for the changed copies."""
    if len(axes) == 2:
        (low, left), (right, high) = answers[:2], answers[2:]
        second = high - right - left + low
        effects, counts = accumulate_second(axes[0], axes[1], second, weights)
        return {"effects": effects, "standard_errors": None, "counts": counts}
    differences: Any = np.diff(np.array(answers), axis=0)
    differences = differences[0] if axes[0].is_numeric else differences[::-1]
    effects, errors = accumulate(axes[0], differences, weights)
    return {
        "effects": effects.T,
        "standard_errors": errors.T,
        "counts": axes[0].counts,
    }


def accumulated_local_effects(
    estimator: Any,
    X: Any,
    features: Any,
    *,
    n_intervals: int = 20,
    sample_weight: Any = None,
    categorical_features: Sequence[Any] | None = None,
    feature_names: Sequence[str] | None = None,
    memory_bound: int = MEMORY_BOUND,
    progress: bool | None = None,
) -> AccumulatedLocalEffects:
    r"""Compute how predictions change with a feature, comparing only nearby values.

    Unlike partial dependence, it never predicts combinations of features that are far
    from the rows, so correlated features do not mislead it.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor, or a Pipeline or search that ends in one.
    X : array-like of shape (n_samples, n_features)
        Rows.
    features : str, int or list of these
        The feature, or two numeric features, by name or position.
    n_intervals : int, default=20
        Number of intervals, with as many rows each, that a numeric feature is cut into;
        fewer if its values repeat.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, also in the quantiles.
    categorical_features : sequence of str or int, default=None
        Numeric features whose values are codes of levels. Text, categories and booleans
        need not be listed.
    feature_names : sequence of str of shape (n_features,), default=None
        Names of the columns; None takes those of a DataFrame.
    memory_bound : int, default=268435456
        Bytes that changed copies of the rows may take, including what the estimator
        computes from them. At least one copy is always held.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    effects : AccumulatedLocalEffects
        The points and the effects, with standard errors, for each output.

    Raises
    ------
    ParameterError
        If a feature is unknown, if there are not one or two of them, or if one of two
        is not numeric.
    DataError
        If a feature is missing in all rows, has only one value, infinite values, or
        more than 100 levels; or if the weights are invalid.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Notes
    -----
    With edges :math:`z_0 < ... < z_K` at quantiles, and :math:`n_k` rows in interval
    :math:`k`, the effect at an edge is

    .. math:: g(z_m) = \sum_{k=1}^{m} \frac{1}{n_k} \sum_{i: x_i \in (z_{k-1}, z_k]}
        [f(z_k, x_{i, rest}) - f(z_{k-1}, x_{i, rest})] - c

    Edges are values that occur in X. The constant makes the mean over the rows 0, each
    row at its own place on the straight line between two edges; the authors' R package
    takes the middle of the interval instead. For two features, second differences per
    cell are accumulated, and first-order effects subtracted from the result. Levels
    without an order are arranged so that neighbours are similar in the other features,
    and the effect of a step is the mean over the rows of both levels. Rows that lack a
    feature are left out and counted.

    Standard errors are those of means of differences, accumulated over the steps. A
    step with a single row gets the variance within the other steps.

    References
    ----------
    .. [1] Apley and Zhu (2020). Visualizing the Effects of Predictor Variables in
       Black Box Supervised Learning Models. Journal of the Royal Statistical Society
       B 82.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from skdl.explain import accumulated_local_effects
    >>> X = np.array([[0.0, 1.0], [1.0, 3.0], [3.0, 0.0], [4.0, 2.0]])
    >>> model = LinearRegression().fit(X, 3 * X[:, 0] + X[:, 1])
    >>> effects = accumulated_local_effects(model, X, 0)
    >>> effects.effects.round(6).tolist()
    [[-6.0, -3.0, 3.0, 6.0]]
    """
    n_intervals = check_count(
        n_intervals, name="n_intervals", function="accumulated_local_effects"
    )
    table = as_table(X)
    names = feature_names_of(table, feature_names)
    columns = _columns(features, names)
    coded = {column_of(feature, names) for feature in categorical_features or ()}
    weights = check_weights(sample_weight, n_samples=len(table))
    response = response_of(estimator, table)
    rows = _used_rows(table, columns, weights, names)
    used = table if len(rows) == len(table) else take_rows(table, rows)
    weights = weights[rows]
    axes = [
        _axis(used, place, weights, n_intervals, name=names[place], coded=coded)
        for place in columns
    ]
    if len(axes) == 2:
        _check_numeric(axes, [names[place] for place in columns])
    changes = _changes(axes, used, columns)
    answers = []
    with Progress("accumulated local effects", len(changes), shown=progress) as bar:
        for values in respond(
            estimator, response, used, changes, memory_bound=memory_bound
        ):
            answers.append(values)
            bar.advance()
    units = units_of(X)
    own_names = feature_names_of(table)
    return AccumulatedLocalEffects(
        grid_values=[axis.values for axis in axes],
        feature_names=tuple(names[place] for place in columns),
        output_names=response.outputs,
        response=response.label,
        kind="numeric" if axes[0].is_numeric else "categorical",
        ordering=axes[0].ordering,
        n_samples=len(rows),
        n_left_out=len(table) - len(rows),
        deciles=tuple(axis.deciles for axis in axes),
        units=tuple(units.get(own_names[place], "") for place in columns),
        **_accumulated(axes, answers, weights),
    )
