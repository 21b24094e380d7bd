"""scikit-learn's own functions, run up to their first real prediction.

So parameters are checked by scikit-learn, with its messages, and not twice.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from sklearn import inspection
from sklearn.metrics import get_scorer_names
from sklearn.utils import check_random_state

from skdl.explain._predicting.precomputed_estimator import PrecomputedEstimator


class _CheckedError(Exception):
    """All parameters passed the checks."""


def _stop(*_: Any, **__: Any) -> Any:
    raise _CheckedError


def check_importance(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    scoring: Any,
    random_state: Any,
    **parameters: Any,
) -> int:
    """Let scikit-learn's permutation_importance check its parameters.

    It runs up to its first score; scores are checked when they are computed.
    """
    if isinstance(scoring, str):
        is_score = scoring in get_scorer_names()
    else:
        is_score = callable(scoring) or isinstance(scoring, list | tuple | dict | None)
    has_state = random_state is None or isinstance(random_state, np.random.RandomState)
    with suppress(_CheckedError):
        inspection.permutation_importance(
            estimator,
            X,
            y,
            scoring=_stop if is_score else scoring,
            random_state=0 if has_state else random_state,  # nothing is drawn in vain
            **parameters,
        )
    generator = check_random_state(random_state)
    return int(generator.randint(np.iinfo(np.int32).max + 1))


class _Recorder(PrecomputedEstimator):
    """Answers one call, whatever the rows, with predictions for the first ones."""

    def call(self, method: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a table of the right shape that takes no memory."""
        if self.answers:
            raise _CheckedError
        # Two rows, because scikeras drops the axis of a single one.
        first = X.iloc[:2] if hasattr(X, "iloc") else X[:2]
        answer = np.asarray(getattr(self.estimator, method)(first, *args, **kwargs))
        self.answers[method] = answer
        return np.broadcast_to(np.int8(0), (X.shape[0], *answer.shape[1:]))


def check_dependence(
    estimator: Any, X: Any, features: Any, **parameters: Any
) -> tuple[str | None, Any]:
    """Let scikit-learn's partial_dependence check its parameters.

    It runs up to its second prediction.
    """
    recorder = _Recorder(estimator, X, ())
    result = None
    with suppress(_CheckedError):
        result = inspection.partial_dependence(
            recorder.stand_in(), X, features, **parameters
        )
    return next(iter(recorder.answers), None), result
