"""The look that all figures share: colours, sizes, legends, names from the data.

Figures are narrow, so they can be read on a phone. :func:`skdl.plots.inline_svg` turns
exactly these colours into those of the page, light or dark.
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
    """Return the given Axes, or those of a new figure of the common width."""
    if ax is None:
        _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    return ax


def in_a_row(ax: Axes | np.ndarray) -> np.ndarray:
    """Return one or several Axes, however they are arranged, as a flat array."""
    return np.asarray(ax, dtype=object).ravel()


def height_for_rows(n_rows: int) -> float:
    """Return the height of a chart with one row per name, in inches."""
    return 1.0 + 0.28 * max(n_rows, 2)


def label(name: object, *, longest: int = LONGEST_NAME) -> str:
    r"""Turn a name from the data into text that matplotlib shows unchanged.

    Dollar signs are escaped, or matplotlib would read the text between them as
    mathematical notation. Characters that XML cannot hold are replaced. Long names are
    cut in the middle, where related names differ least.

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
    """Label the Axes and style their frame, grid and legend."""
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


def legend_above(ax: Axes, *args: Any, n_columns: int = 1, **options: Any) -> None:
    """Put a legend above the Axes, where it hides nothing."""
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0}
    ax.legend(*args, **{**place, "ncols": n_columns, **options})


def write_in_row(ax: Axes, row: int, text: str) -> None:
    """Write why a row of a chart is empty."""
    ax.annotate(
        text,
        (0.5, row),
        xycoords=("axes fraction", "data"),
        ha="center",
        va="center",
        fontsize=9.5,
        color=MUTED,
    )


def write_beside(
    ax: Axes,
    text: str,
    place: tuple[float, float],
    *,
    size: float = 8.5,
    **options: Any,
) -> None:
    """Write a text just to the right of a place in the Axes."""
    ax.annotate(
        text,
        place,
        **{
            "xytext": (4, 0),
            "textcoords": "offset points",
            "va": "center",
            "fontsize": size,
            "color": INK,
            **options,
        },
    )
