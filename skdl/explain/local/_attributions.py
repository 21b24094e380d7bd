"""Attributions: how features share the difference between a prediction and the mean.

There are two methods with one record. Shapley values (for any estimator, by the package
shap) evaluate what coalitions of features achieve while the other features come from
background rows.
Integrated gradients (for skdl's networks) follow the derivatives along the straight
paths from background rows to the row. Both sum to the prediction, which is checked.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from skdl._checks import check_count
from skdl._responses import Response, output_of, response_of
from skdl._tables import (
    Table,
    as_table,
    column,
    feature_names_of,
    take_rows,
    units_of,
)
from skdl.exceptions import AdditivityWarning, DataError, ParameterError
from skdl.explain._predicting.perturbation import MEMORY_BOUND
from skdl.explain.importance._feature_groups import Groups, columns_by_name
from skdl.explain.local._attribution_records import Attributions
from skdl.explain.local._differentiable_network import differentiable_network
from skdl.explain.local._shapley_values import Design, shapley_values

# Share of the range of the predictions, of the rows and of the background.
ADDITIVITY_TOLERANCE = 1e-3
ROUNDING = 1e-6  # share of the largest prediction

METHODS = ("auto", "shapley", "integrated_gradients")


def attributions(
    estimator: Any,
    X: Any,
    background: Any,
    *,
    method: Literal["auto", "shapley", "integrated_gradients"] = "auto",
    output: str | int | None = None,
    groups: Groups | None = None,
    feature_names: Sequence[str] | None = None,
    max_evaluations: int | None = None,
    max_background: int = 100,
    n_steps: int = 32,
    random_state: int | np.random.RandomState | None = None,
    memory_bound: int = MEMORY_BOUND,
    progress: bool | None = None,
) -> Attributions:
    """Compute what each feature adds to the predictions of some rows.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor, or a Pipeline or search that ends in one.
    X : array-like of shape (n_samples, n_features)
        Rows to explain; pass a single one as a table of one row.
    background : array-like of shape (n_background, n_features)
        Rows to compare the predictions with, such as the training rows. The
        attributions explain why a prediction differs from the mean prediction of these.
    method : {"auto", "shapley", "integrated_gradients"}, default="auto"
        "shapley" works for any estimator and needs the package shap.
        "integrated_gradients" works for skdl's networks, alone or behind scikit-learn
        scalers; "auto" uses it for these and Shapley values for all others.
    output : str, int or None, default=None
        The class or output to explain; None explains all.
    groups : mapping of str to list of features, list of lists or None, default=None
        Features, by name or position, that are treated as one.
    feature_names : sequence of str, default=None
        Names of the columns; None takes those of a DataFrame.
    max_evaluations : int or None, default=None
        Maximum number of coalitions of features to evaluate, each on every background
        row. If all
        2**n_features fit, Shapley values are exact; otherwise they are sampled with as
        many permutations as fit, 2 * n_features + 1 coalitions each. None is exact for
        up to 10 features and takes 10 permutations for more.
    max_background : int, default=100
        Maximum number of background rows; more are sampled.
    n_steps : int, default=32
        Points on each path of integrated gradients. They are doubled, up to 512, on
        paths where the attributions do not sum to the difference of the predictions.
    random_state : int, RandomState instance or None, default=None
        Seed for background rows and permutations.
    memory_bound : int, default=268435456
        Bytes that changed rows may take, including what the estimator computes from
        them.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    attributions : Attributions
        The attributions, and how far they are from summing to the predictions.

    Raises
    ------
    ParameterError
        If a parameter is invalid, or the method does not work for the estimator.
    DataError
        If the background and X have different columns.
    MissingDependencyError
        If Shapley values are requested and shap is not installed.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Warns
    -----
    AdditivityWarning
        If attributions do not sum to the predictions within a thousandth of the range
        of the predictions (of the rows and of the background).
    RowsDependWarning
        If predictions depend on the other rows of the call.

    Notes
    -----
    The value of a coalition S of features for the row x is the mean of
    ``f(x[S], b[not S])`` over the background rows b (the interventional game [1]_):
    features outside S are taken from b, whether or not such rows occur. Integrated
    gradients [2]_ are averaged over the same rows b as baselines::

        mean over b of (x - b) * integral from 0 to 1 of f'(b + a (x - b)) da

    An attribution describes the estimator, not the world: it is not a causal effect.

    References
    ----------
    .. [1] Lundberg & Lee (2017). A Unified Approach to Interpreting Model Predictions.
       NeurIPS.
    .. [2] Sundararajan, Taly & Yan (2017). Axiomatic Attribution for Deep Networks.
       ICML.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl import MLPRegressor
    >>> from skdl.explain import attributions
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> network = MLPRegressor((), learning_rate=0.05, random_state=0)
    >>> network = network.fit(X, 3 * X[:, 0] - X[:, 1])
    >>> found = attributions(network, [[1.0, 1.0]], np.zeros((1, 2)))
    >>> found.values[0, :, 0].round(1).tolist()
    [3.0, -1.0]
    >>> found.is_additive
    True
    """
    _check(method, max_evaluations, max_background, n_steps)
    table, other = _with_same_types(as_table(X), as_table(background))
    response = response_of(estimator, table)
    outputs = list(range(len(response.outputs)))
    if output is not None:
        outputs = [output_of(output, response)]
    columns_of = columns_by_name(groups, feature_names_of(table, feature_names))
    generator = check_random_state(random_state)
    other = _drawn(other, max_background, generator)
    predictions = response.of(estimator, as_table(X))[:, outputs]
    around = response.of(estimator, other)[:, outputs]
    tolerance = _tolerance(predictions, around)
    slopes = _slopes(estimator, method, response, table, outputs)
    bounds: Any = {"memory_bound": memory_bound, "progress": progress}
    if slopes is not None:
        fields = _by_gradients(
            slopes, table, other, columns_of, n_steps, tolerance, bounds
        )
    else:
        seed = int(generator.randint(np.iinfo(np.int32).max))
        design = Design.of(len(columns_of), max_evaluations, seed)
        values, errors = shapley_values(
            estimator,
            response,
            table,
            other,
            design=design,
            columns=list(columns_of.values()),
            outputs=outputs,
            **bounds,
        )
        fields = {
            "values": values,
            "standard_errors": errors,
            "method": "shapley" if errors is None else "sampled_shapley",
            "n_evaluations": len(design.coalitions),
        }
    base_values = around.mean(axis=0)
    units = units_of(X)
    sums = base_values + fields["values"].sum(axis=1)
    found = Attributions(
        base_values=base_values,
        predictions=predictions,
        feature_names=tuple(columns_of),
        output_names=tuple(response.outputs[place] for place in outputs),
        feature_values=_cells(as_table(X), columns_of),
        response=response.label,
        additivity_gap=float(np.abs(sums - predictions).max()),
        additivity_tolerance=tolerance,
        n_background=len(other),
        units=tuple(units.get(name, "") for name in columns_of),
        **fields,
    )
    _warn_of_gap(found, estimator)
    return found


def _by_gradients(
    slopes: Any,
    X: Table,
    background: Table,
    columns_of: dict[str, tuple[int, ...]],
    n_steps: int,
    tolerance: float,
    bounds: dict[str, Any],
) -> dict[str, Any]:
    """Integrated gradients, those of a group of features summed."""
    from skdl.explain.local._integrated_gradients import integrated_gradients

    values, most_steps = integrated_gradients(
        slopes, X, background, n_steps=n_steps, tolerance=tolerance, **bounds
    )
    groups = [values[:, list(places)].sum(axis=1) for places in columns_of.values()]
    return {
        "values": np.stack(groups, axis=1),
        "standard_errors": None,
        "method": "integrated_gradients",
        "n_evaluations": most_steps,
    }


def _check(
    method: Any, max_evaluations: Any, max_background: Any, n_steps: Any
) -> None:
    if method not in METHODS:
        raise ParameterError(
            f"The 'method' parameter of attributions must be one of {list(METHODS)}. "
            f"Got {method!r} instead."
        )
    if max_evaluations is not None:
        check_count(max_evaluations, name="max_evaluations", function="attributions")
    check_count(max_background, name="max_background", function="attributions")
    check_count(n_steps, name="n_steps", function="attributions")


def _with_same_types(X: Table, background: Table) -> tuple[Table, Table]:
    """Both tables with types of columns that hold the cells of either."""
    are_frames = [isinstance(table, pd.DataFrame) for table in (X, background)]
    names = [list(getattr(table, "columns", [])) for table in (X, background)]
    if X.shape[1] != background.shape[1] or len(set(are_frames)) > 1:
        kinds = [
            f"{type(table).__name__} of shape {table.shape}"
            for table in (X, background)
        ]
        raise DataError(
            "The 'background' must be rows like those of X: of the same kind of table "
            f"and the same columns. Got X as {kinds[0]} and background as {kinds[1]}."
        )
    if names[0] != names[1]:
        raise DataError(
            "The 'background' must have the columns of X, in the same order. Got "
            f"{names[1]} for {names[0]}. Pass background[X.columns]."
        )
    if not isinstance(X, pd.DataFrame) or not isinstance(background, pd.DataFrame):
        common = np.result_type(X, background)
        return X.astype(common, copy=False), background.astype(common, copy=False)
    if list(X.dtypes) == list(background.dtypes):
        return X, background
    joined = pd.concat([X, background])
    return joined.iloc[: len(X)], joined.iloc[len(X) :]


def _drawn(
    background: Table, max_background: int, generator: np.random.RandomState
) -> Table:
    if len(background) <= max_background:
        return background
    drawn = generator.choice(len(background), max_background, replace=False)
    return take_rows(background, np.sort(drawn))


def _tolerance(predictions: np.ndarray, around: np.ndarray) -> float:
    """How far a sum may be from its prediction."""
    every = np.concatenate([predictions, around])
    spread = float(np.ptp(every, axis=0).max())
    return ADDITIVITY_TOLERANCE * spread + ROUNDING * float(np.abs(every).max())


def _slopes(
    estimator: Any, method: str, response: Response, X: Table, outputs: list[int]
) -> Any:
    """The estimator's derivatives; None if Shapley values are to be computed."""
    if method == "shapley":
        return None
    network, why_not = differentiable_network(estimator)
    if network is not None:  # then TensorFlow has been imported already
        from skdl.explain.local._integrated_gradients import slopes_of

        slopes, why_not = slopes_of(estimator, network, response, X, outputs)
        if slopes is not None:
            return slopes
    if method == "auto":
        return None
    raise ParameterError(
        "method='integrated_gradients' cannot explain this "
        f"{type(estimator).__name__}: {why_not}. Use method='shapley'."
    )


def _cells(X: Table, columns_of: dict[str, tuple[int, ...]]) -> pd.DataFrame:
    """The rows; cells of a group are joined in one text."""
    cells: dict[str, Any] = {}
    for name, places in columns_of.items():
        if len(places) == 1:
            cells[name] = np.asarray(column(X, places[0]))
            continue
        parts = [np.asarray(column(X, place), dtype=object) for place in places]
        cells[name] = [", ".join(map(str, row)) for row in zip(*parts, strict=True)]
    index = X.index if isinstance(X, pd.DataFrame) else None
    return pd.DataFrame(cells, index=index)


def _warn_of_gap(found: Attributions, estimator: Any) -> None:
    if found.is_additive:
        return
    warnings.warn(
        f"The attributions of {type(estimator).__name__} miss its predictions by up to "
        f"{found.additivity_gap:.3g}, more than the {found.additivity_tolerance:.3g} "
        "that rounding explains. Either its predictions vary between calls, or they "
        "depend on the other rows or, with integrated gradients, a path has too sharp "
        "turns: raise 'n_steps', or use method='shapley'.",
        AdditivityWarning,
        stacklevel=3,
    )
