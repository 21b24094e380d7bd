"""Names that resemble a misspelt one, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


def nearest_names(name: Any, known: Iterable[str], *, n: int = 5) -> list[str]:
    """Return the known names that resemble a name, the most similar first.

    Parameters
    ----------
    name : object
        The name that was not found.
    known : iterable of str
        The names that exist.
    n : int, default=5
        Maximum number of names to return.

    Returns
    -------
    names : list of str
        Empty if none is similar.

    Examples
    --------
    >>> from skdl.data import nearest_names
    >>> nearest_names("Fair", ["age", "fare"])
    ['fare']
    """
    by_lower = {other.lower(): other for other in known}
    found = difflib.get_close_matches(str(name).lower(), by_lower, n=n, cutoff=0.4)
    return [by_lower[other] for other in found]
