"""What each feature adds to a prediction, or to those of a group of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import ParameterError
from skdl.explain import Attributions, GroupAttributions
from skdl.plots._effects import output_place, response_in_words
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    INK,
    MUTED,
    VERMILLION,
    as_named_rows,
    finish,
    height_for_rows,
    label,
    legend_above,
    new_axes,
)

LONGEST_FEATURE = 16  # characters, next to a value
LONGEST_VALUE = 10
MINUS = "\N{MINUS SIGN}"
BAR = 0.62  # of the distance between two rows


@draws(Attributions, GroupAttributions)
def attributions(
    attributions: Any,
    *,
    row: int = 0,
    output: str | int | None = None,
    n_best: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw how features lead from the average prediction to that of a row or a group.

    Parameters
    ----------
    attributions : Attributions or GroupAttributions
        Result of :func:`skdl.explain.attributions`: a row is drawn as bars, each
        starting where the last one ended. Or its ``aggregate()``: a group is drawn as
        the mean sizes of the attributions, with a mark at their mean.
    row : int, default=0
        Position of the row; not used for a group.
    output : str, int or None, default=None
        The class or output to draw. By default the most probable class of a row, or
        else the first output.
    n_best : int, default=12
        How many features to draw; the others share one bar.
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
        If there is no such row or output.

    Examples
    --------
    >>> import numpy as np
    >>> from skdl import MLPRegressor, explain, plots
    >>> X = np.random.default_rng(0).normal(size=(100, 2))
    >>> network = MLPRegressor((), random_state=0).fit(X, X[:, 0])
    >>> found = explain.attributions(network, [[1.0, 0.0]], X)
    >>> ax = plots.attributions(found, row=0)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['x0 = 1', 'x1 = 0']
    """
    if hasattr(attributions, "mean_absolute"):
        return _draw_group(
            attributions, output_place(output, attributions.output_names), n_best, ax
        )
    n_samples = len(attributions.values)
    if not -n_samples <= row < n_samples:
        raise ParameterError(
            f"The 'row' parameter must be a position among the {n_samples} rows. "
            f"Got {row!r} instead."
        )
    if output is None and attributions.response == "probability":
        output = int(np.argmax(attributions.predictions[row]))
    place = output_place(output, attributions.output_names)
    return _draw_row(attributions, row, place, n_best, ax)


def _kept(sizes: np.ndarray, n_best: int) -> tuple[np.ndarray, np.ndarray]:
    """Split features into those to draw, by size, and the others (two at least)."""
    order = np.argsort(-sizes, kind="stable")
    if len(order) <= n_best + 1:
        return order, order[:0]
    return order[:n_best], order[n_best:]


def _quantity(attributions: Any, place: int) -> str:
    """Name what the x axis shows."""
    return response_in_words(attributions.response, attributions.output_names[place])


def _draw_row(
    attributions: Any, row: int, place: int, n_best: int, ax: Axes | None
) -> Axes:
    values = attributions.values[row, :, place]
    kept, others = _kept(np.abs(values), n_best)
    names = [_with_value(attributions, row, feature) for feature in kept]
    steps = list(values[kept])
    if len(others):
        names.append(f"{len(others)} other features")
        steps.append(float(values[others].sum()))
    errors = None
    if attributions.standard_errors is not None:
        errors = attributions.standard_errors[row, kept, place]
    base = float(attributions.base_values[place])
    ends = base + np.cumsum(steps)
    starts = np.concatenate([[base], ends[:-1]])
    ax = new_axes(ax, height=height_for_rows(len(names)) + 0.2)
    for at, (start, step) in enumerate(zip(starts, steps, strict=True)):
        color = VERMILLION if step > 0 else BLUE
        ax.barh(at, step, left=start, height=BAR, color=color)
        # From the end of a bar to the start of the next one.
        below = [at, at + 1 - BAR / 2] if at + 1 < len(steps) else [at, at + 0.6]
        ax.plot([start + step] * 2, below, color=MUTED, linewidth=0.8, zorder=0)
    if errors is not None:
        ax.errorbar(
            ends[: len(kept)],
            range(len(kept)),
            xerr=2 * errors,
            fmt="none",
            ecolor=INK,
            elinewidth=1,
            capsize=2,
        )
    ax.axvline(base, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    spare = 0.0 if errors is None else 2 * float(errors.max())
    low, high = min(base, *ends) - spare, max(base, *ends) + spare
    margin = 0.05 * (high - low) or 0.5
    ax.set_xlim(low - margin, high + margin)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    as_named_rows(ax, names)
    ax.set_yticks(range(len(names)), labels=names)
    digits = _write_steps(ax, steps)
    quantity = label(_quantity(attributions, place), longest=40)
    prediction = attributions.predictions[row, place]
    both = f"mean {base:.{digits}f}, this row {prediction:.{digits}f}"
    return finish(ax, xlabel=f"{quantity}\n{both.replace('-', MINUS)}", grid="x")


def _with_value(attributions: Any, row: int, feature: int) -> str:
    name = label(attributions.feature_names[feature], longest=LONGEST_FEATURE)
    value = attributions.feature_values.iloc[row, feature]
    is_real = isinstance(value, float | np.floating)
    if bool(pd.isna(value)):  # a cell has one value: those of a group are joined
        return f"{name} is missing"
    text = f"{value:.4g}" if is_real else str(value)
    unit = attributions.units[feature] if attributions.units else ""
    value = label(text, longest=LONGEST_VALUE)
    return f"{name} = {value}{' ' + label(unit, longest=6) if unit else ''}"


def _write_steps(ax: Axes, steps: list[float]) -> int:
    """Write the steps in a column on the right; return their decimal places."""
    largest = float(np.max(np.abs(steps)))
    digits = 2  # or as many as show three figures of the largest step
    if largest > 0:
        digits = int(np.clip(2 - np.floor(np.log10(largest)), 0, 8))
    for row, step in enumerate(steps):
        ax.text(
            1.02,
            row,
            f"{step:+.{digits}f}".replace("-", MINUS),
            transform=ax.get_yaxis_transform(),
            ha="left",
            va="center",
            fontsize=9,
            color=INK,
        )
    return digits


def _draw_group(group: Any, place: int, n_best: int, ax: Axes | None) -> Axes:
    sizes, means = group.mean_absolute[:, place], group.mean[:, place]
    kept, _ = _kept(sizes, n_best)
    ax = new_axes(ax, height=height_for_rows(len(kept)) + 0.55)
    rows = np.arange(len(kept))
    ax.barh(rows, sizes[kept], height=BAR, color=BLUE, alpha=0.45, label="mean size")
    ax.plot(
        means[kept],
        rows,
        linestyle="none",
        marker="D",
        markersize=5,
        color=VERMILLION,
        label="mean",
    )
    ax.axvline(0, color=MUTED, linewidth=1)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    as_named_rows(ax, [group.feature_names[feature] for feature in kept])
    legend_above(ax, n_columns=2, borderaxespad=0.2, handletextpad=0.5)
    what = label(_quantity(group, place), longest=30)
    rows_of = f"{group.n_samples} row{'s' * (group.n_samples != 1)}"
    return finish(ax, xlabel=f"added to {what} ({rows_of})", grid="x")
