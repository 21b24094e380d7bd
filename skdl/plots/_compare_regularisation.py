"""Training and test loss of a network with each kind of regularisation."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from skdl.diagnosis import RegularisationComparison
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    MUTED,
    VERMILLION,
    as_named_rows,
    finish,
    height_for_rows,
    label,
    new_axes,
    write_in_row,
)


@draws(RegularisationComparison)
def compare_regularisation(
    comparison: RegularisationComparison, *, ax: Axes | None = None
) -> Axes:
    """Draw a row per kind: its training and test loss, and the gap between them.

    Bars are standard errors of the means. A dotted line marks the test loss without
    regularisation.

    Parameters
    ----------
    comparison : RegularisationComparison
        Result of :func:`skdl.diagnosis.compare_regularisation`.
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
    >>> comparison = diagnosis.compare_regularisation(
    ...     MLPClassifier((4,), epochs=3), X, y, strengths={"l2": [0.01]}, cv=2
    ... )
    >>> ax = plots.compare_regularisation(comparison)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['none', 'l2 0.01']
    """
    table = comparison.to_frame()
    rows = np.arange(len(table))
    ax = new_axes(ax, height=height_for_rows(len(rows)) + 0.3)
    best = comparison.kinds.index(comparison.best_kind)
    none = table["test_loss"][0]
    if np.isfinite(none):
        ax.axvline(none, color=MUTED, linestyle=":", linewidth=1, zorder=0)
    ax.hlines(rows, table["train_loss"], table["test_loss"], color=MUTED, linewidth=0.8)
    parts = (
        ("training", "train", GREEN, "o", rows),
        ("test", "test", BLUE, "s", rows[rows != best]),
        ("test, best", "test", VERMILLION, "D", rows[rows == best]),
    )
    for name, part, color, marker, shown in parts:
        ax.errorbar(
            table[f"{part}_loss"][shown],
            shown,
            xerr=np.nan_to_num(table[f"{part}_loss_error"][shown]),
            color=color,
            marker=marker,
            markersize=6,
            linestyle="none",
            elinewidth=1.5,
            capsize=3,
            label=name,
        )
    for row in rows[~np.isfinite(table["test_loss"])]:
        write_in_row(ax, row, table["status"][row])
    as_named_rows(ax, comparison.names)
    # From the right, so that it may extend above the names.
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.2)
    return finish(ax, xlabel=f"{label(comparison.metric)}, lower is better", grid="x")
