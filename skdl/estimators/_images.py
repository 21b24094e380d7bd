"""Images as the input of a convolutional network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, validate_data

from skdl.estimators._checks import float_type, working_dtype
from skdl.estimators._planning import plan_perceptron, plan_regularization
from skdl.exceptions import DataError, ParameterError
from skdl.networks import ConvArchitecture, block_shapes

ImageShape = tuple[int, int, int]  # height, width, channels


class ImageInputMixin:
    """Makes an estimator take images and train a convolutional network."""

    image_shape: Sequence[int] | None

    def _check_features(
        self, X: Any, known: ConvArchitecture | None, *, trains: bool
    ) -> np.ndarray:
        shape = None if self.image_shape is None else _whole(self.image_shape)
        if known is None:
            return check_images(self, X, _stored_type(X), shape, reset=True)
        if trains and shape not in (None, known.image_shape):
            raise ParameterError(
                "Going on from an earlier fit needs images of the same shape, "
                f"{known.image_shape}. Got image_shape={self.image_shape!r}. Undo the "
                "change, or set warm_start=False to start afresh."
            )
        is_bytes = known.is_scaled and _stored_type(X) == np.uint8
        dtype = np.uint8 if is_bytes else known.dtype
        images = check_images(self, X, dtype, known.image_shape, reset=False)
        # A program is compiled for images of one type; the forward pass casts.
        return _as_bytes(images) if known.is_scaled and trains else images

    def _plan_architecture(
        self, features: np.ndarray, n_outputs: int, known: ConvArchitecture | None
    ) -> ConvArchitecture:
        is_scaled = features.dtype == np.uint8 if known is None else known.is_scaled
        return plan_convolutions(
            self,
            image_shape=features.shape[1:],
            is_scaled=is_scaled,
            n_outputs=n_outputs,
            dtype=float_type(features).name,
        )

    def _fitted_attributes(self, network: Any, targets: Any) -> dict[str, Any]:
        attributes = super()._fitted_attributes(network, targets)  # type: ignore[misc]
        return {**attributes, "image_shape_": network.architecture.image_shape}

    def __sklearn_tags__(self) -> Any:
        """Say that images are accepted."""
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.three_d_array = True
        return tags


def _stored_type(X: Any) -> np.dtype:
    """uint8 as it is, else the float type to train in."""
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
            "A network that began with uint8 images must be given whole numbers from 0 "
            f"to 255. Got values from {images.min():g} to {images.max():g}. Undo their "
            "scaling, or begin anew with images of this type."
        )
    return stored


def _whole(image_shape: Any) -> ImageShape:
    """Height, width and channels, which is 1 if left out."""
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
    """Check images, in whatever form, and the names of their columns."""
    # X: (n_samples, height, width) -> (n_samples, height, width, channels)
    n_axes = X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim
    if n_axes <= 2:
        rows = validate_data(estimator, X, dtype=dtype, reset=reset)
        image_shape = image_shape or (1, rows.shape[1], 1)
        if rows.shape[1] != math.prod(image_shape):
            raise DataError(
                f"X must have rows of {math.prod(image_shape)} values, for images of "
                f"the shape {image_shape}. Got {rows.shape[1]}. Give other rows, or "
                "another 'image_shape'."
            )
        return rows.reshape(len(rows), *image_shape)
    images = check_array(
        X, dtype=dtype, allow_nd=True, estimator=estimator, input_name="X"
    )
    found = _whole(images.shape[1:]) if n_axes <= 4 else images.shape[1:]
    if n_axes > 4 or (image_shape is not None and found != image_shape):
        wanted = image_shape or "(height, width) or (height, width, channels)"
        raise DataError(
            f"X must have images of the shape {wanted}. Got images of the shape "
            f"{tuple(images.shape[1:])}. Give other images, or reshape these."
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
    """Describe the network that an estimator's parameters ask for."""
    filters = tuple(int(n_units) for n_units in estimator.filters)
    kernel, pool = _pair(estimator.kernel_size), _pair(estimator.pool_size)
    shapes = block_shapes(image_shape, filters, kernel, pool)
    before = image_shape[:2]
    for number, block in enumerate(shapes, start=1):
        if 0 in block.maps:
            raise ParameterError(
                f"The 'pool_size' parameter of {type(estimator).__name__} must fit "
                f"what it pools. Got {estimator.pool_size!r} for maps of {before[0]} x "
                f"{before[1]} pixels in block {number} of {len(filters)}. Lower "
                "'pool_size', or give 'filters' fewer blocks."
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
