"""The features that a counterfactual changes, and by how much."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.explain import Counterfactual
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    MUTED,
    as_named_rows,
    finish,
    label,
    new_axes,
    write_beside,
)

ARROW = "\N{RIGHTWARDS ARROW}"
LONGEST_VALUE = 10  # characters


@draws(Counterfactual)
def counterfactual(
    counterfactual: Any, *, n_best: int = 12, ax: Axes | None = None
) -> Axes:
    """Draw the changed features as bars, with their values before and after.

    Parameters
    ----------
    counterfactual : Counterfactual
        Result of :func:`skdl.explain.counterfactual`.
    n_best : int, default=12
        How many features to draw, those with the largest steps.
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
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl import explain, plots
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
    >>> ax = plots.counterfactual(explain.counterfactual(tree, X, 60, desired=2))
    >>> [text.get_text() for text in ax.texts]
    ['1 → 1.8']
    """
    frame = counterfactual.to_frame().head(n_best)
    units = dict(zip(counterfactual.feature_names, counterfactual.units, strict=False))
    ax = new_axes(ax, height=1.0 + 0.4 * max(len(frame), 2))
    steps = frame["step"].to_numpy(dtype=float)
    color = BLUE if counterfactual.found else MUTED
    ax.barh(np.arange(len(frame)) + 0.15, steps, height=0.3, color=color)
    for row, (name, before, after, _) in enumerate(frame.itertuples(index=False)):
        text = f"{_shown(before)} {ARROW} {_shown(after)}"
        unit = label(units.get(name, ""), longest=6)
        write_beside(ax, f"{text} {unit}".strip(), (0, row - 0.22), size=9)
    ax.set_xlim(0, 1.1 * max(steps, default=1.0))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5))
    as_named_rows(ax, list(frame["feature"]))
    if not len(frame):
        ax.set_ylim(1, 0)
    before = _shown(counterfactual.prediction_before)
    title = f"{before} {ARROW} {_shown(counterfactual.prediction_after)}"
    if not counterfactual.found:
        title = f"not found: {label(counterfactual.desired)}"
    return finish(ax, title=title, xlabel="step (median deviations)", grid="x")


def _shown(value: Any) -> str:
    is_real = isinstance(value, float | np.floating)
    if is_real and np.isnan(value):
        return "missing"
    return label(f"{value:.4g}" if is_real else value, longest=LONGEST_VALUE)
