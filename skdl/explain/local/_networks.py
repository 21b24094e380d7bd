"""Which estimators are networks whose derivatives can be followed.

A network of skdl alone, or at the end of a Pipeline of scalers. A scaler stretches and
shifts each column by itself, so that straight paths stay straight, and the product of
a difference and a derivative is the same before and behind it. No other step is let
through, as nothing could be said about the columns before it. TensorFlow is not needed.
"""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from skdl._fusing import is_network

SCALERS = (MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler)


def network_of(estimator: Any) -> tuple[Any, str]:
    """Return the network that an estimator ends in, if its derivatives are enough.

    >>> from sklearn.linear_model import LinearRegression
    >>> from skdl.explain.local._networks import network_of
    >>> network_of(LinearRegression())
    (None, 'LinearRegression is no network of skdl')
    """
    final = without_search(estimator)
    if isinstance(final, Pipeline):
        for name, step in final.steps[:-1]:
            if not _only_scales(step):
                return None, (
                    f"the step {name!r} ({type(step).__name__}) may do more than "
                    "stretch and shift each column"
                )
        final = final.steps[-1][1]
    if is_network(final):
        return final, ""
    return None, f"{type(final).__name__} is no network of skdl"


def without_search(estimator: Any) -> Any:
    """Return the estimator that a search has found, or the estimator itself."""
    while hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    return estimator


def scaled(estimator: Any, X: Any) -> Any:
    """Return rows as the network of a Pipeline sees them."""
    # X: (n_samples, n_features) -> (n_samples, n_features)
    final = without_search(estimator)
    if isinstance(final, Pipeline) and len(final.steps) > 1:
        return final[:-1].transform(X)
    return X


def _only_scales(step: Any) -> bool:
    if step is None or isinstance(step, str):  # "passthrough"
        return True
    return type(step) in SCALERS and not getattr(step, "clip", False)
