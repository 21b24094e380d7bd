"""Counterfactuals: a small change of one row that changes the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skdl._checks import check_count
from skdl._progress import Progress
from skdl._responses import response_of
from skdl._tables import (
    Table,
    as_table,
    feature_names_of,
    take_rows,
    units_of,
)
from skdl.exceptions import DataError
from skdl.explain._predicting.perturbation import MEMORY_BOUND
from skdl.explain.local._counterfactual_record import LIMITS, Counterfactual
from skdl.explain.local._counterfactual_rows import (
    allowed_cells,
    few_rows,
    joined,
    mixed,
    options_of,
    row_of,
    starts_of,
)
from skdl.explain.local._counterfactual_search import DEPTH, Search
from skdl.explain.local._distances import CodedRows
from skdl.explain.local._goals import WithPrediction, goal_of

MOST_ROWS = 5000


def counterfactual(
    estimator: Any,
    X: Any,
    row: Any,
    *,
    desired: Any = None,
    fixed: Sequence[Any] = (),
    ranges: Mapping[Any, Any] | None = None,
    max_changed: int | None = None,
    memory_bound: int = MEMORY_BOUND,
    progress: bool | None = None,
) -> Counterfactual:
    """Find a small change of one row that changes its prediction.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor, or a Pipeline or search that ends in one.
    X : array-like of shape (n_samples, n_features)
        Rows such as the training rows. Changed features take values that occur in them.
        If there are more than 5,000, that many are used, at even steps.
    row : int or array-like of shape (n_features,) or (1, n_features)
        The row to change: its position in X, or its values.
    desired : object, default=None
        The class to reach; None means any class other than the predicted one. For a
        quantity, the range to reach: a pair of which one end may be None.
    fixed : sequence of str or int, default=()
        Features that must not change.
    ranges : mapping, default=None
        Allowed values by feature: (low, high) for numbers, where either may be None; a
        list for others.
    max_changed : int or None, default=None
        Maximum number of features to change; None sets no limit.
    memory_bound : int, default=268435456
        Bytes that changed rows may take, including what the estimator computes from
        them.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    counterfactual : Counterfactual
        The change, or the best attempt if none was found, with its limits.

    Raises
    ------
    ParameterError
        If a parameter is invalid, or the row already has the desired prediction.
    DataError
        If the row does not match X, or there are several targets.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Warns
    -----
    RowsDependWarning
        If predictions depend on the other rows of the call.

    Notes
    -----
    The distance is a sum of steps [1]_: a number moves by its difference over the
    median absolute deviation of the feature in X (the range, if that is 0), and any
    other change, or one from or to a missing value, counts 1. The search minimises the
    distance plus 0.5 per changed feature, so that few features change. It combines up
    to four single changes, in a beam search over 20 candidates. It also starts from the
    nearest rows of X with the desired prediction, undoes needless changes and moves
    numbers back as far as the prediction allows. A change that is found does change the
    prediction of the estimator; a smaller one may exist. Nothing is random.

    References
    ----------
    .. [1] Wachter, Mittelstadt & Russell (2018). Counterfactual Explanations without
       Opening the Black Box. Harvard Journal of Law & Technology 31.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.explain import counterfactual
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
    >>> change = counterfactual(tree, X, 60, desired=2)
    >>> change.to_frame()[["feature", "before", "after"]].values.tolist()
    [['petal width (cm)', 1.0, 1.8]]
    """
    if max_changed is not None:
        check_count(max_changed, name="max_changed", function="counterfactual")
    rows = as_table(X)
    names = feature_names_of(rows)
    table = joined(row_of(row, rows, names), few_rows(rows, MOST_ROWS))
    response = _response_of(estimator, table)
    first, others = take_rows(table, np.array([0])), table[1:]
    answer = response.of(estimator, first)
    goal = goal_of(response, answer[0], desired)
    allowed = allowed_cells(table, names, fixed, ranges or {})
    coded = CodedRows.of(table, first=1)
    search = Search(
        estimator,
        response,
        goal.judge,
        table,
        coded,
        options=options_of(coded, allowed),
        max_changed=max_changed or len(names),
        memory_bound=memory_bound,
    )
    with Progress("counterfactual", DEPTH + 3, shown=progress) as bar:
        is_desired, _ = goal.judge(response.of(estimator, others))
        bar.advance()
        real = 1 + np.flatnonzero(is_desired)
        source = search.run(starts_of(real, coded, allowed), bar)
    after = mixed(table, source)
    predicted = response.of(estimator, after)
    codes = coded.codes[source, np.arange(len(names))][np.newaxis]
    steps = coded.between(codes, coded.codes[:1])[0]
    nearest = coded.nearest(codes, real)[0] if len(real) else np.nan
    units = units_of(X)
    return Counterfactual(
        found=bool(goal.judge(predicted)[0][0]),
        row_before=first,
        row_after=after,
        prediction_before=response.prediction(answer[0]),
        prediction_after=response.prediction(predicted[0]),
        desired=goal.words,
        feature_names=names,
        steps=steps,
        distance=float(steps.sum()),
        response=response.label,
        response_before=answer[0, :-1],
        response_after=predicted[0, :-1],
        output_names=response.outputs,
        n_candidates=len(search.known) - 1,
        nearest_real_distance=float(nearest),
        typical_distance=coded.typical(np.arange(1, len(table))),
        limits=LIMITS,
        units=tuple(units.get(name, "") for name in names),
    )


def _response_of(estimator: Any, X: Table) -> WithPrediction:
    found = response_of(estimator, X)
    several = found.task == "regression" and len(found.outputs) > 1
    if found.task == "multilabel" or several:
        raise DataError(
            "A counterfactual needs one class or one quantity. Got an estimator of "
            f"the {len(found.outputs)} targets {list(found.outputs)}. Explain the "
            "estimator of a single target."
        )
    classes: tuple[Any, ...] = ()
    if found.task != "regression":
        classes = tuple(np.asarray(estimator.classes_).tolist())
    return WithPrediction(found.method, found.task, found.outputs, classes)
