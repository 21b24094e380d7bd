"""`validation_mask`: which rows a fit held out, reconstructed from its arguments."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone

from skdl._compat.sklearn import num_samples
from skdl.estimators._fit_data import check_fit_data, held_out_mask
from skdl.estimators._planning import Seeds


def validation_mask(estimator: Any, X: Any, y: Any) -> np.ndarray | None:
    """Return which rows `fit` holds out for validation.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor, ConvClassifier, ConvRegressor, \
            KerasClassifier or KerasRegressor
        Estimator, fitted or not.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Training rows.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.

    Returns
    -------
    ndarray of shape (n_samples,) or None
        True for rows that are held out. None if no rows are, or if `random_state` is
        not an integer, so that the choice cannot be repeated.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl import MLPClassifier
    >>> from skdl.estimators import validation_mask
    >>> X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    >>> clf = MLPClassifier(early_stopping=True, random_state=0)
    >>> int(validation_mask(clf, X, y).sum())
    2
    """
    if hasattr(estimator, "validation_split"):
        return _last_rows(estimator, num_samples(X))
    if not estimator.early_stopping or not isinstance(estimator.random_state, Integral):
        return None
    fresh = clone(estimator)
    data = check_fit_data(fresh, X, y, None, is_first=True)
    held_out = held_out_mask(
        data,
        fraction=float(fresh.validation_fraction),
        seed=Seeds.draw(fresh.random_state).split,
    )
    checked = fresh._target_kind.check(y, num_samples(X))
    counts = data.targets.weigh(checked, np.ones(num_samples(X))) > 0
    mask = np.zeros(len(counts), dtype=bool)
    mask[np.flatnonzero(counts)[held_out]] = True
    return mask


def _last_rows(estimator: Any, n_samples: int) -> np.ndarray | None:
    """Return Keras's validation rows: the last ones."""
    parameters = estimator.get_params()
    share = parameters.get("fit__validation_split", estimator.validation_split)
    return np.arange(n_samples) >= int(n_samples * (1.0 - share)) if share else None
