"""Which classes are confused: a matrix, or the most common mistakes of many."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from skdl.explain import Confusion
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    as_named_rows,
    finish,
    height_for_rows,
    label,
    labels,
    new_axes,
    write_beside,
)

MOST_CLASSES = 10
MOST_PAIRS = 15
DARK = 0.8  # from this share on, white text is easier to read


@draws(Confusion)
def confusion(confusion: Confusion, *, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix, each cell shaded by its share of the true class.

    With more than ten classes it draws the most common mistakes, for labels a row each.

    Parameters
    ----------
    confusion : Confusion
        Result of :func:`skdl.explain.confusion`.
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
    >>> found = explain.confusion(GaussianNB().fit(X, y), X, y)
    >>> plots.confusion(found).get_xlabel()
    'predicted class'
    """
    if confusion.task == "multilabel":
        return _draw_labels(confusion, ax)
    if len(confusion.labels) > MOST_CLASSES:
        return _draw_pairs(confusion, ax)
    n_classes = len(confusion.labels)
    ax = new_axes(ax, height=1.1 + 0.38 * max(n_classes, 3))
    # Ten columns leave room for three digits each.
    size = 9.5 if n_classes <= 6 else 7.5
    for true in range(n_classes):
        for predicted in range(n_classes):
            _draw_cell(
                ax,
                (predicted, true),
                confusion.normalized[true, predicted],
                confusion.matrix[true, predicted],
                size=size,
                with_share=n_classes <= 4,
            )
    _frame(ax, n_classes, n_classes)
    longest = 14 if n_classes <= 4 else 9
    is_long = max(len(name) for name in confusion.labels) > 30 / n_classes
    ax.set_xticks(
        range(n_classes),
        labels=labels(confusion.labels, longest=longest),
        rotation=35 if is_long else 0,
        ha="right" if is_long else "center",
        rotation_mode="anchor" if is_long else "default",
    )
    ax.set_yticks(range(n_classes), labels=labels(confusion.labels, longest=14))
    return _finished(ax, "predicted class", "true class")


def _draw_cell(
    ax: Axes,
    place: tuple[int, int],
    share: float,
    count: int,
    *,
    size: float,
    with_share: bool,
) -> None:
    shade = 0.0 if np.isnan(share) else float(share)
    corner = (place[0] - 0.5, place[1] - 0.5)
    # Transparent rather than light: the page may be dark.
    ax.add_patch(
        Rectangle(corner, 1, 1, facecolor=BLUE, alpha=shade, linewidth=0, zorder=1)
    )
    text = f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if with_share and not np.isnan(share):
        text += f"\n{share * 100:.0f} %"
    ax.text(
        *place,
        text,
        ha="center",
        va="center",
        fontsize=size,
        color="white" if shade >= DARK else INK,
        alpha=0.45 if count == 0 else 1,
        zorder=2,
    )


def _frame(ax: Axes, n_columns: int, n_rows: int) -> None:
    ax.set_xlim(-0.5, n_columns - 0.5)
    ax.set_ylim(n_rows - 0.5, -0.5)


def _finished(ax: Axes, xlabel: str, ylabel: str) -> Axes:
    finish(ax, xlabel=xlabel, ylabel=ylabel, grid="none")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_linewidth(0.6)
    return ax


def _draw_labels(confusion: Confusion, ax: Axes | None) -> Axes:
    """Draw a row per label: right and wrong predictions of absent and present."""
    n_labels = len(confusion.labels)
    ax = new_axes(ax, height=1.3 + 0.38 * max(n_labels, 2))
    order: Any = ((0, 0), (0, 1), (1, 0), (1, 1))
    for row in range(n_labels):
        for place, cell in enumerate(order):
            _draw_cell(
                ax,
                (place, row),
                confusion.normalized[row][cell],
                confusion.matrix[row][cell],
                size=9,
                with_share=False,
            )
    _frame(ax, len(order), n_labels)
    names = ("absent,\ncorrect", "absent, but\npredicted", "present, but\nmissed")
    ax.set_xticks(range(len(order)), labels=[*names, "present,\ncorrect"])
    ax.set_yticks(range(n_labels), labels=labels(confusion.labels, longest=16))
    ax.axvline(1.5, color=INK, linewidth=0.8)
    _finished(ax, "rows (shade: share of the absent or present ones)", "")
    ax.tick_params(axis="x", labelsize=8.5)
    return ax


def _draw_pairs(confusion: Confusion, ax: Axes | None) -> Axes:
    """Draw the most common mistakes of many classes."""
    pairs = confusion.most_confused(MOST_PAIRS)
    ax = new_axes(ax, height=height_for_rows(len(pairs)))
    ax.barh(range(len(pairs)), pairs["n_samples"], color=BLUE, height=0.6)
    for row, pair in enumerate(pairs.itertuples()):
        text = f"{pair.n_samples} ({pair.share * 100:.0f} %)"
        write_beside(ax, text, (pair.n_samples, row))
    as_named_rows(ax, [""] * len(pairs))
    arrow = " \N{RIGHTWARDS ARROW} "
    ax.set_yticks(
        range(len(pairs)),
        labels=[
            f"{label(true, longest=14)}{arrow}{label(predicted, longest=14)}"
            for true, predicted in zip(pairs["true"], pairs["predicted"], strict=True)
        ],
    )
    ax.margins(x=0.22)
    ax.set_xlim(left=0)
    n_classes = len(confusion.labels)
    xlabel = f"rows (share of the true class); {n_classes} classes"
    return finish(ax, title=f"true{arrow}predicted", xlabel=xlabel, grid="x")
