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
    """Return one weight per class."""
    # classes: (n_classes,); codes: (n_samples,); sample_weight: (n_samples,) ->
    # (n_classes,)
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
    """Return balanced weights of each label's absence and presence."""
    # indicator: (n_samples, n_labels); sample_weight: (n_samples,) -> (n_labels, 2)
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
