"""Optuna without its log and its warnings of experimental parts, for a while."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_levels: list[int] = []  # before each of those who want quiet; the first is the user's


@contextmanager
def quiet_log() -> Iterator[None]:
    """Hold back what Optuna logs for information.

    Searches may overlap in threads; the last to end makes it as it was.
    """
    import optuna

    with _lock:
        level = optuna.logging.get_verbosity()
        _levels.append(_levels[0] if _levels else level)
        optuna.logging.set_verbosity(max(level, optuna.logging.WARNING))
    try:
        yield
    finally:
        with _lock:
            level = _levels.pop()
            if not _levels:
                optuna.logging.set_verbosity(level)


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Hold back the log, and warnings that a part of Optuna is experimental."""
    import optuna

    with quiet_log(), warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield
