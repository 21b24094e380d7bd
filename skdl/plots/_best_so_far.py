"""The best score of a search after each candidate."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import DataError
from skdl.plots._registry import draws
from skdl.plots._style import BLUE, MUTED, VERMILLION, finish, label, new_axes
from skdl.search import Candidates


@draws(Candidates)
def best_so_far(candidates: Candidates, *, ax: Axes | None = None) -> Axes:
    """Draw the scores of the candidates in the order tried, and the best so far.

    Parameters
    ----------
    candidates : Candidates
        Result of :func:`skdl.search.read_candidates`. Candidates without a score
        are left out. Each iteration of a successive halving starts a new line, because
        its candidates had more resources.
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
    DataError
        If no candidate has a score.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl import plots, search
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> grid = GridSearchCV(tree, {"max_depth": [1, 3, 2]})
    >>> grid = grid.fit(*load_iris(return_X_y=True))
    >>> ax = plots.best_so_far(search.read_candidates(grid))
    >>> ax.lines[0].get_ydata().round(2).tolist()
    [0.67, 0.96, 0.96]
    """
    scores = candidates.mean_scores
    if not np.isfinite(scores).any():
        raise DataError(
            "A plot of a search needs a candidate with a score. Got "
            f"{len(scores)} candidates, all failed. Look at the warnings of the "
            "search, or run it with error_score='raise'."
        )
    ax = new_axes(ax)
    numbers = np.arange(1, len(scores) + 1)
    for rung in np.unique(candidates.rungs):
        tried = (candidates.rungs == rung) & np.isfinite(scores)
        if not tried.any():
            continue
        best = np.maximum.accumulate(scores[tried])
        ax.step(
            numbers[tried],
            best,
            where="post",
            color=BLUE,
            linewidth=2,
            label="best so far" if not ax.lines else None,
        )
    ax.plot(
        numbers,
        scores,
        color=MUTED,
        marker="o",
        markersize=3.5,
        linestyle="none",
        label="candidate",
    )
    last = candidates.rungs == candidates.rungs[np.isfinite(scores)].max()
    place = int(np.nanargmax(np.where(last, scores, np.nan)))
    ax.plot(
        [numbers[place]],
        [scores[place]],
        color=VERMILLION,
        marker="D",
        markersize=7,
        linestyle="none",
        label=f"best (number {numbers[place]})",
    )
    ax.legend(loc="best")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return finish(
        ax,
        xlabel="candidate, in the order tried",
        ylabel=label(candidates.metric),
        grid="y",
    )
