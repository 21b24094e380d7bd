"""Scores of an estimator and a baseline, each metric on its own scale."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from skdl.explain import Performance
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    finish,
    label,
    labels,
    new_axes,
)

TEXT_FROM = 1.07  # where the numbers start, in widths of the drawn rows
RIGHT_END = 1.85


@draws(Performance)
def performance(performance: Performance, *, ax: Axes | None = None) -> Axes:
    """Draw a row per metric: the score and that of the baseline, with intervals.

    Each row has its own scale, as metrics have different units. Better is always to the
    right, and the numbers are next to each row.

    Parameters
    ----------
    performance : Performance
        Result of :func:`skdl.explain.performance`.
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
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skdl import explain, plots
    >>> X, y = load_iris(return_X_y=True)
    >>> found = explain.performance(GaussianNB().fit(X, y), X, y, n_resamples=50)
    >>> [text.get_text() for text in plots.performance(found).get_yticklabels()][:2]
    ['accuracy', 'balanced accuracy']
    """
    n_metrics = len(performance.metrics)
    ax = new_axes(ax, height=1.3 + 0.46 * n_metrics)
    shift = -0.17 if performance.baseline else 0.0
    drawn = [
        (performance.scores, performance.lows, performance.highs, BLUE, "o", shift),
    ]
    if performance.baseline:
        baseline = (
            performance.baseline_scores,
            performance.baseline_lows,
            performance.baseline_highs,
        )
        drawn.append((*baseline, VERMILLION, "D", 0.2))
    for row in range(n_metrics):
        ends = np.array([[part[1][row], part[2][row], part[0][row]] for part in drawn])
        low, high = ends.min(), ends.max()
        for scores, lows, highs, color, marker, shift in drawn:
            places = _places(
                np.array([lows[row], scores[row], highs[row]]),
                low,
                high,
                flipped=not performance.greater_is_better[row],
            )
            height = row + shift
            ax.plot(places[[0, 2]], [height] * 2, color=color, lw=3)
            ax.plot(places[1:2], [height], marker, color=color, ms=6)
            ax.text(
                TEXT_FROM,
                height,
                _numbers(scores[row], lows[row], highs[row]),
                color=INK if color == BLUE else MUTED,
                fontsize=8.5,
                va="center",
            )
    for row in range(n_metrics - 1):
        ax.axhline(row + 0.52, color=MUTED, linewidth=0.4, alpha=0.5)
    names = [
        f"{label(name)} [{label(unit, longest=10)}]" if unit else label(name)
        for name, unit in zip(performance.labels, performance.units, strict=True)
    ]
    ax.set_yticks(range(n_metrics), labels=names)
    ax.set_ylim(n_metrics - 0.45, -0.5)
    ax.set_xlim(-0.04, RIGHT_END)
    ax.set_xticks([])
    finish(ax, grid="none")
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(
        f"better \N{RIGHTWARDS ARROW}  (each row on its own scale)\n"
        f"with {performance.confidence_level * 100:g} % interval",
        fontsize=9,
        color=INK,
        loc="right",
    )
    ax.spines["bottom"].set_visible(False)
    if performance.baseline:
        _add_legend(ax, performance.baseline)
    return ax


def _places(
    values: np.ndarray, low: float, high: float, *, flipped: bool
) -> np.ndarray:
    """Scale values to [0, 1], with better ones to the right."""
    if high == low:
        return np.full(len(values), 0.5)
    share = (values - low) / (high - low)
    return 1 - share if flipped else share


def _numbers(score: float, low: float, high: float) -> str:
    def shown(value: float) -> str:
        text = f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"
        return "0.000" if text == "-0.000" else text

    return f"{shown(score)} ({shown(low)} to {shown(high)})"


def _add_legend(ax: Axes, baseline: str) -> None:
    handles = [
        Line2D([], [], color=BLUE, marker="o", lw=3),
        Line2D([], [], color=VERMILLION, marker="D", lw=3),
    ]
    legend = ax.legend(
        handles,
        labels(["model", f"baseline: {baseline}"], longest=48),
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.2,
        frameon=False,
        fontsize=8.5,
        handlelength=1.4,
    )
    for text in legend.get_texts():
        text.set_color(INK)
