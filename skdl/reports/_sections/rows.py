"""Why individual rows get their predictions: attributions and counterfactuals."""

from __future__ import annotations

import numpy as np

import skdl.plots as plots
from skdl import explain
from skdl._tables import take_rows
from skdl.exceptions import DataError, MissingDependencyError
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.effects import effect_on, outputs_shown
from skdl.reports._sections.frames import add_frame, without_single_output

MOST_BACKGROUND = 50
MOST_EVALUATIONS = 500  # of the estimator per row, background rows not counted
MOST_NAMED = 5
MOST_ROWS_DRAWN = 3
GROUP = 20  # rows whose attributions are averaged


def add_rows(section: Section, inputs: ReportInput) -> None:
    """Explain three predictions, a group of them, and what would change one."""
    output = outputs_shown(inputs)[0]
    values = inputs.response.of(inputs.estimator, inputs.X)[:, output]
    what = effect_on(inputs, output)
    chosen = _choose(values)
    group = np.linspace(0, len(values) - 1, min(GROUP, len(values))).astype(int)
    rows = np.concatenate([list(chosen), group])
    background = inputs.X if inputs.X_train is None else inputs.X_train
    try:
        attributions = explain.attributions(
            inputs.estimator,
            take_rows(inputs.X, rows),
            background,
            output=inputs.response.outputs[output],
            feature_names=inputs.names,
            max_background=MOST_BACKGROUND,
            max_evaluations=MOST_EVALUATIONS,
            random_state=inputs.random_state,
            progress=inputs.progress,
        )
    except MissingDependencyError as error:
        raise NotAvailable(str(error)) from error
    for number, (row, rank) in enumerate(chosen.items()):
        section.add_figure(
            plots.attributions(attributions, row=number),
            alternative=f"Attributions of row {row}, with the {rank} {what}: "
            f"{values[row]:.3g}.",
            caption=f"Row {row}, with the {rank} {what}.",
        )
    together = attributions.aggregate(np.arange(len(chosen), len(rows)))
    _draw_group(section, together)
    section.add_text(_sum_in_words(attributions))
    section.add_record(together)
    _add_counterfactual(section, inputs, values, output)


def _choose(values: np.ndarray) -> dict[int, str]:
    """Choose the rows with the lowest, the median and the highest prediction."""
    order = np.argsort(values, kind="stable")
    places = (order[0], order[len(order) // 2], order[-1])
    return dict(zip(map(int, places), ("lowest", "median", "highest"), strict=True))


def _add_counterfactual(
    section: Section, inputs: ReportInput, values: np.ndarray, output: int
) -> None:
    """Add a small change that flips the prediction closest to flipping."""
    if inputs.response.task not in ("binary", "multiclass"):
        return
    middle = 0.5 if inputs.response.method == "predict_proba" else 0.0
    row = int(np.argmin(np.abs(values - middle)))
    try:
        counterfactual = explain.counterfactual(
            inputs.estimator, inputs.X, row, progress=inputs.progress
        )
    except DataError as error:
        section.add_note(f"No counterfactual: {error}")
        return
    if not counterfactual.found:
        section.add_note(f"Found no small change of row {row} that flips its class.")
        return
    section.add_table(
        counterfactual.to_frame(),
        caption=f"A small change of row {row} that flips its class. It shows how the "
        "model works, not what would happen in reality",
    )
    section.add_record(counterfactual)


def show_attributions(section: Section, attributions: explain.Attributions) -> None:
    """Show what each feature adds to the predictions of single rows."""
    n_samples = len(attributions.values)
    section.add_text(
        f"{n_samples} row{'s' * (n_samples > 1)}. {_sum_in_words(attributions)}"
    )
    for row in range(min(n_samples, MOST_ROWS_DRAWN)):
        predictions = ", ".join(
            f"{name} {value:.3g}"
            for name, value in zip(
                attributions.output_names, attributions.predictions[row], strict=True
            )
        )
        section.add_figure(
            plots.attributions(attributions, row=row),
            alternative=f"What features add in row {row}: {attributions.response} "
            f"{predictions}.",
            caption=f"Row {row}.",
        )
    if n_samples > 1:
        show_group_attributions(section, attributions.aggregate())
    else:
        frame = attributions.to_frame().drop(columns="sample")
        add_frame(section, without_single_output(frame))


def show_group_attributions(section: Section, group: explain.GroupAttributions) -> None:
    """Show what each feature adds to the predictions of a group of rows."""
    _draw_group(section, group)
    add_frame(
        section,
        without_single_output(group.to_frame()).rename(
            columns={"mean_absolute": "mean size"}
        ),
        caption=f"Mean attributions, in units of the {group.response}",
    )


def _draw_group(section: Section, group: explain.GroupAttributions) -> None:
    strongest = ", ".join(map(str, group.to_frame()["feature"].head(MOST_NAMED)))
    section.add_figure(
        plots.attributions(group),
        alternative=f"Mean size of what features add in {group.n_samples} rows, the "
        f"strongest first: {strongest}.",
        caption=f"{group.n_samples} rows together: the mean size of what each feature "
        "adds.",
    )


def _sum_in_words(attributions: explain.Attributions) -> str:
    return (
        "What the features add sums to the prediction; the largest gap here is "
        f"{attributions.additivity_gap:.2g}."
    )


def show_counterfactual(
    section: Section, counterfactual: explain.Counterfactual
) -> None:
    """Show a small change of a row that changes its prediction."""
    summary = counterfactual.summary
    section.add_note(summary, tone="note" if counterfactual.found else "warning")
    section.add_figure(plots.counterfactual(counterfactual), alternative=summary)
    add_frame(
        section, counterfactual.to_frame(), caption="Changes, the largest step first"
    )
    for limit in counterfactual.limits:
        section.add_text(limit)
