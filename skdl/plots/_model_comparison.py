"""Test scores of several models, with their intervals."""

from __future__ import annotations

from matplotlib.axes import Axes

from skdl.explain import ModelComparison
from skdl.plots._registry import draws
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


@draws(ModelComparison)
def model_comparison(comparison: ModelComparison, *, ax: Axes | None = None) -> Axes:
    """Draw a row per model, with its test score and interval; the reference is red.

    Parameters
    ----------
    comparison : ModelComparison
        Result of :func:`skdl.explain.compare_models`.
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
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl import explain, plots
    >>> X, y = load_iris(return_X_y=True)
    >>> models = {"tree": DecisionTreeClassifier(), "dummy": DummyClassifier()}
    >>> models = {name: model.fit(X, y) for name, model in models.items()}
    >>> comparison = explain.compare_models(models, X, y, n_resamples=50)
    >>> plots.model_comparison(comparison).get_xlabel()
    'accuracy on the test set, with 95 % interval'
    """
    ax = new_axes(ax, height=height_for_rows(len(comparison.models)))
    table = comparison.to_frame()
    for row, model in enumerate(table.itertuples()):
        is_reference = model.model == comparison.reference
        color = VERMILLION if is_reference else BLUE
        ax.plot([model.score_low, model.score_high], [row, row], color=color, lw=3)
        ax.plot([model.score], [row], "D" if is_reference else "o", color=color, ms=8)
        ax.annotate(
            f"{model.score:.3f}",
            (model.score, row),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=9.5,
            color=INK,
        )
        if is_reference:
            ax.axvline(model.score, color=MUTED, linestyle=":", linewidth=1, zorder=0)
    as_named_rows(ax, comparison.models)
    xlabel = (
        f"{comparison.metric} on the test set, with "
        f"{comparison.confidence_level * 100:g} % interval"
    )
    return finish(ax, xlabel=xlabel, grid="x")
