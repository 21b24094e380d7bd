"""Partial dependence: the average prediction as features change.

The numbers are those of :func:`sklearn.inspection.partial_dependence`. That function
also checks the parameters: it is run with an estimator that stops it at its second
prediction. Then a few large calls predict everything, and only what is needed is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn import ensemble, inspection, tree
from sklearn.utils import check_array
from sklearn.utils.extmath import cartesian

from skdl._checks import check_count
from skdl._progress import Progress
from skdl._record import LikeABunch, Record
from skdl._responses import Response, response_of
from skdl._tables import (
    Table,
    column,
    deciles_of,
    feature_names_of,
    is_number,
    units_of,
)
from skdl.explain._predicting.perturbation import MEMORY_BOUND, respond
from skdl.explain._predicting.sklearn_checks import check_dependence
from skdl.explain.effects._partial_dependence_grid import columns_of, grid_of

RECURSIVE = (  # scikit-learn has a shortcut for these
    ensemble.GradientBoostingClassifier,
    ensemble.GradientBoostingRegressor,
    ensemble.HistGradientBoostingClassifier,
    ensemble.HistGradientBoostingRegressor,
    ensemble.RandomForestRegressor,
    tree.DecisionTreeRegressor,
)

Kind = Literal["average", "individual", "both"]


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class PartialDependence(LikeABunch, Record):
    """Predictions as one or two features change.

    The fields of scikit-learn's result are keys as well, so
    ``sklearn.inspection.PartialDependenceDisplay`` can draw it.

    Parameters
    ----------
    grid_values : list of ndarray of shape (n_values,)
        The values that each feature was set to.
    average : ndarray of shape (n_outputs, n_values, ...) or None
        The mean over the rows at each point of the grid.
    individual : ndarray of shape (n_outputs, n_samples, n_values, ...) or None
        The predictions of each row.
    deviation : ndarray of shape (n_outputs, n_values, ...) or None
        Standard deviation over the rows of the change since the first point. If it is
        large, the average hides that rows respond differently, which is an interaction
        with other features. None for the method "recursion".
    feature_names : tuple of str
        Names of the features.
    output_names : tuple of str
        Names of the outputs: classes, or predictions.
    response : str
        What the numbers are, such as "probability".
    method : {"brute", "recursion"}
        How they were computed.
    n_samples : int
        Rows that were averaged over (not used by "recursion").
    deciles : tuple of ndarray of shape (9,), default=()
        Deciles of each numeric feature, which show where the rows are; empty for
        others.
    units : tuple of str, default=()
        Units of the features, empty if unknown.
    """

    grid_values: list[np.ndarray]
    average: np.ndarray | None
    individual: np.ndarray | None
    deviation: np.ndarray | None
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]
    response: str
    method: Literal["brute", "recursion"]
    n_samples: int
    deciles: tuple[np.ndarray, ...] = ()
    units: tuple[str, ...] = ()

    _keys: ClassVar[tuple[str, ...]] = ("grid_values", "average", "individual")

    def centered(self) -> PartialDependence:
        """Return the change since the first point of the grid.

        Returns
        -------
        centered : PartialDependence
            With averages and individual curves that start at 0.
        """
        n_features = len(self.grid_values)
        first: Any = (..., *([slice(0, 1)] * n_features))
        average, individual = self.average, self.individual
        return replace(
            self,
            average=None if average is None else average - average[first],
            individual=None if individual is None else individual - individual[first],
            response=f"change of {self.response.removeprefix('change of ')}",
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the averages as a table, one row per output and point of the grid.

        Returns
        -------
        frame : DataFrame
            Columns "output", one per feature, "average" and "deviation"; without
            averages (kind="individual") the mean of the individual curves.
        """
        average = self.average
        if average is None and self.individual is not None:
            average = self.individual.mean(axis=1)
        assert average is not None
        points = np.indices([len(axis) for axis in self.grid_values])
        n_outputs, n_points = len(self.output_names), points[0].size
        columns = [np.repeat(np.array(self.output_names, object), n_points)]
        for axis, places in zip(self.grid_values, points, strict=True):
            columns.append(np.tile(np.asarray(axis)[places.ravel()], n_outputs))
        columns.append(average.ravel())
        names = ["output", *self.feature_names, "average"]
        if self.deviation is not None:
            columns.append(self.deviation.ravel())
            names.append("deviation")
        # A feature may be called "average" too.
        frame = pd.concat([pd.Series(values) for values in columns], axis=1)
        return frame.set_axis(names, axis=1)


