"""Heads: the loss, the metric and the output activation of a task.

A head is a row of the table `HEADS`. Losses take the raw outputs of the last layer
(logits), because log(sigmoid(x)) does not overflow if it is computed in one step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from keras import ops

from skdl.networks._training_batch import TrainingBatch


@dataclass(frozen=True)
class Head:
    """One task's loss and metric: an `Objective` whose state is two sums.

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

    metric_names: ClassVar = ("metric",)
    is_batchwise: ClassVar = False

    def bind(self, model: Any) -> Head:
        """Return the head itself, which fits every model.

        Parameters
        ----------
        model : keras.Model
            Not used.

        Returns
        -------
        Head
            The head.
        """
        return self

    def initial_metrics(self, dtype: str) -> tuple[np.ndarray, ...]:
        """Return sums over no rows.

        Parameters
        ----------
        dtype : str
            Float type of the outputs.

        Returns
        -------
        tuple of ndarray of shape ()
            Sums of the metric and of the weights.
        """
        return (np.zeros((), dtype), np.zeros((), dtype))

    def measure(
        self, targets: Any, outputs: Any, batch: TrainingBatch, metrics: tuple
    ) -> tuple[Any, Any, tuple]:
        """Compare outputs with targets.

        Parameters
        ----------
        targets : tensor of shape (batch_size,) or (batch_size, n_outputs)
            Encoded targets.
        outputs : tensor of shape (batch_size, n_outputs)
            Raw outputs.
        batch : TrainingBatch
            Its sample weights and label smoothing are used.
        metrics : tuple of scalar tensor
            The sums so far.

        Returns
        -------
        loss : scalar tensor
            Weighted mean.
        weight : scalar tensor
            The weight of this mean in the mean over batches.
        metrics : tuple of scalar tensor
            The sums, with these rows.
        """
        losses = self.loss(targets, outputs, batch.regularization.label_smoothing)
        weight = ops.sum(batch.weights)
        metric = ops.sum(self.metric(targets, outputs) * batch.weights)
        loss = ops.sum(losses * batch.weights) / weight
        return loss, weight, (metrics[0] + metric, metrics[1] + weight)

    def results(self, metrics: tuple) -> tuple:
        """Return the mean of the metric.

        Parameters
        ----------
        metrics : tuple of scalar tensor
            Sums.

        Returns
        -------
        tuple of scalar tensor
            One per name of `metric_names`.
        """
        return (metrics[0] / metrics[1],)


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
    # Multilabel: a row is right only if every label is.
    right = ops.equal(outputs > 0, targets > 0.5)
    return ops.cast(ops.all(right, axis=-1), outputs.dtype)


def _categorical_accuracy(targets: Any, outputs: Any) -> Any:
    # Without argmax: Keras's reads the sign bit, which cannot be mapped over a bank.
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
