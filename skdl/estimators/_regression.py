"""Networks that tell quantities: what y means, and predictions."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.callback import with_callbacks

from skdl.data import RegressionTargets
from skdl.estimators._base import BaseNetwork
from skdl.estimators._checks import check_quantities


class NetworkRegressor(RegressorMixin, BaseNetwork):
    """A network for one or several quantities."""

    _metric = "rmse"
    loss: str

    @with_callbacks
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch, going on where the last call ended.

        The scale of the targets is that of the first call. No rows are held out.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of 0 or more.

        Returns
        -------
        self : estimator
            The estimator, one epoch further.
        """
        return self._partial_fit(X, y, sample_weight, None)

    def predict(self, X: Any) -> np.ndarray:
        """Predict quantities.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In units of y.
        """
        outputs = self._outputs(X)
        return self._targets.decode(outputs)

    _check_targets = staticmethod(check_quantities)

    def _read_targets(
        self, y: np.ndarray, weights: np.ndarray, _: Any
    ) -> RegressionTargets:
        return RegressionTargets.from_values(y, weights)

    def _renew_targets(
        self, earlier: RegressionTargets, y: np.ndarray, weights: np.ndarray
    ) -> RegressionTargets:
        return earlier  # the weights were learnt on its scale

    def _head(self, _: RegressionTargets) -> str:
        return self.loss

    def _metric_values(
        self, mean_squared_error: np.ndarray, targets: RegressionTargets
    ) -> np.ndarray:
        # Several outputs have several units: the error stays standardised then.
        unit = targets.scale[0] if targets.n_outputs == 1 else 1.0
        return np.sqrt(mean_squared_error) * unit

    def _keras_model(self) -> Any:
        return self._network.keras_model(self._targets.scale, self._targets.mean)

    def __sklearn_tags__(self) -> Any:
        """Say that several outputs are accepted."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
