"""How much the score drops when each feature is shuffled, as boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sklearn.utils import Bunch

from skdl.exceptions import DataError
from skdl.explain import PermutationImportance
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
)


@draws(PermutationImportance, also=Bunch)
def permutation_importance(
    importance: Any,
    *,
    feature_names: Sequence[object] | None = None,
    n_best: int = 12,
    metric: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw permutation importances as a box per feature, the largest on top.

    Parameters
    ----------
    importance : PermutationImportance or Bunch
        Result of :func:`skdl.explain.permutation_importance`, or of the function of
        ``sklearn.inspection``: its attribute "importances" has shape (n_features,
        n_repeats), in units of the score.
    feature_names : sequence of shape (n_features,) or None, default=None
        Names of the features. By default those of the record.
    n_best : int, default=12
        How many features to draw.
    metric : str or None, default=None
        Name of the score, for the axis label. By default that of the record.
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
        If there are no names, or not one per feature.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.utils import Bunch
    >>> from skdl.plots import permutation_importance
    >>> importance = Bunch(importances=np.array([[0.1, 0.1], [0.3, 0.2]]))
    >>> ax = permutation_importance(
    ...     importance, feature_names=["height", "weight"]
    ... )
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['weight', 'height']
    """
    importances = np.asarray(importance.importances)  # (n_features, n_repeats)
    if feature_names is None:
        feature_names = getattr(importance, "feature_names", None)
    if feature_names is None:
        raise DataError(
            "Pass the 'feature_names' parameter: the importances, here a "
            f"{type(importance).__name__}, do not have the names of the features."
        )
    metric = metric or getattr(importance, "metric", "score")
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
    xlabel = f"drop in {label(metric)} when shuffled"
    return finish(ax, xlabel=xlabel, grid="x")
