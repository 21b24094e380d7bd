"""The loss of a network as its learning rate rises."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from skdl.diagnosis import LearningRateRangeTest
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    SKY,
    VERMILLION,
    finish,
    legend_above,
    new_axes,
)

HEADROOM = 0.15  # of the range of the smoothed losses


@draws(LearningRateRangeTest)
def learning_rate_range_test(
    test: LearningRateRangeTest, *, ax: Axes | None = None
) -> Axes:
    """Draw the loss of a learning rate range test, and the rates it suggests.

    Parameters
    ----------
    test : LearningRateRangeTest
        Result of :func:`skdl.diagnosis.learning_rate_range_test`. The plot cuts off
        batches whose loss is far above the smoothed one.
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
    >>> test = diagnosis.learning_rate_range_test(
    ...     MLPClassifier((4,)), *load_iris(return_X_y=True), n_rates=20
    ... )
    >>> plots.learning_rate_range_test(test).get_xlabel()
    'learning rate'
    """
    ax = new_axes(ax, height=3.1)
    ax.set_xscale("log")
    rates, smoothed = test.rates, test.smoothed_losses
    ax.plot(rates, test.losses, color=SKY, linewidth=0.9, label="single batch")
    ax.plot(rates, smoothed, color=BLUE, linewidth=2, label="smoothed")
    early = rates[: test.n_early + 1]
    if len(early) > 1:
        ax.axvspan(
            early[0], early[-1], color=MUTED, alpha=0.15, lw=0, label="not counted"
        )
    for name, rate, marker, colour in (
        ("steepest fall", test.steepest_rate, "v", GREEN),
        ("lowest", test.lowest_rate, "o", GREEN),
        ("best", test.best_rate, "D", VERMILLION),
    ):
        if rate is None:
            continue
        ax.plot(
            [rate],
            [np.interp(np.log(rate), np.log(rates), smoothed)],
            color=colour,
            marker=marker,
            markersize=7,
            markeredgecolor=INK,
            linestyle="none",
            label=f"best ({rate:.2g})" if name == "best" else name,
        )
    if np.isfinite(smoothed).any():
        low, high = np.nanmin(smoothed), np.nanmax(smoothed)
        room = HEADROOM * (high - low) or 1.0
        ax.set_ylim(low - 2 * room, high + room)
    legend_above(ax, n_columns=3, columnspacing=1, handlelength=1.6)
    ax.tick_params(which="minor", colors=MUTED)
    return finish(ax, xlabel="learning rate", ylabel="loss")
