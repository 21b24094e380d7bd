"""An estimator and its baselines: mean scores, and their differences."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from skdl.diagnosis import BaselineComparison, ScoredModel
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    as_named_rows,
    finish,
    label,
    new_axes,
)

TEXT_FROM = 1.04  # where the differences start, in widths of the Axes
WORDS = {
    "better": "better than",
    "not distinguishable": "not distinguishable from",
    "worse": "worse than",
}


@draws(BaselineComparison)
def compare_baselines(
    comparison: BaselineComparison, *, ax: Axes | None = None
) -> Axes:
    """Draw a row per model, with its mean score and interval; the estimator is red.

    The text next to each baseline is its score, and by how much the estimator is
    better, with the interval of that paired difference. It is narrower than the
    intervals of the two rows suggest.

    Parameters
    ----------
    comparison : BaselineComparison
        Result of :func:`skdl.diagnosis.compare_baselines`.
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
    >>> from skdl import diagnosis, plots
    >>> X, y = load_iris(return_X_y=True)
    >>> comparison = diagnosis.compare_baselines(
    ...     DecisionTreeClassifier(), X, y, baselines={"gradient boosting": None}
    ... )
    >>> plots.compare_baselines(comparison).get_xlabel()
    'accuracy, mean of 15 folds, 95 % interval'
    """
    models = (comparison.estimator, *comparison.baselines)
    ax = new_axes(ax, height=1.45 + 0.38 * len(models))
    beside = blended_transform_factory(ax.transAxes, ax.transData)
    for row, model in enumerate(models):
        is_estimator = row == 0
        color = VERMILLION if is_estimator else BLUE
        ax.plot([model.low, model.high], [row, row], color=color, lw=3)
        marker = "D" if is_estimator else "o"
        ax.plot([model.score], [row], marker, color=color, ms=8)
        text = "better by" if is_estimator else _difference(model)
        ax.text(
            TEXT_FROM,
            row,
            f"{shown(model.score)}, {text}",
            transform=beside,
            fontsize=8.5,
            linespacing=1.15,
            color=INK,
            va="center",
        )
    score = comparison.estimator.score
    ax.axvline(score, color=MUTED, linestyle=":", linewidth=1, zorder=0)
    as_named_rows(ax, [model.name for model in models])
    ax.get_yticklabels()[0].set_fontweight("bold")
    metric, level = label(comparison.metric), comparison.confidence_level * 100
    best = label(comparison.baselines[0].name)
    finish(
        ax,
        xlabel=f"{metric}, mean of {comparison.n_folds} folds, {level:g} % interval",
        grid="x",
    )
    title = f"{WORDS[comparison.conclusion]} the best baseline, {best}"
    ax.set_title(
        "\n".join(textwrap.wrap(title, 46)), loc="left", fontsize=10, color=INK
    )
    return ax


def _difference(model: ScoredModel) -> str:
    low, high = signed(model.difference_low), signed(model.difference_high)
    return f"{signed(model.difference)}\n({low} to {high})"


def shown(value: float, sign: str = "") -> str:
    """Write a score with three decimal places, or four digits if it is large."""
    text = f"{value:{sign}.3f}" if abs(value) < 10 else f"{value:{sign}.4g}"
    return text.replace("-", "\N{MINUS SIGN}")


def signed(value: float) -> str:
    """Write a difference of scores with its sign."""
    return shown(value, "+")
