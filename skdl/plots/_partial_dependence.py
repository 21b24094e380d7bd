"""The average prediction as one feature changes, a panel per feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import DataError
from skdl.plots._style import BLUE, WIDTH, finish, label, labels

N_COLUMNS = 2


def partial_dependence(
    dependences: Mapping[Any, Any],
    *,
    target: str = "prediction",
    class_index: int = 0,
    axes: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the partial dependence of each feature in a panel of its own.

    Parameters
    ----------
    dependences : mapping of feature name to Bunch
        What ``sklearn.inspection.partial_dependence`` returned for each feature alone,
        with "grid_values" and "average". A grid of words is drawn as bars.
    target : str, default="prediction"
        What the model predicts, for the axis label.
    class_index : int, default=0
        Which row of "average" to draw: the class or output.
    axes : ndarray of Axes or None, default=None
        Where to draw, at least one per feature. By default in a new figure, two side
        by side. All share the range of the y axis.

    Returns
    -------
    axes : ndarray of Axes of shape (n_features,)
        The Axes drawn on.

    Raises
    ------
    DataError
        If there is no feature, or there are fewer Axes than features.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.utils import Bunch
    >>> from skdl.plots import partial_dependence
    >>> dependence = Bunch(
    ...     grid_values=[np.array([1.0, 2.0])], average=np.array([[0.2, 0.7]])
    ... )
    >>> axes = partial_dependence({"height": dependence}, target="probability")
    >>> axes[0].get_title(loc="left")
    'height'
    """
    n_features = len(dependences)
    n_axes = n_features if axes is None else np.size(axes)
    if not dependences or n_axes < n_features:
        raise DataError(
            "Partial dependences need at least one feature, and one of the Axes per "
            f"feature. Got {n_features} features and {n_axes} Axes."
        )
    panels = _new_panels(n_features) if axes is None else np.ravel(axes)[:n_features]
    curves = {
        name: np.asarray(dependence.average)[class_index]
        for name, dependence in dependences.items()
    }
    low = min(curve.min() for curve in curves.values())
    high = max(curve.max() for curve in curves.values())
    margin = 0.08 * (high - low) or 0.5
    for panel, (name, curve) in zip(panels, curves.items(), strict=True):
        grid = np.asarray(dependences[name]["grid_values"][0])
        _draw_curve(panel, grid, curve, floor=low - margin)
        panel.set_ylim(low - margin, high + margin)
        is_first_column = panel.get_subplotspec() is None or (
            panel.get_subplotspec().is_first_col()
        )
        finish(
            panel,
            title=label(name, longest=20),
            ylabel=label(target) if is_first_column else "",
            grid="y",
        )
    return panels


def _new_panels(n_features: int) -> np.ndarray:
    n_columns = min(N_COLUMNS, n_features)
    n_rows = -(-n_features // n_columns)
    figure, grid = plt.subplots(
        n_rows,
        n_columns,
        figsize=(WIDTH, 1.9 * n_rows),
        layout="constrained",
        squeeze=False,
    )
    for spare in grid.ravel()[n_features:]:
        figure.delaxes(spare)
    return grid.ravel()[:n_features]


def _draw_curve(ax: Axes, grid: np.ndarray, curve: np.ndarray, *, floor: float) -> None:
    if grid.dtype.kind in "fiu":
        marker = "o" if len(grid) < 12 else None
        ax.plot(grid, curve, color=BLUE, marker=marker, markersize=4)
        if len(grid) <= 4:
            ax.set_xticks(grid)
        else:
            ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
        return
    ax.bar(range(len(grid)), curve - floor, bottom=floor, width=0.6, color=BLUE)
    crowded = len(grid) > 2
    ax.set_xticks(
        range(len(grid)),
        labels=labels(list(grid), longest=12),
        rotation=35 if crowded else 0,
        ha="right" if crowded else "center",
    )
