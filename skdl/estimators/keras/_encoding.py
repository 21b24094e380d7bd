"""Encoded data: as Keras reads it, and as the engine reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from scipy import sparse

from skdl.data import Samples
from skdl.exceptions import DataError
from skdl.networks.keras import KerasArchitecture, NotExpressibleError


@dataclass(frozen=True)
class EncodedData:
    """Features, targets and weights as Keras reads them."""

    features: Any
    targets: Any
    weights: np.ndarray | None  # (n_samples,) Sample weights

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return keras.tree.flatten(self.features)[0].shape[0]

    def take(self, rows: slice) -> EncodedData:
        """Return some of the rows."""
        features, targets = (
            keras.tree.map_structure(lambda table: table[rows], part)
            for part in (self.features, self.targets)
        )
        weights = None if self.weights is None else self.weights[rows]
        return EncodedData(features, targets, weights)

    def split(self, share: float) -> tuple[EncodedData, EncodedData]:
        """Split off the last rows for validation, as Keras does."""
        first = int(self.n_samples * (1.0 - share))
        if not 0 < first < self.n_samples:
            raise DataError(
                f"validation_split={share} leaves {first} of {self.n_samples} rows for "
                f"training and {self.n_samples - first} for validation. Both must be "
                "at least 1. Change it, or pass more rows."
            )
        return self.take(slice(0, first)), self.take(slice(first, None))

    def as_keras_arguments(self) -> tuple:
        """Return (x, y) or (x, y, sample_weight), dense."""
        parts = (_dense(self.features), self.targets)
        return parts if self.weights is None else (*parts, self.weights)


def _dense(features: Any) -> Any:
    return features.toarray() if sparse.issparse(features) else features


def as_samples(data: EncodedData, architecture: KerasArchitecture) -> Samples:
    """Convert encoded data to samples for the engine."""
    weights = data.weights
    if weights is None:
        weights = np.ones(data.n_samples)
    names = architecture.output_names
    targets = tuple(
        _numbers(table, architecture.dtype) for table in _tables(data.targets, names)
    )
    return Samples.of_positive_weight(
        input_tables(data.features, architecture),
        targets if len(targets) > 1 else targets[0],
        np.asarray(weights, architecture.dtype),
        keyed=architecture.draws,
    )


def input_tables(features: Any, architecture: KerasArchitecture) -> Any:
    """Return one table of features per input of the model."""
    inputs = architecture.inputs
    tables = _tables(features, [name for name, _, _ in inputs])
    if len(tables) != len(inputs):
        raise NotExpressibleError(
            f"it has {len(inputs)} inputs, but X has {len(tables)}"
        )
    if sparse.issparse(features) and len(inputs[0][1]) == 1:
        _check_shape(features.shape[1:], inputs[0])
        return features.astype(architecture.dtype, copy=False)
    arranged = tuple(
        _for_input(_dense(table), given)
        for table, given in zip(tables, inputs, strict=True)
    )
    return arranged if len(arranged) > 1 else arranged[0]


def _tables(values: Any, names: Sequence[str]) -> list[Any]:
    if isinstance(values, Mapping):
        if set(values) != set(names):
            raise NotExpressibleError(
                "the names of tables differ from those of inputs or outputs"
            )
        return [values[name] for name in names]
    return list(values) if isinstance(values, list | tuple) else [values]


def _numbers(table: Any, dtype: str) -> np.ndarray:
    array = np.asarray(table)
    if array.dtype.kind not in "biuf":
        raise NotExpressibleError("its inputs or targets are not numeric")
    return array if array.dtype.kind in "iu" else array.astype(dtype, copy=False)


def _for_input(table: Any, given: tuple[str, tuple, str]) -> np.ndarray:
    array = _numbers(table, given[2])
    shape = given[1]
    if array.ndim == len(shape) + 2 and array.shape[-1] == 1:
        array = array[..., 0]
    elif array.ndim == len(shape) and shape[-1:] == (1,):
        array = array[..., np.newaxis]
    _check_shape(array.shape[1:], given)
    return array.astype(given[2], copy=False)


def _check_shape(shape: tuple, given: tuple[str, tuple, str]) -> None:
    name, expected, _ = given
    fits = len(shape) == len(expected) and all(
        length in (None, found) for found, length in zip(shape, expected, strict=False)
    )
    if not fits:
        raise DataError(
            f"The model's input {name!r} expects rows of shape {expected}. Got rows of "
            f"shape {shape}. The model-building function should read the shape of X "
            'from meta["X_shape_"] or meta["n_features_in_"].'
        )
