"""Networks for quantities: training on them and predicting them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.callback import with_callbacks

from skdl.estimators._base import BaseNetwork
from skdl.estimators._targets import Quantities


class NetworkRegressor(RegressorMixin, BaseNetwork):
    """A network for one or several quantities."""

    _target_kind = Quantities()
    loss: str

    @with_callbacks
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one more epoch, continuing from the previous call.

        No rows are held out for validation. The scale of the targets is computed in the
        first call.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, 0 or more.

        Returns
        -------
        self : estimator
            The estimator, trained for one more epoch.
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
            Predictions in units of y.
        """
        outputs = self._outputs(X)
        return self._targets.decode(outputs)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags, with several outputs accepted."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
