"""How a program carries weights: a small network's as one vector.

Compiling and starting a kernel takes longer than running it on a small array. As one
vector, weights are compared, selected and updated by a few kernels instead of a few per
layer. The arrays of a large network stay as they are: splitting the vector costs a copy
per step, which matters there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from skdl.training._backend import tensorflow as backend

MAX_FLAT_VALUES = 100_000

# Each array begins at a multiple of this many values. XLA for AVX-512 (TensorFlow 2.21)
# mixed up gradients of odd lengths (of batch norm) in some members of a bank.
ALIGNMENT = 16


class WeightLayout:
    """Packs arrays of fixed shapes into one vector, if small, and unpacks them."""

    def __init__(self, variables: list, *, may_flatten: bool = True) -> None:
        self._variables = variables
        self._shapes = [tuple(variable.shape) for variable in variables]
        self._sizes = [int(np.prod(shape)) for shape in self._shapes]
        self._gaps = [-size % ALIGNMENT for size in self._sizes]
        is_small = sum(self._sizes) <= MAX_FLAT_VALUES
        self._is_flat = may_flatten and len(variables) > 1 and is_small
        self._carried_shapes = self._shapes
        if self._is_flat:
            self._carried_shapes = [(sum(self._sizes) + sum(self._gaps),)]

    def carried_variables(self) -> list:
        """Return variables of the carried shapes, to build an optimizer with."""
        if not self._is_flat:
            return self._variables
        dtype = self._variables[0].dtype
        (shape,) = self._carried_shapes
        return [keras.Variable(np.zeros(shape, dtype), dtype=dtype)]

    def to_device(self, arrays: Sequence[np.ndarray]) -> tuple:
        """Pack the arrays of one network and copy them to the device."""
        if self._is_flat:
            arrays = [part[0] for part in self.stack([arrays])]
        return tuple(map(backend.to_device, arrays))

    def stack(self, members: Sequence[Sequence[np.ndarray]]) -> tuple[np.ndarray, ...]:
        """Pack the arrays of some networks; narrower ones are padded with zeros."""
        dtype = self._variables[0].dtype if self._variables else None
        carried = tuple(
            np.zeros((len(members), *shape), dtype) for shape in self._carried_shapes
        )
        for views, arrays in zip(
            self._views(carried), zip(*members, strict=True), strict=True
        ):
            for i, array in enumerate(arrays):
                views[i][_corner(array.shape)] = array
        return carried

    def unstack(
        self, carried: Sequence[np.ndarray], shapes: Sequence[tuple[int, ...]]
    ) -> tuple[np.ndarray, ...]:
        """Unpack the arrays of one network in their own shapes."""
        views = self._views([array[np.newaxis] for array in carried])
        return tuple(
            view[0][_corner(shape)].copy()
            for view, shape in zip(views, shapes, strict=True)
        )

    def _views(self, carried: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Views of carried arrays in the shapes of the variables."""
        if not self._is_flat:
            return list(carried)
        views, start = [], 0
        for shape, size, gap in zip(self._shapes, self._sizes, self._gaps, strict=True):
            part = carried[0][:, start : start + size]
            views.append(part.reshape((len(part), *shape)))
            start += size + gap
        return views

    def pack(self, tensors: Sequence[Any]) -> tuple:
        """Pack tensors on the device."""
        return (
            (backend.flatten(tensors, self._gaps),) if self._is_flat else tuple(tensors)
        )

    def unpack(self, tensors: Sequence[Any]) -> list:
        """Unpack tensors on the device."""
        if not self._is_flat:
            return list(tensors)
        return backend.unflatten(tensors[0], self._shapes, self._gaps)


def _corner(shape: Sequence[int]) -> tuple[slice, ...]:
    """An index of the first rows and columns of a larger array."""
    return tuple(slice(length) for length in shape)
