"""Scrambled 32-bit integers on the device, from which random bits are made."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

FIRST, SECOND = 0x7FEB352D, 0x846CA68B


def mix32(bits: Any) -> Any:
    """Scramble 32-bit integers so that every input bit affects every output bit.

    Parameters
    ----------
    bits : tensor of uint32
        Numbers, however regular.

    Returns
    -------
    tensor of uint32
        Numbers that look random. Equal numbers stay equal, different ones different.

    References
    ----------
    Chris Wellons (2018), "Prospecting for Hash Functions": constants of lowbias32.
    """
    bits = (bits ^ shift_right(bits, 16)) * uint32(FIRST)
    bits = (bits ^ shift_right(bits, 15)) * uint32(SECOND)
    return bits ^ shift_right(bits, 16)


def mix32_of_array(bits: np.ndarray) -> np.ndarray:
    """Compute `mix32` in NumPy, once for all steps."""
    bits = (bits ^ (bits >> 16)) * np.uint32(FIRST)
    bits = (bits ^ (bits >> 15)) * np.uint32(SECOND)
    return bits ^ (bits >> 16)


def uint32(value: int) -> Any:
    """Return the lowest 32 bits of a number as a tensor."""
    return ops.convert_to_tensor(value & 0xFFFFFFFF, dtype="uint32")


def shift_right(bits: Any, n_bits: int) -> Any:
    """Shift unsigned integers to the right."""
    return ops.right_shift(bits, ops.convert_to_tensor(n_bits, dtype="uint32"))
