"""The average prediction as features change, a panel per feature or pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from sklearn.utils import Bunch

from skdl._record import Record
from skdl.exceptions import DataError, ParameterError, ParameterTypeError
from skdl.explain import PartialDependence
from skdl.plots._effects import (
    LONGEST_AXIS_NAME,
    draw_band,
    draw_curve,
    draw_rug,
    draw_surface,
    is_numbers,
    output_place,
    response_in_words,
    unit_of,
    with_unit,
)
from skdl.plots._registry import check_record, draws
from skdl.plots._style import (
    MUTED,
    WIDTH,
    finish,
    in_a_row,
    label,
    legend_above,
    new_axes,
)

N_COLUMNS = 2
MOST_ROWS_DRAWN = 100


@dataclass(frozen=True)
class _Panel:
    """The content of a panel."""

    title: str
    xlabel: str
    ylabel: str
    quantity: str
    grids: list[np.ndarray]
    average: np.ndarray | None
    individual: np.ndarray | None = None  # (n_samples, n_values)
    deviation: np.ndarray | None = None
    deciles: tuple[np.ndarray, ...] = ()
    is_share: bool = False

    @property
    def begins_at_zero(self) -> bool:
        """Whether there are bars, whose lengths are compared."""
        return self.is_share and not is_numbers(self.grids[0])

    @property
    def is_surface(self) -> bool:
        return len(self.grids) == 2

    def band(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The ends of the band around the average, unless rows are drawn."""
        if self.average is None or self.deviation is None:
            return None
        # Changes since the first point mean nothing for words, which have no order.
        if self.individual is not None or not is_numbers(self.grids[0]):
            return None
        return self.average - self.deviation, self.average + self.deviation

    def span(self) -> tuple[float, float]:
        """The smallest and the largest value that is drawn."""
        drawn = [part for part in (self.average, self.individual) if part is not None]
        drawn += self.band() or ()
        if self.begins_at_zero:
            drawn.append(np.zeros(1))
        return min(float(p.min()) for p in drawn), max(float(p.max()) for p in drawn)


@overload
def partial_dependence(
    dependences: PartialDependence,
    *,
    target: str | None = None,
    output: str | int | None = None,
    ax: Axes | None = None,
) -> Axes: ...


@overload
def partial_dependence(
    dependences: Mapping[Any, Any] | Sequence[PartialDependence],
    *,
    target: str | None = None,
    output: str | int | None = None,
    ax: Axes | np.ndarray | None = None,
) -> np.ndarray: ...


