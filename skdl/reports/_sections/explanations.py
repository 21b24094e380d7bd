"""Sections that show explanations which somebody else has computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import skdl.plots as plots
from skdl import explain
from skdl.reports._record_words import add_frame
from skdl.reports._section import Section
from skdl.reports._sections.importance import add_importance_figure

MOST_OUTPUTS = 3
MOST_POINTS_LISTED = 12
MOST_ROWS_DRAWN = 3
STRONGEST_SAID = 5


def show_importance(section: Section, found: explain.PermutationImportance) -> None:
    """Show how much a score drops when features are shuffled."""
    section.add_text(
        f"The {found.metric} of the {found.n_samples} rows as they are is "
        f"{found.baseline_score:.3f}."
    )
    add_importance_figure(section, found, found.feature_names, metric=found.metric)
    n_repeats = found.importances.shape[1]
    add_frame(
        section,
        found.to_frame().drop(columns="std"),
        caption=f"Drop of {found.metric}, mean of {n_repeats} shuffles"
        + (" with its 95 % interval" if n_repeats > 1 else ""),
    )
    if found.associated:
        pairs = "; ".join(
            f"{a} and {b} ({share:.2f})" for a, b, share in found.associated
        )
        section.add_note(f"Features that go together: {pairs}.", tone="warning")


def show_dependence(section: Section, found: explain.PartialDependence) -> None:
    """Show what an estimator says on average as one or two features change."""
    curves = found.average
    if curves is None:
        assert found.individual is not None
        curves = found.individual.mean(axis=1)
    _show_effects(section, found, curves, f"the average {found.response}")
    _add_points(section, found.to_frame(), f"Averages over {found.n_samples} rows")


def show_accumulated_effects(
    section: Section, found: explain.AccumulatedLocalEffects
) -> None:
    """Show what an estimator does with a feature, or with two together."""
    _show_effects(section, found, found.effects, f"the effect on the {found.response}")
    frame = found.to_frame().rename(
        columns={"n_samples": "rows", "standard_error": "±"}
    )
    _add_points(section, frame, f"Effects over {found.n_samples} rows")


def _add_points(section: Section, frame: pd.DataFrame, caption: str) -> None:
    """Tabulate curves, of many points some that lie evenly."""
    if len(frame) > MOST_POINTS_LISTED:
        places = np.linspace(0, len(frame) - 1, MOST_POINTS_LISTED).round().astype(int)
        caption += f", at {MOST_POINTS_LISTED} of {len(frame)} points"
        frame = frame.iloc[places]
    # Names of features are data, so that nothing is renamed.
    section.add_table(_without_single_output(frame), caption=caption)


def _without_single_output(frame: pd.DataFrame) -> pd.DataFrame:
    # A feature may be called "output" too.
    return frame.iloc[:, 1:] if frame.iloc[:, 0].nunique() == 1 else frame


def _show_effects(
    section: Section,
    found: explain.PartialDependence | explain.AccumulatedLocalEffects,
    curves: np.ndarray,
    what: str,
) -> None:
    """A figure per output, with how far the curve goes."""
    names = " and ".join(found.feature_names)
    names += " change" if len(found.feature_names) > 1 else " changes"
    draw: Any = (
        plots.partial_dependence
        if isinstance(found, explain.PartialDependence)
        else plots.accumulated_local_effects
    )
    outputs = found.output_names
    for output in range(min(len(outputs), MOST_OUTPUTS)):
        of = f" of “{outputs[output]}”" if len(outputs) > 1 else ""
        low, high = np.nanmin(curves[output]), np.nanmax(curves[output])
        words = f"As {names}, {what}{of} lies between {low:.3g} and {high:.3g}."
        section.add_text(words)
        section.add_figure(draw(found, output=outputs[output]), alternative=words)
    if len(outputs) > MOST_OUTPUTS:
        section.add_text(f"And {len(outputs) - MOST_OUTPUTS} more outputs.")


def show_attributions(section: Section, found: explain.Attributions) -> None:
    """Show what each feature adds to the predictions of single rows."""
    n_samples = len(found.values)
    section.add_text(
        f"{n_samples} row{'s' * (n_samples > 1)}. What features add sums up to the "
        f"prediction; the largest gap here is {found.additivity_gap:.2g}."
    )
    for row in range(min(n_samples, MOST_ROWS_DRAWN)):
        said = ", ".join(
            f"{name} {value:.3g}"
            for name, value in zip(
                found.output_names, found.predictions[row], strict=True
            )
        )
        section.add_figure(
            plots.attributions(found, row=row),
            alternative=f"What features add in row {row}: {found.response} {said}.",
            caption=f"Row {row}.",
        )
    if n_samples > 1:
        show_group_attributions(section, found.aggregate())
    else:
        frame = found.to_frame().drop(columns="sample")
        add_frame(section, _without_single_output(frame))


def show_group_attributions(section: Section, found: explain.GroupAttributions) -> None:
    """Show what each feature adds to the predictions of a group of rows."""
    frame = found.to_frame()
    strongest = ", ".join(map(str, frame["feature"].head(STRONGEST_SAID)))
    words = f"What features add to {found.n_samples} rows, the strongest: {strongest}."
    section.add_figure(
        plots.attributions(found),
        alternative=words,
        caption=f"{found.n_samples} rows together.",
    )
    add_frame(
        section,
        _without_single_output(frame).rename(columns={"mean_absolute": "mean size"}),
        caption=f"Mean attributions, in units of the {found.response}",
    )


def show_counterfactual(section: Section, found: explain.Counterfactual) -> None:
    """Show a small change of a row that changes its prediction."""
    section.add_note(found.summary, tone="note" if found.found else "warning")
    section.add_figure(plots.counterfactual(found), alternative=found.summary)
    add_frame(section, found.to_frame(), caption="What changes, the largest step first")
    for limit in found.limits:
        section.add_text(limit)
