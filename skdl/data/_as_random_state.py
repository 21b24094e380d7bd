"""Chance that comes from `random_state` and nowhere else."""

from __future__ import annotations

import numpy as np
from sklearn.utils import check_random_state


def as_random_state(
    random_state: int | np.random.RandomState | None,
) -> np.random.RandomState:
    """Return a source of chance, as scikit-learn's `check_random_state` but for None.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        None takes fresh entropy and leaves NumPy's global generator alone.

    Returns
    -------
    numpy.random.RandomState
        The one that was passed, or a new one.

    Raises
    ------
    ValueError
        If `random_state` is none of these; the message is scikit-learn's.
    """
    if random_state is None:
        return np.random.RandomState()
    return check_random_state(random_state)
