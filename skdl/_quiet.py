"""Loads native libraries without the lines they write to the terminal.

TensorFlow's libraries write to file descriptor 2 while they load, before any of their
settings can be reached: several lines in every process, and a search has many.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from types import ModuleType

__all__ = ["import_quietly"]


def import_quietly(name: str) -> ModuleType:
    """Import a module while its native libraries' messages are held back."""
    if name in sys.modules:
        return sys.modules[name]
    # 3 holds back what TensorFlow logs later, too; a user's own setting is respected.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        terminal = os.dup(2)
    except OSError:  # there is no standard error
        return importlib.import_module(name)
    if sys.stderr is not None:
        sys.stderr.flush()
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            module = importlib.import_module(name)
        except BaseException:
            held_back.seek(0)
            os.write(terminal, held_back.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
    return module
