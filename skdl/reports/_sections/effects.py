"""What features do to predictions: partial dependence, accumulated local effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import skdl.plots as plots
from skdl._tables import Table
from skdl.explain import AccumulatedLocalEffects, PartialDependence, partial_dependence
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.data import is_numeric, kind_of, shown_value
from skdl.reports._sections.frames import without_single_output

MOST_OUTPUTS = 3
MOST_CATEGORIES = 8
MOST_VALUES_TAKEN_SINGLY = 12
MOST_POINTS_LISTED = 12
N_STEPS = 30


def add_effects(section: Section, inputs: ReportInput) -> None:
    """Add partial dependences on the strongest features."""
    if not inputs.shown_features:
        raise NotAvailable("No feature varies between the rows.")
    X = with_real_numbers(inputs.X, inputs.shown_features)
    effects = {}
    for place in inputs.shown_features:
        name = inputs.names[place]
        effects[name] = partial_dependence(
            inputs.estimator,
            X,
            [place],
            custom_values={place: grid_of(inputs.values(place))},
            method="brute",
            progress=inputs.progress,
        )
        section.add_record(effects[name])
    if inputs.features is None and inputs.y is None:
        section.add_note(
            "These are the first features: without y, the strongest are unknown."
        )
    for place in inputs.features or ():
        if place in inputs.unvarying:
            section.add_note(
                f"“{inputs.names[place]}” is left out: {inputs.unvarying[place]}."
            )
    section.add_text(
        "“Rows differ by” is the standard deviation of the change over the rows. If it "
        "is not much smaller than “moves by”, rows respond differently and the average "
        "hides that."
    )
    for output in outputs_shown(inputs):
        _add_output(section, inputs, effects, output)


def _add_output(
    section: Section,
    inputs: ReportInput,
    effects: Mapping[str, PartialDependence],
    output: int,
) -> None:
    what = effect_on(inputs, output)
    is_regression = inputs.response.task == "regression"
    table = effect_table(effects, output, inputs)
    moves = "; ".join(
        f"{row.feature} moves it from {row.lowest:.3g} to {row.highest:.3g}"
        for row in table.itertuples()
    )
    axes = plots.partial_dependence(
        effects,
        target=what if is_regression else f"average {inputs.response.label}",
        output=inputs.response.outputs[output],  # a class may be called 1
    )
    section.add_figure(
        axes[0],
        alternative=f"Average {what}: {moves}.",
        caption=f"The average {what}.",
    )
    section.add_table(table, caption=f"How far each feature moves the {what}")


def outputs_shown(inputs: ReportInput) -> list[int]:
    """Choose the outputs whose effects are shown."""
    outputs = inputs.response.outputs
    places = list(range(len(outputs)))
    if len(outputs) <= MOST_OUTPUTS:
        return places
    if inputs.y is not None and inputs.response.task == "multiclass":
        counts = pd.Series(np.asarray(inputs.y).ravel()).astype(str).value_counts()
        places.sort(key=lambda place: -counts.get(outputs[place], 0))
    return places[:MOST_OUTPUTS]


def effect_on(inputs: ReportInput, output: int) -> str:
    """Say what an output is."""
    name, label = inputs.response.outputs[output], inputs.response.label
    if inputs.response.task == "regression":
        return f"predicted {inputs.target}" if inputs.target else name
    return f"{label} of “{f'{inputs.target} = ' if inputs.target else ''}{name}”"


def effect_table(
    effects: Mapping[str, PartialDependence], output: int, inputs: ReportInput
) -> pd.DataFrame:
    """Tabulate how far each feature moves an output."""
    rows = []
    for name, effect in effects.items():
        assert effect.average is not None
        curve, grid = effect.average[output], effect.grid_values[0]
        if kind_of(inputs.values(inputs.names.index(name))) == "whole number":
            grid = grid.astype(int)
        unit, deviation = inputs.units.get(name), effect.deviation
        rows.append(
            {
                "feature": f"{name} ({unit})" if unit else name,
                "lowest": curve.min(),
                "lowest at": shown_value(grid[int(curve.argmin())]),
                "highest": curve.max(),
                "highest at": shown_value(grid[int(curve.argmax())]),
                "moves by": np.ptp(curve),
                "rows differ by": None
                if deviation is None
                else deviation[output].max(),
            }
        )
    table = pd.DataFrame(rows)
    for column in ("lowest at", "highest at"):  # whole numbers stay so among others
        table[column] = pd.Series([row[column] for row in rows], dtype=object)
    return table


def grid_of(values: pd.Series) -> np.ndarray:
    """Choose the values that a feature is set to."""
    known = values.dropna()
    if not is_numeric(known):
        counts = known.value_counts()
        return counts[counts > 0].index[:MOST_CATEGORIES].to_numpy(dtype=object)
    numbers = known.to_numpy(dtype=float)
    distinct = np.unique(numbers)
    if len(distinct) <= MOST_VALUES_TAKEN_SINGLY:
        return distinct
    low, high = np.quantile(numbers, [0.02, 0.98])
    if low == high:
        low, high = distinct[0], distinct[-1]
    steps = np.linspace(low, high, N_STEPS)
    return np.unique(steps.round()) if kind_of(known) == "whole number" else steps


def with_real_numbers(X: Table, places: Sequence[int]) -> Table:
    """Return the rows with whole numbers as floats, so that steps fit between them."""
    # X: (n_samples, n_features) -> (n_samples, n_features)
    if not isinstance(X, pd.DataFrame):
        return X.astype(float) if X.dtype.kind in "iu" else X
    X = X.copy(deep=False)
    for place in places:
        values = X.iloc[:, place]
        if kind_of(values) == "whole number":
            X.isetitem(place, values.to_numpy(dtype=float, na_value=np.nan))
    return X


def show_dependence(section: Section, record: PartialDependence) -> None:
    """Show the average response as one or two features change."""
    curves = record.average
    if curves is None:
        assert record.individual is not None
        curves = record.individual.mean(axis=1)
    _show_curves(section, record, curves, f"the average {record.response}")
    _add_points(section, record.to_frame(), f"Averages over {record.n_samples} rows")


def show_accumulated_effects(section: Section, record: AccumulatedLocalEffects) -> None:
    """Show the effect of a feature, or the joint effect of two."""
    what = f"the effect on the {record.response}"
    _show_curves(section, record, record.effects, what)
    frame = record.to_frame().rename(
        columns={"n_samples": "rows", "standard_error": "±"}
    )
    _add_points(section, frame, f"Effects over {record.n_samples} rows")


def _show_curves(
    section: Section,
    record: PartialDependence | AccumulatedLocalEffects,
    curves: np.ndarray,
    what: str,
) -> None:
    """Add a figure per output, and between which values its curve lies."""
    names = " and ".join(record.feature_names)
    names += " change" if len(record.feature_names) > 1 else " changes"
    draw: Any = (
        plots.partial_dependence
        if isinstance(record, PartialDependence)
        else plots.accumulated_local_effects
    )
    outputs = record.output_names
    for output in range(min(len(outputs), MOST_OUTPUTS)):
        of = f" of “{outputs[output]}”" if len(outputs) > 1 else ""
        low, high = np.nanmin(curves[output]), np.nanmax(curves[output])
        words = f"As {names}, {what}{of} ranges from {low:.3g} to {high:.3g}."
        section.add_text(words)
        section.add_figure(draw(record, output=outputs[output]), alternative=words)
    if len(outputs) > MOST_OUTPUTS:
        section.add_text(f"And {len(outputs) - MOST_OUTPUTS} more outputs.")


def _add_points(section: Section, frame: pd.DataFrame, caption: str) -> None:
    """Tabulate curves, evenly spaced points of long ones."""
    if len(frame) > MOST_POINTS_LISTED:
        places = np.linspace(0, len(frame) - 1, MOST_POINTS_LISTED).round().astype(int)
        caption += f", at {MOST_POINTS_LISTED} of {len(frame)} points"
        frame = frame.iloc[places]
    # Names of features are data, so that nothing is renamed.
    section.add_table(without_single_output(frame), caption=caption)