@draws(PartialDependence, checks=False)  # each of several is checked
def partial_dependence(
    dependences: PartialDependence | Mapping[Any, Any] | Sequence[PartialDependence],
    *,
    target: str | None = None,
    output: str | int | None = None,
    ax: Axes | np.ndarray | None = None,
) -> Any:
    """Draw partial dependence: one record, or a panel for each of several.

    For a record, the band is the average and the standard deviation of the rows'
    changes since the first point. Thin lines are rows, at most 100 of them; where they
    cross, the effect depends on other features. Ticks inside the axes are the deciles
    of the feature. Categories are drawn as bars, two features as colours.

    Parameters
    ----------
    dependences : PartialDependence, sequence of these, or mapping of name to Bunch
        Results of :func:`skdl.explain.partial_dependence`; or, by name, its result or
        that of ``sklearn.inspection.partial_dependence`` for each feature.
    target : str or None, default=None
        Name of the prediction, for the axis label. By default that of the record.
    output : str, int or None, default=None
        The class or output to draw, by name or position; results of scikit-learn only
        have positions. By default the first.
    ax : Axes, ndarray of Axes or None, default=None
        Axes to draw on: a single one for a single record, else at least one per record.
        By default those of a new figure, two side by side. All curves share the range
        of the y axis.

    Returns
    -------
    ax : Axes or ndarray of Axes of shape (n_features,)
        The Axes drawn on: one for a single record, else an array.

    Raises
    ------
    DataError
        If there is no feature, there are fewer Axes than features, or a record of two
        features has no average.
    ParameterError
        If there is no such output.
    ParameterTypeError
        If `ax` is not a single Axes for a single record, or the first argument is of
        another class.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.utils import Bunch
    >>> from skdl.plots import partial_dependence
    >>> dependence = Bunch(
    ...     grid_values=[np.array([1.0, 2.0])], average=np.array([[0.2, 0.7]])
    ... )
    >>> axes = partial_dependence({"height": dependence}, target="probability")
    >>> axes[0].get_title(loc="left")
    'height'
    """
    if isinstance(dependences, PartialDependence):
        if ax is not None and not isinstance(ax, Axes):
            raise ParameterTypeError(
                "The 'ax' parameter of partial_dependence must be a single matplotlib "
                f"Axes for a single record. Got {type(ax).__name__} instead. Pass the "
                "record in a list to draw it on an array of Axes."
            )
        panel = _panel_of_record(dependences, output, target)
        ax = new_axes(ax, height=3.4 if panel.is_surface else 3.1)
        _draw([panel], np.array([ax]), has_legend=True)
        return ax
    dependences = _checked(dependences)
    if isinstance(dependences, Mapping):
        panels = [
            _panel_of_name(name, found, output=output, target=target)
            for name, found in dependences.items()
        ]
    else:
        panels = [_panel_of_record(found, output, target) for found in dependences]
    given = None if ax is None else in_a_row(ax)
    n_axes = len(panels) if given is None else len(given)
    if not panels or n_axes < len(panels):
        raise DataError(
            "Partial dependences need at least one feature, and one Axes per feature. "
            f"Got {len(panels)} features and {n_axes} Axes."
        )
    grid = _new_panels(panels) if given is None else given[: len(panels)]
    _draw(panels, grid, has_legend=False)
    return grid


def _panel_of_record(record: PartialDependence, output: Any, target: Any) -> _Panel:
    place = output_place(output, record.output_names)
    name = response_in_words(record.response, record.output_names[place])
    if record.average is None and len(record.grid_values) == 2:
        raise DataError(
            "Two features need an average to draw, and this record has none. Compute "
            'it with kind="average" or kind="both".'
        )
    parts = {
        part: None if values is None else values[place]
        for part, values in (
            ("average", record.average),
            ("individual", record.individual),
            ("deviation", record.deviation),
        )
    }
    if len(record.grid_values) == 2:
        parts["individual"] = parts["deviation"] = None
    axis_names = [
        with_unit(feature, unit_of(record, number))
        for number, feature in enumerate(record.feature_names)
    ]
    quantity = target or (name if record.average is None else f"average {name}")
    return _Panel(
        title="",
        xlabel=axis_names[0],
        ylabel=axis_names[1] if len(axis_names) == 2 else quantity,
        quantity=quantity,
        grids=list(record.grid_values),
        deciles=record.deciles,
        is_share=record.response == "probability",
        **parts,
    )


def _checked(dependences: Any) -> Mapping | list:
    """Check that each of several dependences can be drawn."""
    is_named = isinstance(dependences, Mapping)
    is_one = isinstance(dependences, Record | pd.DataFrame)  # though these iterate
    if not is_named and (is_one or not isinstance(dependences, Iterable)):
        dependences = [dependences]
    each = list(dependences.values() if is_named else dependences)
    for found in each:
        check_record(
            found,
            PartialDependence,
            parameter="dependences",
            function="partial_dependence",
            also=Bunch if is_named else None,
        )
    return dependences if is_named else each


