"""Whose line a warning is about."""

from __future__ import annotations

import inspect

EXPLAIN = "skdl.explain"


def stacklevel_of_caller() -> int:
    """Return how far up the code is that called a function of `skdl.explain`."""
    frame, stacklevel = inspect.currentframe(), 0
    while frame and frame.f_globals.get("__name__", "").startswith(EXPLAIN):
        frame, stacklevel = frame.f_back, stacklevel + 1
    return stacklevel