def _predict(
    estimator: Any,
    X: Table,
    columns: list[int],
    response: Response,
    grid_values: list[np.ndarray],
    *,
    kind: Kind,
    sample_weight: Any,
    memory_bound: int,
    progress: bool | None,
) -> dict[str, np.ndarray | None]:
    """Predict each point of the grid, and keep what is needed."""
    points = cartesian(grid_values)
    shape = [len(axis) for axis in grid_values]
    changes = (dict(zip(columns, point, strict=True)) for point in points)
    averages, deviations, individual = [], [], []
    first = None
    with Progress("partial dependence", len(points), shown=progress) as bar:
        for values in respond(
            estimator, response, X, changes, memory_bound=memory_bound
        ):
            first = values if first is None else first
            averages.append(np.average(values, axis=0, weights=sample_weight))
            deviations.append(_spread(values - first, sample_weight))
            if kind != "average":
                individual.append(values)
            bar.advance()
    # (n_points, n_outputs) -> (n_outputs, n_values, ...)
    found = {
        "average": np.array(averages).T.reshape(-1, *shape),
        "deviation": np.array(deviations).T.reshape(-1, *shape),
        "individual": None,
    }
    if kind != "average":
        # (n_points, n_samples, n_outputs) -> (n_outputs, n_samples, n_values, ...)
        curves = np.array(individual).transpose(2, 1, 0)
        found["individual"] = curves.reshape(-1, len(X), *shape)
    if kind == "individual":
        found["average"] = None
    return found


def _spread(values: np.ndarray, sample_weight: Any) -> np.ndarray:
    """Return the standard deviation over the rows."""
    deviations = values - np.average(values, axis=0, weights=sample_weight)
    variances = np.average(deviations**2, axis=0, weights=sample_weight)
    return np.sqrt(variances)


def _deciles(X: Table, place: int) -> np.ndarray:
    if not is_number(X, place):
        return np.array([])
    return deciles_of(np.asarray(column(X, place), float))


def _describe(X: Any, features: Any, feature_names: Any) -> dict[str, Any]:
    """Name the features, and describe where the rows are."""
    columns = columns_of(X, features)
    names = feature_names_of(X, feature_names)
    named = {
        "feature_names": tuple(names[place] for place in columns),
        "n_samples": X.shape[0],
    }
    if not isinstance(X, np.ndarray | pd.DataFrame):
        return named
    units = units_of(X)
    return named | {
        "deciles": tuple(_deciles(X, place) for place in columns),
        "units": tuple(units.get(names[place], "") for place in columns),
    }


def _response(estimator: Any, X: Any, method: Any) -> Response:
    """Describe the numbers; the method is the one that was called, if known."""
    response = response_of(estimator, X)
    if response.task == "regression" or method is None:
        return response
    return replace(response, method=method)


