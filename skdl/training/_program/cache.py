"""The bounded cache of compiled programs.

A program takes about a second to trace and compile, and some megabytes of memory. A
second job with the same signature costs neither. If there are too many programs, the
least recently used one is dropped.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

MAX_PROGRAMS = 64


class ProgramCache:
    """A mapping of limited size that makes missing values."""

    def __init__(
        self, make: Callable[[Any], Any], *, max_size: int = MAX_PROGRAMS
    ) -> None:
        self._make = make
        self._max_size = max_size
        self._programs: OrderedDict[Hashable, Any] = OrderedDict()
        # Held while a program is made, so that threads that need the same one share it.
        self._lock = threading.RLock()
        _caches.append(self)

    def __len__(self) -> int:
        return len(self._programs)

    def get(self, key: Hashable) -> Any:
        """Return the program of a key, and make it if necessary."""
        with self._lock:
            if key in self._programs:
                self._programs.move_to_end(key)
            else:
                self._programs[key] = self._make(key)
                if len(self._programs) > self._max_size:
                    self._programs.popitem(last=False)
            return self._programs[key]

    def peek(self, key: Hashable) -> Any | None:
        """Return the program of a key if there is one."""
        return self._programs.get(key)

    def known(self) -> list[Any]:
        """Return the keys of all programs, the least recently used first."""
        with self._lock:
            return list(self._programs)

    def clear(self) -> None:
        """Forget all programs."""
        with self._lock:
            self._programs.clear()


_caches: list[ProgramCache] = []


def clear_caches() -> None:
    """Forget the programs of every cache."""
    for cache in _caches:
        cache.clear()
