"""Finding skdl's networks in an estimator."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator

NETWORKS = ("skdl.estimators._base", "skdl.estimators.keras.")  # their ancestors


def networks(estimator: BaseEstimator) -> dict[str, BaseEstimator]:
    """Find skdl's networks in an estimator."""
    nested = {
        f"{name}__": value
        for name, value in estimator.get_params(deep=True).items()
        if hasattr(value, "get_params")
    }
    found = {"": estimator, **nested}
    return {prefix: value for prefix, value in found.items() if is_network(value)}


def is_network(value: Any) -> bool:
    """Whether a value is one of skdl's networks.

    Does not import their classes, which would load TensorFlow.
    """
    return any(
        ancestor.__module__.startswith(NETWORKS) for ancestor in type(value).__mro__
    )
