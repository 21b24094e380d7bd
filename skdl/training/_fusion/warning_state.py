"""`WarningState`: filters of warnings for each task, though Python has one list."""

from __future__ import annotations

import warnings

from skdl._compat.python import (
    filters_belong_to_contexts,
    forget_ignored_warnings,
    set_warning_display,
    warning_display,
)


class WarningState:
    """Filters of warnings, and how warnings are shown.

    Tasks set filters while they run, and may stop to train before they restore them.
    Each takes its own along, so that it neither sees nor leaves behind another's. Where
    Python itself keeps filters per context, there is nothing to do.
    """

    def __init__(self) -> None:
        self._filters = warnings.filters
        self._content = list(self._filters)
        self._display = warning_display()

    def restore(self) -> None:
        """Make this the state of the process again."""
        if filters_belong_to_contexts():
            return
        if warnings.filters is not self._filters:
            warnings.filters = self._filters
            forget_ignored_warnings()
        set_warning_display(self._display)

    def restore_all(self) -> None:
        """Restore the state, and the content of the list of filters, too.

        Tasks that compute at the same time may change each other's list.
        """
        if filters_belong_to_contexts():
            return
        self.restore()
        if self._filters != self._content:
            self._filters[:] = self._content  # type: ignore[index]
            forget_ignored_warnings()
