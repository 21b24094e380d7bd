"""How X becomes the features of a network: as a table or as images."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import InputTags
from sklearn.utils.validation import check_array, validate_data

from skdl.estimators._checks import check_features, float_type, working_dtype
from skdl.estimators._planning import plan_perceptron, plan_regularization
from skdl.estimators._trained_network import Network
from skdl.exceptions import DataError, ParameterError
from skdl.networks import ConvArchitecture, MLPArchitecture, block_shapes

ImageShape = tuple[int, int, int]  # height, width, channels


class InputKind(Protocol):
    """How an estimator reads X.

    `known` is the architecture of an earlier fit, or None in the first fit.
    """

    def check(self, estimator: Any, X: Any, known: Any, *, trains: bool) -> Any:
        """Check X and return the features that the network reads."""
        # -> (n_samples, ...)

    def plan(
        self, estimator: Any, features: Any, n_outputs: int, known: Any
    ) -> Network:
        """Describe the network that the estimator's parameters ask for."""

    def attributes(self, architecture: Any) -> dict[str, Any]:
        """Return the fitted attributes that describe the inputs."""

    def set_tags(self, tags: InputTags) -> None:
        """Tell scikit-learn which inputs are accepted."""


@dataclass(frozen=True)
class Tables:
    """Tables, dense or sparse, for a multilayer perceptron."""

    def check(
        self, estimator: Any, X: Any, known: MLPArchitecture | None, *, trains: bool
    ) -> Any:
        """Check X and return the features that the network reads."""
        # X: (n_samples, n_features) -> (n_samples, n_features)
        dtype = working_dtype(X) if known is None else known.dtype
        return check_features(estimator, X, dtype, reset=known is None)

    def plan(
        self,
        estimator: Any,
        features: Any,
        n_outputs: int,
        known: MLPArchitecture | None,
    ) -> MLPArchitecture:
        """Describe the network that the estimator's parameters ask for."""
        return plan_perceptron(
            estimator,
            n_features=features.shape[1],
            n_outputs=n_outputs,
            dtype=features.dtype.name,
        )

    def attributes(self, architecture: MLPArchitecture) -> dict[str, Any]:
        """Return the fitted attributes that describe the inputs."""
        return {}

    def set_tags(self, tags: InputTags) -> None:
        """Tell scikit-learn which inputs are accepted."""
        tags.sparse = True


@dataclass(frozen=True)
class Images:
    """Images for a convolutional network."""

    def check(
        self, estimator: Any, X: Any, known: ConvArchitecture | None, *, trains: bool
    ) -> np.ndarray:
        """Check X and return the features that the network reads."""
        # -> (n_samples, height, width, channels)
        given = estimator.image_shape
        shape = None if given is None else _with_channels(given)
        if known is None:
            return check_images(estimator, X, _stored_type(X), shape, reset=True)
        if trains and shape not in (None, known.image_shape):
            raise ParameterError(
                "To continue from an earlier fit, images must keep their shape, "
                f"{known.image_shape}. Got image_shape={given!r}. Restore "
                "'image_shape', or set warm_start=False to start afresh."
            )
        is_bytes = known.is_scaled and _stored_type(X) == np.uint8
        dtype = np.uint8 if is_bytes else known.dtype
        images = check_images(estimator, X, dtype, known.image_shape, reset=False)
        # A program is compiled for images of one type; the forward pass casts.
        return _as_bytes(images) if known.is_scaled and trains else images

    def plan(
        self,
        estimator: Any,
        features: np.ndarray,
        n_outputs: int,
        known: ConvArchitecture | None,
    ) -> ConvArchitecture:
        """Describe the network that the estimator's parameters ask for."""
        is_scaled = features.dtype == np.uint8 if known is None else known.is_scaled
        return plan_convolutions(
            estimator,
            image_shape=features.shape[1:],
            is_scaled=is_scaled,
            n_outputs=n_outputs,
            dtype=float_type(features).name,
        )

    def attributes(self, architecture: ConvArchitecture) -> dict[str, Any]:
        """Return the fitted attributes that describe the inputs."""
        return {"image_shape_": architecture.image_shape}

    def set_tags(self, tags: InputTags) -> None:
        """Tell scikit-learn which inputs are accepted."""
        tags.three_d_array = True


