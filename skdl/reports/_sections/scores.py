"""How good a model is, where it goes wrong, and which groups it predicts worst."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import skdl.plots as plots
from skdl import explain
from skdl.exceptions import DataError
from skdl.reports._blocks import interval_texts
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section

MOST_GROUPS_LISTED = 10
MOST_CURVES = 3


def add_scores(section: Section, inputs: ReportInput) -> None:
    """Add the usual metrics with their intervals, next to a baseline."""
    performance = explain.performance(
        inputs.estimator,
        inputs.X,
        inputs.y,
        y_train=inputs.y_train,
        random_state=inputs.random_state,
        progress=inputs.progress,
    )
    show_performance(section, performance)


def show_performance(section: Section, performance: explain.Performance) -> None:
    """Show metrics with their intervals, next to a baseline if there is one."""
    frame, baseline = performance.to_frame(), performance.baseline
    section.add_figure(
        plots.performance(performance),
        alternative="; ".join(
            f"{row.metric} {row.score:.3g} [{row.low:.3g}, {row.high:.3g}]"
            + (f", baseline {row.baseline:.3g}" if baseline else "")
            for row in frame.itertuples()
        ),
    )
    frame["interval"] = interval_texts(frame["low"], frame["high"])
    columns = ["metric", "better", "score", "interval"]
    caption = f"Scores on {performance.n_samples} rows"
    if baseline:
        frame["gain interval"] = interval_texts(frame["gain_low"], frame["gain_high"])
        columns += ["baseline", "gain", "gain interval"]
        caption += f"; baseline: {baseline}"
    section.add_table(frame[columns], caption=caption)
    add_left_out(section, "Metrics left out", performance.left_out)
    section.add_record(performance)


def add_left_out(section: Section, what: str, reasons: Mapping[str, str]) -> None:
    """Say what a record could not include, and why."""
    if reasons:
        each = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        section.add_note(f"{what}: {each}.")


def add_errors(section: Section, inputs: ReportInput) -> None:
    """Add confusions or residuals, and calibration."""
    about = inputs.estimator, inputs.X, inputs.y
    if inputs.response.task == "regression":
        residuals = explain.residuals(*about)
        of = f" of {residuals.output}" if inputs.has_several_numbers else ""
        show_residuals(section, residuals, of=of)
    else:
        show_confusion(section, explain.confusion(*about))
    if inputs.response.method == "decision_function":
        section.add_note("No calibration: the model predicts no probabilities.")
        return
    try:
        calibration = explain.calibration(*about)
    except DataError as error:
        section.add_note(f"No calibration: {error}")
        return
    show_calibration(section, calibration)


def show_confusion(section: Section, confusion: explain.Confusion) -> None:
    """Show which classes are confused."""
    worst = "; ".join(
        (f"{pair['label']}: " if "label" in pair else "")
        + f"{pair['true']} predicted as {pair['predicted']} {pair['n_samples']} times"
        for pair in confusion.most_confused().head(3).to_dict("records")
    )
    section.add_figure(
        plots.confusion(confusion),
        alternative=f"Of {confusion.n_samples} rows: {worst or 'no confusions'}.",
        caption="True classes and what they are predicted as.",
    )
    section.add_record(confusion)


def show_residuals(
    section: Section, residuals: explain.Residuals, *, of: str = ""
) -> None:
    """Show by how much predictions are wrong."""
    section.add_figure(
        plots.residuals(residuals),
        alternative=f"Residuals{of} over the predictions, with mean "
        f"{residuals.mean:.3g} and standard deviation "
        f"{residuals.standard_deviation:.3g}.",
        caption=f"Residuals{of} (actual minus predicted) over the predictions.",
    )
    section.add_table(
        residuals.quantile_frame().rename(columns={"share": "share of the rows"}),
        caption=f"Quantiles of the residuals{of}: this share of the rows is at or "
        "below each value",
    )
    section.add_record(residuals)


def show_calibration(section: Section, calibration: explain.Calibration) -> None:
    """Show how far predictions are from what happened."""
    is_regression = calibration.task == "regression"
    for curve in calibration.curves[:MOST_CURVES]:
        section.add_figure(
            plots.calibration(calibration, output=curve.output),
            alternative=f"Calibration of {curve.output}: the mean gap is "
            f"{curve.error:.3g}{_by_chance(curve.error_by_chance)}.",
            caption=(
                "Mean prediction and mean target in groups of equally many rows."
                if is_regression
                else f"Calibration of “{curve.output}”: a probability of 0.7 should "
                "come true in seven of ten rows. The diagonal is perfect."
            ),
        )
    section.add_table(
        calibration.errors().rename(
            columns={"error": "mean gap", "error_by_chance": "by chance alone"}
        ),
        caption="Mean gap between predicted and actual",
    )
    section.add_record(calibration)


def add_slices(section: Section, inputs: ReportInput) -> None:
    """Add the groups of rows that the model predicts worst."""
    slices = explain.slices(inputs.estimator, inputs.X, inputs.y)
    if len(slices.groups) == 0:
        raise NotAvailable(f"No group has at least {slices.min_samples} rows.")
    show_slices(section, slices)


def show_slices(section: Section, slices: explain.Slices) -> None:
    """Show the worst groups of rows."""
    section.add_text(slices.note)
    section.add_record(slices)
    if len(slices.groups) == 0:
        return
    frame = slices.to_frame()
    first = frame.iloc[0]
    section.add_figure(
        plots.slices(slices),
        alternative=f"Worst: {first['feature']} {first['group']} with "
        f"{slices.label} {first['score']:.3g}; all rows {slices.overall:.3g}.",
    )
    frame["interval"] = interval_texts(frame["low"], frame["high"])
    frame["gap interval"] = interval_texts(frame["gap_low"], frame["gap_high"])
    columns = ["feature", "group", "n_samples", "score", "interval", "gap"]
    section.add_table(
        frame[[*columns, "gap interval", "is_worse"]]
        .head(MOST_GROUPS_LISTED)
        .rename(columns={"n_samples": "rows", "is_worse": "beyond chance"}),
        caption=f"The worst groups by {slices.label}, and their gap to all other rows",
    )


def _by_chance(error: float) -> str:
    # Bins of a single row say nothing about chance.
    return f", by chance alone about {error:.3g}" if np.isfinite(error) else ""
