"""Class weights: one factor per class, for the sample weights of its rows."""

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
        Weights by label, 1 for labels that are missing; "balanced" gives all classes
        the same total weight.
    classes : ndarray of shape (n_classes,)
        Sorted labels.
    codes : ndarray of shape (n_samples,)
        Class number of each row.
    sample_weight : ndarray of shape (n_samples,)
        Sample weights, which "balanced" counts.

    Returns
    -------
    ndarray of shape (n_classes,)
        Weights in the order of `classes`; "balanced" gives 1 to a class without rows.

    Raises
    ------
    ParameterError
        If `class_weight` names a label that is not among `classes`.
    """
    if isinstance(class_weight, Mapping):
        unknown = [
            label for label in class_weight if label not in set(classes.tolist())
        ]
        if unknown:
            raise ParameterError(
                "The keys of the 'class_weight' parameter must be classes of y: "
                f"{classes.tolist()}. Got {unknown} as well. Remove or rename them."
            )
        return np.array([class_weight.get(label, 1.0) for label in classes.tolist()])
    present = np.unique(codes[sample_weight > 0])
    weights = np.ones(len(classes))  # 1 for a class without rows so far
    weights[present] = compute_class_weight(
        "balanced",
        classes=present,
        y=codes[sample_weight > 0],
        sample_weight=sample_weight[sample_weight > 0],
    )
    return weights
