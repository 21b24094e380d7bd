"""The section about what the strongest features do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import skdl.plots as plots
from skdl.explain import PartialDependence, partial_dependence
from skdl.explain._predicting.tables import Table
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.data import is_numeric, kind_of, shown_value

MOST_OUTPUTS = 3
MOST_CATEGORIES = 8
MOST_VALUES_TAKEN_SINGLY = 12
N_STEPS = 30


def add_effects_figure(
    section: Section,
    effects: Mapping[str, Any],
    *,
    effect_on: str,
    target: str,
    output: str | int | None,
    alternative: str = "",
    caption: str = "",
) -> None:
    """Draw partial dependences."""
    about = f"Partial dependence of the {effect_on} on {', '.join(effects)}."
    section.add_figure(
        plots.partial_dependence(effects, target=target, output=output)[0],
        alternative=alternative or about,
        caption=caption,
    )


def add_effects(section: Section, subject: ReportInput) -> None:
    """Add partial dependences on the strongest features."""
    if not subject.shown_features:
        raise NotAvailable("None of the features varies between the rows.")
    X = with_real_numbers(subject.X, subject.shown_features)
    effects = {}
    for place in subject.shown_features:
        name = subject.names[place]
        effects[name] = partial_dependence(
            subject.estimator,
            X,
            [place],
            custom_values={place: grid_of(subject.values(place))},
            method="brute",
            progress=subject.progress,
        )
        section.add_record(effects[name])
    if subject.features is None and subject.y is None:
        section.add_note("Without y no feature is known to be strongest.")
    for place in subject.features or ():
        if place in subject.unvarying:
            section.add_note(
                f"“{subject.names[place]}” is left out: {subject.unvarying[place]}."
            )
    section.add_text(
        "“Rows differ by” is the standard deviation over the rows of the change: where "
        "it is not much smaller than “moves by”, rows respond differently and the "
        "average hides it."
    )
    for output in outputs_shown(subject):
        _add_output(section, subject, effects, output)


def _add_output(
    section: Section,
    subject: ReportInput,
    effects: Mapping[str, PartialDependence],
    output: int,
) -> None:
    what = effect_on(subject, output)
    is_regression = subject.response.task == "regression"
    target = what if is_regression else f"average {subject.response.label}"
    table = effect_table(effects, output, subject)
    moves = "; ".join(
        f"{row.feature} moves it from {row.lowest:.3g} to {row.highest:.3g}"
        for row in table.itertuples()
    )
    add_effects_figure(
        section,
        effects,
        effect_on=what,
        target=target,
        output=subject.response.outputs[output],  # a class may be called 1
        alternative=f"Average {what}: {moves}.",
        caption=f"The average {what}.",
    )
    section.add_table(
        table,
        caption=f"How far each feature moves the {what}",
    )


def outputs_shown(subject: ReportInput) -> list[int]:
    """Choose the outputs that effects are shown of."""
    outputs = subject.response.outputs
    places = list(range(len(outputs)))
    if len(outputs) <= MOST_OUTPUTS:
        return places
    if subject.y is not None and subject.response.task == "multiclass":
        counts = pd.Series(np.asarray(subject.y).ravel()).astype(str).value_counts()
        places.sort(key=lambda place: -counts.get(outputs[place], 0))
    return places[:MOST_OUTPUTS]


def effect_on(subject: ReportInput, output: int) -> str:
    """Say what an output is."""
    name, label = subject.response.outputs[output], subject.response.label
    if subject.response.task == "regression":
        return f"predicted {subject.target}" if subject.target else name
    return f"{label} of “{f'{subject.target} = ' if subject.target else ''}{name}”"


def effect_table(
    effects: Mapping[str, PartialDependence], output: int, subject: ReportInput
) -> pd.DataFrame:
    """Tabulate how far each feature moves an output."""
    rows = []
    for name, effect in effects.items():
        assert effect.average is not None
        curve, grid = effect.average[output], effect.grid_values[0]
        if kind_of(subject.values(subject.names.index(name))) == "whole number":
            grid = grid.astype(int)
        unit, deviation = subject.units.get(name), effect.deviation
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
    """Return the rows with whole numbers as floats, which steps can be put between."""
    # X: (n_samples, n_features) -> (n_samples, n_features)
    if not isinstance(X, pd.DataFrame):
        return X.astype(float) if X.dtype.kind in "iu" else X
    X = X.copy(deep=False)
    for place in places:
        values = X.iloc[:, place]
        if kind_of(values) == "whole number":
            X.isetitem(place, values.to_numpy(dtype=float, na_value=np.nan))
    return X
