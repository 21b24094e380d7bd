"""How well a trained network predicts: its loss on rows, from predictions.

The losses of a history include penalties, and its training loss also dropout and noise.
So networks that differ in these are compared by their predictions, with scikit-learn's
metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import (
    get_scorer,
    get_scorer_names,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
)
from sklearn.utils.multiclass import is_multilabel

from skdl.data import score_name
from skdl.exceptions import DataError, ParameterError

Scoring = str | Callable[..., float] | None


@dataclass(frozen=True)
class Metric:
    """A measure of how well a network predicts rows."""

    name: str  # in words, or scikit-learn's name
    greater_is_better: bool
    of: Callable[[Any, Any, Any], float]  # from a fitted network, X and y to the number

    def of_run(self, network: Any, X: Any, y: Any) -> float:
        """Return the measure of a training run, NaN if it diverged."""
        # X: (n_samples, ...); y: (n_samples,)
        return float("nan") if has_diverged(network) else float(self.of(network, X, y))


def check_scoring(scoring: Any, *, function: str) -> None:
    """Refuse anything but a score."""
    if scoring is None or callable(scoring):
        return
    if isinstance(scoring, str) and scoring in get_scorer_names():
        return
    raise ParameterError(
        f"The 'scoring' parameter of {function} must be one score: a name of a "
        "scikit-learn scorer (see sklearn.metrics.get_scorer_names), a callable or "
        "None. "
        f"Got {scoring!r} instead."
    )


def metric_of(network: Any, scoring: Scoring = None, *, function: str) -> Metric:
    """Return the metric that a network is scored by."""
    check_scoring(scoring, function=function)
    if scoring is not None:
        return Metric(score_name(scoring), True, get_scorer(scoring))
    if is_classifier(network):
        return Metric("log loss", False, _log_loss)
    if network.loss == "squared_error":
        return Metric("mean squared error", False, _mean_squared_error)
    return Metric("mean absolute error", False, _mean_absolute_error)


def _log_loss(network: Any, X: Any, y: Any) -> float:
    probabilities = network.predict_proba(X)
    if not is_multilabel(y):
        unseen = sorted(set(np.unique(y).tolist()) - set(network.classes_.tolist()))
        if unseen:
            raise DataError(
                "The log loss needs networks that were trained on all classes of their "
                f"test rows. Got {unseen} as well as {network.classes_.tolist()}. Pass "
                "another 'cv', or remove rare classes."
            )
        return log_loss(y, probabilities, labels=network.classes_)
    truth = np.asarray(y)
    return float(
        np.mean(
            [
                log_loss(truth[:, label], probabilities[:, label], labels=[0, 1])
                for label in range(truth.shape[1])
            ]
        )
    )


def _mean_squared_error(network: Any, X: Any, y: Any) -> float:
    return mean_squared_error(y, network.predict(X))


def _mean_absolute_error(network: Any, X: Any, y: Any) -> float:
    return mean_absolute_error(y, network.predict(X))


def has_diverged(network: Any) -> bool:
    """Return whether the training of a network diverged."""
    return str(getattr(network, "status_", "")).startswith("diverged")


def status_of(diverged: Collection[bool]) -> str:
    """Return how the training runs of one variant ended."""
    if not any(diverged):
        return "trained"
    return f"diverged in {sum(diverged)} of {len(diverged)} trainings"


def refuse_if_all_diverged(values: Any, *, function: str, network: Any) -> None:
    """Raise if no variant could be trained in all folds."""
    # values: (n_variants,)
    if np.isfinite(values).any():
        return
    raise ParameterError(
        f"{function} needs a network that can be trained in all folds. Got "
        f"{np.size(values)} candidates, and each diverged at least once. Lower "
        f"'learning_rate' (now {network.learning_rate:g}), scale the features, or set "
        "'clip_norm'."
    )


def n_parameters(network: Any) -> int:
    """Count the trainable weights of a fitted network."""
    from skdl.estimators import fitted_network  # loads TensorFlow

    return fitted_network(network).n_parameters


def weight_norm(network: Any) -> float:
    """Return the norm of all kernels of a fitted network."""
    from skdl.estimators import fitted_network  # loads TensorFlow

    kernels = fitted_network(network).kernels
    return float(
        np.sqrt(sum(np.square(kernel, dtype=float).sum() for kernel in kernels))
    )
