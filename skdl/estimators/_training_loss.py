"""`training_loss`: the loss of rows as training measures it."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdl.networks import HEADS


def training_loss(estimator: Any, X: Any, y: Any) -> float:
    """Return the loss of rows as `history_` measures it for validation rows.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, ConvClassifier or ConvRegressor
        Fitted estimator.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.

    Returns
    -------
    float
        Weighted mean over the rows, class weights and penalties included. In the units
        that the network is trained in: standardised targets for regressors.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl import MLPRegressor
    >>> from skdl.estimators import training_loss
    >>> X, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    >>> reg = MLPRegressor((4,), epochs=1, random_state=0).fit(X, y, X_val=X, y_val=y)
    >>> bool(np.isclose(training_loss(reg, X, y), reg.history_["val_loss"][0]))
    True
    """
    outputs = estimator._outputs(X)
    checked = estimator._target_kind.check(y, len(outputs))
    targets, trained = estimator._targets, estimator._network
    weights = targets.weigh(checked, np.ones(len(outputs)))
    numbers = trained.regularization
    losses = HEADS[trained.loss].loss(
        targets.encode(checked, outputs.dtype), outputs, numbers.label_smoothing
    )
    kernels = [array for array in trained.weights.trainable if array.ndim > 1]
    penalty = sum(
        numbers.l1 * np.abs(kernel).sum() + numbers.l2 * (kernel**2).sum()
        for kernel in kernels
    )
    return float(np.average(np.asarray(losses), weights=weights) + penalty)
