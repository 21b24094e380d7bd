"""How much the score drops when one feature is shuffled, as boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from skdl.exceptions import DataError
from skdl.plots._style import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    as_named_rows,
    finish,
    height_for_rows,
    new_axes,
)


def permutation_importance(
    importance: Any,
    feature_names: Sequence[object],
    *,
    n_best: int = 12,
    metric: str = "score",
    ax: Axes | None = None,
) -> Axes:
    """Draw permutation importances as one box per feature, the largest on top.

    Parameters
    ----------
    importance : Bunch
        What ``sklearn.inspection.permutation_importance`` returned: its attribute
        "importances" has shape (n_features, n_repeats), in units of the score.
    feature_names : sequence of shape (n_features,)
        Names of the features.
    n_best : int, default=12
        How many features to draw.
    metric : str, default="score"
        Name of the score, for the axis label.
    ax : Axes or None, default=None
        Where to draw. By default in a new figure.

    Returns
    -------
    ax : Axes
        The Axes drawn on.

    Raises
    ------
    DataError
        If the number of names is not the number of features.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.utils import Bunch
    >>> from skdl.plots import permutation_importance
    >>> importance = Bunch(importances=np.array([[0.1, 0.1], [0.3, 0.2]]))
    >>> ax = permutation_importance(importance, ["height", "weight"])
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['weight', 'height']
    """
    importances = np.asarray(importance.importances)  # (n_features, n_repeats)
    if len(feature_names) != len(importances):
        raise DataError(
            "The 'feature_names' parameter must have one name per feature. Got "
            f"{len(feature_names)} names for {len(importances)} features."
        )
    order = np.argsort(-importances.mean(axis=1), kind="stable")[:n_best]
    ax = new_axes(ax, height=height_for_rows(len(order)))
    line = {"color": INK, "linewidth": 1}
    ax.boxplot(
        importances[order].T,
        positions=range(len(order)),
        orientation="horizontal",
        widths=0.6,
        patch_artist=True,
        manage_ticks=False,
        boxprops={"facecolor": BLUE, "edgecolor": BLUE, "alpha": 0.55},
        medianprops={"color": VERMILLION, "linewidth": 2},
        whiskerprops=line,
        capprops=line,
        flierprops={"marker": ".", "markersize": 5, "markeredgecolor": INK},
    )
    ax.axvline(0, color=MUTED, linewidth=1)
    as_named_rows(ax, [feature_names[index] for index in order])
    return finish(ax, xlabel=f"drop of {metric} when shuffled", grid="x")
