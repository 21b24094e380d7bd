"""The rows of a training beside what the fitted estimator says about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone, is_classifier
from sklearn.utils import _safe_indexing

from skdl.data import RegressionTargets
from skdl.diagnosis.verdicts.losses import RowLoss, loss_of
from skdl.exceptions import DataError
from skdl.fusing import is_network
from skdl.pipelines import final_step, steps_before, transformed

LARGEST = 1e100  # whose square is still finite


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """Rows, and how wrong the estimator is about each.

    Parameters
    ----------
    given : array-like of shape (n_samples, ...)
        The rows as they were passed.
    features : ndarray or CSR matrix of shape (n_samples, n_columns)
        Numbers, as the last step reads them; images as flat rows.
    targets : ndarray of shape (n_samples, n_outputs)
        Labels as zeros and ones, one column per class; quantities standardised by the
        rows of the fit.
    predictions : ndarray of shape (n_samples, n_outputs)
        Probabilities, or quantities in the same units.
    loss : RowLoss
        What the network minimises.
    scale : ndarray of shape (n_outputs,)
        Standard deviations of the quantities; ones for labels.
    losses : ndarray of shape (n_samples,)
        Its value in each row, without penalties, in the units of the curves.
    constant_losses : ndarray of shape (n_samples,)
        The same for what is constant and best for the training rows.
    """

    given: Any
    features: Any
    targets: np.ndarray
    predictions: np.ndarray
    loss: RowLoss
    scale: np.ndarray
    losses: np.ndarray
    constant_losses: np.ndarray

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.targets)

    def is_finite(self) -> bool:
        """Whether every prediction is a number that can be reckoned with."""
        return bool((np.abs(self.predictions) < LARGEST).all())

    def losses_of(self, predictions: np.ndarray) -> np.ndarray:
        """Return what other predictions cost.

        Parameters
        ----------
        predictions : ndarray of shape (n_samples, n_outputs)
            As `predictions`.

        Returns
        -------
        losses : ndarray of shape (n_samples,)
            As `losses`.
        """
        return self.loss.rows(self.targets, predictions, self.scale)


def judge_rows(
    estimator: Any, X: Any, y: Any, X_val: Any = None, y_val: Any = None
) -> tuple[JudgedRows, JudgedRows | None]:
    """Ask a fitted estimator about its training and validation rows.

    Parameters
    ----------
    estimator : estimator
        Fitted classifier with probabilities, or regressor.
    X, y : array-like
        What it was fitted to.
    X_val, y_val : array-like, default=None
        What it was watched on. If None, the rows that skdl's networks hold out by
        themselves are found anew, where they can be.

    Returns
    -------
    train, validation : JudgedRows
        No validation rows (None) where there are none or they are not known.

    Raises
    ------
    DataError
        If rows and targets do not fit together.
    """
    if (X_val is None) != (y_val is None):
        missing = "X_val" if X_val is None else "y_val"
        raise DataError(
            f"diagnose needs X_val and y_val together, or neither. Got no {missing}."
        )
    X, y = _checked(X, y, "X", "y")
    if X_val is not None:
        X_val, y_val = _checked(X_val, y_val, "X_val", "y_val")
    network = final_step(estimator)
    units = _Units.of(network, y)
    rows = _Rows(X, transformed(estimator, X), y)
    if X_val is None:
        mask = _held_out(estimator, rows)
        if mask is None:
            return units.judge(network, rows), None
        train, validation = rows.where(~mask), rows.where(mask)
    else:
        train, validation = rows, _Rows(X_val, transformed(estimator, X_val), y_val)
    units = units.with_constant(train.targets)
    return units.judge(network, train), units.judge(network, validation)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows that nobody has judged yet."""

    given: Any
    features: Any  # as the last step reads them
    targets: Any

    def where(self, mask: np.ndarray) -> _Rows:
        """Take some of them."""
        taken = np.flatnonzero(mask)
        given = features = _safe_indexing(self.given, taken)
        if self.features is not self.given:
            features = _safe_indexing(self.features, taken)
        return _Rows(given, features, _safe_indexing(self.targets, taken))


