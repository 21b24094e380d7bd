"""Training and validation loss by learning rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from skdl.diagnosis import LearningRateSweep
from skdl.plots._records import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    VERMILLION,
    finish,
    new_axes,
)

LOG_FROM = 30.0  # times the lowest loss: from there on losses are drawn by magnitude
TOP = 0.94  # of the height of the Axes, where failed rates are marked
HEADROOM = 0.12  # of the height, for them
WIDEST_GAP = 0.5  # decades between rates that count for the width of the shade


@draws(LearningRateSweep)
def learning_rate_sweep(sweep: LearningRateSweep, *, ax: Axes | None = None) -> Axes:
    """Draw the losses of a sweep of learning rates.

    Lines are means over the repeats, bands one standard deviation. Rates that diverged
    or are erratic have no place on the lines; they are marked at the top.

    Parameters
    ----------
    sweep : LearningRateSweep
        What :func:`skdl.diagnosis.learning_rate_sweep` returned.
    ax : Axes or None, default=None
        Where to draw. By default in a new figure.

    Returns
    -------
    ax : Axes
        The Axes drawn on.

    Raises
    ------
    ParameterTypeError
        If what is to be drawn is of another class.

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
    # Above the lines, which leave no corner free.
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        borderaxespad=0,
        columnspacing=1,
        handlelength=1.6,
    )
    ax.tick_params(which="minor", colors=MUTED)
    if not len(sound):
        ax.set_yticks([])
    return finish(ax, xlabel="learning rate", ylabel="loss")


def _draw_losses(
    ax: Axes, sound: pd.DataFrame, column: str, name: str, **style: Any
) -> None:
    """A line of means, in a band of one standard deviation where it is known."""
    rates, means, spread = (
        sound[part].to_numpy() for part in ("learning_rate", column, f"{column}_std")
    )
    ax.plot(rates, means, markersize=3.5, label=name, **style)
    if np.isfinite(spread).any():
        band = (means - spread, means + spread)
        ax.fill_between(rates, *band, color=style["color"], alpha=0.15, linewidth=0)


def _shade_recommended(ax: Axes, sweep: LearningRateSweep) -> None:
    """Shade from halfway (by magnitude) below the lowest to halfway above the highest.

    A range of one rate then has a width too.
    """
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
