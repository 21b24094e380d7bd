"""Scrambled 64-bit integers, from which random choices for rows are drawn."""

from __future__ import annotations

import numpy as np

_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(values: np.ndarray) -> np.ndarray:
    """Scramble 64-bit integers so that every input bit affects every output bit.

    Parameters
    ----------
    values : ndarray of uint64
        Numbers, however regular.

    Returns
    -------
    ndarray of uint64
        Numbers that look random. Equal numbers stay equal, different ones different.

    References
    ----------
    Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators".
    """
    mixed = (values ^ (values >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))