def _checked(X: Any, y: Any, name: str, name_of_targets: str) -> tuple[Any, Any]:
    """Rows and targets that fit together and can be indexed."""
    X, y = (part.tocsr() if sparse.issparse(part) else part for part in (X, y))
    sizes = [part.shape[0] if hasattr(part, "shape") else len(part) for part in (X, y)]
    if sizes[0] != sizes[1] or not sizes[0]:
        raise DataError(
            f"{name} and {name_of_targets} must have the same number of rows, at least "
            f"one. Got {sizes[0]} rows in {name} and {sizes[1]} in {name_of_targets}."
        )
    y = y.toarray() if sparse.issparse(y) else y
    return X, np.ravel(y) if np.ndim(y) == 2 and np.shape(y)[1] == 1 else y


def _held_out(estimator: Any, rows: _Rows) -> np.ndarray | None:
    """Which rows the network held out; None where it did not, or cannot be known."""
    network = final_step(estimator)
    if not is_network(network):
        return None
    from skdl.estimators.holding_out import is_held_out, validation_mask

    seen, y = rows.features, rows.targets
    mask = validation_mask(network, seen, y)
    if mask is None or is_held_out(network, seen, y, mask):
        return mask
    steps = steps_before(estimator)
    if not steps:
        return None
    # Some transformers give other numbers, or numbers rounded otherwise, in fit.
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
class _Units:
    """What targets and losses are measured in."""

    classes: np.ndarray | None  # of a classifier of one output
    loss: RowLoss
    offset: np.ndarray  # of quantities
    scale: np.ndarray
    constant: np.ndarray  # the best constant prediction

    @classmethod
    def of(cls, network: Any, y: Any) -> _Units:
        """Read them off the rows of the fit."""
        if is_classifier(network):
            labels = np.asarray(y)
            classes = None if labels.ndim == 2 else np.asarray(network.classes_)
            shares = _encoded(labels, classes).mean(axis=0)
            loss = loss_of(network, n_labels=0 if labels.ndim == 1 else len(shares))
            ones = np.ones_like(shares)
            return cls(classes, loss, 0 * ones, ones, shares)
        values = np.asarray(y, dtype=float)
        measured = RegressionTargets.from_values(values, np.ones(len(values)))
        units = cls(
            None, loss_of(network), measured.mean, measured.scale, 0 * measured.mean
        )
        return units.with_constant(y)

    def with_constant(self, y: Any) -> _Units:
        """Take the best constant prediction for these rows."""
        targets = self.encode(y)
        constant = self.loss.best_constant(targets, self.scale)
        return _Units(self.classes, self.loss, self.offset, self.scale, constant)

    def encode(self, y: Any) -> np.ndarray:
        """Targets as the losses compare them."""
        if self.loss.is_of_labels:
            return _encoded(np.asarray(y), self.classes)
        values = np.asarray(y, dtype=float)
        return (values.reshape(len(values), -1) - self.offset) / self.scale

    def judge(self, network: Any, rows: _Rows) -> JudgedRows:
        """Ask the last step about rows."""
        targets = self.encode(rows.targets)
        if self.loss.is_of_labels:
            said = np.asarray(network.predict_proba(rows.features), dtype=float)
            predictions = said.reshape(len(targets), -1)
        else:
            predictions = self.encode(network.predict(rows.features))
        if predictions.shape != targets.shape:
            raise DataError(
                f"The targets must have {predictions.shape[1]} columns, as what the "
                f"estimator predicts. Got {targets.shape[1]}. Pass the y of the fit."
            )
        constant = np.broadcast_to(self.constant, targets.shape)
        return JudgedRows(
            given=rows.given,
            features=_as_table(rows.features),
            targets=targets,
            predictions=predictions,
            loss=self.loss,
            scale=self.scale,
            losses=self.loss.rows(targets, predictions, self.scale),
            constant_losses=self.loss.rows(targets, constant, self.scale),
        )


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
