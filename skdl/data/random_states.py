"""Chance that comes from `random_state` and nowhere else."""

from __future__ import annotations

import numpy as np


def as_random_state(
    random_state: int | np.random.RandomState | None,
) -> np.random.RandomState:
    """Return a source of chance, as scikit-learn's `check_random_state` but for None.

    Parameters
    ----------
    random_state : int, numpy.random.RandomState or None
        None takes fresh entropy and leaves NumPy's global generator alone.

    Returns
    -------
    numpy.random.RandomState
        The one that was passed, or a new one.
    """
    if isinstance(random_state, np.random.RandomState):
        return random_state
    return np.random.RandomState(random_state)
