"""The effect of a feature, or the joint effect of two, from nearby rows."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from skdl.explain import AccumulatedLocalEffects
from skdl.plots._effects import (
    LONGEST_AXIS_NAME,
    draw_band,
    draw_cells,
    draw_curve,
    draw_rug,
    output_place,
    response_in_words,
    unit_of,
    with_unit,
)
from skdl.plots._registry import draws
from skdl.plots._style import MUTED, finish, label, legend_above, new_axes


@draws(AccumulatedLocalEffects)
def accumulated_local_effects(
    effects: AccumulatedLocalEffects,
    *,
    output: str | int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw accumulated local effects: a curve, bars, or colours for two features.

    A band (whiskers on bars) is the 95 % interval over the rows. Ticks inside the axes
    are the deciles of a feature. For two features, intervals have the same width, as
    they have the same number of rows. Cells without rows are hatched: their colour is a
    guess.

    Parameters
    ----------
    effects : AccumulatedLocalEffects
        Result of :func:`skdl.explain.accumulated_local_effects`.
    output : str, int or None, default=None
        The class or output to draw, by name or position. By default the first.
    ax : Axes or None, default=None
        Axes to draw on. By default those of a new figure.

    Returns
    -------
    ax : Axes
        The Axes drawn on.

    Raises
    ------
    ParameterTypeError
        If the first argument is of another class.
    ParameterError
        If there is no such output.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdl import explain, plots
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = LogisticRegression(max_iter=1000).fit(X, y)
    >>> effects = explain.accumulated_local_effects(model, X, "petal width (cm)")
    >>> plots.accumulated_local_effects(effects, output=2).get_ylabel()
    'effect on probability of 2'
    """
    place = output_place(output, effects.output_names)
    quantity = response_in_words(effects.response, effects.output_names[place])
    if len(effects.grid_values) == 2:
        return _draw_two(effects, place, f"joint effect on {quantity}", ax)
    ax = new_axes(ax, height=3.1)
    grid, curve = effects.grid_values[0], effects.effects[place]
    low, high = effects.confidence_interval()
    ax.axhline(0, color=MUTED, linewidth=1)
    draw_curve(ax, grid, curve, floor=0.0)
    draw_band(ax, grid, low[place], high[place], name="95 % interval over the rows")
    draw_rug(ax, effects.deciles[0], grid, axis="x")
    ax.margins(y=0.08)
    legend_above(ax)
    return finish(
        ax,
        xlabel=with_unit(effects.feature_names[0], unit_of(effects, 0)),
        ylabel=label(f"effect on {quantity}", longest=LONGEST_AXIS_NAME),
        grid="y",
    )


def _draw_two(
    effects: AccumulatedLocalEffects, place: int, name: str, ax: Axes | None
) -> Axes:
    ax = new_axes(ax, height=3.4)
    surface = effects.effects[place]
    if draw_cells(ax, effects.grid_values, surface, effects.counts, name=name):
        hatched: Any = Patch(facecolor="none", edgecolor=MUTED, hatch="////")
        legend_above(ax, [hatched], ["no rows"])
    one, other = (
        with_unit(feature, unit_of(effects, place))
        for place, feature in enumerate(effects.feature_names)
    )
    return finish(ax, xlabel=one, ylabel=other, grid="none")
