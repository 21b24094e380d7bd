"""Which rows a fit held out, found anew from what the fit was given."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone

from skdl.estimators.planning import Seeds
from skdl.estimators.rows import check_rows, held_out_mask


def validation_mask(network: Any, X: Any, y: Any) -> np.ndarray | None:
    """Return which rows `fit` holds out for early stopping.

    Parameters
    ----------
    network : estimator
        One of skdl's networks, with the parameters of the fit.
    X : array-like of shape (n_samples, ...)
        What `fit` was given, without weights and groups.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.

    Returns
    -------
    mask : ndarray of shape (n_samples,), bool, or None
        True for a row of the validation part. None where the network holds none out,
        or draws other rows in each fit: its ``random_state`` is no integer.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl import MLPClassifier
    >>> from skdl.estimators.holding_out import validation_mask
    >>> X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    >>> network = MLPClassifier(early_stopping=True, random_state=0)
    >>> int(validation_mask(network, X, y).sum())
    2
    """
    if not network.early_stopping or not isinstance(network.random_state, Integral):
        return None
    fresh = clone(network)
    rows = check_rows(fresh, X, y, None, is_first=True)
    return held_out_mask(
        rows,
        fraction=float(fresh.validation_fraction),
        seed=Seeds.draw(fresh.random_state).split,
    )
