"""How good an explanation is: deletion and insertion curves, or all measures."""

from __future__ import annotations

from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import DataError, ParameterError
from skdl.explain import ExplanationQuality
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    finish,
    labels,
    new_axes,
)

# The others are not shares: a score and a number of features.
ASPECTS_DRAWN = ("fidelity", "stability", "consistency")


@draws(ExplanationQuality)
def explanation_quality(
    quality: Any,
    *,
    kind: Literal["deletion", "insertion", "measures"] = "deletion",
    ax: Axes | None = None,
) -> Axes:
    """Draw how good an explanation is.

    Parameters
    ----------
    quality : ExplanationQuality
        Result of :func:`skdl.explain.explanation_quality`.
    kind : {"deletion", "insertion", "measures"}, default="deletion"
        "deletion": the share of the variation that is lost as the most important
        features are replaced; "insertion": the share that is kept as they are put back.
        Both next to the mean and the middle 90 % of random orders. "measures":
        fidelity, stability and consistency, as points with their intervals.
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
    ParameterError
        If the kind is unknown.
    DataError
        If the curves could not be measured.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl import explain, plots
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y)
    >>> quality = explain.explanation_quality(tree, X, y, random_state=0)
    >>> plots.explanation_quality(quality).get_xlabel()
    'most important features replaced'
    """
    if kind == "measures":
        return _draw_measures(quality, ax)
    if kind not in ("deletion", "insertion"):
        raise ParameterError(
            "The 'kind' parameter must be 'deletion', 'insertion' or 'measures'. "
            f"Got {kind!r} instead."
        )
    if quality.curves.empty:
        raise DataError(f"The {kind} curve was {quality[f'{kind} gain'].status}.")
    return _draw_curve(quality, kind, ax)


def _draw_curve(quality: Any, kind: str, ax: Axes | None) -> Axes:
    ax = new_axes(ax, height=3.2)
    curves = quality.curves
    steps = curves["n_features"]
    band = ax.fill_between(
        steps,
        curves[f"{kind}_low"],
        curves[f"{kind}_high"],
        color=MUTED,
        alpha=0.22,
        linewidth=0,
    )
    (mean,) = ax.plot(steps, curves[f"{kind}_random"], color=MUTED, linestyle="--")
    marker = "o" if len(steps) <= 21 else None
    color = BLUE if kind == "deletion" else GREEN
    (own,) = ax.plot(steps, curves[kind], color=color, marker=marker, markersize=4)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(
        [own, (band, mean)],
        ["by importance", "random order: mean, middle 90 %"],
        loc="upper center",
        bbox_to_anchor=(0.45, -0.2),
        ncols=2,
        columnspacing=1.2,
    )
    gain = quality[f"{kind} gain"]
    is_deletion = kind == "deletion"
    done = "replaced" if is_deletion else "put back"
    return finish(
        ax,
        title=f"gain {gain.value:.2f} [{gain.low:.2f}, {gain.high:.2f}]",
        xlabel=f"most important features {done}",
        ylabel=f"variation {'lost' if is_deletion else 'kept'} (share)",
    )


def _draw_measures(quality: Any, ax: Axes | None) -> Axes:
    drawn = [each for each in quality.measures if each.aspect in ASPECTS_DRAWN]
    ax = new_axes(ax, height=0.8 + 0.42 * len(drawn))
    shown = [(place, each) for place, each in enumerate(drawn) if each.is_measured]
    for place, each in shown:
        ax.plot([each.low, each.high], [place, place], color=BLUE, linewidth=2.5)
    ax.plot(
        [each.value for _, each in shown],
        [place for place, _ in shown],
        color=INK,
        marker="o",
        markersize=5,
        linestyle="none",
    )
    least = min([0.0, *(each.low for _, each in shown)])
    ax.set_xlim(least - 0.05, 1.05)
    for place, each in enumerate(drawn):
        if not each.is_measured:
            ax.text(
                0.5,
                place,
                "not measured",
                color=MUTED,
                fontsize=9,
                ha="center",
                va="center",
            )
    ax.axvline(0, color=MUTED, linewidth=1)
    names = ["\n".join(labels(each.measure.split(", "))) for each in drawn]
    ax.set_yticks(range(len(drawn)), labels=names)
    ax.set_ylim(len(drawn) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    return finish(ax, xlabel="value and 95 % interval", grid="x")
