"""The model inside an estimator: at the end of a pipeline, found by a search.

One place answers three questions: which steps lead to the last one of a pipeline and
how its parameters are called; which model a fitted search or pipeline predicts with;
and what kind of skdl network that is. Nothing here imports TensorFlow: a network's
class says what it is (`_network_kind`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline, make_pipeline


class NetworkKind(Enum):
    """What a network of skdl reads and who describes its layers."""

    PERCEPTRON = "perceptron"  # tables, layers by constructor parameters
    CONVOLUTIONAL = "convolutional"  # images, layers by constructor parameters
    KERAS = "keras"  # anything, layers by a Keras model


# --- pipelines: the last step, and what comes before it ---------------------------


def _levels(estimator: Any) -> list[Pipeline]:
    """The pipelines on the way to the last step, the outermost first."""
    found = []
    while isinstance(estimator, Pipeline):
        found.append(estimator)
        estimator = estimator.steps[-1][1]
    return found


def final_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, also of nested ones; else the estimator."""
    levels = _levels(estimator)
    return levels[-1].steps[-1][1] if levels else estimator


def parameter_prefix(estimator: Any) -> str:
    """Return the prefix of the last step's parameters, as in "mlpclassifier__"."""
    return "".join(f"{level.steps[-1][0]}__" for level in _levels(estimator))


def prefixed(parameters: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Rename parameters of the last step for ``set_params`` of the whole estimator."""
    return {f"{prefix}{name}": value for name, value in parameters.items()}


def steps_before(estimator: Any) -> list[Pipeline]:
    """Return the steps before the last one, one pipeline per level, as they are."""
    return [level[:-1] for level in _levels(estimator) if len(level.steps) > 1]


def fresh_steps_before(estimator: Any) -> Pipeline | None:
    """Return the steps before the last one in one unfitted pipeline, if there are any.

    It has no ``memory``, which would let compared models share the cost of fitting it.
    """
    parts = [Pipeline(part.steps) for part in steps_before(estimator)]
    return clone(make_pipeline(*parts)) if parts else None


def transformed(estimator: Any, X: Any) -> Any:
    """Transform rows by the fitted steps before the last one."""
    for steps in steps_before(estimator):
        X = steps.transform(X)
    return X


# --- the model that a fitted estimator predicts with ------------------------------


def path_to_model(estimator: Any) -> list[Any]:
    """Return an estimator, what is inside it, and so on down to the model itself.

    It goes through fitted searches, pipelines and transformed targets, in any order.
    """
    path = [estimator]
    while (inside := _inside(path[-1])) is not None:
        path.append(inside)
    return path


def without_search(estimator: Any) -> Any:
    """Return the best estimator of a fitted search; else the estimator itself."""
    while hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    return estimator


def _inside(estimator: Any) -> Any | None:
    if hasattr(estimator, "best_estimator_"):
        return estimator.best_estimator_
    if hasattr(estimator, "steps"):
        return estimator.steps[-1][1]
    return getattr(estimator, "regressor_", None)  # TransformedTargetRegressor's


# --- networks of skdl -------------------------------------------------------------


def network_kind(value: Any) -> NetworkKind | None:
    """Return what kind of skdl network a value is; None for anything else."""
    return getattr(type(value), "_network_kind", None)


def is_network(value: Any) -> bool:
    """Whether a value is one of skdl's networks."""
    return network_kind(value) is not None


def has_own_layers(value: Any) -> bool:
    """Whether a value is a skdl network whose layers are constructor parameters."""
    return network_kind(value) in (NetworkKind.PERCEPTRON, NetworkKind.CONVOLUTIONAL)


def networks(estimator: BaseEstimator) -> dict[str, BaseEstimator]:
    """Find skdl's networks in an estimator, by prefix; "" is the estimator itself."""
    nested = {
        f"{name}__": value
        for name, value in estimator.get_params(deep=True).items()
        if hasattr(value, "get_params")
    }
    found = {"": estimator, **nested}
    return {prefix: value for prefix, value in found.items() if is_network(value)}
