"""What a pipeline ends in, what comes before that, and how its parameters are called.

The last step of a pipeline may be a pipeline again; all functions here go down to the
step that is none. They know nothing of networks (``networks.py`` does): histories are
read off estimators of any kind, and baselines stand behind any steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline, make_pipeline


def _levels(estimator: Any) -> list[Pipeline]:
    """The pipelines on the way to the last step, the outermost first."""
    found = []
    while isinstance(estimator, Pipeline):
        found.append(estimator)
        estimator = estimator.steps[-1][1]
    return found


def final_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, of pipelines in pipelines too."""
    levels = _levels(estimator)
    return levels[-1].steps[-1][1] if levels else estimator


def parameter_prefix(estimator: Any) -> str:
    """Return what stands before the parameters of the last step."""
    return "".join(f"{level.steps[-1][0]}__" for level in _levels(estimator))


def prefixed(parameters: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Name parameters of the last step as the whole estimator does."""
    return {f"{prefix}{name}": value for name, value in parameters.items()}


def steps_before(estimator: Any) -> list[Pipeline]:
    """Return what comes before the last step, as it is: fitted if the estimator is."""
    return [level[:-1] for level in _levels(estimator) if len(level.steps) > 1]


def fresh_steps_before(estimator: Any) -> Pipeline | None:
    """Return what comes before the last step, not fitted, in one pipeline."""
    parts = [Pipeline(part.steps) for part in steps_before(estimator)]
    return clone(make_pipeline(*parts)) if parts else None


def transformed(estimator: Any, X: Any) -> Any:
    """Bring rows into the form that the last step takes."""
    # X: (n_samples, n_features) -> (n_samples, ...)
    for steps in steps_before(estimator):
        X = steps.transform(X)
    return X
