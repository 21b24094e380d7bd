"""Which estimators are networks whose derivatives explain the whole estimator.

A network of skdl alone, or at the end of a Pipeline of scalers. A scaler stretches and
shifts each column by itself, so straight paths stay straight, and the product of a
difference and a derivative is the same before and after it. Any other step is refused,
because nothing would be known about the columns before it. TensorFlow is not needed.
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

from skdl._models import is_network, without_search

SCALERS = (MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler)


def differentiable_network(estimator: Any) -> tuple[Any, str]:
    """Return the network an estimator ends in if its derivatives suffice, or why not.

    >>> from sklearn.linear_model import LinearRegression
    >>> from skdl.explain.local._differentiable_network import differentiable_network
    >>> differentiable_network(LinearRegression())
    (None, 'LinearRegression is not a network of skdl')
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
    return None, f"{type(final).__name__} is not a network of skdl"


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