def partial_dependence(
    estimator: Any,
    X: Any,
    features: Any,
    *,
    sample_weight: Any = None,
    categorical_features: Sequence[Any] | None = None,
    feature_names: Sequence[str] | None = None,
    response_method: Literal["auto", "predict_proba", "decision_function"] = "auto",
    percentiles: tuple[float, float] = (0.05, 0.95),
    grid_resolution: int = 100,
    custom_values: Mapping[Any, Any] | None = None,
    method: Literal["auto", "recursion", "brute"] = "auto",
    kind: Kind = "average",
    memory_bound: int = MEMORY_BOUND,
    progress: bool | None = None,
) -> PartialDependence:
    """Compute the average prediction as one or two features change.

    A drop-in for :func:`sklearn.inspection.partial_dependence`: the same parameters and
    numbers, with far fewer calls of the estimator.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor.
    X : array-like of shape (n_samples, n_features)
        Rows to make the grid from and to average over.
    features : str, int or list of these
        The feature, or the two features, that change.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows in the averages.
    categorical_features : array-like, default=None
        Features whose values are taken one by one: names, positions or a mask.
    feature_names : array-like of shape (n_features,), default=None
        Names of the columns; by default those of a DataFrame.
    response_method : {"auto", "predict_proba", "decision_function"}, default="auto"
        Method of a classifier to use.
    percentiles : tuple of float, default=(0.05, 0.95)
        Ends of the grid, as percentiles of the values that are not missing
        (scikit-learn's grid is NaN throughout where one is).
    grid_resolution : int, default=100
        Points of the grid per feature; a feature with fewer values has one for each.
    custom_values : mapping, default=None
        Points of the grid by feature.
    method : {"auto", "recursion", "brute"}, default="auto"
        "recursion" is a shortcut for scikit-learn's trees, used by default where
        possible; "brute" works for any estimator.
    kind : {"average", "individual", "both"}, default="average"
        Whether to keep the average, the curves of single rows, or both.
    memory_bound : int, default=268435456
        Bytes that changed copies of the rows may take, including what the estimator
        computes from them. At least one copy is always held; individual curves come on
        top.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    dependence : PartialDependence
        The grid and the curves, with the keys of scikit-learn's result.

    Raises
    ------
    ValueError
        As in scikit-learn's function: if a parameter, a feature or X is invalid.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Notes
    -----
    The average is over rows that may not occur: a feature is changed while those
    correlated with it stay. :func:`accumulated_local_effects` avoids that.

    For a classifier of two labels, scikit-learn's function returns only the second one;
    this one returns both.

    References
    ----------
    .. [1] Friedman (2001). Greedy Function Approximation: A Gradient Boosting Machine.
       Annals of Statistics 29.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.explain import partial_dependence
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y)
    >>> dependence = partial_dependence(tree, X, [3], grid_resolution=2)
    >>> dependence.average.round(2).tolist()
    [[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]]
    """
    memory_bound = check_count(
        memory_bound, name="memory_bound", function="partial_dependence"
    )
    grid: dict[str, Any] = {
        "categorical_features": categorical_features,
        "feature_names": feature_names,
        "percentiles": percentiles,
        "grid_resolution": grid_resolution,
        "custom_values": custom_values,
    }
    parameters = {
        **grid,
        "sample_weight": sample_weight,
        "response_method": response_method,
        "method": method,
        "kind": kind,
    }
    called, result = check_dependence(estimator, X, features, **parameters)
    is_recursive = called is None and isinstance(estimator, RECURSIVE)
    if not hasattr(X, "__array__") and not sparse.issparse(X):
        X = check_array(X, ensure_all_finite="allow-nan", dtype=object)
    fields: dict[str, Any] = dict.fromkeys(("average", "individual", "deviation"))
    if called is not None and isinstance(X, np.ndarray | pd.DataFrame):
        response = _response(estimator, X, called)
        fields["grid_values"] = grid_of(X, features, **grid)
        fields |= _predict(
            estimator,
            X,
            columns_of(X, features),
            response,
            fields["grid_values"],
            kind=kind,
            sample_weight=sample_weight,
            memory_bound=memory_bound,
            progress=progress,
        )
    else:
        if called is not None:  # sparse rows are not stacked
            result = inspection.partial_dependence(estimator, X, features, **parameters)
        used = "decision_function" if is_recursive else called
        if used is None and response_method != "auto":
            used = response_method
        response = _response(estimator, X, used)
        fields |= result
    return PartialDependence(
        output_names=response.outputs,
        response=response.label,
        method="recursion" if is_recursive else "brute",
        **fields,
        **_describe(X, features, feature_names),
    )
