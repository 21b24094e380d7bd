"""Private or fragile parts of Python's standard library."""

from __future__ import annotations

import sys
import warnings
from typing import Any, NamedTuple


class WarningDisplay(NamedTuple):
    """How `warnings` shows a warning that passes the filters."""

    show: Any  # `warnings.showwarning`, which a user may replace
    implementation: Any  # what `catch_warnings(record=True)` replaces


def warning_display() -> WarningDisplay:
    """Return how warnings are shown at present, in this process."""
    return WarningDisplay(
        warnings.showwarning,
        warnings._showwarnmsg_impl,  # type: ignore[attr-defined]
    )


def set_warning_display(display: WarningDisplay) -> None:
    """Show warnings in another way, for instance in a list that records them."""
    warnings.showwarning = display.show
    warnings._showwarnmsg_impl = display.implementation  # type: ignore[attr-defined]


def forget_ignored_warnings() -> None:
    """Make Python look at the filters again for warnings that it decided on before."""
    # Entering and leaving this tells the cache of decisions; there is no other public
    # way that leaves the filters as they are.
    with warnings.catch_warnings():
        pass


def filters_belong_to_contexts() -> bool:
    """Whether each context has filters of its own, as free-threaded Python 3.14 does.

    Otherwise the process has one list, which threads share.
    """
    return bool(getattr(sys.flags, "context_aware_warnings", False))
