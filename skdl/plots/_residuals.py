"""Residuals over predictions, with their median and spread by decile."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.explain import Residuals
from skdl.plots._effects import response_in_words
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    MUTED,
    SKY,
    VERMILLION,
    finish,
    label,
    legend_above,
    new_axes,
)

MOST_POINTS_AS_LINES = 2000


@draws(Residuals)
def residuals(residuals: Residuals, *, ax: Axes | None = None) -> Axes:
    """Draw the residual of each row over its prediction, with the median by decile.

    Parameters
    ----------
    residuals : Residuals
        Result of :func:`skdl.explain.residuals`.
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
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import LinearRegression
    >>> from skdl import explain, plots
    >>> X, y = load_diabetes(return_X_y=True)
    >>> found = explain.residuals(LinearRegression().fit(X, y), X, y)
    >>> plots.residuals(found).get_ylabel()
    'target minus prediction'
    """
    ax = new_axes(ax, height=3.4)
    n_samples = len(residuals.residuals)
    ax.plot(
        residuals.predicted,
        residuals.residuals,
        ".",
        color=BLUE,
        alpha=min(0.6, max(0.08, 150 / n_samples)),
        markersize=6 if n_samples < 500 else 4,
        markeredgewidth=0,
        # Many single points would make the page large.
        rasterized=n_samples > MOST_POINTS_AS_LINES,
    )
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.fill_between(
        residuals.bin_predicted,
        residuals.bin_lows,
        residuals.bin_highs,
        color=SKY,
        alpha=0.3,
        linewidth=0,
        label="80 % of rows",
    )
    ax.plot(
        residuals.bin_predicted,
        residuals.bin_medians,
        color=VERMILLION,
        marker="o",
        markersize=4,
        linewidth=1.5,
        label="median",
    )
    rows = residuals.largest
    ax.plot(
        residuals.predicted[rows],
        residuals.residuals[rows],
        "o",
        markerfacecolor="none",
        markeredgecolor=VERMILLION,
        markersize=7,
        markeredgewidth=1,
        label=f"{len(rows)} largest",
    )
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
    unit = f" [{label(residuals.unit, longest=12)}]" if residuals.unit else ""
    legend_above(
        ax, n_columns=3, borderaxespad=0.2, handlelength=1.4, columnspacing=1.2
    )
    name = label(response_in_words("prediction", residuals.output), longest=30)
    return finish(ax, xlabel=f"{name}{unit}", ylabel=f"target minus {name}{unit}")
