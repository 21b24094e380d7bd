"""The scores of networks of growing size."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from skdl.diagnosis import CapacitySearch
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    SKY,
    VERMILLION,
    as_named_rows,
    finish,
    height_for_rows,
    label,
    new_axes,
    write_in_row,
)


@draws(CapacitySearch)
def capacity_search(search: CapacitySearch, *, ax: Axes | None = None) -> Axes:
    """Draw the candidates from top to bottom in the order they were tried.

    Each has its mean score and standard error. The band reaches from the best score to
    one standard error worse. The best and the simplest within the band are marked.

    Parameters
    ----------
    search : CapacitySearch
        Result of :func:`skdl.diagnosis.capacity_search`.
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

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from skdl import MLPClassifier, diagnosis, plots
    >>> X, y = make_moons(n_samples=90, random_state=0)
    >>> search = diagnosis.capacity_search(
    ...     MLPClassifier(epochs=3), X, y, units=(2, 4), max_layers=1, cv=2
    ... )
    >>> ax = plots.capacity_search(search)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['1 x 2', '1 x 4']
    """
    scores = search.mean_scores
    rows = np.arange(len(scores))
    ax = new_axes(ax, height=height_for_rows(len(rows)) + 0.3)
    best = scores[search.best_index]
    ax.axvspan(*sorted((best, search.limit)), color=SKY, alpha=0.25, linewidth=0)
    ax.errorbar(
        scores,
        rows,
        xerr=np.nan_to_num(search.standard_errors),
        color=BLUE,
        marker="o",
        markersize=5,
        linewidth=1,
        elinewidth=1.5,
        capsize=3,
    )
    marks = {
        "best": (search.best_index, "D", VERMILLION, 8),
        "simplest in the band": (search.simplest_index, "s", GREEN, 12),
    }
    for name, (row, marker, color, size) in marks.items():
        ax.plot(
            [scores[row]],
            [row],
            marker,
            markersize=size,
            markeredgewidth=2,
            markeredgecolor=color,
            markerfacecolor=color if name == "best" else "none",
            linestyle="none",
            label=name,
            zorder=3,
        )
    for row in rows[~np.isfinite(scores)]:
        write_in_row(ax, row, search.statuses[row])
    as_named_rows(ax, search.networks)
    # From the right, so that it may extend above the names.
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
    better = "greater" if search.greater_is_better else "lower"
    xlabel = f"{label(search.metric)}, {better} is better"
    return finish(ax, xlabel=xlabel, ylabel="layers x units", grid="x")
