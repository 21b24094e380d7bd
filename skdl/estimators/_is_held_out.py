"""`is_held_out`: whether a mask names the rows that a fit held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdl._compat.sklearn import safe_indexing
from skdl.estimators._training_loss import training_loss

CLOSE = 1e-3  # relative; sums over batches differ in order, and float32 rounds


def is_held_out(estimator: Any, X: Any, y: Any, mask: np.ndarray) -> bool:
    """Check a mask against the validation loss in `history_`.

    The two disagree if `fit` was given weights, groups, validation rows, or other rows
    than these.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, ConvClassifier, ConvRegressor, \
            KerasClassifier or KerasRegressor
        Fitted estimator.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    mask : ndarray of shape (n_samples,)
        True for rows that may have been held out.

    Returns
    -------
    bool
        Whether the masked rows have the loss that `fit` measured.
    """
    if "val_loss" not in estimator.history_:
        return False
    if hasattr(estimator, "validation_split"):
        return True
    if not estimator.best_epoch_:
        return False
    rows = np.flatnonzero(mask)
    loss = training_loss(estimator, safe_indexing(X, rows), safe_indexing(y, rows))
    expected = estimator.history_["val_loss"].iloc[estimator.best_epoch_ - 1]
    return bool(np.isclose(loss, expected, rtol=CLOSE, atol=1e-6))
