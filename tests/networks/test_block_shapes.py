"""Sizes of blocks, worked by hand."""

from __future__ import annotations

import pytest

from skdl.networks import block_shapes


@pytest.mark.parametrize(
    ("image_shape", "pool_size", "expected"),
    [
        ((28, 28, 1), (2, 2), [(14, 14), (7, 7)]),
        ((9, 5, 3), (2, 2), [(4, 2), (2, 1)]),
        ((6, 6, 1), (1, 1), [(6, 6), (6, 6)]),
        ((9, 9, 1), (3, 1), [(3, 9), (1, 9)]),
        ((1, 7, 1), (2, 2), [(1, 3), (1, 1)]),  # a row of pixels is not pooled away
        ((1, 2, 1), (2, 2), [(1, 1), (1, 1)]),
        ((5, 5, 1), (3, 3), [(1, 1), (1, 1)]),
        ((8, 8, 1), (3, 3), [(2, 2), (0, 0)]),  # estimators refuse it
    ],
)
def test_maps_of_each_block(image_shape, pool_size, expected):
    shapes = block_shapes(image_shape, (4, 5), (3, 3), pool_size)
    assert [shape.maps for shape in shapes] == expected


def test_kernels_follow_the_maps():
    first, second = block_shapes((1, 8, 3), (4, 5), (3, 5), (2, 2))
    assert first.kernel == (1, 5, 3, 4)
    assert second.kernel == (1, 5, 4, 5)
    assert first.pool == second.pool == (1, 2)
