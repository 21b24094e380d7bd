"""Class weights: one factor per class for the sample weights of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from skdl.exceptions import ParameterError


def class_weights(
    class_weight: Mapping[Any, float] | str,
    *,
    classes: np.ndarray,
    codes: np.ndarray,
    sample_weight: np.ndarray,
) -> np.ndarray:
    """Return one weight per class.

    Parameters
    ----------
    class_weight : dict or "balanced"
        Class label to weight, or weights that give every class the same total.
    classes : ndarray of shape (n_classes,)
        The class labels.
    codes : ndarray of shape (n_samples,)
        Class numbers of the rows.
    sample_weight : ndarray of shape (n_samples,)
        Sample weights, which "balanced" counts by.

    Returns
    -------
    ndarray of shape (n_classes,)
        Weights in the order of `classes`; 1 where a dict names no weight.

    Raises
    ------
    ParameterError
        If a dict names a label that is not a class.
    """
    if isinstance(class_weight, Mapping):
        unknown = [
            label for label in class_weight if label not in set(classes.tolist())
        ]
        if unknown:
            raise ParameterError(
                f"The 'class_weight' parameter must name classes of y, which are "
                f"{classes.tolist()}. Got {unknown} as well. Remove or rename them."
            )
        return np.array([class_weight.get(label, 1.0) for label in classes.tolist()])
    present = np.unique(codes[sample_weight > 0])
    weights = np.ones(len(classes))  # 1 for a class that is yet to come
    weights[present] = compute_class_weight(
        "balanced",
        classes=present,
        y=codes[sample_weight > 0],
        sample_weight=sample_weight[sample_weight > 0],
    )
    return weights


def label_weights(indicator: np.ndarray, sample_weight: np.ndarray) -> np.ndarray:
    """Return balanced weights of each label's absence and presence.

    Parameters
    ----------
    indicator : ndarray of shape (n_samples, n_labels)
        Multilabel indicator matrix of 0 and 1.
    sample_weight : ndarray of shape (n_samples,)
        Sample weights, which are counted by.

    Returns
    -------
    ndarray of shape (n_labels, 2)
        A row's weight is the product over labels, as in
        `sklearn.utils.class_weight.compute_sample_weight`.
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
