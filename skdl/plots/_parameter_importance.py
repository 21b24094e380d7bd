"""How much the parameters of a search mattered, as bars."""

from __future__ import annotations

from matplotlib.axes import Axes

from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    as_named_rows,
    finish,
    height_for_rows,
    new_axes,
)
from skdl.search import ParameterImportance


@draws(ParameterImportance)
def parameter_importance(
    importance: ParameterImportance, *, ax: Axes | None = None
) -> Axes:
    """Draw the importances of the parameters of a search, the largest on top.

    Parameters
    ----------
    importance : ParameterImportance
        Result of :func:`skdl.search.parameter_importance`.
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
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl import plots, search
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> grid = GridSearchCV(tree, {"max_depth": [1, 2], "max_features": [1, 4]})
    >>> grid = grid.fit(*load_iris(return_X_y=True))
    >>> importance = search.parameter_importance(grid, random_state=0)
    >>> ax = plots.parameter_importance(importance)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['max_depth', 'max_features']
    """
    n_parameters = len(importance.parameters)
    ax = new_axes(ax, height=height_for_rows(n_parameters))
    bars = ax.barh(range(n_parameters), importance.importances, height=0.6, color=BLUE)
    ax.bar_label(
        bars,
        labels=[f"{value:.0%}" for value in importance.importances],
        padding=4,
        fontsize=9.5,
        color=INK,
    )
    as_named_rows(ax, importance.labels)
    ax.set_xlim(0, max(1.15 * max(importance.importances), 0.1))
    ax.xaxis.set_major_formatter("{x:.0%}")
    return finish(ax, xlabel="share of the explained variation", grid="x")
