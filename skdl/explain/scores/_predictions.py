"""An estimator's predictions for rows with known targets, made once.

Scores, calibration and errors all read the same :class:`Predictions`: classes as
numbers, labels as booleans, and the predictions beside them. The estimator is called
only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from skdl._responses import Response, Task, response_of
from skdl.exceptions import DataError

MOST_CLASSES_NAMED = 8


@dataclass(frozen=True)
class Predictions:
    """True targets of some rows, and the predictions of an estimator."""

    task: Task
    # names of the classes, of the labels, or of the outputs of a regressor
    names: tuple[str, ...]
    # class numbers of shape (n_samples,), truth values of shape (n_samples, n_labels),
    # or numbers of shape (n_samples, n_outputs)
    truth: np.ndarray
    predicted: np.ndarray
    # (n_samples, n_scores) Probabilities or decision function: one column for a binary
    # task (of its second class), else one per class or label. None where there is none,
    # or where it is not one per class
    scores: np.ndarray | None
    is_probability: bool  # whether the scores are probabilities
    precision: float  # smallest step of the numbers that the probabilities came in
    # the classes themselves, or the value of each label where it is present
    classes: tuple[Any, ...]
    unit: str  # unit of a regressor's target, empty if unknown

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return len(self.truth)

    @property
    def codes(self) -> np.ndarray | None:
        """Class numbers of the rows, None where the task has no classes."""
        return self.truth if self.truth.ndim == 1 else None


def predictions_of(estimator: Any, X: Any, y: Any, *, function: str) -> Predictions:
    """Predict rows, with one call per method."""
    # X: (n_samples, ...); y: (n_samples,)
    check_is_fitted(estimator)
    X = X.tocsr() if sparse.issparse(X) else X
    n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
    values = _checked(y, n_samples, function)
    response = _response_of(estimator, X)
    predicted = _dense(estimator.predict(X))
    if response.task == "regression":
        return _of_regressor(response, values, predicted, _unit_of(y))
    answer = None
    if response.method != "predict":
        answer = getattr(estimator, response.method)(X)
    is_probability = response.method == "predict_proba"
    scores = None if answer is None else response.read(answer)
    if scores is not None:
        _refuse_not_finite(scores, response.label)
    known = Predictions(
        task=response.task,
        names=response.outputs,
        truth=values,
        predicted=predicted,
        scores=scores,
        is_probability=is_probability,
        precision=_precision_of(answer),
        classes=(),
        unit="",
    )
    if response.task == "multilabel":
        return _as_labels(known, estimator.classes_, y)
    return _as_classes(known, list(np.asarray(estimator.classes_).tolist()))


def _response_of(estimator: Any, X: Any) -> Response:
    """Find the method to call; a classifier may only have `predict`."""
    methods = ("predict_proba", "decision_function")
    if not is_classifier(estimator) or any(
        hasattr(estimator, name) for name in methods
    ):
        return response_of(estimator, X)
    first = _dense(estimator.predict(X[:1]))
    if first.ndim == 2 and first.shape[1] > 1:
        names = tuple(f"label {place}" for place in range(first.shape[1]))
        return Response("predict", "multilabel", names)
    names = tuple(str(name) for name in estimator.classes_)
    return Response("predict", "multiclass", names)


def _array_of(y: Any, name: str) -> np.ndarray:
    """Return targets as an array without a second dimension of one."""
    values = _dense(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim not in (1, 2) or not len(values):
        raise DataError(
            f"'{name}' must have one or two dimensions and at least one row. Got shape "
            f"{values.shape}."
        )
    if pd.isna(values).any():
        raise DataError(
            f"'{name}' must not have missing values. Got {int(pd.isna(values).sum())}. "
            "Leave these rows out."
        )
    return values


def _checked(y: Any, n_samples: int, function: str) -> np.ndarray:
    if y is None:
        raise DataError(
            f"{function} compares predictions with the targets of the rows. Got "
            "y=None. Pass the true values as 'y'."
        )
    values = _array_of(y, "y")
    if len(values) != n_samples:
        raise DataError(
            f"X has {n_samples} rows but y has {len(values)}. Pass one target per row."
        )
    if n_samples < 2:
        raise DataError(f"{function} needs at least 2 rows. Got {n_samples}.")
    return values


def _as_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """Return targets of a regressor -> (n_samples, n_outputs)."""
    try:
        numbers = values.astype(float)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"'{name}' must be numbers for a regressor. Got values such as "
            f"{str(values.ravel()[0])!r}."
        ) from error
    if not np.isfinite(numbers).all():
        raise DataError(f"'{name}' must be finite numbers. Got infinite ones.")
    return numbers if numbers.ndim == 2 else numbers[:, None]


def _dense(values: Any) -> np.ndarray:
    if sparse.issparse(values):
        return values.toarray()
    return np.asarray(values)


def _precision_of(answer: Any) -> float:
    kind: Any = float if answer is None else np.asarray(answer).dtype
    is_float = np.issubdtype(kind, np.floating)
    return float(np.finfo(kind if is_float else float).eps)


def _unit_of(y: Any) -> str:
    """Return the unit of the targets, if a Series or DataFrame has one."""
    unit = getattr(y, "attrs", {}).get("units", "")
    if isinstance(unit, dict):
        columns = [y.name] if isinstance(y, pd.Series) else list(y.columns)
        units = {str(unit.get(name, "")) for name in columns}
        unit = units.pop() if len(units) == 1 else ""
    return str(unit)


def _refuse_not_finite(values: np.ndarray, label: str) -> None:
    if not np.isfinite(values).all():
        n_bad = int((~np.isfinite(values)).any(axis=1).sum())
        raise DataError(
            f"Predictions must be finite numbers. Got a {label} that is not finite for "
            f"{n_bad} of {len(values)} rows."
        )


def _of_regressor(
    response: Response, values: np.ndarray, predicted: np.ndarray, unit: str
) -> Predictions:
    truth = _as_numbers(values, "y")
    predicted = predicted.astype(float).reshape(len(predicted), -1)
    if truth.shape != predicted.shape:
        raise DataError(
            "'y' must have one column per output of the estimator. Got y of shape "
            f"{truth.shape} and predictions of shape {predicted.shape}."
        )
    _refuse_not_finite(predicted, "prediction")
    return Predictions(
        task="regression",
        names=response.outputs,
        truth=truth,
        predicted=predicted,
        scores=None,
        is_probability=False,
        precision=_precision_of(predicted),
        classes=(),
        unit=unit,
    )


def _as_labels(known: Predictions, classes: Any, y: Any) -> Predictions:
    """Turn labels into truth values."""
    n_labels = known.predicted.shape[1]
    if known.truth.shape != known.predicted.shape:
        raise DataError(
            f"'y' must have one column per label, {n_labels}, for an estimator of "
            f"several labels. Got y of shape {known.truth.shape}."
        )
    pairs = [np.array([0, 1])] * n_labels
    if isinstance(classes, list):
        pairs = [np.asarray(part) for part in classes]
    present = [pair.tolist()[1] for pair in pairs]
    for place, pair in enumerate(pairs):
        others = set(known.truth[:, place].tolist()) - set(pair.tolist())
        if others:
            raise DataError(
                f"The column {place} of 'y' must hold {pair.tolist()}, which the "
                "estimator predicts. Got "
                f"{sorted(map(str, others))[:MOST_CLASSES_NAMED]} too."
            )
    names = known.names
    if isinstance(y, pd.DataFrame):
        names = tuple(str(name) for name in y.columns)
    return replace(
        known,
        names=names,
        truth=np.asarray(known.truth == np.array(present, object), bool),
        predicted=np.asarray(known.predicted == np.array(present, object), bool),
        classes=tuple(present),
    )


def _as_classes(known: Predictions, classes: list[Any]) -> Predictions:
    """Turn classes into numbers, in the order of the classes."""
    if known.truth.ndim == 2:
        raise DataError(
            "'y' must be one column of classes for this estimator. Got y of shape "
            f"{known.truth.shape}."
        )
    labels, codes = _factorize(known.truth)
    if not set(labels) & set(classes):
        raise DataError(
            "'y' must have classes that the estimator knows: "
            f"{classes[:MOST_CLASSES_NAMED]}. Got only {labels[:MOST_CLASSES_NAMED]}."
        )
    everything = [*classes, *sorted(set(labels) - set(classes), key=str)]
    with suppress(TypeError):  # words and numbers have no order
        everything = sorted(everything)
    number = {label: place for place, label in enumerate(everything)}
    predicted_labels, predicted = _factorize(known.predicted.ravel())
    return replace(
        known,
        task="binary" if len(everything) <= 2 else "multiclass",
        names=tuple(str(label) for label in everything),
        truth=_numbers(labels, number)[codes],
        predicted=_numbers(predicted_labels, number)[predicted],
        scores=_scores_of_all(known, _numbers(classes, number), len(everything)),
        classes=tuple(everything),
    )


def _factorize(values: np.ndarray) -> tuple[list[Any], np.ndarray]:
    codes, uniques = pd.factorize(values)
    return np.asarray(uniques).tolist(), codes


def _numbers(labels: Sequence[Any], number: dict[Any, int]) -> np.ndarray:
    return np.array([number[label] for label in labels], dtype=np.intp)


def _scores_of_all(
    known: Predictions, places: np.ndarray, n_all: int
) -> np.ndarray | None:
    """Return the scores with a probability of 0 for classes that were not seen."""
    scores = known.scores
    n_known = len(places)
    if scores is None or scores.shape[1] != (1 if n_known == 2 else n_known):
        return None  # a decision function of pairs of classes, as of SVC
    if n_all == n_known:
        return scores if n_all > 1 else None
    if not known.is_probability:
        return None
    if n_known == 2:
        scores = np.hstack([1 - scores, scores])
    filled = np.zeros((len(scores), n_all))
    filled[:, places] = scores
    return filled[:, 1:] if n_all == 2 else filled


def as_truth(y: Any, known: Predictions, *, name: str) -> Predictions:
    """Encode other targets like those of the predictions."""
    # y: (n_other,)
    values = _array_of(y, name)
    if known.task == "regression":
        values = _as_numbers(values, name)
    elif known.task == "multilabel" and values.ndim == 2:
        values = np.asarray(values == np.array(known.classes, object), bool)
    elif values.ndim == 1:
        labels, codes = _factorize(values)
        unknown = [label for label in labels if label not in set(known.classes)]
        if unknown:
            raise DataError(
                f"'{name}' must have the classes of the estimator and y, which are "
                f"{list(known.classes)[:MOST_CLASSES_NAMED]}. Got "
                f"{unknown[:MOST_CLASSES_NAMED]} too."
            )
        number = {label: place for place, label in enumerate(known.classes)}
        values = _numbers(labels, number)[codes]
    if values.shape[1:] != known.truth.shape[1:]:
        raise DataError(
            f"'{name}' must have the columns of y. Got shape {values.shape}, y has "
            f"{known.truth.shape}."
        )
    return replace(known, truth=values, predicted=values[:0], scores=None)
