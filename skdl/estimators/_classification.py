"""Networks for labels: training on them and predicting them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin
from sklearn.callback import with_callbacks

from skdl.estimators._base import BaseNetwork
from skdl.estimators._targets import Classes


class NetworkClassifier(ClassifierMixin, BaseNetwork):
    """A network for two classes, several, or several labels per row."""

    _target_kind = Classes()

    @with_callbacks
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train for one more epoch, continuing from the previous call.

        No rows are held out for validation. "balanced" class weights are computed in
        the first call.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that later calls may contain. Only the first call reads it. If
            None, the labels in y.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, 0 or more.

        Returns
        -------
        self : estimator
            The estimator, trained for one more epoch.
        """
        return self._partial_fit(X, y, sample_weight, classes)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the raw outputs of the network, before sigmoid or softmax.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Logits. For two classes, those of the second class.
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
            Probabilities in the order of `classes_`. Rows sum to 1, except for
            multilabel targets.
        """
        logits = self._outputs(X)
        if self._targets.kind == "multiclass":
            return softmax(logits, axis=1)
        if self._targets.kind == "multilabel":
            return expit(logits)
        return np.hstack([expit(-logits), expit(logits)])

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the log-probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Log-probabilities in the order of `classes_`. They are computed from the
            logits, so that tiny probabilities do not become -inf.
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
            The most probable label. For multilabel targets, an indicator matrix of the
            labels with a probability above 0.5.
        """
        probabilities = self.predict_proba(X)
        return self._targets.decode(probabilities)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags, with multilabel targets accepted."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
