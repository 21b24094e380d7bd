"""Random numbers from `random_state` only."""

from __future__ import annotations

import numpy as np
from sklearn.utils import check_random_state


def as_random_state(
    random_state: int | np.random.RandomState | None,
) -> np.random.RandomState:
    """Return a random number generator, without touching NumPy's global one.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        As in scikit-learn's `check_random_state`, except that None makes a new
        generator with a seed from the operating system.

    Returns
    -------
    numpy.random.RandomState
        The generator that was passed, or a new one.

    Raises
    ------
    ValueError
        If `random_state` is none of these; the message is scikit-learn's.
    """
    if random_state is None:
        return np.random.RandomState()
    return check_random_state(random_state)
