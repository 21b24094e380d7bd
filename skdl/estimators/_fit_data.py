"""The training data of a fit: checked, encoded, and split off for validation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length

from skdl.data import Samples, Targets, hold_out, row_keys
from skdl.estimators._checks import check_weights, float_type, same_storage
from skdl.estimators._trained_network import Network
from skdl.exceptions import DataError


@dataclass(frozen=True)
class FitData:
    """Checked training data, the meaning of y, and the network to train."""

    train: Samples
    validation: Samples | None  # rows to compute the loss on after each epoch
    targets: Targets
    architecture: Network  # the network that the parameters ask for
    # (n_samples, n_columns) Distinguishes training rows with equal features
    row_labels: np.ndarray
    groups: np.ndarray | None  # (n_samples,) Groups of the training rows


def check_fit_data(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    groups: Any = None,
    *,
    is_first: bool,
    is_partial: bool = False,
    classes: Any = None,
) -> FitData:
    """Check and encode the training data."""
    if y is None:
        raise DataError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is "
            "None. Pass one target per row of X."
        )
    input_kind, target_kind = estimator._input_kind, estimator._target_kind
    known = None if is_first else estimator._network.architecture
    features = input_kind.check(estimator, X, known, trains=True)
    dtype = float_type(features)
    y = target_kind.check(y, features.shape[0])
    weights = check_weights(sample_weight, features, dtype)
    if is_first:
        targets = target_kind.read(estimator, y, weights, classes)
    elif is_partial:
        targets = estimator._targets
    else:
        targets = target_kind.update(estimator, estimator._targets, y, weights)
    weights = targets.weigh(y, weights)
    used = weights > 0
    encoded = targets.encode(y, dtype)
    architecture = input_kind.plan(estimator, features, targets.n_outputs, known)
    samples = Samples.of_positive_weight(
        features, encoded, weights, keyed=_draws_for_rows(estimator)
    )
    if groups is not None:
        check_consistent_length(used, groups)
        groups = np.asarray(groups)[used]
    row_labels = targets.distinguish(y)[used]
    return FitData(samples, None, targets, architecture, row_labels, groups)


def _draws_for_rows(estimator: Any) -> bool:
    """Whether validation split, dropout, noise or augmentation depend on the row."""
    return bool(
        estimator.early_stopping
        or estimator.dropout > 0
        or estimator.input_noise > 0
        or getattr(estimator, "augment", False)
    )


def with_validation_data(
    estimator: Any, data: FitData, X_val: Any, y_val: Any, sample_weight_val: Any
) -> FitData:
    """Check, encode and add the validation data that the user passed."""
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise DataError(
            "X_val and y_val must be passed together, and sample_weight_val only "
            f"along with them. Got no {missing}. Pass all of them, or none."
        )
    targets, dtype = data.targets, data.train.weights.dtype
    features = estimator._input_kind.check(
        estimator, X_val, data.architecture, trains=True
    )
    features = same_storage(features, data.train.features)
    y_val = estimator._target_kind.check(y_val, features.shape[0], name="y_val")
    weights = check_weights(
        sample_weight_val, features, dtype, name="sample_weight_val"
    )
    weights = targets.weigh(y_val, weights)
    encoded = targets.encode(y_val, dtype)
    samples = Samples.of_positive_weight(features, encoded, weights, keyed=False)
    return replace(data, validation=samples)


def with_held_out_data(data: FitData, *, fraction: float, seed: int) -> FitData:
    """Hold out some of the training rows for validation."""
    held_out = held_out_mask(data, fraction=fraction, seed=seed)
    return replace(
        data, train=data.train.take(~held_out), validation=data.train.take(held_out)
    )


def held_out_mask(data: FitData, *, fraction: float, seed: int) -> np.ndarray:
    """Choose which training rows to hold out."""
    # -> (n_samples,)
    return hold_out(
        data.train.keys ^ row_keys(data.row_labels),
        weights=data.train.weights,
        fraction=fraction,
        seed=seed,
        strata=data.targets.strata(data.train.targets),
        groups=data.groups,
    )
