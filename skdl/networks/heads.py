"""Heads: what a task asks of the last layer, and what its outputs cost.

A head is a row of the table `HEADS`. Losses take the raw outputs of the last layer
(logits), because log(sigmoid(x)) computed in one go does not overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops


@dataclass(frozen=True)
class Head:
    """One task's loss and metric.

    Parameters
    ----------
    loss : callable
        ``(targets, outputs, label_smoothing) -> tensor of shape (n_samples,)``.
    metric : callable
        ``(targets, outputs) -> tensor of shape (n_samples,)``.
    activation : str
        Name of the Keras activation that turns outputs into predictions.
    """

    loss: Callable[[Any, Any, Any], Any]
    metric: Callable[[Any, Any], Any]
    activation: str


def _binary_crossentropy(targets: Any, outputs: Any, label_smoothing: Any) -> Any:
    targets = targets * (1.0 - label_smoothing) + 0.5 * label_smoothing
    loss = ops.relu(outputs) - outputs * targets + ops.log1p(ops.exp(-ops.abs(outputs)))
    return ops.mean(loss, axis=-1)


def _categorical_crossentropy(targets: Any, outputs: Any, label_smoothing: Any) -> Any:
    n_classes = outputs.shape[-1]
    chosen = ops.one_hot(targets, n_classes, dtype=outputs.dtype)
    smoothed = chosen * (1.0 - label_smoothing) + label_smoothing / n_classes
    return -ops.sum(smoothed * ops.log_softmax(outputs, axis=-1), axis=-1)


def _squared_error(targets: Any, outputs: Any, _: Any) -> Any:
    return ops.mean(ops.square(outputs - targets), axis=-1)


def _absolute_error(targets: Any, outputs: Any, _: Any) -> Any:
    return ops.mean(ops.abs(outputs - targets), axis=-1)


def _huber(targets: Any, outputs: Any, _: Any) -> Any:
    # Huber (1964) with delta = 1 standard deviation of the target, Keras's default.
    error = ops.abs(outputs - targets)
    near = ops.minimum(error, 1.0)
    return ops.mean(near * (error - 0.5 * near), axis=-1)


def _binary_accuracy(targets: Any, outputs: Any) -> Any:
    # For several labels: a row counts as right only if every label is.
    right = ops.equal(outputs > 0, targets > 0.5)
    return ops.cast(ops.all(right, axis=-1), outputs.dtype)


def _categorical_accuracy(targets: Any, outputs: Any) -> Any:
    # Not by argmax: Keras's reads the sign's bit, which cannot be mapped over a bank.
    is_target = ops.cast(ops.one_hot(targets, outputs.shape[-1]), "bool")
    chosen = ops.sum(ops.where(is_target, outputs, 0.0), axis=-1)
    return ops.cast(chosen >= ops.max(outputs, axis=-1), outputs.dtype)


def _mean_squared_error(targets: Any, outputs: Any) -> Any:
    return _squared_error(targets, outputs, None)


HEADS: dict[str, Head] = {
    "binary_crossentropy": Head(_binary_crossentropy, _binary_accuracy, "sigmoid"),
    "categorical_crossentropy": Head(
        _categorical_crossentropy, _categorical_accuracy, "softmax"
    ),
    "squared_error": Head(_squared_error, _mean_squared_error, "linear"),
    "absolute_error": Head(_absolute_error, _mean_squared_error, "linear"),
    "huber": Head(_huber, _mean_squared_error, "linear"),
}
