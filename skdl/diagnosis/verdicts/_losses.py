"""What a network minimises, row by row, in the units of its curves.

skdl's networks learn standardised quantities, those of Keras and scikit-learn the
quantities themselves; scikit-learn halves squared errors and adds up those of labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.base import is_classifier
from sklearn.neural_network import MLPClassifier, MLPRegressor

from skdl._models import has_own_layers, is_network
from skdl.data import row_losses

OF_LABELS = ("binary_crossentropy", "categorical_crossentropy")
OF_QUANTITIES = ("squared_error", "absolute_error", "huber")
NAMES_IN_KERAS = {
    "mse": "squared_error",
    "mean_squared_error": "squared_error",
    "MeanSquaredError": "squared_error",
    "mae": "absolute_error",
    "mean_absolute_error": "absolute_error",
    "MeanAbsoluteError": "absolute_error",
    "huber": "huber",
    "binary_crossentropy": "binary_crossentropy",
    "categorical_crossentropy": "categorical_crossentropy",
    "sparse_categorical_crossentropy": "categorical_crossentropy",
}


@dataclass(frozen=True)
class RowLoss:
    """A loss, and the units that its curves are in."""

    name: str
    # whether quantities are divided by their standard deviation first
    is_standardised: bool = False
    factor: float = 1.0  # of the curves, to the mean over the outputs
    # whether it is what the curves show; otherwise it only stands in
    is_known: bool = True

    @property
    def is_of_labels(self) -> bool:
        """Whether it compares probabilities with labels."""
        return self.name in OF_LABELS

    def rows(
        self, targets: np.ndarray, predictions: np.ndarray, scale: np.ndarray | float
    ) -> np.ndarray:
        """Return the loss of each row."""
        # targets, predictions: (n_samples, n_outputs); scale: (n_outputs,) ->
        # (n_samples,)
        unit = 1.0 if self.is_standardised else scale
        with np.errstate(over="ignore", invalid="ignore"):  # of what diverged
            losses = row_losses(self.name, targets * unit, predictions * unit)
        return self.factor * losses

    def best_constant(self, targets: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """Return what is constant and has the lowest mean loss."""
        # targets: (n_samples, n_outputs); scale: (n_outputs,) -> (n_outputs,)
        if self.name == "absolute_error":
            return np.median(targets, axis=0)
        if self.name != "huber":
            return targets.mean(axis=0)
        unit = np.ones_like(scale) if self.is_standardised else scale

        def best(column: np.ndarray) -> float:
            def mean_loss(constant: float) -> float:
                return float(row_losses("huber", column[:, None], constant).mean())

            bounds = (column.min(), column.max())
            found = minimize_scalar(mean_loss, bounds=bounds, method="bounded")
            return float(found.x)

        return np.array([best(column) for column in (targets * unit).T]) / unit


def loss_of(network: Any, *, n_labels: int = 0) -> RowLoss:
    """Tell what a network minimises."""
    labelled = is_classifier(network)
    if labelled:
        stand_in = OF_LABELS[0] if n_labels else OF_LABELS[1]
    else:
        stand_in = OF_QUANTITIES[0]
    if isinstance(network, MLPClassifier):
        return RowLoss(stand_in, factor=max(1, n_labels))
    if isinstance(network, MLPRegressor):
        return RowLoss(stand_in, factor=0.5, is_known=network.loss == "squared_error")
    if has_own_layers(network):
        name = stand_in if labelled else network.loss
        return RowLoss(name, is_standardised=True)
    # Two classes have one sigmoid or a softmax of two, which is the same.
    name = NAMES_IN_KERAS.get(_keras_name(network), "")
    is_known = name in (OF_LABELS if labelled else OF_QUANTITIES)
    name = name if is_known and not labelled else stand_in
    return RowLoss(name, is_known=is_known)


def _keras_name(network: Any) -> str:
    """What a wrapped Keras model was compiled with; "" for losses with settings."""
    if not is_network(network):
        return ""
    loss = network.model_.loss
    if isinstance(loss, str):
        return loss
    name = type(loss).__name__
    return name if name in NAMES_IN_KERAS else getattr(loss, "__name__", "")
