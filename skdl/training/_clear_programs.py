"""Forgetting every compiled program."""

from __future__ import annotations

from skdl.training._program.cache import clear_caches


def clear_programs() -> None:
    """Forget every compiled program of this process.

    Most of their memory is returned; TensorFlow keeps some of it.

    Examples
    --------
    >>> from skdl.training import clear_programs
    >>> clear_programs()
    """
    clear_caches()
