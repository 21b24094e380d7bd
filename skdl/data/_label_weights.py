"""Balanced weights of multilabel targets."""

from __future__ import annotations

import numpy as np

from skdl.data._class_weights import class_weights


def label_weights(indicator: np.ndarray, sample_weight: np.ndarray) -> np.ndarray:
    """Return balanced weights for the absence and the presence of each label.

    Parameters
    ----------
    indicator : ndarray of shape (n_samples, n_labels)
        1 where a row has the label, else 0.
    sample_weight : ndarray of shape (n_samples,)
        Sample weights.

    Returns
    -------
    ndarray of shape (n_labels, 2)
        Weights of 0 and of 1.
    """
    balanced = [
        class_weights(
            "balanced",
            classes=np.array([0, 1]),
            codes=column.astype(np.intp),
            sample_weight=sample_weight,
        )
        for column in indicator.T
    ]
    return np.array(balanced)
