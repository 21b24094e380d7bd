"""Names that resemble a misspelt one, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


def nearest_names(name: Any, known: Iterable[str], *, n: int = 5) -> list[str]:
    """Return the known names that resemble a name, the most similar first."""
    by_lower = {other.lower(): other for other in known}
    found = difflib.get_close_matches(str(name).lower(), by_lower, n=n, cutoff=0.4)
    return [by_lower[other] for other in found]
