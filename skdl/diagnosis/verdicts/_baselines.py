"""The baseline of a diagnosis: a constant prediction, a number, or an estimator."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skdl._models import final_step
from skdl.diagnosis._curves import TrainingCurves
from skdl.diagnosis.verdicts._evaluated_rows import EvaluatedRows
from skdl.diagnosis.verdicts._evidence import DataEvidence
from skdl.diagnosis.verdicts._facts import TrainingFacts
from skdl.exceptions import ParameterError

PENALTIES = ("l1", "l2", "label_smoothing", "class_weight")


def baseline_loss(
    baseline: Any,
    evidence: DataEvidence | None,
    rows: tuple[EvaluatedRows, EvaluatedRows | None] | None,
) -> float | None:
    """Return the loss to beat; None if unknown."""
    if baseline is None:
        is_known = evidence is not None and np.isfinite(evidence.baseline)
        return evidence.baseline if evidence is not None and is_known else None
    is_number = isinstance(baseline, Real) and not isinstance(baseline, bool)
    if is_number and np.isfinite(float(baseline)):
        return float(baseline)
    is_estimator = hasattr(baseline, "fit") and not isinstance(baseline, type)
    if not is_estimator:
        raise ParameterError(
            "The 'baseline' parameter of diagnose must be a finite number, or a "
            f"classifier or regressor. Got {baseline!r} instead."
        )
    if rows is None or rows[1] is None:
        raise ParameterError(
            "A 'baseline' that is an estimator needs training and validation rows. "
            f"Got {type(baseline).__name__} without both. Pass X, y, X_val and y_val "
            "to diagnose, or pass a loss as 'baseline'."
        )
    train, validation = rows[0], rows[1]
    if not train.loss.is_known:
        raise ParameterError(
            "A 'baseline' that is an estimator needs a loss that diagnose can compute: "
            "cross-entropy, squared, absolute or Huber error. Got an estimator that "
            "minimises another loss. Pass its validation loss as 'baseline'."
        )
    predictions = _predictions(baseline, train, validation)
    return float(validation.losses_of(predictions).mean())


def _predictions(
    baseline: Any, train: EvaluatedRows, validation: EvaluatedRows
) -> np.ndarray:
    """The predictions for the validation rows of an estimator fitted to the others."""
    # A pipeline brings its own preprocessing.
    is_whole = isinstance(baseline, Pipeline)
    X, X_val = (
        part.given if is_whole else part.features for part in (train, validation)
    )
    targets, is_of_labels = train.targets, train.loss.is_of_labels
    if is_of_labels and not hasattr(baseline, "predict_proba"):
        raise ParameterError(
            "The 'baseline' of a classifier must have predict_proba. Got "
            f"{type(final_step(baseline)).__name__}. Wrap it in "
            "sklearn.calibration.CalibratedClassifierCV, or pass its loss."
        )
    if train.loss.name == "categorical_crossentropy":
        fitted = clone(baseline).fit(X, targets.argmax(axis=1))
        probabilities = np.zeros_like(validation.targets)
        probabilities[:, fitted.classes_] = fitted.predict_proba(X_val)
        return probabilities
    if is_of_labels:
        fitted = clone(baseline).fit(X, targets.astype(int))
        by_label = fitted.predict_proba(X_val)
        if not isinstance(by_label, list):
            return np.asarray(by_label, dtype=float)
        # One table per label: probability that it is absent, and that it is present.
        return np.column_stack(
            [
                part[:, -1]
                if part.shape[1] > 1
                else targets[:1, label].repeat(len(part))
                for label, part in enumerate(by_label)
            ]
        )
    single = targets[:, 0] if targets.shape[1] == 1 else targets
    fitted = clone(baseline).fit(X, single)
    return np.reshape(fitted.predict(X_val), validation.targets.shape)


def with_penalties(
    baseline: float | None,
    network: Any,
    *,
    curves: TrainingCurves,
    facts: TrainingFacts,
    evidence: DataEvidence | None,
) -> float | None:
    """Add what the curves contain beyond the loss: penalties, smoothing, weights."""
    if baseline is None or evidence is None or curves.val_loss is None:
        return baseline
    if curves.has_diverged or not _is_penalised(network):
        return baseline
    kept = curves.best_epoch if facts.keeps_best else curves.n_epochs
    added = float(curves.val_loss[kept - 1]) - evidence.val_loss
    return baseline + added if np.isfinite(added) else baseline


def _is_penalised(network: Any) -> bool:
    if any(getattr(network, name, None) for name in PENALTIES):
        return True
    return hasattr(network, "validation_split") and bool(network.model_.losses)
