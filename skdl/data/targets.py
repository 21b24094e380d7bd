"""What y means: labels become class numbers, quantities are standardised, and back.

`ClassTargets` and `RegressionTargets` share one contract, `Targets`: they say how many
outputs the network has, encode and weigh y, and turn outputs into predictions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import numpy as np
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_array

from skdl.data.weights import class_weights, label_weights
from skdl.exceptions import DataError


class Targets(Protocol):
    """What an estimator asks of the meaning of y."""

    @property
    def n_outputs(self) -> int:
        """Units of the network's last layer."""

    def encode(self, y: Any, dtype: np.dtype) -> np.ndarray:
        """Return what the loss compares outputs with.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, as passed by the user.
        dtype : numpy.dtype
            Float type of the network.
        """

    def weigh(self, y: Any, weights: np.ndarray) -> np.ndarray:
        """Return sample weights times class weights.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, as passed by the user.
        weights : ndarray of shape (n_samples,)
            Sample weights.
        """

    def strata(self, encoded: np.ndarray) -> np.ndarray | None:
        """Return class numbers to stratify by, or None.

        Parameters
        ----------
        encoded : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            As `encode` returns them.
        """


@dataclass(frozen=True)
class ClassTargets:
    """The classes of a classification and their numbers.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted labels; for multilabel targets the column numbers.
    kind : {"binary", "multiclass", "multilabel"}
        How many labels a row has, and of how many.
    factors : ndarray of shape (n_classes,) or (n_classes, 2), default=None
        Class weights; for multilabel targets of a label's absence and presence.
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
        """Read the kind and the classes off y.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels of any type, or a multilabel indicator matrix of 0 and 1.
        classes : ndarray of shape (n_classes,), default=None
            All labels that may come, where y need not hold each of them.
        class_weight : dict or "balanced", default=None
            Class weights.
        weights : ndarray of shape (n_samples,), default=None
            Sample weights, which "balanced" counts by; needed with `class_weight`.

        Returns
        -------
        ClassTargets
            The classes, sorted, and their kind.

        Raises
        ------
        DataError
            If y is of no supported kind or has only one class.
        """
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind == "multilabel-indicator":
            targets = cls(np.arange(y.shape[1]), "multilabel")
            if class_weight is None:
                return targets
            if class_weight != "balanced":
                raise DataError(
                    "class_weight must be 'balanced' or None for multilabel targets. "
                    f"Got {class_weight!r}. Pass sample_weight to fit instead."
                )
            indicator = targets.encode(y, np.dtype(np.float64))
            return replace(targets, factors=label_weights(indicator, weights))
        if kind not in ("binary", "multiclass"):
            raise DataError(
                "Unknown label type: y of a classifier must hold class labels or a "
                f"multilabel indicator matrix of 0 and 1. Got {kind!r} values. For "
                "quantities use MLPRegressor."
            )
        labels = np.unique(y) if classes is None else np.unique(np.asarray(classes))
        if len(labels) < 2:
            raise DataError(
                "y must hold at least 2 classes to train a classifier. Got 1 class: "
                f"{labels[0]!r}. Check how the rows were selected."
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
        """Units of the last layer: one logit serves two classes."""
        return 1 if self.kind == "binary" else len(self.classes)

    def weigh(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Multiply class weights onto sample weights.

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

    def strata(self, encoded: np.ndarray) -> np.ndarray | None:
        """Return class numbers, by which to hold rows out.

        Parameters
        ----------
        encoded : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            As `encode` gives them.

        Returns
        -------
        ndarray of shape (n_samples,) or None
            None for multilabel targets.
        """
        if self.kind == "multilabel":
            return None
        return encoded.reshape(len(encoded)).astype(np.intp)

    def encode(self, y: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Return class numbers, or floats where each class has an output of its own.

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
            If y has a label that is not among `classes`, or another shape.
        """
        if self.kind == "multilabel":
            indicator = check_array(y, accept_sparse=True, input_name="y", dtype=dtype)
            if hasattr(indicator, "toarray"):
                indicator = indicator.toarray()
            if indicator.shape[1] != len(self.classes):
                raise DataError(
                    f"y must have {len(self.classes)} columns, one per label. Got "
                    f"{indicator.shape[1]}."
                )
            return indicator
        codes = self.codes(y)
        if self.kind == "binary":
            return codes.astype(dtype)[:, np.newaxis]
        return codes.astype(np.int32)

    def codes(self, y: np.ndarray) -> np.ndarray:
        """Return the number of each row's class.

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
                f"{unknown[:5].tolist()} as well. Pass every label in `classes` of the "
                "first partial_fit, or fit anew."
            )
        return np.searchsorted(self.classes, y)

    def decode(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the most probable label of each row.

        Parameters
        ----------
        probabilities : ndarray of shape (n_samples, n_classes)
            As `predict_proba` gives them.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels, or the multilabel indicator matrix.
        """
        if self.kind == "multilabel":
            return (probabilities > 0.5).astype(np.int64)
        return self.classes[probabilities.argmax(axis=1)]


