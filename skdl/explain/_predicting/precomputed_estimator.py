"""A stand-in for an estimator that answers from predictions made in one call.

A scorer may use an estimator as it likes, so it must get the estimator, and each
changed copy of the rows, exactly as scikit-learn would pass them.
:class:`PrecomputedEstimator` makes an object that is the estimator in every respect
(class, tags, attributes), except that the first call for one of the copies predicts all
of them, stacked, and the scorer gets the rows of its copy.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.pipeline import Pipeline

from skdl._tables import Table
from skdl.explain._predicting.perturbation import STACK_REFUSALS, same_answers

METHODS = (
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "score_samples",
    "transform",
)


class PrecomputedEstimator:
    """An estimator's predictions for several copies of the rows, made in one call."""

    # stacked: (n_copies * n_samples, n_features); copies: (n_samples, n_features)

    def __init__(self, estimator: Any, stacked: Table, copies: Sequence[Table]) -> None:
        self.estimator = estimator
        self.stacked = stacked
        self.copies = copies
        self.places = {id(copy): place for place, copy in enumerate(copies)}
        self.answers: dict[str, Any] = {}
        self.path = ""

    def call(self, method: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a call of one of the estimator's methods."""
        place = self.places.get(id(X))
        if place is None or args or kwargs:
            return getattr(self.estimator, method)(X, *args, **kwargs)
        name = self.path + method
        if name not in self.answers:
            self.answers[name] = getattr(self.estimator, method)(self.stacked)
        return answer_of(self.answers[name], place, len(X))

    def agrees(self, known: Mapping[str, Any]) -> bool:
        """Predict all copies, and compare the first and last with what is known."""
        n_samples = len(self.copies[0])
        for name, alone in known.items():
            try:
                self.answers[name] = attrgetter(name)(self.estimator)(self.stacked)
            except STACK_REFUSALS:
                if not isinstance(self.stacked, pd.DataFrame):
                    raise
                return False  # single copies will show what else is wrong
            for place in (0, len(self.copies) - 1):
                within = answer_of(self.answers[name], place, n_samples)
                if not same_answers(alone, within):
                    return False
        return True

    def stand_in(self) -> Any:
        """Return an object that behaves like the estimator, but predicts from the
        stack."""
        return _stand_in(self.estimator, self)


def is_per_output(answers: Any) -> bool:
    """Return whether predictions are a list of one table per output."""
    return isinstance(answers, list) and all(
        getattr(part, "ndim", 0) == 2 for part in answers
    )


def answer_of(answers: Any, place: int, n_samples: int) -> Any:
    """Return the rows of one copy."""
    if is_per_output(answers):
        return [answer_of(part, place, n_samples) for part in answers]
    rows = slice(place * n_samples, (place + 1) * n_samples)
    if not isinstance(answers, pd.DataFrame | pd.Series):
        return answers[rows]
    part = answers.iloc[rows]
    # Rows that the estimator numbers itself start at 0 in each copy. (The row labels of
    # several copies are not a range.)
    is_numbered = isinstance(answers.index, pd.RangeIndex) and len(part) < len(answers)
    return part.reset_index(drop=True) if is_numbered else part


def _can_stand_in(estimator: Any) -> bool:
    """Whether its `__dict__` holds its whole state and can hold methods."""
    cls = type(estimator)
    return (
        hasattr(estimator, "__dict__")
        and not any(np.size(vars(base).get("__slots__", ())) for base in cls.__mro__)
        and not any(isinstance(getattr(cls, name, 0), property) for name in METHODS)
    )


def _stand_in(estimator: Any, precomputed: PrecomputedEstimator) -> Any:
    """Make a twin whose methods return the precomputed predictions."""
    cls = type(estimator)
    if not _can_stand_in(estimator):
        return estimator
    try:
        twin = object.__new__(cls)
    except TypeError:  # it is made in C, or is a class
        return estimator
    twin.__dict__.update(vars(estimator))
    for method in METHODS:
        if hasattr(estimator, method):
            # In the instance, so that its class stays the same.
            twin.__dict__[method] = _Method(precomputed, method)
    if "best_estimator_" in vars(estimator):  # a search scores with its best one
        best = PrecomputedEstimator(
            estimator.best_estimator_, precomputed.stacked, precomputed.copies
        )
        best.path, best.answers = (
            f"{precomputed.path}best_estimator_.",
            precomputed.answers,
        )
        twin.best_estimator_ = best.stand_in()
    elif isinstance(estimator, Pipeline) and not _is_routing():
        # The score of a pipeline transforms by itself; that of most last steps is a
        # mixin's, which only needs `predict`.
        score = getattr(type(estimator.steps[-1][1]), "score", None)
        if score in (ClassifierMixin.score, RegressorMixin.score):
            twin.__dict__["score"] = types.MethodType(score, twin)
    return twin


def _is_routing() -> bool:
    return bool(sklearn.get_config()["enable_metadata_routing"])


class _Method:
    """A method of a stand-in."""

    def __init__(self, precomputed: PrecomputedEstimator, name: str) -> None:
        self.precomputed = precomputed
        self.__name__ = name
        self.__wrapped__ = getattr(precomputed.estimator, name)  # for its signature

    def __call__(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        return self.precomputed.call(self.__name__, X, *args, **kwargs)
