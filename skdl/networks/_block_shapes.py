"""The sizes of the blocks of a convolutional network."""

from __future__ import annotations

from typing import NamedTuple


class BlockShape(NamedTuple):
    """The sizes of one block."""

    kernel: tuple[int, int, int, int]  # height, width, n_inputs, n_units
    pool: tuple[int, int]  # height, width
    maps: tuple[int, int]  # height and width of its output


def block_shapes(
    image_shape: tuple[int, int, int],
    filters: tuple[int, ...],
    kernel_size: tuple[int, int],
    pool_size: tuple[int, int],
) -> list[BlockShape]:
    """Compute the sizes of each block.

    An axis of length 1, such as the height of a single row of pixels, is neither
    convolved nor pooled.

    Parameters
    ----------
    image_shape : (int, int, int)
        Height, width and channels.
    filters : tuple of int
        Feature maps of each block.
    kernel_size, pool_size : (int, int)
        Height and width of the windows.

    Returns
    -------
    list of BlockShape
        One per block. A height or width of 0 means that the pool does not fit.
    """
    height, width, n_inputs = image_shape
    shapes = []
    for n_units in filters:
        kernel, pool = (
            (1 if height == 1 else size[0], 1 if width == 1 else size[1])
            for size in (kernel_size, pool_size)
        )
        height, width = height // pool[0], width // pool[1]
        shapes.append(BlockShape((*kernel, n_inputs, n_units), pool, (height, width)))
        n_inputs = n_units
    return shapes
