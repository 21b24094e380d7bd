"""`KerasRegressor`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scikeras.utils.transformers import RegressorTargetEncoder
from sklearn.base import RegressorMixin
from sklearn.callback import with_callbacks
from sklearn.metrics import r2_score

from skdl.estimators.checks import check_quantities
from skdl.estimators.wrappers.base import BaseKeras
from skdl.estimators.wrappers.bridge import RegressorDelegate


class KerasRegressor(RegressorMixin, BaseKeras):
    """Any Keras model as a regressor, with the parameters of scikeras's.

    X
    """

    _delegate = RegressorDelegate

    @property
    def target_encoder(self) -> Any:
        """scikeras's, which keeps the shape of y; override it for other targets."""
        return RegressorTargetEncoder()

    @staticmethod
    def scorer(y_true: Any, y_pred: Any, **kwargs: Any) -> float:
        """Return R squared; override it to score otherwise."""
        return r2_score(y_true, y_pred, **kwargs)

    @with_callbacks
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any
    ) -> Self:
        """Train for one epoch, going on where the last call ended.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Quantities.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of 0 or more.
        **kwargs : object
            Further arguments of `keras.Model.fit`.

        Returns
        -------
        self : KerasRegressor
            The estimator, one epoch further.
        """
        return self._partial_fit(X, y, sample_weight, kwargs)

    score = BaseKeras.score  # by `scorer`; the mixin's would come first
    _check_targets = staticmethod(check_quantities)

    def predict(self, X: Any, **kwargs: Any) -> np.ndarray:
        """Predict quantities.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Rows.
        **kwargs : object
            Further arguments of `keras.Model.predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            By the target encoder.
        """
        outputs = self._outputs(X, kwargs)
        if not isinstance(outputs, list | dict):
            outputs = np.asarray(outputs, np.float64)
        return self.target_encoder_.inverse_transform(outputs)

    def __sklearn_tags__(self) -> Any:
        """Say that several outputs are accepted."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
