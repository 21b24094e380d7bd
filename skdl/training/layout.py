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

from skdl.training import backend

MAX_FLAT_VALUES = 100_000


class WeightLayout:
    """Packs some arrays of fixed shapes into few, and back.

    Parameters
    ----------
    variables : list of keras.Variable
        The variables whose values are carried.
    """

    def __init__(self, variables: list) -> None:
        self._variables = variables
        self._shapes = [tuple(variable.shape) for variable in variables]
        self._sizes = [int(np.prod(shape)) for shape in self._shapes]
        self._is_flat = len(variables) > 1 and sum(self._sizes) <= MAX_FLAT_VALUES

    def carried_variables(self) -> list:
        """Return variables of the carried shapes, for an optimizer to be built on.

        Returns
        -------
        list of keras.Variable
            The model's own, or one of zeros as long as all of them.
        """
        if not self._is_flat:
            return self._variables
        dtype = self._variables[0].dtype
        return [keras.Variable(np.zeros(sum(self._sizes), dtype), dtype=dtype)]

    def to_device(self, arrays: Sequence[np.ndarray]) -> tuple:
        """Pack arrays and copy them to the device.

        Parameters
        ----------
        arrays : sequence of ndarray
            One per variable.

        Returns
        -------
        tuple of tensor
            As the program carries them.
        """
        if self._is_flat:
            arrays = [np.concatenate([array.ravel() for array in arrays])]
        return tuple(map(backend.to_device, arrays))

    def to_host(self, tensors: Sequence[Any]) -> tuple[np.ndarray, ...]:
        """Copy carried tensors to the host and unpack them.

        Parameters
        ----------
        tensors : sequence of tensor
            As the program carries them.

        Returns
        -------
        tuple of ndarray
            One per variable.
        """
        arrays = backend.to_host(tensors)
        if not self._is_flat:
            return arrays
        parts = np.split(arrays[0], np.cumsum(self._sizes)[:-1])
        return tuple(
            part.reshape(shape).copy()
            for part, shape in zip(parts, self._shapes, strict=True)
        )

    def pack(self, tensors: Sequence[Any]) -> tuple:
        """Pack tensors on the device.

        Parameters
        ----------
        tensors : sequence of tensor
            One per variable.

        Returns
        -------
        tuple of tensor
            As the program carries them.
        """
        return (backend.flatten(tensors),) if self._is_flat else tuple(tensors)

    def unpack(self, tensors: Sequence[Any]) -> list:
        """Unpack tensors on the device.

        Parameters
        ----------
        tensors : sequence of tensor
            As the program carries them.

        Returns
        -------
        list of tensor
            One per variable.
        """
        if not self._is_flat:
            return list(tensors)
        return backend.unflatten(tensors[0], self._shapes)
