"""Targets that are class labels, encoded as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_array

from skdl.data._class_weights import class_weights
from skdl.data._label_weights import label_weights
from skdl.exceptions import DataError


@dataclass(frozen=True)
class ClassTargets:
    """The classes of a classification task, and their numbers.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted labels; for multilabel targets the column numbers.
    kind : {"binary", "multiclass", "multilabel"}
        Kind of the targets.
    factors : ndarray of shape (n_classes,) or (n_classes, 2), default=None
        Class weights; for multilabel targets the weights of a label's absence and
        presence.
    """

    classes: np.ndarray
    kind: Literal["binary", "multiclass", "multilabel"]
    factors: np.ndarray | None = None

    @classmethod
    def from_labels(
        cls,
        y: np.ndarray,
        *,
        classes: np.ndarray | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        weights: Any = None,
    ) -> ClassTargets:
        """Find the kind and the classes of y.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels of any type, or a multilabel indicator matrix of 0 and 1.
        classes : ndarray of shape (n_classes,), default=None
            All possible labels, if some may be missing from y.
        class_weight : dict or "balanced", default=None
            Class weights.
        weights : ndarray of shape (n_samples,), default=None
            Sample weights, which "balanced" counts; needed with `class_weight`.

        Returns
        -------
        ClassTargets
            The sorted classes and their kind.

        Raises
        ------
        DataError
            If y is of an unsupported kind or has only one class.
        """
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind == "multilabel-indicator":
            targets = cls(np.arange(y.shape[1]), "multilabel")
            if class_weight is None:
                return targets
            if class_weight != "balanced":
                raise DataError(
                    "For multilabel targets, class_weight must be 'balanced' or None. "
                    f"Got {class_weight!r}. Pass sample_weight to fit instead."
                )
            indicator = targets.encode(y, np.dtype(np.float64))
            return replace(targets, factors=label_weights(indicator, weights))
        if kind not in ("binary", "multiclass"):
            raise DataError(
                "Unknown label type: y of a classifier must hold class labels or a "
                f"multilabel indicator matrix of 0 and 1. Got {kind!r} values. To "
                "predict quantities, use MLPRegressor."
            )
        labels = np.unique(y) if classes is None else np.unique(np.asarray(classes))
        if len(labels) < 2:
            raise DataError(
                "y must hold at least 2 classes to train a classifier. Got 1 class: "
                f"{labels.tolist()[0]!r}. Check how the rows were selected."
            )
        targets = cls(labels, "binary" if len(labels) == 2 else "multiclass")
        if class_weight is None:
            return targets
        factors = class_weights(
            class_weight, classes=labels, codes=targets.codes(y), sample_weight=weights
        )
        return replace(targets, factors=factors)

    @property
    def n_outputs(self) -> int:
        """Units of the last layer: one logit is enough for two classes."""
        return 1 if self.kind == "binary" else len(self.classes)

    def weigh(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Multiply sample weights by class weights.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels.
        weights : ndarray of shape (n_samples,)
            Sample weights.

        Returns
        -------
        ndarray of shape (n_samples,)
            In the dtype of `weights`.
        """
        if self.factors is None:
            return weights
        if self.kind == "multilabel":
            codes = self.encode(y, weights.dtype).astype(np.intp)
            factors = self.factors[np.arange(len(self.classes)), codes].prod(axis=1)
        else:
            factors = self.factors[self.codes(y)]
        return weights * factors.astype(weights.dtype)

    def distinguish(self, y: np.ndarray) -> np.ndarray:
        """Return numbers that are equal for equal labels only.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels.

        Returns
        -------
        ndarray of shape (n_samples, n_columns)
            As float64.
        """
        if self.kind == "multilabel":
            return self.encode(y, np.dtype(np.float64))
        return self.codes(y).astype(np.float64)[:, np.newaxis]

    def strata(self, encoded: np.ndarray) -> np.ndarray | None:
        """Return the class numbers to stratify by.

        Parameters
        ----------
        encoded : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            As returned by `encode`.

        Returns
        -------
        ndarray of shape (n_samples,) or None
            None for multilabel targets.
        """
        if self.kind == "multilabel":
            return None
        return encoded.reshape(len(encoded)).astype(np.intp)

    def encode(self, y: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Return what the loss compares the outputs with.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, each among `classes`.
        dtype : numpy.dtype
            Float type of the multilabel and binary targets.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            int32 class numbers (multiclass) or floats of 0 and 1.

        Raises
        ------
        DataError
            If y has a label that is not among `classes`, or the wrong shape.
        """
        if self.kind == "multilabel":
            indicator = check_array(y, accept_sparse=True, input_name="y", dtype=dtype)
            if hasattr(indicator, "toarray"):
                indicator = indicator.toarray()
            if not np.isin(indicator, (0, 1)).all():
                raise DataError(
                    "Multilabel targets must be 0 or 1. Got "
                    f"{np.setdiff1d(indicator, (0, 1))[:5].tolist()} as well. Encode "
                    "labels with sklearn.preprocessing.MultiLabelBinarizer."
                )
            if indicator.shape[1] != len(self.classes):
                raise DataError(
                    f"y must have {len(self.classes)} columns, one per label. Got "
                    f"{indicator.shape[1]}. Pass all labels, or fit a new estimator."
                )
            return indicator
        codes = self.codes(y)
        if self.kind == "binary":
            return codes.astype(dtype)[:, np.newaxis]
        return codes.astype(np.int32)

    def codes(self, y: np.ndarray) -> np.ndarray:
        """Return the class number of each row.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels, each among `classes`.

        Returns
        -------
        ndarray of shape (n_samples,)
            Positions in `classes`.

        Raises
        ------
        DataError
            If y has a label that is not among `classes`.
        """
        y = np.asarray(y)
        unknown = np.setdiff1d(y, self.classes)
        if len(unknown):
            raise DataError(
                f"y must hold the classes {self.classes.tolist()}. Got "
                f"{unknown[:5].tolist()} as well. Drop such rows, fit a new "
                "estimator, or pass all labels as `classes` to the first partial_fit."
            )
        return np.searchsorted(self.classes, y)

    def decode(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the most probable label or labels of each row.

        Parameters
        ----------
        probabilities : ndarray of shape (n_samples, n_classes)
            As returned by `predict_proba`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels, or the multilabel indicator matrix.
        """
        if self.kind == "multilabel":
            return (probabilities > 0.5).astype(np.int64)
        return self.classes[probabilities.argmax(axis=1)]
