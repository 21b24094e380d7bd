"""Losses of single rows in NumPy; `networks._heads` is their twin in Keras."""

from __future__ import annotations

import numpy as np

LEAST_PROBABILITY = 1e-7  # as in Keras's own cross-entropies


def row_losses(
    loss: str,
    targets: np.ndarray,
    predictions: np.ndarray | float,
    *,
    least_probability: float = LEAST_PROBABILITY,
) -> np.ndarray:
    """Return the loss of each row.

    Parameters
    ----------
    loss : str
        "squared_error", "absolute_error", "huber" (with delta 1),
        "binary_crossentropy" or "categorical_crossentropy".
    targets : ndarray of shape (n_samples, n_outputs)
        Quantities, or 1 for the classes and labels that are present and 0 otherwise.
    predictions : ndarray of shape (n_samples, n_outputs) or float
        Quantities or probabilities.
    least_probability : float, default=1e-7
        Probabilities are clipped to this distance from 0 and 1.

    Returns
    -------
    losses : ndarray of shape (n_samples,)
        The mean over the outputs, except for "categorical_crossentropy".

    Examples
    --------
    >>> import numpy as np
    >>> from skdl.data import row_losses
    >>> row_losses("huber", np.array([[0.0], [0.0]]), np.array([[1.0], [3.0]])).tolist()
    [0.5, 2.5]
    """
    if loss.endswith("crossentropy"):
        safe = np.clip(predictions, least_probability, 1 - least_probability)
        if loss == "categorical_crossentropy":
            return -(targets * np.log(safe)).sum(axis=1)
        by_label = targets * np.log(safe) + (1 - targets) * np.log(1 - safe)
        return -by_label.mean(axis=1)
    error = np.abs(targets - predictions)
    if loss == "absolute_error":
        return error.mean(axis=1)
    if loss == "huber":
        near = np.minimum(error, 1.0)
        return (near * (error - 0.5 * near)).mean(axis=1)
    return (error**2).mean(axis=1)
