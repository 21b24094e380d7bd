"""What y means: classes or quantities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from skdl.data import ClassTargets, RegressionTargets, Targets
from skdl.estimators._checks import check_labels, check_quantities


class TargetKind(Protocol):
    """How an estimator reads y, and what its network minimises."""

    @property
    def metric(self) -> str:
        """Name of the metric in `history_`."""

    def check(self, y: Any, n_samples: int, *, name: str = "y") -> Any:
        """Check y and return it as an array."""
        # -> (n_samples,)

    def read(
        self, estimator: Any, y: Any, weights: np.ndarray, classes: Any = None
    ) -> Any:
        """Learn from checked y how to encode targets, as `skdl.data.Targets`."""
        # weights: (n_samples,)

    def update(
        self, estimator: Any, earlier: Any, y: Any, weights: np.ndarray
    ) -> Targets:
        """Return the targets of a fit that continues from an earlier one."""
        # weights: (n_samples,)

    def loss(self, estimator: Any, targets: Any) -> str:
        """Return what to minimise, a key of `skdl.networks.HEADS`."""

    def metric_values(self, values: np.ndarray, targets: Any) -> np.ndarray:
        """Convert the metric from training to the one in `history_`."""
        # values: (n_epochs,) -> (n_epochs,)

    def scale(self, targets: Any) -> tuple[Any, Any]:
        """Return the scale and offset from predictions of the network to y."""
        # -> (n_outputs,), (n_outputs,)

    def attributes(self, targets: Any) -> dict[str, Any]:
        """Return the fitted attributes that describe the targets."""


@dataclass(frozen=True)
class Classes:
    """Two classes, several, or several labels per row."""

    metric: str = "accuracy"

    def check(self, y: Any, n_samples: int, *, name: str = "y") -> Any:
        """Check y and return it as an array."""
        return check_labels(y, n_samples, name=name)

    def read(
        self, estimator: Any, y: Any, weights: np.ndarray, classes: Any = None
    ) -> ClassTargets:
        """Learn the classes and their weights from checked y."""
        return ClassTargets.from_labels(
            y, classes=classes, class_weight=estimator.class_weight, weights=weights
        )

    def update(
        self, estimator: Any, earlier: ClassTargets, y: Any, weights: np.ndarray
    ) -> ClassTargets:
        """Keep the classes of an earlier fit, with class weights for these rows."""
        classes = None if earlier.kind == "multilabel" else earlier.classes
        return self.read(estimator, y, weights, classes)

    def loss(self, estimator: Any, targets: ClassTargets) -> str:
        """Return what to minimise, a key of `skdl.networks.HEADS`."""
        is_softmax = targets.kind == "multiclass"
        return "categorical_crossentropy" if is_softmax else "binary_crossentropy"

    def metric_values(self, values: np.ndarray, targets: ClassTargets) -> np.ndarray:
        """Return the accuracies unchanged."""
        return values

    def scale(self, targets: ClassTargets) -> tuple[float, float]:
        """Return the scale and offset of probabilities, which have none."""
        return 1.0, 0.0

    def attributes(self, targets: ClassTargets) -> dict[str, Any]:
        """Return the fitted attributes that describe the targets."""
        return {"classes_": targets.classes}


@dataclass(frozen=True)
class Quantities:
    """One or several quantities, standardised for the network."""

    metric: str = "rmse"

    def check(self, y: Any, n_samples: int, *, name: str = "y") -> Any:
        """Check y and return it as an array."""
        return check_quantities(y, n_samples, name=name)

    def read(
        self, estimator: Any, y: Any, weights: np.ndarray, classes: Any = None
    ) -> RegressionTargets:
        """Learn the mean and scale of checked y."""
        return RegressionTargets.from_values(y, weights)

    def update(
        self, estimator: Any, earlier: RegressionTargets, y: Any, weights: np.ndarray
    ) -> RegressionTargets:
        """Keep the earlier scale, on which the weights were learned."""
        return earlier

    def loss(self, estimator: Any, targets: RegressionTargets) -> str:
        """Return what to minimise, a key of `skdl.networks.HEADS`."""
        return estimator.loss

    def metric_values(
        self, values: np.ndarray, targets: RegressionTargets
    ) -> np.ndarray:
        """Convert mean squared errors to root mean squared errors in units of y."""
        # Several outputs have several units, so their error stays standardised.
        unit = targets.scale[0] if targets.n_outputs == 1 else 1.0
        return np.sqrt(values) * unit

    def scale(self, targets: RegressionTargets) -> tuple[np.ndarray, np.ndarray]:
        """Return the scale and offset from predictions of the network to y."""
        return targets.scale, targets.mean

    def attributes(self, targets: RegressionTargets) -> dict[str, Any]:
        """Return the fitted attributes that describe the targets."""
        return {}
