"""Partial dependence: what an estimator says on average as features change.

The numbers are those of :func:`sklearn.inspection.partial_dependence`. That function
checks the parameters here too, up to its first question to the estimator; one that it
answers without a question (the trees' shortcut) is taken as it is. The questions are
then asked in a few large calls, and only what is wanted of the answers is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn import inspection
from sklearn.utils import check_array
from sklearn.utils.extmath import cartesian

from skdl.explain.grids import are_categorical, custom_of, grid_of
from skdl.explain.perturbation import MEMORY_BOUND, respond
from skdl.explain.progress import Progress
from skdl.explain.records import LikeABunch, Record
from skdl.explain.rehearsal import Rehearsal
from skdl.explain.responses import Response, response_of
from skdl.explain.tables import (
    Table,
    column,
    feature_names_of,
    is_number,
    units_of,
)

DECILES = np.linspace(0.1, 0.9, 9)

Kind = Literal["average", "individual", "both"]


@dataclass(frozen=True)
class PartialDependence(LikeABunch, Record):
    """What an estimator says as one or two features change.

    The fields of scikit-learn's result can be read as keys too, so that
    ``sklearn.inspection.PartialDependenceDisplay`` draws it.

    Parameters
    ----------
    grid_values : list of ndarray of shape (n_values,)
        The values that each feature was set to.
    average : ndarray of shape (n_outputs, n_values, ...) or None
        The mean over the rows at each point of the grid.
    individual : ndarray of shape (n_outputs, n_samples, n_values, ...) or None
        What was said for each row.
    deviation : ndarray of shape (n_outputs, n_values, ...) or None
        Standard deviation over the rows of the change since the first point. Where it
        is large, the average hides that rows respond differently: an interaction with
        other features. None by the method "recursion".
    feature_names : tuple of str
        Names of the features.
    output_names : tuple of str
        Names of the outputs: classes, or predictions.
    response : str
        What the numbers are, such as "probability".
    method : {"brute", "recursion"}
        How they were computed.
    n_samples : int
        Rows that were averaged over (not those of "recursion").
    deciles : tuple of ndarray of shape (9,), default=()
        Deciles of each feature that is a number, of others none: where the rows are.
    units : tuple of str, default=()
        Units of the features, empty where the data does not say.
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
            With averages and individual curves that begin at 0.
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
        points = cartesian([np.asarray(axis, object) for axis in self.grid_values])
        frames = []
        for place, name in enumerate(self.output_names):
            frame = pd.DataFrame(points, columns=list(self.feature_names))
            frame = frame.infer_objects()
            frame.insert(0, "output", name)
            frame["average"] = average[place].ravel()
            if self.deviation is not None:
                frame["deviation"] = self.deviation[place].ravel()
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)


class _AskedError(Exception):
    """The estimator was asked: every parameter was found to be in order."""


