"""Networks that tell labels: what y means, and predictions."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin
from sklearn.callback import with_callbacks

from skdl.data import ClassTargets
from skdl.estimators._base import BaseNetwork
from skdl.estimators._checks import check_labels
from skdl.estimators._trained_network import TrainedNetwork


class NetworkClassifier(ClassifierMixin, BaseNetwork):
    """A network for two classes, several, or several labels per row."""

    _metric = "accuracy"

    @with_callbacks
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train for one epoch, going on where the last call ended.

        No rows are held out, and "balanced" class weights are those of the first call.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that may come in later calls; read in the first call only. None
            takes those in y.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of 0 or more.

        Returns
        -------
        self : estimator
            The estimator, one epoch further.
        """
        return self._partial_fit(X, y, sample_weight, classes)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the network's raw outputs.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Logits; for two classes those of the second.
        """
        logits = self._outputs(X)
        return logits[:, 0] if self._targets.kind == "binary" else logits

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; rows sum to 1 unless targets are multilabel.
        """
        logits = self._outputs(X)
        if self._targets.kind == "multiclass":
            return softmax(logits, axis=1)
        if self._targets.kind == "multilabel":
            return expit(logits)
        return np.hstack([expit(-logits), expit(logits)])

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Computed from the logits, so that small probabilities do not become -inf.
        """
        logits = self._outputs(X)
        if self._targets.kind == "multiclass":
            return log_softmax(logits, axis=1)
        if self._targets.kind == "multilabel":
            return log_expit(logits)
        return np.hstack([log_expit(-logits), log_expit(logits)])

    def predict(self, X: Any) -> np.ndarray:
        """Predict labels.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            The most probable label, or every label of probability above one half.
        """
        probabilities = self.predict_proba(X)
        return self._targets.decode(probabilities)

    _check_targets = staticmethod(check_labels)

    def _read_targets(self, y: Any, weights: np.ndarray, classes: Any) -> ClassTargets:
        return ClassTargets.from_labels(
            y, classes=classes, class_weight=self.class_weight, weights=weights
        )

    def _renew_targets(
        self, earlier: ClassTargets, y: Any, weights: np.ndarray
    ) -> ClassTargets:
        classes = None if earlier.kind == "multilabel" else earlier.classes
        return self._read_targets(
            y, weights, classes
        )  # class weights are of these rows

    def _head(self, targets: ClassTargets) -> str:
        is_softmax = targets.kind == "multiclass"
        return "categorical_crossentropy" if is_softmax else "binary_crossentropy"

    def _metric_values(self, accuracy: np.ndarray, _: ClassTargets) -> np.ndarray:
        return accuracy

    def _fitted_attributes(
        self, network: TrainedNetwork, targets: Any
    ) -> dict[str, Any]:
        attributes = super()._fitted_attributes(network, targets)
        return {**attributes, "classes_": targets.classes}

    def _keras_model(self) -> Any:
        return self._network.keras_model()

    def __sklearn_tags__(self) -> Any:
        """Say that several labels per row are accepted."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
