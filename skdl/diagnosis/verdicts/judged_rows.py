"""The rows of a training beside what the fitted estimator says about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_consistent_length

from skdl.diagnosis.curves import final_step
from skdl.exceptions import DataError
from skdl.fusing import is_network

LEAST_PROBABILITY = 1e-7  # as Keras's own cross-entropy


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """Rows, and how wrong the estimator is about each.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_samples, n_columns)
        Numbers, as the last step reads them; images as flat rows.
    targets : ndarray of shape (n_samples, n_outputs)
        Labels as zeros and ones, one column per class; quantities standardised by the
        training rows.
    predictions : ndarray of shape (n_samples, n_outputs)
        Probabilities, or quantities in the same units.
    loss : str
        What the network minimises, a key of `skdl.networks.HEADS`.
    losses : ndarray of shape (n_samples,)
        Its value in each row, without penalties.
    constant_losses : ndarray of shape (n_samples,)
        The same for what is constant and best for the training rows.
    """

    features: Any
    targets: np.ndarray
    predictions: np.ndarray
    loss: str
    losses: np.ndarray
    constant_losses: np.ndarray

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.targets)


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
    check_consistent_length(X, y)
    network = final_step(estimator)
    if X_val is None:
        X, y, X_val, y_val = _parted(estimator, network, X, y)
    else:
        check_consistent_length(X_val, y_val)
    units = _Units.of(network, y)
    train = units.judge(estimator, X, y)
    return train, None if X_val is None else units.judge(estimator, X_val, y_val)


def _parted(estimator: Any, network: Any, X: Any, y: Any) -> tuple:
    """Training and validation rows as the network has parted them."""
    if not (is_network(network) and hasattr(network, "validation_fraction")):
        return X, y, None, None
    from skdl.estimators.holding_out import validation_mask

    mask = validation_mask(network, _as_last_step_reads(estimator, X), y)
    if mask is None:
        return X, y, None, None
    train, val = np.flatnonzero(~mask), np.flatnonzero(mask)
    parts = ((part, rows) for rows in (train, val) for part in (X, y))
    return tuple(_safe_indexing(part, rows) for part, rows in parts)


def _as_last_step_reads(estimator: Any, X: Any) -> Any:
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            X = estimator[:-1].transform(X)
        estimator = estimator.steps[-1][1]
    return X


def _as_table(X: Any) -> Any:
    if sparse.issparse(X):
        return X.tocsr()
    table = np.asarray(X)
    return table.reshape(len(table), -1).astype(float)


def row_losses(loss: str, targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Return the loss of each row.

    Parameters
    ----------
    loss : str
        A key of `skdl.networks.HEADS`.
    targets : ndarray of shape (n_samples, n_outputs)
        Zeros and ones, or quantities.
    predictions : ndarray of shape (n_samples, n_outputs)
        Probabilities, or quantities.

    Returns
    -------
    losses : ndarray of shape (n_samples,)
        Means over the outputs, of labels that exclude one another sums.
    """
    error = np.abs(targets - predictions)
    if loss == "absolute_error":
        return error.mean(axis=1)
    if loss == "huber":
        near = np.minimum(error, 1.0)
        return (near * (error - 0.5 * near)).mean(axis=1)
    if loss == "squared_error":
        return (error**2).mean(axis=1)
    safe = np.clip(predictions, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    if loss == "categorical_crossentropy":
        return -(targets * np.log(safe)).sum(axis=1)
    by_label = targets * np.log(safe) + (1 - targets) * np.log(1 - safe)
    return -by_label.mean(axis=1)


@dataclass(frozen=True, eq=False)
class _Units:
    """What targets and losses are measured in."""

    classes: np.ndarray | None  # of a classifier of one output
    loss: str
    offset: np.ndarray  # of quantities
    scale: np.ndarray
    constant: np.ndarray  # the best constant prediction

    @classmethod
    def of(cls, network: Any, y: Any) -> _Units:
        """Read them off the training rows."""
        if is_classifier(network):
            targets = np.asarray(y)
            classes = None if targets.ndim == 2 else np.asarray(network.classes_)
            loss = "binary" if classes is None else "categorical"
            shares = _encoded(targets, classes).mean(axis=0)
            ones = np.ones_like(shares)
            return cls(classes, f"{loss}_crossentropy", 0 * ones, ones, shares)
        values = np.asarray(y, dtype=float).reshape(len(y), -1)
        offset, scale = values.mean(axis=0), values.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        loss = str(getattr(network, "loss", "squared_error"))
        middle = np.median if loss == "absolute_error" else np.mean
        constant = middle((values - offset) / scale, axis=0)
        return cls(None, loss, offset, scale, constant)

    def judge(self, estimator: Any, X: Any, y: Any) -> JudgedRows:
        """Ask the estimator about rows."""
        if self.loss.endswith("crossentropy"):
            targets = _encoded(np.asarray(y), self.classes)
            said = np.asarray(estimator.predict_proba(X), dtype=float)
            predictions = said.reshape(len(targets), -1)
        else:
            values, said = (
                np.asarray(part, dtype=float).reshape(len(y), -1)
                for part in (y, estimator.predict(X))
            )
            targets, predictions = (
                (part - self.offset) / self.scale for part in (values, said)
            )
        constant = np.broadcast_to(self.constant, targets.shape)
        return JudgedRows(
            features=_as_table(_as_last_step_reads(estimator, X)),
            targets=targets,
            predictions=predictions,
            loss=self.loss,
            losses=row_losses(self.loss, targets, predictions),
            constant_losses=row_losses(self.loss, targets, constant),
        )


def _encoded(targets: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    if classes is None:
        return targets.astype(float)
    unknown = np.setdiff1d(targets, classes)
    if len(unknown):
        raise DataError(
            f"The targets must be labels that the estimator was fitted to: {classes}. "
            f"Got {unknown[:5]} as well. Pass the y of the fit."
        )
    return (targets[:, None] == classes[None, :]).astype(float)