def _panel_of_name(name: Any, found: Any, *, output: Any, target: Any) -> _Panel:
    """Make a panel with the name of its feature as title."""
    title = label(name, longest=20)
    if isinstance(found, PartialDependence):
        panel = _panel_of_record(found, output, target)
        if panel.is_surface:
            return replace(panel, title=title)
        return replace(panel, title=title, xlabel=with_unit(unit_of(found, 0), ""))
    return _Panel(
        title=title,
        xlabel="",
        ylabel=target or "prediction",
        quantity=target or "prediction",
        grids=[np.asarray(found["grid_values"][0])],
        average=_nameless(np.asarray(found["average"]), output),
    )


def _nameless(averages: np.ndarray, output: Any) -> np.ndarray:
    """Return a curve of scikit-learn by its position."""
    place = 0 if output is None else output
    is_place = isinstance(place, int | np.integer) and not isinstance(place, bool)
    if not is_place or not 0 <= place < len(averages):
        raise ParameterError(
            "The 'output' parameter of partial_dependence must be a position among "
            f"the {len(averages)} outputs of scikit-learn's result, which have no "
            f"names. Got {output!r} instead."
        )
    return averages[place]


def _new_panels(panels: list[_Panel]) -> np.ndarray:
    n_columns = min(N_COLUMNS, len(panels))
    n_rows = -(-len(panels) // n_columns)
    height = 2.4 if any(panel.xlabel for panel in panels) else 1.9
    figure, grid = plt.subplots(
        n_rows,
        n_columns,
        figsize=(WIDTH, height * n_rows),
        layout="constrained",
        squeeze=False,
    )
    for spare in grid.ravel()[len(panels) :]:
        figure.delaxes(spare)
    return grid.ravel()[: len(panels)]


def _draw(panels: list[_Panel], axes: np.ndarray, *, has_legend: bool) -> None:
    spans = [panel.span() for panel in panels if not panel.is_surface]
    low = min((span[0] for span in spans), default=0.0)
    high = max((span[1] for span in spans), default=1.0)
    margin = 0.08 * (high - low) or 0.5
    has_bars = any(panel.begins_at_zero for panel in panels)
    floor = 0.0 if has_bars and low == 0 else low - margin
    for ax, panel in zip(axes, panels, strict=True):
        ylabel = panel.ylabel
        if panel.is_surface:
            assert panel.average is not None
            draw_surface(ax, panel.grids, panel.average, name=panel.quantity)
        else:
            _draw_one(ax, panel, floor=floor, has_legend=has_legend)
            ax.set_ylim(floor, high + margin)
            spec = ax.get_subplotspec()
            if spec is not None and not spec.is_first_col():
                ylabel = ""
        for grid, deciles, axis in zip(panel.grids, panel.deciles, "xy", strict=False):
            draw_rug(ax, deciles, grid, axis=axis)
        finish(
            ax,
            title=panel.title,
            xlabel=panel.xlabel,
            ylabel=label(ylabel, longest=LONGEST_AXIS_NAME),
            grid="none" if panel.is_surface else "y",
        )


def _draw_one(ax: Axes, panel: _Panel, *, floor: float, has_legend: bool) -> None:
    """Draw one feature: rows or band, and the average on top."""
    grid = panel.grids[0]
    positions = grid if is_numbers(grid) else np.arange(len(grid))
    if panel.individual is not None:
        curves = panel.individual
        steps = np.linspace(0, len(curves) - 1, min(len(curves), MOST_ROWS_DRAWN))
        lines = [np.column_stack([positions, curves[row]]) for row in steps.astype(int)]
        colour: Any = {"colors": MUTED, "linewidths": 0.5, "alpha": 0.45}
        ax.add_collection(LineCollection(lines, label="rows", **colour))
        ax.autoscale_view()
    if panel.average is not None:
        draw_curve(ax, grid, panel.average, floor=floor, label="average")
    band = panel.band()
    if band is not None:
        draw_band(ax, grid, *band, name="± std of the rows' changes")
    if has_legend and (panel.individual is not None or band is not None):
        legend_above(ax, n_columns=2)
