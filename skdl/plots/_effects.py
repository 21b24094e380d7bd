"""What drawings of effects share: curves, bars, surfaces, rugs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import ParameterError
from skdl.plots._style import BLUE, INK, MUTED, SKY, VERMILLION, label, labels

LONGEST_AXIS_NAME = 40  # characters
N_COLOURS = 9
MOST_WORDS_NAMED = 15  # along an axis; more would overlap

# For values on both sides of 0; light at 0.
AROUND_ZERO = LinearSegmentedColormap.from_list(
    "blue to vermillion", [BLUE, "#f5f5f5", VERMILLION]
)


def with_unit(name: object, unit: str) -> str:
    """Write the label of an axis.

    >>> from skdl.plots._effects import with_unit
    >>> with_unit("age", "years")
    'age (years)'
    """
    return label(f"{name} ({unit})" if unit else name, longest=LONGEST_AXIS_NAME)


def unit_of(record: Any, place: int) -> str:
    """Return the unit of a feature, empty if it has none."""
    return record.units[place] if record.units else ""


def output_place(output: Any, names: Sequence[str]) -> int:
    """Return the position of an output by its name or position; None is the first."""
    if output is None:
        return 0
    if str(output) in names:
        return list(names).index(str(output))
    if isinstance(output, int | np.integer) and 0 <= output < len(names):
        return int(output)
    raise ParameterError(
        f"The 'output' parameter must be one of {list(names)}, or a position in this "
        f"list. Got {output!r} instead."
    )


def response_in_words(response: str, output: str) -> str:
    """Say what the numbers of an output are.

    >>> from skdl.plots._effects import response_in_words
    >>> response_in_words("probability", "yes")
    'probability of yes'
    >>> response_in_words("prediction", "prediction 1")
    'prediction 1'
    """
    base = response.removeprefix("change of ")
    if output.startswith(base):
        return response.replace(base, output)
    return f"{response} of {output}"


def is_numbers(grid: np.ndarray) -> bool:
    """Return whether a grid consists of numbers."""
    return grid.dtype.kind in "fiu"


def draw_curve(
    ax: Axes, grid: np.ndarray, curve: np.ndarray, *, floor: float, **style: Any
) -> None:
    """Draw values over a grid: a line for numbers, bars from the floor for words."""
    if is_numbers(grid):
        marker = "o" if len(grid) < 12 else None
        ax.plot(grid, curve, color=BLUE, marker=marker, markersize=4, **style)
        number_ticks(ax, grid)
        return
    ax.bar(range(len(grid)), curve - floor, bottom=floor, width=0.6, color=BLUE)
    word_ticks(ax, grid)


def number_ticks(ax: Axes, grid: np.ndarray) -> None:
    """Set few ticks, at the values themselves if there are few."""
    if len(grid) <= 4:
        ax.set_xticks(grid)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=4))


def word_ticks(ax: Axes, words: np.ndarray) -> None:
    """Write words along the x axis, slanted; some of them if there are many."""
    crowded = len(words) > 2
    every = -(-len(words) // MOST_WORDS_NAMED)
    places = range(0, len(words), every)
    ax.set_xticks(
        places,
        labels=labels([words[place] for place in places], longest=12),
        rotation=35 if crowded else 0,
        ha="right" if crowded else "center",
        rotation_mode="anchor",
    )


def draw_band(ax: Axes, grid: np.ndarray, low: Any, high: Any, *, name: str) -> None:
    """Draw an interval: a band for numbers, whiskers for words."""
    if is_numbers(grid):
        ax.fill_between(grid, low, high, color=SKY, alpha=0.3, linewidth=0, label=name)
        return
    middle, half = (high + low) / 2, (high - low) / 2
    ax.errorbar(
        range(len(grid)),
        middle,
        yerr=half,
        fmt="none",
        ecolor=INK,
        elinewidth=1.2,
        capsize=4,
        label=name,
    )


def draw_rug(ax: Axes, deciles: np.ndarray, grid: np.ndarray, *, axis: str) -> None:
    """Mark the deciles of a numeric feature along the inside of an axis."""
    if len(deciles) == 0 or not is_numbers(grid):
        return
    shown = deciles[(deciles >= grid.min()) & (deciles <= grid.max())]
    place = np.full(len(shown), 0.025)
    style: Any = {
        "color": MUTED,
        "linestyle": "none",
        "markersize": 7,
        "clip_on": False,
        "label": "_deciles",
    }
    if axis == "x":
        ax.plot(shown, place, "|", transform=ax.get_xaxis_transform(), **style)
    else:
        ax.plot(place, shown, "_", transform=ax.get_yaxis_transform(), **style)


def draw_surface(
    ax: Axes,
    grid_values: Sequence[np.ndarray],
    surface: np.ndarray,
    *,
    name: str,
    around_zero: bool = False,
) -> None:
    """Draw values over two features as colours, with a colour bar."""
    # Few colours are easy to tell apart, and keep the SVG of a page small.
    low, high = float(surface.min()), float(surface.max())
    if around_zero:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-3):
        low, high = low - 0.5, high + 0.5
    levels = MaxNLocator(N_COLOURS).tick_values(low, high)
    colours: Any = AROUND_ZERO if around_zero else "cividis"
    x, y = (grid if is_numbers(grid) else np.arange(len(grid)) for grid in grid_values)
    if all(is_numbers(grid) and len(grid) > 1 for grid in grid_values):
        drawn: Any = ax.contourf(x, y, surface.T, levels=levels, cmap=colours)
    else:
        steps = BoundaryNorm(levels, 256)
        drawn = ax.pcolormesh(
            x, y, surface.T, norm=steps, cmap=colours, shading="nearest"
        )
    figure: Any = ax.get_figure()
    bar = figure.colorbar(drawn, ax=ax)
    bar.set_label(label(name, longest=LONGEST_AXIS_NAME), fontsize=10, color=INK)
    bar.ax.tick_params(labelsize=9.5, colors=MUTED, labelcolor=INK, length=3)
    bar.outline.set_visible(False)
    if is_numbers(grid_values[0]):
        number_ticks(ax, grid_values[0])
    else:
        word_ticks(ax, grid_values[0])
    if not is_numbers(grid_values[1]):
        names = labels(list(grid_values[1]), longest=12)
        ax.set_yticks(range(len(names)), labels=names)


def draw_cells(
    ax: Axes,
    edges: Sequence[np.ndarray],
    surface: np.ndarray,
    counts: np.ndarray,
    *,
    name: str,
) -> bool:
    """Draw values at the corners of cells; return whether one is empty (hatched)."""
    # Cells hold equally many rows and get the same width, or most rows of a skewed
    # feature would be in a corner.
    steps = [np.arange(len(values), dtype=float) for values in edges]
    draw_surface(ax, steps, surface, name=name, around_zero=True)
    for axis, values in zip((ax.xaxis, ax.yaxis), edges, strict=True):
        ticks = np.unique(np.linspace(0, len(values) - 1, 5).round().astype(int))
        axis.set_ticks(ticks, labels=[f"{values[tick]:.3g}" for tick in ticks])
    empty = [Rectangle((k, m), 1, 1) for k, m in np.argwhere(counts == 0).tolist()]
    if empty:
        hatched = PatchCollection(
            empty, facecolor="none", edgecolor=MUTED, linewidth=0, hatch="////"
        )
        ax.add_collection(hatched, autolim=False)
    return bool(empty)
