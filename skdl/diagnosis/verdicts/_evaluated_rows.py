"""The rows of a training run with the fitted estimator's predictions for them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone, is_classifier

from skdl._compat.sklearn import safe_indexing
from skdl._models import final_step, is_network, steps_before, transformed
from skdl.data import RegressionTargets, class_weights, label_weights
from skdl.diagnosis.verdicts._losses import RowLoss, loss_of
from skdl.exceptions import DataError

LARGEST = 1e100  # whose square is still finite


@dataclass(frozen=True, eq=False)
class EvaluatedRows:
    """Rows, and the estimator's loss on each."""

    given: Any  # (n_samples, ...) The rows as they were passed
    # (n_samples, n_columns) Numbers that the last step gets; images as flat rows
    features: Any
    # (n_samples, n_outputs) Labels one-hot encoded; quantities standardised by the rows
    # of the fit
    targets: np.ndarray
    # (n_samples, n_outputs) Probabilities, or quantities in the same units
    predictions: np.ndarray
    loss: RowLoss
    # (n_outputs,) Standard deviations of the quantities; ones for labels
    scale: np.ndarray
    # (n_samples,) Loss of each row, without penalties, in the units of the curves
    losses: np.ndarray
    # (n_samples,) The same for the best constant prediction for the training rows
    constant_losses: np.ndarray
    # (n_samples,) Class weights of the fit, included in the losses. Their mean is 1, so
    # means of losses are weighted means. Ones without class weights
    weights: np.ndarray
    # mean loss of validation rows with penalties, as in the history; nan if unknown
    loss_in_history: float = np.nan

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.targets)

    def is_finite(self) -> bool:
        """Whether every prediction is finite and not too large to square."""
        return bool((np.abs(self.predictions) < LARGEST).all())

    def losses_of(self, predictions: np.ndarray) -> np.ndarray:
        """Return the losses of other predictions."""
        # predictions: (n_samples, n_outputs) -> (n_samples,)
        return self.weights * self.loss.rows(self.targets, predictions, self.scale)


def evaluate_rows(
    estimator: Any, X: Any, y: Any, X_val: Any = None, y_val: Any = None
) -> tuple[EvaluatedRows, EvaluatedRows | None]:
    """Evaluate a fitted estimator on its training and validation rows."""
    if (X_val is None) != (y_val is None):
        missing = "X_val" if X_val is None else "y_val"
        raise DataError(
            f"diagnose needs X_val and y_val together, or neither. Got no {missing}."
        )
    X, y = _checked(X, y, "X", "y")
    if X_val is not None:
        X_val, y_val = _checked(X_val, y_val, "X_val", "y_val")
    network = final_step(estimator)
    units = _TargetUnits.of(network, y)
    rows = _GivenRows(X, transformed(estimator, X), y)
    if X_val is None:
        mask = _held_out(estimator, rows)
        if mask is None:
            return units.evaluate(network, rows), None
        train, validation = rows.where(~mask), rows.where(mask)
    else:
        with _any_names():
            features = transformed(estimator, X_val)
        train, validation = rows, _GivenRows(X_val, features, y_val)
    units = units.with_constant(train.targets)
    evaluated = units.evaluate(network, validation)
    if X_val is not None:  # recovered rows were already compared
        found = _loss_in_history(network, validation, evaluated)
        evaluated = replace(evaluated, loss_in_history=found)
    return units.evaluate(network, train), evaluated


def _loss_in_history(network: Any, rows: _GivenRows, evaluated: EvaluatedRows) -> float:
    """The validation loss that the history would record for rows; nan if unknown."""
    if is_network(network) and hasattr(network, "early_stopping"):
        from skdl.estimators import training_loss

        with np.errstate(over="ignore", invalid="ignore"):  # after divergence
            return training_loss(network, rows.features, rows.targets)
    is_plain = is_network(network) and not network.model_.losses
    is_plain = is_plain and getattr(network, "class_weight", None) is None
    return (
        float(evaluated.losses.mean())
        if is_plain and evaluated.loss.is_known
        else np.nan
    )


