"""How a program carries weights: a small network's as one vector.

Compiling and starting a kernel costs more than running it on a small array. As one
vector, weights are compared, chosen and updated by a few kernels instead of a few per
layer. A large network's arrays are carried as they are: cutting the vector up costs a
copy per step, which a large network would feel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from skdl.training._backend import tensorflow as backend

MAX_FLAT_VALUES = 100_000

# Each array begins at a multiple of so many values. Joining gradients of odd lengths,
# XLA for AVX-512 (TensorFlow 2.21) mixed up batch norm's in some members of a bank.
ALIGNMENT = 16


class WeightLayout:
    """Packs some arrays of fixed shapes into few, and back."""

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
        """Return variables of the carried shapes, for an optimizer to be built on."""
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
        """Pack the arrays of some networks."""
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
        """Unpack the arrays of one network, the reverse of `stack`."""
        views = self._views([array[np.newaxis] for array in carried])
        return tuple(
            view[0][_corner(shape)].copy()
            for view, shape in zip(views, shapes, strict=True)
        )

    def _views(self, carried: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Views of carried arrays that have the variables' shapes."""
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
    """The first rows and columns of a larger array."""
    return tuple(slice(length) for length in shape)