def _stored_type(X: Any) -> np.dtype:
    """The type to store images in: uint8 if they have it, else the float type."""
    found = getattr(X, "dtypes", None)
    types = list(found) if found is not None else [getattr(X, "dtype", None)]
    is_bytes = all(isinstance(t, np.dtype) and t == np.uint8 for t in types)
    return np.dtype(np.uint8) if types and is_bytes else working_dtype(X)


def _as_bytes(images: np.ndarray) -> np.ndarray:
    """Store pixels from 0 to 255 as uint8, if that loses nothing."""
    if images.dtype == np.uint8:
        return images
    stored = np.clip(images, 0, 255).astype(np.uint8)
    if (stored != images).any():
        raise DataError(
            "This network was first trained on uint8 images, so pixels must be whole "
            f"numbers from 0 to 255. Got values from {images.min():g} to "
            f"{images.max():g}. Undo their scaling, or train a new network on images "
            "of this type."
        )
    return stored


def _with_channels(image_shape: Any) -> ImageShape:
    """Height, width and channels, which default to 1."""
    height, width, *channels = (int(length) for length in image_shape)
    return height, width, channels[0] if channels else 1


def check_images(
    estimator: BaseEstimator,
    X: Any,
    dtype: np.dtype | type | str,
    image_shape: ImageShape | None,
    *,
    reset: bool,
) -> np.ndarray:
    """Check images in any of the accepted layouts, and the names of their columns."""
    # X: (n_samples, height, width) -> (n_samples, height, width, channels)
    n_axes = X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim
    if n_axes <= 2:
        rows = validate_data(estimator, X, dtype=dtype, reset=reset)
        image_shape = image_shape or (1, rows.shape[1], 1)
        if rows.shape[1] != math.prod(image_shape):
            raise DataError(
                f"Images of shape {image_shape} need {math.prod(image_shape)} values "
                f"per row of X. Got {rows.shape[1]}. Change 'image_shape', or pass "
                "rows of that length."
            )
        return rows.reshape(len(rows), *image_shape)
    images = check_array(
        X, dtype=dtype, allow_nd=True, estimator=estimator, input_name="X"
    )
    found = _with_channels(images.shape[1:]) if n_axes <= 4 else images.shape[1:]
    if n_axes > 4 or (image_shape is not None and found != image_shape):
        wanted = image_shape or "(height, width) or (height, width, channels)"
        raise DataError(
            f"X must contain images of shape {wanted}. Got images of shape "
            f"{tuple(images.shape[1:])}. Reshape them, or pass other images."
        )
    flat = images.reshape(len(images), -1)
    validate_data(estimator, flat, skip_check_array=True, reset=reset)
    return images.reshape(len(images), *found)


def plan_convolutions(
    estimator: Any,
    *,
    image_shape: ImageShape,
    is_scaled: bool,
    n_outputs: int,
    dtype: str,
) -> ConvArchitecture:
    """Describe the convolutional network that an estimator's parameters ask for."""
    filters = tuple(int(n_units) for n_units in estimator.filters)
    kernel, pool = _pair(estimator.kernel_size), _pair(estimator.pool_size)
    shapes = block_shapes(image_shape, filters, kernel, pool)
    before = image_shape[:2]
    for number, block in enumerate(shapes, start=1):
        if 0 in block.maps:
            raise ParameterError(
                f"The 'pool_size' parameter of {type(estimator).__name__} must not be "
                f"larger than the maps it pools. Got {estimator.pool_size!r} for maps "
                f"of {before[0]} x {before[1]} pixels in block {number} of "
                f"{len(filters)}. Lower 'pool_size', or use fewer 'filters'."
            )
        before = block.maps
    numbers = plan_regularization(estimator)
    return ConvArchitecture(
        image_shape=image_shape,
        filters=filters,
        kernel_size=kernel,
        pool_size=pool,
        is_scaled=is_scaled,
        has_augmentation=max(numbers.shift, numbers.rotation, numbers.zoom) > 0,
        has_input_noise=numbers.input_noise > 0,
        dense=plan_perceptron(
            estimator,
            n_features=math.prod(before) * filters[-1],
            n_outputs=n_outputs,
            dtype=dtype,
            is_whole=False,
        ),
    )


def _pair(size: Any) -> tuple[int, int]:
    """Height and width of a window."""
    if isinstance(size, int | np.integer):
        return int(size), int(size)
    height, width = size
    return int(height), int(width)