class _Inquiry(Rehearsal):
    """Stops at the first question."""

    def ask(self, method: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        raise _AskedError(method)


def _question(
    estimator: Any, X: Any, features: Any, parameters: dict[str, Any]
) -> tuple[Any, Any]:
    """Let scikit-learn check all -> the method that it would call, its result.

    The method is None where it asks nothing; only then there is a result.
    """
    mute = _Inquiry(estimator, X, ()).stand_in()
    try:
        return None, inspection.partial_dependence(mute, X, features, **parameters)
    except _AskedError as asked:
        return asked.args[0], None


def _named(features: Any) -> list[Any]:
    """Return the features as they were named, or the positions of a mask."""
    named = np.asarray(features, dtype=object).ravel()
    if all(isinstance(feature, bool | np.bool_) for feature in named):
        return np.flatnonzero(named).tolist()
    return named.tolist()


def _columns(X: Table, features: Any) -> list[int]:
    """Return the positions of the features; scikit-learn has checked them."""
    names = X.columns.tolist() if isinstance(X, pd.DataFrame) else ()
    return [
        names.index(feature) if isinstance(feature, str) else int(feature)
        for feature in _named(features)
    ]


def _grid(X: Table, features: Any, parameters: Mapping[str, Any]) -> list[np.ndarray]:
    """Return the values that each feature is set to."""
    columns = _columns(X, features)
    are_words = are_categorical(
        columns,
        parameters["categorical_features"],
        feature_names_of(X, parameters["feature_names"]),
    )
    return [
        grid_of(
            X,
            place,
            is_categorical=is_categorical,
            custom=custom_of(parameters["custom_values"], feature),
            percentiles=parameters["percentiles"],
            grid_resolution=parameters["grid_resolution"],
        )
        for place, is_categorical, feature in zip(
            columns, are_words, _named(features), strict=True
        )
    ]


def _ask(
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
) -> dict[str, Any]:
    """Ask what is said at each point of the grid, and keep what is wanted."""
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
            deviations.append((values - first).std(axis=0))
            if kind != "average":
                individual.append(values)
            bar.advance()
    # (n_points, n_outputs) -> (n_outputs, n_values, ...)
    found: dict[str, Any] = {
        "grid_values": grid_values,
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


def _describe(X: Any, features: Any, feature_names: Any) -> dict[str, Any]:
    """Say which features they are, and where the rows are."""
    if not isinstance(X, np.ndarray | pd.DataFrame):
        named = tuple(str(name) for name in _named(features))
        return {"feature_names": named, "n_samples": X.shape[0]}
    columns = _columns(X, features)
    names = feature_names_of(X, feature_names)
    deciles = tuple(
        np.nanquantile(np.asarray(column(X, place), float), DECILES)
        if is_number(X, place)
        else np.array([])
        for place in columns
    )
    units = units_of(X)
    return {
        "feature_names": tuple(names[place] for place in columns),
        "n_samples": len(X),
        "deciles": deciles,
        "units": tuple(units.get(names[place], "") for place in columns),
    }


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
    """Compute what an estimator says on average as one or two features change.

    A drop-in for :func:`sklearn.inspection.partial_dependence`: the same parameters
    and numbers, by far fewer calls of the estimator.

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
        What to ask a classifier.
    percentiles : tuple of float, default=(0.05, 0.95)
        Where the grid begins and ends.
    grid_resolution : int, default=100
        Points of the grid per feature; a feature of fewer values has one for each.
    custom_values : mapping, default=None
        Points of the grid by feature.
    method : {"auto", "recursion", "brute"}, default="auto"
        "recursion" is a shortcut of scikit-learn's trees, used by default where it
        can be; "brute" is for any estimator.
    kind : {"average", "individual", "both"}, default="average"
        Whether to keep the average, what was said for each row, or both.
    memory_bound : int, default=268435456
        Bytes that changed copies of the rows may take, with what an estimator makes
        of them. One copy is always held; individual curves come on top.
    progress : bool or None, default=None
        Whether a bar shows how far it is; None shows one on a terminal when it takes
        more than two seconds.

    Returns
    -------
    dependence : PartialDependence
        The grid and the curves, with the keys of scikit-learn's result.

    Raises
    ------
    ValueError
        As by scikit-learn's function: if a parameter, a feature or X cannot be used.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Notes
    -----
    The average is over rows that may not occur: a feature is changed while those that
    go together with it stay. :func:`accumulated_local_effects` does not do that.

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
    parameters = {
        "sample_weight": sample_weight,
        "categorical_features": categorical_features,
        "feature_names": feature_names,
        "response_method": response_method,
        "percentiles": percentiles,
        "grid_resolution": grid_resolution,
        "custom_values": custom_values,
        "method": method,
    }
    asked, result = _question(estimator, X, features, {**parameters, "kind": kind})
    if not hasattr(X, "__array__") and not sparse.issparse(X):
        X = check_array(X, ensure_all_finite="allow-nan", dtype=object)
    response = response_of(estimator, X)
    if response.task != "regression":
        response = replace(response, method=asked or "decision_function")
    if asked is not None and isinstance(X, np.ndarray | pd.DataFrame):
        fields = _ask(
            estimator,
            X,
            _columns(X, features),
            response,
            _grid(X, features, parameters),
            kind=kind,
            sample_weight=sample_weight,
            memory_bound=memory_bound,
            progress=progress,
        )
    else:
        if result is None:  # sparse rows and other libraries' tables are not stacked
            result = inspection.partial_dependence(
                estimator, X, features, **parameters, kind=kind
            )
        nothing = dict.fromkeys(("average", "individual", "deviation"))
        fields = {**nothing, **result}
    return PartialDependence(
        output_names=response.outputs,
        response=response.label,
        method="recursion" if asked is None else "brute",
        **fields,
        **_describe(X, features, feature_names),
    )
