"""The stack level of warnings."""

from __future__ import annotations

import inspect

EXPLAIN = "skdl.explain"


def stacklevel_of_caller() -> int:
    """Return the stack level of the code that called a function of `skdl.explain`."""
    frame, stacklevel = inspect.currentframe(), 0
    while frame and frame.f_globals.get("__name__", "").startswith(EXPLAIN):
        frame, stacklevel = frame.f_back, stacklevel + 1
    return stacklevel
