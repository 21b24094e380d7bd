"""Random shifts, rotations and zooms of images, computed from row keys.

Together they are one affine map, so each pixel is read once. Keras's layers
(`RandomTranslation`, `RandomRotation`, `RandomZoom`) work one after the other, which
blurs three times and takes twice as long. They use a generator's state, so two copies
of a row would not count like one with a weight of 2. And XLA cannot compile their
kernel.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from skdl.networks._training_batch import current_batch


class TunableAugmentation(keras.layers.Layer):
    """Shifts, rotates and zooms each image at random, in training.

    Both shifts, the angle and the zoom are uniform between minus and plus their largest
    value. The result is that of Keras's three layers, in this order, each with
    ``fill_mode="nearest"``: the pixels at the edge of an image are repeated beyond it.
    """

    def __init__(self, stream: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stream = stream

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Transform images in training."""
        # inputs: (batch_size, height, width, channels) -> (batch_size, height, width,
        # channels)
        batch = current_batch()
        if not training or batch is None:
            return inputs
        drawn = 2.0 * batch.uniform(self.stream, 4, inputs.dtype) - 1.0
        down, right, turn, zoom = ops.split(drawn, 4, axis=1)  # each (batch_size, 1)
        numbers = batch.regularization
        _, height, width, _ = inputs.shape
        rows, columns = source_positions(
            (height, width),
            shift=(down * numbers.shift * height, right * numbers.shift * width),
            angle=turn * numbers.rotation * (math.pi / 180.0),
            zoom=1.0 + zoom * numbers.zoom,
        )
        return read_pixels(inputs, rows, columns)


def source_positions(
    size: tuple[int, int], *, shift: tuple[Any, Any], angle: Any, zoom: Any
) -> tuple[Any, Any]:
    """Return where each pixel of a transformed image comes from."""
    # shift: (batch_size, 1); angle: (batch_size, 1); zoom: (batch_size, 1) ->
    # (batch_size, height * width)
    height, width = size
    down = ops.arange(height, dtype=angle.dtype) - (height - 1) / 2.0
    right = ops.arange(width, dtype=angle.dtype) - (width - 1) / 2.0
    down = zoom * ops.reshape(ops.repeat(down, width), (1, -1))
    right = zoom * ops.reshape(ops.tile(right, height), (1, -1))
    sine, cosine = ops.sin(angle), ops.cos(angle)
    return (
        sine * right + cosine * down + ((height - 1) / 2.0 - shift[0]),
        cosine * right - sine * down + ((width - 1) / 2.0 - shift[1]),
    )


def read_pixels(images: Any, rows: Any, columns: Any) -> Any:
    """Read images between pixels, by bilinear interpolation."""
    # images: (batch_size, height, width, channels); rows, columns: (batch_size, height
    # * width) -> (batch_size, height, width, channels)
    n_images, height, width, n_channels = images.shape
    rows = ops.clip(rows, 0.0, height - 1.0)
    columns = ops.clip(columns, 0.0, width - 1.0)
    top, left = ops.floor(rows), ops.floor(columns)
    down, right = ((rows - top)[..., None], (columns - left)[..., None])
    top, left = ops.cast(top, "int32"), ops.cast(left, "int32")
    below = ops.minimum(top + 1, height - 1)
    beside = ops.minimum(left + 1, width - 1)
    first = ops.expand_dims(ops.arange(n_images, dtype="int32") * (height * width), -1)
    pixels = ops.reshape(images, (-1, n_channels))

    def across(row: Any) -> Any:
        start = first + row * width
        near = ops.take(pixels, start + left, axis=0)
        far = ops.take(pixels, start + beside, axis=0)
        return near + (far - near) * right

    upper = across(top)
    return ops.reshape(upper + (across(below) - upper) * down, images.shape)
