"""Parameters of explanations, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdl.exceptions import ParameterError


def check_share(value: Any, *, name: str, function: str) -> float:
    """Return a number strictly between 0 and 1, or refuse it.

    Parameters
    ----------
    value : object
        What was passed.
    name, function : str
        The parameter and whose it is, for the message.

    Returns
    -------
    value : float
        The number.

    Raises
    ------
    ParameterError
        If it is no such number.
    """
    if isinstance(value, float | np.floating) and 0 < value < 1:
        return float(value)
    raise ParameterError(
        f"The '{name}' parameter of {function} must be a number in (0, 1). "
        f"Got {value!r} instead."
    )


def check_count(value: Any, *, name: str, function: str, least: int = 1) -> int:
    """Return a whole number of at least `least`, or refuse it.

    Parameters
    ----------
    value : object
        What was passed.
    name, function : str
        The parameter and whose it is, for the message.
    least : int, default=1
        The smallest number allowed.

    Returns
    -------
    value : int
        The number.

    Raises
    ------
    ParameterError
        If it is no such number.
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if is_whole and value >= least:
        return int(value)
    raise ParameterError(
        f"The '{name}' parameter of {function} must be a whole number of at least "
        f"{least}. Got {value!r} instead."
    )
