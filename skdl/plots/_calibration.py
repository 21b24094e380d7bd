"""Predictions against what happened."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from skdl.explain import Calibration, CalibrationCurve
from skdl.plots._effects import output_place
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    MUTED,
    SKY,
    VERMILLION,
    finish,
    label,
    legend_above,
    new_axes,
)

COLORS = (BLUE, VERMILLION, GREEN, SKY)
MARKERS = ("o", "D", "s", "^")


@draws(Calibration)
def calibration(
    calibration: Calibration, *, output: str | int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw reliability curves; on the diagonal, predictions match what happens.

    Parameters
    ----------
    calibration : Calibration
        Result of :func:`skdl.explain.calibration`.
    output : str, int or None, default=None
        The class, label or output to draw, by name or position. By default all, or the
        four with the largest errors.
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
        If there is no such output.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skdl import explain, plots
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> found = explain.calibration(GaussianNB().fit(X, y), X, y)
    >>> plots.calibration(found).get_xlabel()
    'predicted probability of 1'
    """
    curves = list(calibration.curves)
    if output is not None:
        curves = [curves[output_place(output, [curve.output for curve in curves])]]
    curves = sorted(curves, key=lambda curve: -curve.error)[: len(COLORS)]
    ax = new_axes(ax, height=4.0)
    limits = _limits(calibration, curves)
    unit = f" {label(calibration.unit, longest=12)}" if calibration.unit else ""
    ax.plot(limits, limits, color=MUTED, linestyle="--", linewidth=1, zorder=0)
    for curve, color, marker in zip(curves, COLORS, MARKERS, strict=False):
        ends = np.nan_to_num(
            [curve.observed - curve.lows, curve.highs - curve.observed]
        )
        ax.errorbar(
            curve.predicted,
            curve.observed,
            yerr=np.maximum(ends, 0),
            fmt=f"{marker}-",
            color=color,
            markersize=5,
            linewidth=1.5,
            elinewidth=1,
            capsize=2.5,
            label=f"{_named(curve, curves)}error {_shown(curve.error)}{unit}"
            f"{_by_chance(curve)}",
        )
    ax.set_xlim(*limits)
    ax.set_ylim(*limits)
    legend_above(ax)
    if calibration.task == "regression":
        unit = f" [{unit.strip()}]" if unit else ""
        words = (f"mean prediction{unit}", f"mean target{unit}")
    else:
        what = f" of {label(curves[0].output)}" if len(curves) == 1 else ""
        words = (f"predicted probability{what}", "observed share")
    return finish(ax, xlabel=words[0], ylabel=words[1])


def _named(curve: CalibrationCurve, curves: list[CalibrationCurve]) -> str:
    return f"{label(curve.output, longest=16)}, " if len(curves) > 1 else ""


def _by_chance(curve: CalibrationCurve) -> str:
    if not np.isfinite(curve.error_by_chance):  # too few rows in a bin
        return ""
    return f" (by chance {_shown(curve.error_by_chance)})"


def _shown(error: float) -> str:
    return f"{error:.3f}" if error < 10 else f"{error:.3g}"


def _limits(
    calibration: Calibration, curves: list[CalibrationCurve]
) -> tuple[float, float]:
    ends = np.concatenate(
        [
            part
            for curve in curves
            for part in (curve.predicted, curve.observed, curve.lows, curve.highs)
        ]
    )
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    if calibration.task == "regression":
        margin = 0.04 * (high - low) or 1.0
        return low - margin, high + margin
    # Rare events get a scale of their own.
    return (-0.02, 1.02) if high > 0.5 else (-0.02 * high, 1.05 * high)
