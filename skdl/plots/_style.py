"""The look that all figures share: colours, sizes, text that is data.

Figures are drawn narrow, so that they stay readable on a phone. Ink, muted ink and
grid are exact colours that :func:`skdl.plots.inline_svg` turns into the colours of the
page, light or dark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

# Okabe and Ito (2008), Color Universal Design.
BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREEN = "#009e73"
SKY = "#56b4e9"

INK = "#1f2a30"
MUTED = "#5d6b73"
GRID = "#d5dce0"

WIDTH = 4.6  # inches
LONGEST_NAME = 24  # characters

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def new_axes(ax: Axes | None, *, height: float = 2.8) -> Axes:
    """Take the given Axes, or make them in a new figure of the common width."""
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    return ax


def in_a_row(ax: Axes | np.ndarray) -> np.ndarray:
    """One of the Axes or several, however they are arranged, as a flat array."""
    return np.asarray(ax, dtype=object).ravel()


def height_for_rows(n_rows: int) -> float:
    """Inches for a chart with one horizontal row per name."""
    return 1.0 + 0.28 * max(n_rows, 2)


def label(name: object, *, longest: int = LONGEST_NAME) -> str:
    r"""Turn a name that is data into text that matplotlib shows as it is.

    Dollar signs are escaped, or matplotlib would read what is between two of them as
    mathematical notation; characters that XML cannot hold are replaced, and long
    names are cut in the middle, where names that belong together differ least.

    >>> from skdl.plots._style import label
    >>> print(label("price in $ or $"))
    price in \$ or \$
    """
    text = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(name))
    if len(text) > longest:
        tail = (longest - 1) // 2
        text = f"{text[: longest - 1 - tail]}\N{HORIZONTAL ELLIPSIS}{text[-tail:]}"
    return text.replace("$", r"\$")


def labels(names: Sequence[object], *, longest: int = LONGEST_NAME) -> list[str]:
    """Apply :func:`label` to each name."""
    return [label(name, longest=longest) for name in names]


def finish(
    ax: Axes,
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    grid: str = "both",
) -> Axes:
    """Label the Axes and give them the common frame, grid and colours."""
    ax.set_title(title, loc="left", fontsize=11, color=INK)
    ax.set_xlabel(xlabel, fontsize=10, color=INK)
    ax.set_ylabel(ylabel, fontsize=10, color=INK)
    ax.tick_params(labelsize=9.5, colors=MUTED, labelcolor=INK, length=3)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(MUTED)
    ax.set_facecolor("none")
    ax.set_axisbelow(True)
    if grid != "none":
        which: Any = grid
        ax.grid(visible=True, axis=which, color=GRID, linewidth=0.7)
    legend = ax.get_legend()
    if legend is not None:
        legend.set_frame_on(False)
        for text in legend.get_texts():
            text.set_color(INK)
            text.set_fontsize(9.5)
    return ax


def as_named_rows(ax: Axes, names: Sequence[object]) -> None:
    """Put one name at each whole step of the y axis, the first at the top."""
    ax.set_yticks(range(len(names)), labels=labels(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
