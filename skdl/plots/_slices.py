"""The groups of rows with the worst predictions."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.explain import Slices
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    as_named_rows,
    finish,
    height_for_rows,
    label,
    new_axes,
    write_beside,
)


@draws(Slices)
def slices(slices: Slices, *, n_worst: int = 12, ax: Axes | None = None) -> Axes:
    """Draw a row per group: its score and interval, next to the score of all rows.

    Parameters
    ----------
    slices : Slices
        Result of :func:`skdl.explain.slices`.
    n_worst : int, default=12
        How many groups to draw, the worst on top.
    ax : Axes or None, default=None
        Axes to draw on. By default those of a new figure.

    Returns
    -------
    ax : Axes
        The Axes drawn on. Diamonds are groups that are worse beyond chance, given how
        many were tested.

    Raises
    ------
    ParameterTypeError
        If the first argument is of another class.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skdl import explain, plots
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> found = explain.slices(GaussianNB().fit(X, y), X, y)
    >>> plots.slices(found, n_worst=1).get_yticklabels()[0].get_text()
    'petal width (cm): 1.4 to 1.8'
    """
    n_drawn = min(n_worst, len(slices.groups))
    ax = new_axes(ax, height=0.45 + height_for_rows(n_drawn))
    is_worse = slices.is_worse
    right: Any = {"xycoords": ("axes fraction", "data"), "color": MUTED}
    for row in range(n_drawn):
        color = VERMILLION if is_worse[row] else BLUE
        ends = [slices.lows[row], slices.highs[row]]
        ax.plot(ends, [row, row], color=color, lw=3)
        marker = "D" if is_worse[row] else "o"
        ax.plot([slices.scores[row]], [row], marker, color=color, ms=7)
        write_beside(ax, f"{slices.counts[row]}", (1, row), **right)
    write_beside(ax, "rows", (1, -0.6), xytext=(4, 2), **{**right, "va": "bottom"})
    ax.axvline(slices.overall, color=INK, linestyle=":", linewidth=1, zorder=0)
    as_named_rows(ax, [""] * n_drawn)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=3))  # long names leave little room
    ax.set_yticks(range(n_drawn), labels=_names(slices, n_drawn))
    unit = f" [{label(slices.unit, longest=12)}]" if slices.unit else ""
    finish(
        ax,
        xlabel=f"{slices.label}{unit}, {slices.confidence_level * 100:g} % interval\n"
        "dotted: all rows; diamond: worse\n"
        f"beyond chance, of {slices.n_groups} groups",
        grid="x",
    )
    # Long names on the left leave little room on the right.
    ax.xaxis.label.set(x=1, horizontalalignment="right", fontsize=9)
    return ax


def _names(slices: Slices, n_drawn: int) -> list[str]:
    return [
        f"{label(feature, longest=18)}: {label(group, longest=20)}"
        for feature, group in list(zip(slices.features, slices.groups, strict=True))[
            :n_drawn
        ]
    ]
