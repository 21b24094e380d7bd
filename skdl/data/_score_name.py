"""Names of scores, for tables and figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skdl._compat.sklearn import is_negated, score_function


def score_name(scoring: str | Callable[..., Any]) -> str:
    """Return the name of a score.

    Parameters
    ----------
    scoring : str or callable
        A scorer, or its name in scikit-learn.

    Returns
    -------
    name : str
        The name, or that of the function behind the scorer; "score" if it has none.

    Examples
    --------
    >>> from sklearn.metrics import make_scorer, mean_squared_error
    >>> from skdl.data import score_name
    >>> score_name(make_scorer(mean_squared_error, greater_is_better=False))
    'neg_mean_squared_error'
    """
    if isinstance(scoring, str):
        return scoring
    function = score_function(scoring)
    name = str(getattr(function, "__name__", "score"))
    return f"neg_{name}" if is_negated(scoring) else name
