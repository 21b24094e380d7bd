"""The first finding of a record, written above what is drawn of it."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes

from skdl.diagnosis._finding import Finding
from skdl.plots._style import GREEN, VERMILLION

COLOURS = {"problem": VERMILLION, "warning": "#b8860b", "note": GREEN}
TITLE_WIDTH = 46  # characters


def write_verdict(ax: Axes, finding: Finding | None, *, above: float = 6.0) -> Axes:
    """Make the severity and the verdict the title, `above` points above the Axes."""
    if finding is None:
        return ax
    lines = textwrap.wrap(f"{finding.severity}: {finding.verdict}", TITLE_WIDTH)
    ax.set_title(
        "\n".join(lines),
        loc="left",
        fontsize=11,
        color=COLOURS[finding.severity],
        pad=above,
    )
    return ax
