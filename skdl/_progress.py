"""A bar for what takes long."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

SECONDS_BEFORE_SHOWN = 2.0


class Progress:
    """A bar on the terminal while a block runs."""

    def __init__(self, description: str, total: int, *, shown: bool | None) -> None:
        self.description = description
        self.total = total
        self.shown = shown
        self.done = 0
        self._bar: Any = None
        self._task: Any = None
        self._since = time.monotonic()

    def advance(self, n_steps: int = 1) -> None:
        """Count steps as done."""
        self.done += n_steps
        if self._bar is None:
            if not self._is_due():
                return
            self._start()
        self._bar.update(self._task, completed=self.done)

    def _is_due(self) -> bool:
        if self.shown is not None:
            return self.shown
        waited = time.monotonic() - self._since > SECONDS_BEFORE_SHOWN
        return waited and self.done < self.total and sys.stderr.isatty()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task(self.description, total=self.total)
        self._bar.start()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
