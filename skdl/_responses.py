"""An estimator's predictions for rows, as numbers: one column per output.

An explanation is about numbers: the probability of the positive class of a binary
classifier, one probability per class of another, one per label of a multilabel one,
the decision function where there are no probabilities, the prediction of a regressor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import is_classifier, is_regressor
from sklearn.utils.validation import check_is_fitted

from skdl.exceptions import DataError, ParameterError

Task = Literal["regression", "binary", "multiclass", "multilabel"]


@dataclass(frozen=True)
class Response:
    """How to get numbers from an estimator."""

    method: Literal["predict", "predict_proba", "decision_function"]
    # what is predicted; regression of several outputs is "regression" too
    task: Task
    # A name per output: the positive class of a binary classifier, the classes or
    # labels of another, "prediction" of a regressor ("prediction 0", ... of one of
    # several outputs)
    outputs: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the numbers are, in words."""
        return {
            "predict": "prediction",
            "predict_proba": "probability",
            "decision_function": "decision function",
        }[self.method]

    def of(self, estimator: Any, X: Any) -> np.ndarray:
        """Predict rows."""
        # X: (n_samples, n_features) -> (n_samples, n_outputs)
        return self.read(getattr(estimator, self.method)(X))

    def read(self, answer: Any) -> np.ndarray:
        """Read what the method returned."""
        # -> (n_samples, n_outputs)
        return _as_columns(answer, self.task)


def response_of(estimator: Any, X: Any) -> Response:
    """Find out how to get numbers from an estimator."""
    # X: (n_samples, n_features)
    check_is_fitted(estimator)
    if is_regressor(estimator):
        n_outputs = _as_columns(estimator.predict(X[:2]), "regression").shape[1]
        if n_outputs == 1:
            return Response("predict", "regression", ("prediction",))
        names = tuple(f"prediction {place}" for place in range(n_outputs))
        return Response("predict", "regression", names)
    if not is_classifier(estimator):
        raise ParameterError(
            "The 'estimator' parameter must be a fitted classifier or regressor. Got "
            f"{type(estimator).__name__}, which is neither."
        )
    has_probabilities = hasattr(estimator, "predict_proba")
    method: Any = "predict_proba" if has_probabilities else "decision_function"
    if not hasattr(estimator, method):
        raise ParameterError(
            f"Explaining the classifier {type(estimator).__name__} needs "
            "'predict_proba' or 'decision_function', and it has neither. Wrap it in "
            "sklearn.calibration.CalibratedClassifierCV."
        )
    return _response_of_classifier(estimator, X, method)


def _response_of_classifier(estimator: Any, X: Any, method: Any) -> Response:
    answer = getattr(estimator, method)(X[:2])
    classes = estimator.classes_
    several = isinstance(classes, list) or np.ndim(answer) == 3
    if several:
        classes = [np.asarray(part) for part in classes]
        if any(len(part) != 2 for part in classes):
            raise DataError(
                "Explanations are of one target, or of several labels of two classes. "
                f"Got {len(classes)} targets of {[len(part) for part in classes]} "
                "classes. Explain the estimator of each target."
            )
        names = tuple(f"label {place}" for place in range(len(classes)))
        return Response(method, "multilabel", names)
    classes = np.asarray(classes)
    is_multilabel = (
        np.ndim(estimator.predict(X[:2])) == 2
        and len(np.unique(classes)) == np.shape(answer)[-1]
    )
    if is_multilabel:
        names = tuple(f"label {name}" for name in classes)
        return Response(method, "multilabel", names)
    if len(classes) == 2:
        return Response(method, "binary", (str(classes[1]),))
    return Response(method, "multiclass", tuple(str(name) for name in classes))


def _as_columns(answer: Any, task: Task) -> np.ndarray:
    """Turn what a method returns into one column per output."""
    if isinstance(answer, list):  # one array of (n_samples, 2) per label
        return np.column_stack([np.asarray(part, float)[:, 1] for part in answer])
    if isinstance(answer, pd.DataFrame | pd.Series):
        answer = answer.to_numpy()
    values = np.asarray(answer, dtype=float)
    if values.ndim == 1:
        return values[:, None]
    if task == "binary" and values.shape[1] == 2:
        return values[:, 1:]
    return values


def output_of(output: Any, response: Response) -> int:
    """Return which output is meant."""
    if output is None:
        return 0
    if str(output) in response.outputs:
        return response.outputs.index(str(output))
    if isinstance(output, int | np.integer) and 0 <= output < len(response.outputs):
        return int(output)
    raise ParameterError(
        f"The 'output' parameter must be one of {list(response.outputs)}, or a "
        f"position among them. Got {output!r} instead."
    )
