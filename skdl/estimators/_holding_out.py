"""Which rows a fit held out, found anew from what the fit was given."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone

from skdl._compat.sklearn import num_samples, safe_indexing
from skdl.estimators._planning import Seeds
from skdl.estimators._rows import check_rows, held_out_mask
from skdl.networks import HEADS

CLOSE = 1e-3  # of the loss: sums over batches in other orders, and float32


def validation_mask(network: Any, X: Any, y: Any) -> np.ndarray | None:
    """Return which rows `fit` holds out for validation.

    >>> import numpy as np
    >>> from skdl import MLPClassifier
    >>> from skdl.estimators._holding_out import validation_mask
    >>> X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    >>> network = MLPClassifier(early_stopping=True, random_state=0)
    >>> int(validation_mask(network, X, y).sum())
    2
    """
    # X: (n_samples, ...); y: (n_samples,) -> (n_samples,)
    if hasattr(network, "validation_split"):
        return _last_rows(network, num_samples(X))
    if not network.early_stopping or not isinstance(network.random_state, Integral):
        return None
    fresh = clone(network)
    rows = check_rows(fresh, X, y, None, is_first=True)
    held_out = held_out_mask(
        rows,
        fraction=float(fresh.validation_fraction),
        seed=Seeds.draw(fresh.random_state).split,
    )
    checked = fresh._check_targets(y, num_samples(X))
    counts = rows.targets.weigh(checked, np.ones(num_samples(X))) > 0
    mask = np.zeros(len(counts), dtype=bool)
    mask[np.flatnonzero(counts)[held_out]] = True
    return mask


def _last_rows(network: Any, n_samples: int) -> np.ndarray | None:
    """Keras's validation rows: the last, of whatever order."""
    parameters = network.get_params()
    share = parameters.get("fit__validation_split", network.validation_split)
    return np.arange(n_samples) >= int(n_samples * (1.0 - share)) if share else None


def is_held_out(network: Any, X: Any, y: Any, mask: np.ndarray) -> bool:
    """Tell whether these rows are those that the history was measured on.

    They are not where `fit` was given weights, groups or validation rows, or other rows
    than these.
    """
    # X: (n_samples, ...); y: (n_samples,); mask: (n_samples,)
    if "val_loss" not in network.history_:
        return False
    if hasattr(network, "validation_split"):
        return True
    if not network.best_epoch_:
        return False
    taken = np.flatnonzero(mask)
    found = loss_of_rows(network, safe_indexing(X, taken), safe_indexing(y, taken))
    expected = network.history_["val_loss"].iloc[network.best_epoch_ - 1]
    return bool(np.isclose(found, expected, rtol=CLOSE, atol=1e-6))


def loss_of_rows(network: Any, X: Any, y: Any) -> float:
    """Return the loss as the history has it: class weights and penalties included."""
    # X: (n_samples, ...); y: (n_samples,)
    outputs = network._outputs(X)
    checked = network._check_targets(y, len(outputs))
    targets, trained = network._targets, network._network
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