@contextmanager
def _any_names() -> Iterator[None]:
    """Silence scikit-learn's warning about missing or different feature names.

    Validation rows may be an array; the history tells whether they are the right rows.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X (does not have valid|has) feature names")
        yield


@dataclass(frozen=True, eq=False)
class _GivenRows:
    """Rows before their evaluation."""

    given: Any
    features: Any  # in the form that the last step takes
    targets: Any

    def where(self, mask: np.ndarray) -> _GivenRows:
        """Select some of them."""
        taken = np.flatnonzero(mask)
        given = features = safe_indexing(self.given, taken)
        if self.features is not self.given:
            features = safe_indexing(self.features, taken)
        return _GivenRows(given, features, safe_indexing(self.targets, taken))


def _checked(X: Any, y: Any, name: str, name_of_targets: str) -> tuple[Any, Any]:
    """Rows and targets of equal number that can be indexed."""
    X, y = (part.tocsr() if sparse.issparse(part) else part for part in (X, y))
    sizes = [part.shape[0] if hasattr(part, "shape") else len(part) for part in (X, y)]
    if sizes[0] != sizes[1] or not sizes[0]:
        raise DataError(
            f"{name} and {name_of_targets} must have the same number of rows, at least "
            f"one. Got {sizes[0]} rows in {name} and {sizes[1]} in {name_of_targets}."
        )
    y = y.toarray() if sparse.issparse(y) else y
    return X, np.ravel(y) if np.ndim(y) == 2 and np.shape(y)[1] == 1 else y


def _held_out(estimator: Any, rows: _GivenRows) -> np.ndarray | None:
    """Which rows the network held out; None if none or unknown."""
    network = final_step(estimator)
    if not is_network(network):
        return None
    from skdl.estimators import is_held_out, validation_mask

    seen, y = rows.features, rows.targets
    mask = validation_mask(network, seen, y)
    if mask is None or is_held_out(network, seen, y, mask):
        return mask
    steps = steps_before(estimator)
    if not steps:
        return None
    # Some transformers return other numbers, or round them differently, in fit.
    fitted_to = rows.given
    for part in steps:
        fitted_to = clone(part).fit_transform(fitted_to, y)
    mask = validation_mask(network, fitted_to, y)
    return mask if mask is None or is_held_out(network, seen, y, mask) else None


def _as_table(X: Any) -> Any:
    if sparse.issparse(X):
        return X.tocsr()
    table = np.asarray(X)
    return table.reshape(len(table), -1).astype(float)


@dataclass(frozen=True, eq=False)
class _TargetUnits:
    """The units of targets and losses."""

    classes: np.ndarray | None  # of a classifier of one output
    loss: RowLoss
    offset: np.ndarray  # of quantities
    scale: np.ndarray
    constant: np.ndarray  # the best constant prediction
    factors: np.ndarray | None = None  # class weights: one per class, or two per label

    @classmethod
    def of(cls, network: Any, y: Any) -> _TargetUnits:
        """Derive them from the targets of the fit."""
        if is_classifier(network):
            labels = np.asarray(y)
            classes = None if labels.ndim == 2 else np.asarray(network.classes_)
            encoded = _encoded(labels, classes)
            shares = encoded.mean(axis=0)
            loss = loss_of(network, n_labels=0 if labels.ndim == 1 else len(shares))
            ones = np.ones_like(shares)
            factors = _class_factors(network, encoded, classes)
            return cls(classes, loss, 0 * ones, ones, shares, factors)
        values = np.asarray(y, dtype=float)
        measured = RegressionTargets.from_values(values, np.ones(len(values)))
        units = cls(
            None, loss_of(network), measured.mean, measured.scale, 0 * measured.mean
        )
        return units.with_constant(y)

    def with_constant(self, y: Any) -> _TargetUnits:
        """Take the best constant prediction for these rows."""
        targets = self.encode(y)
        if self.factors is None:
            constant = self.loss.best_constant(targets, self.scale)
        else:
            constant = np.average(targets, axis=0, weights=self.weigh(targets))
        return replace(self, constant=constant)

    def weigh(self, targets: np.ndarray) -> np.ndarray:
        """Class weights of rows, of mean 1."""
        if self.factors is None:
            return np.ones(len(targets))
        if self.factors.ndim == 1:
            weights = targets @ self.factors
        else:
            absent, present = self.factors.T
            weights = np.where(targets > 0, present, absent).prod(axis=1)
        middle = weights.mean()
        # If no class present has a weight, all rows count alike.
        return weights / middle if middle > 0 else np.ones(len(targets))

    def encode(self, y: Any) -> np.ndarray:
        """Targets in the form that the losses take."""
        if self.loss.is_of_labels:
            return _encoded(np.asarray(y), self.classes)
        values = np.asarray(y, dtype=float)
        return (values.reshape(len(values), -1) - self.offset) / self.scale

    def evaluate(self, network: Any, rows: _GivenRows) -> EvaluatedRows:
        """Evaluate the last step on rows."""
        targets = self.encode(rows.targets)
        if self.loss.is_of_labels:
            found = np.asarray(network.predict_proba(rows.features), dtype=float)
            predictions = found.reshape(len(targets), -1)
        else:
            predictions = self.encode(network.predict(rows.features))
        if predictions.shape != targets.shape:
            raise DataError(
                f"The targets must have {predictions.shape[1]} columns, like the "
                f"predictions. Got {targets.shape[1]}. Pass the y of the fit."
            )
        constant = np.broadcast_to(self.constant, targets.shape)
        weights = self.weigh(targets)
        return EvaluatedRows(
            given=rows.given,
            features=_as_table(rows.features),
            targets=targets,
            predictions=predictions,
            loss=self.loss,
            scale=self.scale,
            losses=weights * self.loss.rows(targets, predictions, self.scale),
            constant_losses=weights * self.loss.rows(targets, constant, self.scale),
            weights=weights,
        )


def _class_factors(
    network: Any, encoded: np.ndarray, classes: np.ndarray | None
) -> np.ndarray | None:
    """The class weights of the fit; None if there are none."""
    class_weight = getattr(network, "class_weight", None)
    if class_weight is None:
        return None
    ones = np.ones(len(encoded))
    if classes is None:
        return label_weights(encoded, ones)
    codes = encoded.argmax(axis=1)
    return class_weights(class_weight, classes=classes, codes=codes, sample_weight=ones)


def _encoded(labels: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    if classes is None:
        return labels.astype(float)
    encoded = labels[:, None] == classes[None, :]
    is_unknown = ~np.any(encoded, axis=1)
    if is_unknown.any():
        unknown = list(dict.fromkeys(labels[is_unknown].tolist()))[:5]
        raise DataError(
            "The targets must be labels that the estimator was fitted to: "
            f"{classes.tolist()}. Got {unknown} as well. Pass the y of the fit."
        )
    return encoded.astype(float)