@dataclass(frozen=True)
class RegressionTargets:
    """Quantities and the scale on which the network learns them.

    The network sees (y - mean) / scale, so that a learning rate means the same
    whatever the unit of y.

    Parameters
    ----------
    mean : ndarray of shape (n_outputs,)
        Weighted mean of each output, in units of y.
    scale : ndarray of shape (n_outputs,)
        Weighted standard deviation of each output, in units of y; 1 if constant.
    is_column : bool
        Whether y was given with shape (n_samples,).
    """

    mean: np.ndarray
    scale: np.ndarray
    is_column: bool

    @classmethod
    def from_values(cls, y: np.ndarray, weights: np.ndarray) -> RegressionTargets:
        """Measure y.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Quantities, in any unit.
        weights : ndarray of shape (n_samples,)
            Sample weights; a row of weight 0 is not counted.

        Returns
        -------
        RegressionTargets
            Means and standard deviations of the outputs.
        """
        # 64 bits whatever the network's dtype: a mean of large values loses digits.
        columns = y.reshape(len(y), -1).astype(np.float64)
        mean = np.average(columns, axis=0, weights=weights)
        deviation = np.sqrt(np.average((columns - mean) ** 2, axis=0, weights=weights))
        is_constant = deviation <= 1e-12 * np.maximum(1.0, np.abs(mean))
        return cls(mean, np.where(is_constant, 1.0, deviation), y.ndim == 1)

    @property
    def n_outputs(self) -> int:
        """Number of quantities."""
        return len(self.mean)

    def weigh(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the sample weights: quantities have no classes.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Not used.
        weights : ndarray of shape (n_samples,)
            Sample weights.

        Returns
        -------
        ndarray of shape (n_samples,)
            The same.
        """
        return weights

    def strata(self, encoded: np.ndarray) -> None:
        """Return None: quantities are not stratified.

        Parameters
        ----------
        encoded : ndarray of shape (n_samples, n_outputs)
            Not used.
        """

    def encode(self, y: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Return standardised targets.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Quantities, in units of y.
        dtype : numpy.dtype
            Float type of the result.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
            Without unit.

        Raises
        ------
        DataError
            If y has another number of outputs.
        """
        columns = y.reshape(len(y), -1).astype(np.float64)
        if columns.shape[1] != len(self.mean):
            raise DataError(
                f"y must have {len(self.mean)} outputs, as in the first fit. Got "
                f"{columns.shape[1]}."
            )
        return ((columns - self.mean) / self.scale).astype(dtype)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Return predictions in units of y.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Standardised predictions.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In units of y and the dtype of `outputs`.
        """
        values = (outputs * self.scale + self.mean).astype(outputs.dtype)
        return values[:, 0] if self.is_column else values
