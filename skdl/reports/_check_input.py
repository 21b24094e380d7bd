"""The input of `explain_report`, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from skdl._checks import check_count
from skdl._nearest_names import nearest_names
from skdl._record import Record
from skdl._responses import Response, response_of
from skdl._tables import Table, as_table, column_of, feature_names_of
from skdl.exceptions import DataError, ParameterError
from skdl.reports._report_input import ReportInput

LEAST_ROWS = 2


def check_input(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    X_train: Any,
    y_train: Any,
    features: Sequence[Any] | None,
    scoring: Any,
    n_repeats: int,
    max_effects: int,
    records: Mapping[str, Record],
    random_state: Any,
    progress: bool | None,
) -> ReportInput:
    """Check the parameters of `explain_report`."""
    check_is_fitted(estimator)
    table = as_table(X)
    if len(table) < LEAST_ROWS:
        raise DataError(
            f"A report needs at least {LEAST_ROWS} rows to compare. Got {len(table)}. "
            "Pass more rows, such as the test rows."
        )
    names = feature_names_of(table)
    shared = pd.Index(names).duplicated()
    if shared.any():
        name = names[shared.argmax()]
        raise DataError(
            "A report needs a unique name per column. Got "
            f"{names.count(name)} columns named {name!r}. Rename them."
        )
    if scoring is not None and not (isinstance(scoring, str) or callable(scoring)):
        raise ParameterError(
            "The 'scoring' parameter of explain_report must be one score: a name, a "
            f"callable or None. Got {scoring!r} instead."
        )
    if y is not None:
        check_consistent_length(table, y)
    elif scoring is not None or y_train is not None:
        given = "scoring" if scoring is not None else "y_train"
        raise DataError(
            f"The {given!r} parameter of explain_report needs the targets of X. Got "
            "y=None. Pass y too."
        )
    inputs = ReportInput(
        estimator=estimator,
        X=table,
        y=y,
        X_train=_check_training_rows(X_train, y_train, table),
        y_train=y_train,
        names=names,
        response=_response_of(estimator, table),
        features=_columns_of(features, names),
        scoring=scoring,
        n_repeats=check_count(n_repeats, name="n_repeats", function="explain_report"),
        max_effects=check_count(
            max_effects, name="max_effects", function="explain_report"
        ),
        records=records,
        random_state=random_state,
        progress=progress,
    )
    _ = inputs.score, inputs.training_score  # a wrong y or scoring is refused here
    return inputs


def _columns_of(features: Any, names: tuple[str, ...]) -> tuple[int, ...] | None:
    if features is None:
        return None
    named = [features] if isinstance(features, str | int) else list(features)
    return tuple(dict.fromkeys(column_of(feature, names) for feature in named))


def _check_training_rows(X_train: Any, y_train: Any, table: Table) -> Table | None:
    if X_train is None:
        if y_train is not None:
            raise DataError(
                "The 'y_train' parameter of explain_report needs the rows it belongs "
                "to. Got X_train=None. Pass X_train too."
            )
        return None
    training = as_table(X_train)
    if isinstance(training, pd.DataFrame) and isinstance(table, pd.DataFrame):
        names = feature_names_of(training)
        places = [column_of(name, names) for name in feature_names_of(table)]
        training = training.iloc[:, places]
    if training.shape[1] != table.shape[1]:
        raise DataError(
            f"X_train must have the columns of X. Got {training.shape[1]} columns in "
            f"X_train and {table.shape[1]} in X."
        )
    if y_train is not None:
        check_consistent_length(training, y_train)
    return training


def _response_of(estimator: Any, table: Table) -> Response:
    """Find out what the estimator predicts; if X lacks a column, name similar ones."""
    try:
        return response_of(estimator, table)
    except (ValueError, KeyError) as error:
        names = feature_names_of(table)
        known = getattr(estimator, "feature_names_in_", ())
        lacking = [str(name) for name in known if name not in names]
        if not lacking or not isinstance(table, pd.DataFrame):
            raise
        near = nearest_names(lacking[0], names)
        shown = ", ".join(map(repr, near or names[:8]))
        raise DataError(
            f"X lacks {len(lacking)} of the {len(known)} features that "
            f"{type(estimator).__name__} was fitted with, such as {lacking[0]!r}. "
            f"{'Nearest' if near else 'The first ones'} of X: {shown}."
        ) from error
