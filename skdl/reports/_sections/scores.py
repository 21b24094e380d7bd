"""The sections about how good a model is, how it errs, and where it is worst."""

from __future__ import annotations

import numpy as np

import skdl.plots as plots
from skdl import explain
from skdl.exceptions import DataError
from skdl.reports._blocks import interval_texts
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section

MOST_GROUPS_LISTED = 10
MOST_CURVES = 3


def add_scores(section: Section, subject: ReportInput) -> None:
    """Add the usual metrics with their intervals, beside a baseline."""
    found = explain.performance(
        subject.estimator,
        subject.X,
        subject.y,
        y_train=subject.y_train,
        random_state=subject.random_state,
        progress=subject.progress,
    )
    show_performance(section, found)


def show_performance(section: Section, found: explain.Performance) -> None:
    """Show metrics with their intervals, beside a baseline if there is one."""
    frame = found.to_frame()
    section.add_figure(
        plots.performance(found),
        alternative="; ".join(
            f"{row.metric} {row.score:.3g} [{row.low:.3g}, {row.high:.3g}]"
            + (f", of the baseline {row.baseline:.3g}" if found.baseline else "")
            for row in frame.itertuples()
        ),
    )
    frame["interval"] = interval_texts(frame["low"], frame["high"])
    columns = ["metric", "better", "score", "interval"]
    caption = f"Scores of {found.n_samples} rows"
    if found.baseline:
        frame["gain interval"] = interval_texts(frame["gain_low"], frame["gain_high"])
        columns += ["baseline", "gain", "gain interval"]
        caption += f", and of the baseline: {found.baseline}"
    section.add_table(frame[columns], caption=caption)
    if found.left_out:
        without = "; ".join(f"{name}: {why}" for name, why in found.left_out.items())
        section.add_note(f"Metrics without a value here: {without}.")
    section.add_record(found)


def add_errors(section: Section, subject: ReportInput) -> None:
    """Add what is confused with what, or residuals, and whether numbers can be
    trusted."""
    about = subject.estimator, subject.X, subject.y
    if subject.response.task == "regression":
        found = explain.residuals(*about)
        named = f" of {found.output}" if subject.has_several_numbers else ""
        show_residuals(section, found, of=named)
    else:
        show_confusion(section, explain.confusion(*about))
    if subject.response.method == "decision_function":
        section.add_note("Without probabilities there is nothing to calibrate.")
        return
    try:
        calibrated = explain.calibration(*about)
    except DataError as error:
        section.add_note(f"No calibration: {error}")
        return
    show_calibration(section, calibrated)


def show_confusion(section: Section, found: explain.Confusion) -> None:
    """Show what is taken for what."""
    pairs = found.most_confused()
    worst = "; ".join(
        (f"{pair['label']}: " if "label" in pair else "")
        + f"{pair['true']} taken for {pair['predicted']} {pair['n_samples']} times"
        for pair in pairs.head(3).to_dict("records")
    )
    section.add_figure(
        plots.confusion(found),
        alternative=f"Of {found.n_samples} rows: {worst or 'nothing is confused'}.",
        caption="What rows are, and what they are taken for.",
    )
    section.add_record(found)


def show_residuals(section: Section, found: explain.Residuals, *, of: str = "") -> None:
    """Show by how much predictions are wrong."""
    section.add_figure(
        plots.residuals(found),
        alternative=f"Residuals{of} of mean {found.mean:.3g} and standard deviation "
        f"{found.standard_deviation:.3g} over the predictions.",
        caption=f"Actual minus predicted{of}, over what is predicted.",
    )
    section.add_table(
        found.quantile_frame().rename(columns={"share": "share of the rows"}),
        caption=f"Residuals{of} that these shares of the rows do not exceed",
    )
    section.add_record(found)


def show_calibration(section: Section, found: explain.Calibration) -> None:
    """Show how far what is said is from what is so."""
    errors = found.errors()
    is_regression = found.task == "regression"
    for curve in found.curves[:MOST_CURVES]:
        section.add_figure(
            plots.calibration(found, output=curve.output),
            alternative=f"Calibration of {curve.output}: the mean gap is "
            f"{curve.error:.3g}{_by_chance(curve.error_by_chance)}.",
            caption=(
                "What is predicted and what is so, by groups of equal numbers of rows."
                if is_regression
                else f"Calibration of “{curve.output}”: a probability of 0.7 should "
                "come true in seven of ten rows. The diagonal is perfect."
            ),
        )
    errors = errors.rename(
        columns={"error": "mean gap", "error_by_chance": "by chance alone"}
    )
    section.add_table(errors, caption="Mean gap between what is said and what is so")
    section.add_record(found)


def add_slices(section: Section, subject: ReportInput) -> None:
    """Add the groups of rows for which the model is worst."""
    found = explain.slices(subject.estimator, subject.X, subject.y)
    if len(found.groups) == 0:
        raise NotAvailable(f"No group has {found.min_samples} rows.")
    show_slices(section, found)


def show_slices(section: Section, found: explain.Slices) -> None:
    """Show the worst groups of rows."""
    section.add_text(found.note)
    section.add_record(found)
    if len(found.groups) == 0:
        return
    frame = found.to_frame()
    first = frame.iloc[0]
    section.add_figure(
        plots.slices(found),
        alternative=f"Worst: {first['feature']} {first['group']} with "
        f"{found.label} {first['score']:.3g}; all rows {found.overall:.3g}.",
    )
    frame["interval"] = interval_texts(frame["low"], frame["high"])
    frame["gap interval"] = interval_texts(frame["gap_low"], frame["gap_high"])
    columns = ["feature", "group", "n_samples", "score", "interval", "gap"]
    section.add_table(
        frame[[*columns, "gap interval", "is_worse"]]
        .head(MOST_GROUPS_LISTED)
        .rename(columns={"n_samples": "rows", "is_worse": "beyond chance"}),
        caption=f"{found.label} of the worst groups, and how much worse than the rest",
    )


def _by_chance(error: float) -> str:
    # Bins of a single row say nothing of chance.
    return f", by chance alone about {error:.3g}" if np.isfinite(error) else ""
