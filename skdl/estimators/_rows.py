"""The rows that a fit is given: checked, encoded, and held out for validation."""

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
class Rows:
    """Checked rows, what their y means, and the network that is to learn them."""

    train: Samples
    validation: Samples | None  # rows to measure the loss on after each epoch
    targets: Targets
    architecture: Network  # the network that the parameters ask for
    # (n_samples, n_columns) What tells copies of training rows apart, beside their
    # features
    distinguished: np.ndarray
    groups: np.ndarray | None  # (n_samples,) Groups of the training rows


def check_rows(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    groups: Any = None,
    *,
    is_first: bool,
    is_partial: bool = False,
    classes: Any = None,
) -> Rows:
    """Check and encode the training rows."""
    if y is None:
        raise DataError(
            f"{type(estimator).__name__} requires y to be passed, but the target y is "
            "None. Pass one target per row of X."
        )
    known = None if is_first else estimator._network.architecture
    features = estimator._check_features(X, known, trains=True)
    dtype = float_type(features)
    y = estimator._check_targets(y, features.shape[0])
    weights = check_weights(sample_weight, features, dtype)
    if is_first:
        targets = estimator._read_targets(y, weights, classes)
    else:
        targets = estimator._targets
        targets = (
            targets if is_partial else estimator._renew_targets(targets, y, weights)
        )
    weights = targets.weigh(y, weights)
    used = weights > 0
    encoded = targets.encode(y, dtype)
    architecture = estimator._plan_architecture(features, targets.n_outputs, known)
    samples = Samples.of_positive_weight(
        features, encoded, weights, keyed=_draws_for_rows(estimator)
    )
    if groups is not None:
        check_consistent_length(used, groups)
        groups = np.asarray(groups)[used]
    distinguished = targets.distinguish(y)[used]
    return Rows(samples, None, targets, architecture, distinguished, groups)


def _draws_for_rows(estimator: Any) -> bool:
    """Whether a validation split, dropout, noise or augmentation is drawn by rows."""
    return bool(
        estimator.early_stopping
        or estimator.dropout > 0
        or estimator.input_noise > 0
        or getattr(estimator, "augment", False)
    )


def with_validation(
    estimator: Any, rows: Rows, X_val: Any, y_val: Any, sample_weight_val: Any
) -> Rows:
    """Check and encode the validation rows that were given."""
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise DataError(
            "X_val and y_val must be passed together, and sample_weight_val only "
            f"with them. Got no {missing}. Pass all of them, or none."
        )
    targets, dtype = rows.targets, rows.train.weights.dtype
    features = estimator._check_features(X_val, rows.architecture, trains=True)
    features = same_storage(features, rows.train.features)
    y_val = estimator._check_targets(y_val, features.shape[0], name="y_val")
    weights = check_weights(
        sample_weight_val, features, dtype, name="sample_weight_val"
    )
    weights = targets.weigh(y_val, weights)
    encoded = targets.encode(y_val, dtype)
    samples = Samples.of_positive_weight(features, encoded, weights, keyed=False)
    return replace(rows, validation=samples)


def hold_out_rows(rows: Rows, *, fraction: float, seed: int) -> Rows:
    """Take the validation part from the training rows."""
    held_out = held_out_mask(rows, fraction=fraction, seed=seed)
    return replace(
        rows, train=rows.train.take(~held_out), validation=rows.train.take(held_out)
    )


def held_out_mask(rows: Rows, *, fraction: float, seed: int) -> np.ndarray:
    """Choose the validation part of the training rows."""
    # -> (n_samples,)
    return hold_out(
        rows.train.keys ^ row_keys(rows.distinguished),
        weights=rows.train.weights,
        fraction=fraction,
        seed=seed,
        strata=rows.targets.strata(rows.train.targets),
        groups=rows.groups,
    )
