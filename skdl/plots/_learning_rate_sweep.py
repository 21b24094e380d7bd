"""Training and validation loss by learning rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from skdl.diagnosis import LearningRateSweep
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    VERMILLION,
    finish,
    legend_above,
    new_axes,
)

LOG_FROM = 30.0  # largest loss / lowest: above, the axis is logarithmic
TOP = 0.94  # where failed rates are marked, in heights of the Axes
HEADROOM = 0.12  # of the height, for these marks
WIDEST_GAP = 0.5  # decades; the shade reaches at most halfway


@draws(LearningRateSweep)
def learning_rate_sweep(sweep: LearningRateSweep, *, ax: Axes | None = None) -> Axes:
    """Draw the losses of a sweep of learning rates.

    Lines are means over the repeats, bands are one standard deviation. Rates that
    diverged or were erratic are marked at the top.

    Parameters
    ----------
    sweep : LearningRateSweep
        Result of :func:`skdl.diagnosis.learning_rate_sweep`.
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
    >>> from skdl import MLPClassifier, diagnosis, plots
    >>> sweep = diagnosis.learning_rate_sweep(
    ...     MLPClassifier((4,), epochs=2), *load_iris(return_X_y=True), [0.001, 0.01]
    ... )
    >>> plots.learning_rate_sweep(sweep).get_xlabel()
    'learning rate'
    """
    ax = new_axes(ax, height=3.1)
    ax.set_xscale("log")
    frame = sweep.to_frame()
    statuses = np.array(sweep.statuses)
    sound = frame[statuses == "trained"]
    if sweep.recommended is not None:
        _shade_recommended(ax, sweep)
    losses = sound[["loss", "val_loss"]].to_numpy()
    if losses.size and losses.max() > LOG_FROM * losses.min() > 0:
        ax.set_yscale("log")
    if len(sound):
        _draw_losses(ax, sound, "loss", "training", color=BLUE, marker="o")
        _draw_losses(
            ax, sound, "val_loss", "validation", color=VERMILLION, marker="s", ls="--"
        )
    if sweep.best_rate is not None:
        best = sound[sound["learning_rate"] == sweep.best_rate]
        ax.plot(
            best["learning_rate"],
            best["val_loss"],
            color=VERMILLION,
            marker="D",
            markersize=8,
            markeredgecolor=INK,
            linestyle="none",
            label=f"best ({sweep.best_rate:.3g})",
        )
    _mark_failed(ax, sweep.rates[statuses == "diverged"], "diverged", "X")
    _mark_failed(ax, sweep.rates[statuses == "erratic"], "erratic", "v")
    ax.margins(y=HEADROOM)
    legend_above(ax, n_columns=3, columnspacing=1, handlelength=1.6)
    ax.tick_params(which="minor", colors=MUTED)
    if not len(sound):
        ax.set_yticks([])
    return finish(ax, xlabel="learning rate", ylabel="loss")


def _draw_losses(
    ax: Axes, sound: pd.DataFrame, column: str, name: str, **style: Any
) -> None:
    """Draw a line of means, in a band of one standard deviation if it is known."""
    rates, means, spread = (
        sound[part].to_numpy() for part in ("learning_rate", column, f"{column}_std")
    )
    ax.plot(rates, means, markersize=3.5, label=name, **style)
    if np.isfinite(spread).any():
        band = (means - spread, means + spread)
        ax.fill_between(rates, *band, color=style["color"], alpha=0.15, linewidth=0)


def _shade_recommended(ax: Axes, sweep: LearningRateSweep) -> None:
    """Shade the range, and half a step on both sides: a single rate has a width too."""
    places = np.flatnonzero(sweep.is_recommended)
    exponents = np.log10(sweep.rates)
    gaps = np.minimum(np.diff(exponents), WIDEST_GAP)
    first, last = places[0], places[-1]
    ax.axvspan(
        10 ** (exponents[first] - gaps[max(first - 1, 0)] / 2),
        10 ** (exponents[last] + gaps[min(last, len(gaps) - 1)] / 2),
        color=GREEN,
        alpha=0.18,
        linewidth=0,
        label="recommended",
    )


def _mark_failed(ax: Axes, rates: np.ndarray, name: str, marker: str) -> None:
    if not len(rates):
        return
    ax.plot(
        rates,
        np.full(len(rates), TOP),
        color=INK,
        marker=marker,
        markersize=7,
        linestyle="none",
        transform=ax.get_xaxis_transform(),
        label=name,
    )
