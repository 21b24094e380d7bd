"""Optimizers at their tuned rates: a small panel each, the others behind it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from skdl.diagnosis import OptimizerComparison, OptimizerRun
from skdl.exceptions import DataError
from skdl.plots._style import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    WIDTH,
    finish,
    in_a_row,
    label,
)

N_COLUMNS = 3
BELOW = 0.4  # room for training losses, in spans of the validation losses
LOG_FROM = 20  # highest loss over lowest, from which the axis is logarithmic


def compare_optimizers(
    comparison: OptimizerComparison, *, ax: Axes | np.ndarray | None = None
) -> np.ndarray:
    """Draw a panel per optimizer, the best first: its losses over the epochs.

    The band is the range of the validation loss over the seeds, the line its mean, the
    dot the epoch where that is lowest, the dashed line the mean training loss. Behind
    them are the validation losses of the other optimizers. All panels share their axes,
    which are made for validation losses: a training loss may leave them.

    Parameters
    ----------
    comparison : OptimizerComparison
        What :func:`skdl.diagnosis.compare_optimizers` returned.
    ax : Axes, ndarray of Axes or None, default=None
        Where to draw, at least one of the Axes each. By default in a new figure, three
        side by side.

    Returns
    -------
    ax : ndarray of Axes of shape (n_optimizers,)
        The Axes drawn on.

    Raises
    ------
    DataError
        If there are fewer Axes than optimizers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skdl import MLPClassifier, diagnosis, plots
    >>> X, y = load_iris(return_X_y=True)
    >>> comparison = diagnosis.compare_optimizers(
    ...     MLPClassifier((8,), epochs=5), X, y, ["adam"], rates=[0.01], n_repeats=2
    ... )
    >>> plots.compare_optimizers(comparison)[0].get_title(loc="left")
    'adam, 0.01'
    """
    runs = comparison.runs
    grid = _new_panels(len(runs)) if ax is None else in_a_row(ax)
    if len(grid) < len(runs):
        raise DataError(
            "A comparison of optimizers needs one of the Axes per optimizer. Got "
            f"{len(runs)} optimizers and {len(grid)} Axes."
        )
    grid = grid[: len(runs)]
    for number, (panel, run) in enumerate(zip(grid, runs, strict=True)):
        for other in runs:
            if other is not run and other.has_finished:
                mean, _, _ = other.band()
                panel.plot(
                    _epochs(mean), mean, color=MUTED, alpha=0.35, lw=0.8, zorder=1
                )
        _draw(panel, run)
        is_first = number % N_COLUMNS == 0
        is_last = number + N_COLUMNS >= len(runs)
        finish(
            panel,
            xlabel="epoch" if is_last else "",
            ylabel="loss" if is_first else "",
            grid="none",
        )
        size = 9.5 if run.status == "trained" else 8.5
        panel.set_title(_title(run), loc="left", fontsize=size, color=INK)
        panel.tick_params(labelsize=8.5)
    _scale(grid, runs)
    has_others = sum(run.has_finished for run in runs) > 1
    _add_legend(grid[0], outside=ax is None, has_others=has_others)
    return grid


def _title(run: OptimizerRun) -> str:
    name = label(run.name, longest=16)
    if not run.has_finished:
        return f"{name}:\n{run.status.replace('diverged with', 'diverged,')}"
    n_seeds = len(run.seeds) + len(run.diverged)
    lost = f"\n{len(run.diverged)} of {n_seeds} diverged" if run.diverged else ""
    return f"{name}, {run.learning_rate:g}{lost}"


def _epochs(values: np.ndarray) -> np.ndarray:
    return np.arange(1, len(values) + 1)


def _new_panels(n_panels: int) -> np.ndarray:
    n_columns = min(N_COLUMNS, n_panels)
    n_rows = -(-n_panels // n_columns)
    figure, grid = plt.subplots(
        n_rows,
        n_columns,
        figsize=(WIDTH, 0.8 + 1.35 * n_rows),
        layout="constrained",
        squeeze=False,
        sharex=True,
        sharey=True,
    )
    for spare in grid.ravel()[n_panels:]:
        figure.delaxes(spare)
    for above in grid.ravel()[:n_panels][-n_columns:]:
        above.tick_params(labelbottom=True)  # also where no panel is below it
    return grid.ravel()[:n_panels]


def _draw(ax: Axes, run: OptimizerRun) -> None:
    if run.has_finished:
        mean, low, high = run.band()
        epochs = _epochs(mean)
        best = int(mean.argmin())
        marker = "o" if len(mean) == 1 else None
        ax.fill_between(epochs, low, high, color=VERMILLION, alpha=0.25, lw=0, zorder=2)
        training = run.band("losses")[0]
        ax.plot(epochs, training, "--", color=BLUE, lw=1.2, marker=marker, zorder=3)
        ax.plot(epochs, mean, color=VERMILLION, lw=1.6, zorder=4)
        ax.plot([1 + best], [mean[best]], "o", color=VERMILLION, ms=5, zorder=5)


def _scale(axes: np.ndarray, runs: tuple[OptimizerRun, ...]) -> None:
    """The same scale for all, logarithmic where losses are of many sizes."""
    curves = [part for run in runs if run.has_finished for part in run.band()]
    low = min((float(curve.min()) for curve in curves), default=0.0)
    high = max((float(curve.max()) for curve in curves), default=1.0)
    is_log = low > 0 and high > LOG_FROM * low
    ends = np.log10([low, high]) if is_log else np.array([low, high])
    span = ends[1] - ends[0] or 1.0
    ends += np.array([-BELOW * span, 0.06 * span])
    if is_log:
        ends = 10.0**ends
    elif low >= 0:  # losses that cannot be below 0 end there
        ends[0] = max(ends[0], -0.03 * (ends[1] - ends[0]))
    longest = max((len(curve) for curve in curves), default=1)
    for ax in axes:
        ax.set_yscale("log" if is_log else "linear")
        ax.set_ylim(*ends)
        ax.set_xlim(1 - 0.03 * longest, longest * 1.03 + 0.1)
        ax.xaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=1))


def _add_legend(ax: Axes, *, outside: bool, has_others: bool) -> None:
    handles = [
        Line2D([], [], color=VERMILLION, marker="o", ms=5, label="validation"),
        Line2D([], [], color=BLUE, linestyle="--", label="training"),
    ]
    if has_others:
        handles.append(
            Line2D([], [], color=MUTED, alpha=0.35, lw=0.8, label="the others")
        )
    style: dict = {"fontsize": 8.5, "frameon": False, "handlelength": 1.6}
    if outside:
        legend = ax.figure.legend(
            handles=handles, loc="outside upper left", ncols=3, **style
        )
    else:
        legend = ax.legend(handles=handles, loc="best", **style)
    for text in legend.get_texts():
        text.set_color(INK)
