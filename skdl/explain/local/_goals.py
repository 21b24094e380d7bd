"""The desired prediction of a changed row, and how close predictions come to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from skdl._responses import Response
from skdl.exceptions import DataError, ParameterError


@dataclass(frozen=True)
class Goal:
    """The desired prediction of a changed row."""

    words: str
    # from predictions to (whether they reach it, how close they are)
    judge: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class WithPrediction(Response):
    """Predictions, followed by the number of the predicted class.

    The class with the largest probability may not be the predicted one, as for
    estimators with a threshold of their own.
    """

    classes: tuple[Any, ...] = ()

    def of(self, estimator: Any, X: Any) -> np.ndarray:
        """Predict rows."""
        # X: (n_samples, n_features) -> (n_samples, n_outputs + 1)
        values = super().of(estimator, X)
        if self.task == "regression":
            return np.hstack([values, values])
        numbers = {label: number for number, label in enumerate(self.classes)}
        predicted = np.asarray(estimator.predict(X)).tolist()
        return np.column_stack([values, [numbers[label] for label in predicted]])

    def prediction(self, answer: np.ndarray) -> Any:
        """Return the predicted class or quantity."""
        # answer: (n_outputs + 1,)
        is_number = self.task == "regression"
        return float(answer[-1]) if is_number else self.classes[int(answer[-1])]


def goal_of(response: WithPrediction, now: np.ndarray, desired: Any) -> Goal:
    """Read the desired prediction."""
    # now: (n_outputs + 1,)
    is_quantity = response.task == "regression"
    goal = _range_goal(desired) if is_quantity else _class_goal(response, now, desired)
    is_reached, _ = goal.judge(now[np.newaxis])
    if is_reached[0]:
        raise ParameterError(
            f"The row already has the desired prediction: {response.prediction(now)!r} "
            f"is {goal.words}. Pass another 'desired', or another row."
        )
    return goal


def _range_goal(desired: Any) -> Goal:
    try:
        low, high = desired
        low = -np.inf if low is None else float(low)
        high = np.inf if high is None else float(high)
    except (TypeError, ValueError):
        low, high = np.inf, -np.inf
    if not low <= high or (low == -np.inf and high == np.inf):
        raise ParameterError(
            "The 'desired' parameter of counterfactual must be a pair (low, high) for "
            "a quantity, with None for an open end: the range of predictions to "
            f"reach. Got {desired!r} instead."
        )

    def judge(predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        predicted = predictions[:, -1]
        short = np.maximum(low - predicted, predicted - high)
        return short <= 0, -np.maximum(short, 0)

    ends = f"at least {low:g}", f"at most {high:g}"
    if low == -np.inf or high == np.inf:
        return Goal(ends[0] if high == np.inf else ends[1], judge)
    return Goal(f"from {low:g} to {high:g}", judge)


def _class_goal(response: WithPrediction, now: np.ndarray, desired: Any) -> Goal:
    classes, current = response.classes, int(now[-1])
    if len(classes) < 2:
        raise DataError(
            "A counterfactual needs another class, but the estimator knows only one: "
            f"{list(classes)}. Fit it to rows of several classes."
        )
    wanted = None
    if desired is not None:
        matches = [
            number for number, label in enumerate(classes) if str(label) == str(desired)
        ]
        if not matches:
            raise ParameterError(
                "The 'desired' parameter of counterfactual must be one of the classes "
                f"{list(classes)}, or None. Got {desired!r} instead."
            )
        wanted = matches[0]

    def judge(predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        predicted = predictions[:, -1].astype(int)
        scores = predictions[:, :-1]
        if scores.shape[1] == 1:
            scores = np.hstack([-scores, scores])
        if scores.shape[1] != len(classes):  # one score per pair of classes
            scores = np.zeros((len(predictions), len(classes)))
        held = current if wanted is None else wanted
        others = np.delete(scores, held, axis=1).max(axis=1)
        if wanted is None:
            return predicted != current, others - scores[:, current]
        return predicted == wanted, scores[:, wanted] - others

    words = f"other than {classes[current]}" if wanted is None else str(classes[wanted])
    return Goal(words, judge)
