"""The scores of the candidates of a search, best first."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import DataError
from skdl.plots._registry import draws
from skdl.plots._style import BLUE, GRID, MUTED, VERMILLION, finish, new_axes


@draws(also=pd.DataFrame)
def search_results(
    candidates: pd.DataFrame, *, metric: str = "score", ax: Axes | None = None
) -> Axes:
    """Draw the mean score of each candidate and its spread over the folds.

    Parameters
    ----------
    candidates : DataFrame
        What :func:`skdl.search.candidate_table` returned: the columns "rank",
        "mean_test_score" and "std_test_score". Candidates without a score are left
        out.
    metric : str, default="score"
        Name of the score, for the axis label.
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
    >>> import pandas as pd
    >>> from skdl.plots import search_results
    >>> candidates = pd.DataFrame(
    ...     {"rank": [1, 2], "mean_test_score": [0.9, 0.8], "std_test_score": [0.1, 0]}
    ... )
    >>> search_results(candidates, metric="accuracy").get_ylabel()
    'accuracy, mean and std over folds'
    """
    scored = candidates[candidates["mean_test_score"].notna()]
    scored = scored.sort_values("mean_test_score", ascending=False, kind="stable")
    if scored.empty:
        raise DataError(
            "A plot of a search needs a candidate with a score. Got "
            f"{len(candidates)} candidates, all failed. Look at the warnings of the "
            "search, or run it with error_score='raise'."
        )
    ax = new_axes(ax)
    places = range(1, len(scored) + 1)
    ax.errorbar(
        places,
        scored["mean_test_score"],
        yerr=scored["std_test_score"],
        fmt="o",
        color=BLUE,
        ecolor=MUTED,
        elinewidth=1,
        capsize=2.5,
        markersize=5,
    )
    best = scored["mean_test_score"].iloc[0]
    ax.plot([1], [best], "D", color=VERMILLION, markersize=7, zorder=3)
    ax.axhline(best, color=GRID, linestyle="--", zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return finish(
        ax,
        xlabel="candidate, best first",
        ylabel=f"{metric}, mean and std over folds",
        grid="y",
    )
