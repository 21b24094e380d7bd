"""Optimizers at their tuned learning rates: a small panel each."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from skdl.diagnosis import OptimizerComparison, OptimizerRun
from skdl.exceptions import DataError
from skdl.plots._registry import draws
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
LOG_FROM = 4  # highest shown loss / lowest: above, the axis is logarithmic
FEW_EPOCHS = 4  # with so few, the first counts too
MOST_SHOWN = 0.97  # of the validation losses after the first epoch
WORTH_CUTTING = 1.4  # range of all losses / shown: below, all are shown
EDGE = 0.035  # of the height of the panel


@draws(OptimizerComparison)
def compare_optimizers(
    comparison: OptimizerComparison, *, ax: Axes | np.ndarray | None = None
) -> np.ndarray:
    """Draw a panel per optimizer, the best first, with its losses over the epochs.

    The band is the range of the validation loss over the seeds, the line is its mean,
    with a dot at the best epoch. The dashed line is the mean training loss, and the
    thin lines are the validation losses of the other optimizers. All panels share their
    axes, which fit most validation losses after the first epoch. A triangle marks where
    a curve leaves the panel.

    Parameters
    ----------
    comparison : OptimizerComparison
        Result of :func:`skdl.diagnosis.compare_optimizers`.
    ax : Axes, ndarray of Axes or None, default=None
        Axes to draw on, at least one per optimizer. By default those of a new figure,
        three side by side.

    Returns
    -------
    ax : ndarray of Axes of shape (n_optimizers,)
        The Axes drawn on.

    Raises
    ------
    ParameterTypeError
        If the first argument is of another class.
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
            f"Got {len(grid)} Axes for {len(runs)} optimizers. Pass at least one per "
            "optimizer."
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
    leaves = [_mark_leaving(panel, run) for panel, run in zip(grid, runs, strict=True)]
    has_others = sum(run.has_finished for run in runs) > 1
    _add_legend(grid[0], outside=ax is None, has_others=has_others, leaves=any(leaves))
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
        above.tick_params(labelbottom=True)  # also if there is no panel below
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


def _limits(runs: tuple[OptimizerRun, ...]) -> tuple[float, float, bool]:
    """Return the range of the validation losses, and whether it is logarithmic."""
    # It ends where most losses after the first epoch do, or one bad epoch would make
    # all curves flat. It includes the best epoch of each optimizer.
    finished = [run for run in runs if run.has_finished]
    if not finished:
        return 0.0, 1.0, False
    bands = [run.band() for run in finished]
    later = [mean[1:] if len(mean) > FEW_EPOCHS else mean for mean, _, _ in bands]
    low = min(float(lows.min()) for _, lows, _ in bands)
    most = float(np.quantile(np.concatenate(later), MOST_SHOWN))
    most = max([most, *(float(highs[mean.argmin()]) for mean, _, highs in bands)])
    high = max(float(highs.max()) for _, _, highs in bands)
    is_log = low > 0 and most > LOG_FROM * low
    spans = np.array([most, high]) - low
    if is_log:
        spans = np.log(np.array([most, high]) / low)
    return low, high if spans[1] < WORTH_CUTTING * spans[0] else most, is_log


def _scale(axes: np.ndarray, runs: tuple[OptimizerRun, ...]) -> None:
    """Give all panels the same scale, logarithmic if losses differ widely."""
    low, high, is_log = _limits(runs)
    ends = np.log10([low, high]) if is_log else np.array([low, high])
    span = ends[1] - ends[0] or 1.0
    ends += np.array([-BELOW * span, 0.06 * span])
    if is_log:
        ends = 10.0**ends
    elif low >= 0:  # such losses cannot be below 0
        ends[0] = max(ends[0], -0.03 * (ends[1] - ends[0]))
    longest = max((run.val_losses.shape[1] for run in runs), default=1)
    for ax in axes:
        ax.set_yscale("log" if is_log else "linear")
        ax.set_ylim(*ends)
        ax.set_xlim(1 - 0.03 * longest, longest * 1.03 + 0.1)
        ax.xaxis.set_major_locator(MaxNLocator(3, integer=True, min_n_ticks=1))
        if is_log:
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=5))
            ax.yaxis.set_major_formatter("{x:g}")
            ax.yaxis.set_minor_formatter(NullFormatter())


def _mark_leaving(ax: Axes, run: OptimizerRun) -> bool:
    """Mark where curves leave the panel, and return whether one does."""
    if not run.has_finished:
        return False
    low, high = ax.get_ylim()
    leaves = False
    for quantity, color in (("losses", BLUE), ("val_losses", VERMILLION)):
        mean = run.band(quantity)[0]
        for is_outside, place, marker in (
            (mean > high, 1 - EDGE, "^"),
            (mean < low, EDGE, "v"),
        ):
            begins = is_outside & ~np.concatenate([[False], is_outside[:-1]])
            if not begins.any():
                continue
            leaves = True
            ax.plot(
                _epochs(mean)[begins],
                np.full(begins.sum(), place),
                marker,
                color=color,
                ms=4.5,
                zorder=6,
                transform=ax.get_xaxis_transform(),
            )
    return leaves


def _add_legend(ax: Axes, *, outside: bool, has_others: bool, leaves: bool) -> None:
    handles = [
        Line2D([], [], color=VERMILLION, marker="o", ms=5, label="validation"),
        Line2D([], [], color=BLUE, linestyle="--", label="training"),
    ]
    if has_others:
        handles.append(
            Line2D([], [], color=MUTED, alpha=0.35, lw=0.8, label="the others")
        )
    if leaves:
        handles.append(
            Line2D(
                [], [], color=MUTED, marker="^", ms=4.5, ls="", label="off the panel"
            )
        )
    style: dict = {"fontsize": 8.5, "frameon": False}
    style.update(handlelength=1.6, columnspacing=1.4)
    if outside:
        legend = ax.figure.legend(
            handles=handles, loc="outside upper left", ncols=4, **style
        )
    else:
        legend = ax.legend(handles=handles, loc="best", **style)
    for text in legend.get_texts():
        text.set_color(INK)
