"""How strongly features interact, as bars."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import DataError, ParameterError
from skdl.explain import InteractionStrength
from skdl.plots._effects import LONGEST_AXIS_NAME, output_place, response_in_words
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    LONGEST_NAME,
    as_named_rows,
    finish,
    height_for_rows,
    label,
    labels,
    new_axes,
)

HEIGHT_OF_TWO_LINES = 0.44  # inches
TIMES = "\N{MULTIPLICATION SIGN}"


@draws(InteractionStrength)
def interaction_strength(
    strength: InteractionStrength,
    *,
    kind: Literal["pairs", "total"] | None = None,
    output: str | int | None = None,
    n_best: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw interactions as bars, the strongest on top, with H next to each.

    Bars are in units of the response, because H can be large even for features with
    hardly any effect.

    Parameters
    ----------
    strength : InteractionStrength
        Result of :func:`skdl.explain.interaction_strength`.
    kind : {"pairs", "total"} or None, default=None
        Whether to draw pairs, or each feature with all others. By default pairs, if
        there are any.
    output : str, int or None, default=None
        The class or output to draw, by name or position. By default the first.
    n_best : int, default=12
        How many bars to draw.
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
        If the kind or the output is unknown.
    DataError
        If there is nothing of this kind to draw.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> from skdl import explain, plots
    >>> X = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    >>> tree = DecisionTreeRegressor().fit(X, X[:, 0] * X[:, 1])
    >>> ax = plots.interaction_strength(explain.interaction_strength(tree, X))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['x0 × x1']
    """
    if kind not in (None, "pairs", "total"):
        raise ParameterError(
            f"The 'kind' parameter must be 'pairs', 'total' or None. Got {kind!r} "
            "instead."
        )
    place = output_place(output, strength.output_names)
    of_pairs = kind == "pairs" or (kind is None and len(strength.pairs) > 0)
    if of_pairs:
        names = [tuple(pair) for pair in strength.pairs]
        h, strengths = strength.pairwise[place], strength.pairwise_strength[place]
    else:
        names = [(name,) for name in strength.feature_names]
        h, strengths = strength.total[place], strength.total_strength[place]
    if not names:
        raise DataError(
            f"There are no {'pairs' if of_pairs else 'features'} to draw. Compute "
            "the interaction strength with some."
        )
    order = np.argsort(-strengths, kind="stable")[:n_best]
    rows = [_row_name(names[index]) for index in order]
    height = height_for_rows(len(order))
    if any("\n" in row for row in rows):
        height = 1.0 + HEIGHT_OF_TWO_LINES * max(len(order), 2)
    ax = new_axes(ax, height=height)
    bars = ax.barh(range(len(order)), strengths[order], height=0.6, color=BLUE)
    ax.bar_label(
        bars,
        labels=[f"H {h[index]:.2f}" for index in order],
        padding=4,
        fontsize=9.5,
        color=INK,
    )
    as_named_rows(ax, rows)
    ax.set_yticks(range(len(rows)), labels=rows)  # two lines are not cut as one
    ax.set_xlim(0, 1.35 * float(strengths.max()) or 1.0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5))
    quantity = response_in_words(strength.response, strength.output_names[place])
    xlabel = label(f"joint part of {quantity}", longest=LONGEST_AXIS_NAME)
    title = "" if of_pairs else "each with all others"
    return finish(ax, title=title, xlabel=xlabel, grid="x")


def _row_name(names: tuple[str, ...]) -> str:
    """One line where it is short, else a line per feature."""
    is_short = len(TIMES.join(names)) + 2 <= LONGEST_NAME
    return (f" {TIMES} " if is_short else f"\n{TIMES} ").join(labels(names))
