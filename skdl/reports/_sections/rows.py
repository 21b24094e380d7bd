"""The section about single rows: why they are predicted as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import skdl.plots as plots
from skdl import explain
from skdl.exceptions import DataError, MissingDependencyError
from skdl.explain._predicting.tables import take_rows
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.effects import effect_on, outputs_shown

MOST_BACKGROUND = 50
MOST_EVALUATIONS = 500  # of the estimator per row, background rows not counted
STRONGEST_SAID = 5
GROUP = 20  # rows whose attributions are averaged


@dataclass(frozen=True)
class _Shown:
    """A row that is explained."""

    place: int  # among the rows
    words: str


def add_rows(section: Section, subject: ReportInput) -> None:
    """Add what each feature adds to three predictions, and what would change one."""
    output = outputs_shown(subject)[0]
    values = subject.response.of(subject.estimator, subject.X)[:, output]
    what = effect_on(subject, output)
    shown = _choose(values, what)
    group = np.linspace(0, len(values) - 1, min(GROUP, len(values))).astype(int)
    rows = np.concatenate([[one.place for one in shown], group])
    background = subject.X if subject.X_train is None else subject.X_train
    try:
        found = explain.attributions(
            subject.estimator,
            take_rows(subject.X, rows),
            background,
            output=subject.response.outputs[output],
            feature_names=subject.names,
            max_background=MOST_BACKGROUND,
            max_evaluations=MOST_EVALUATIONS,
            random_state=subject.random_state,
            progress=subject.progress,
        )
    except MissingDependencyError as error:
        raise NotAvailable(str(error)) from error
    for row, one in enumerate(shown):
        section.add_figure(
            plots.attributions(found, row=row),
            alternative=f"Attributions of row {one.place}, {one.words}: "
            f"{values[one.place]:.3g}.",
            caption=f"Row {one.place}, {one.words}.",
        )
    many = found.aggregate(np.arange(len(shown), len(rows)))
    section.add_figure(
        plots.attributions(many),
        alternative="The same over rows, mean absolute attribution: "
        + ", ".join(many.to_frame()["feature"].head(STRONGEST_SAID))
        + " first.",
        caption=f"{len(group)} rows together: the mean size of what each feature adds.",
    )
    section.add_text(
        "What features add sums up to the prediction; the largest gap here is "
        f"{found.additivity_gap:.2g}."
    )
    section.add_record(many)
    _add_counterfactual(section, subject, values, output)


def _choose(values: np.ndarray, what: str) -> list[_Shown]:
    """Choose the rows of the lowest, the middle and the highest answer."""
    order = np.argsort(values, kind="stable")
    words = ("the lowest", "the middle", "the highest")
    places = (order[0], order[len(order) // 2], order[-1])
    return [
        _Shown(int(place), f"of {word} {what}")
        for place, word in dict(zip(places, words, strict=True)).items()
    ]


def _add_counterfactual(
    section: Section, subject: ReportInput, values: np.ndarray, output: int
) -> None:
    """Say what small change would flip the prediction that is nearest to flipping."""
    if subject.response.task not in ("binary", "multiclass"):
        return
    middle = 0.5 if subject.response.method == "predict_proba" else 0.0
    row = int(np.argmin(np.abs(values - middle)))
    try:
        found = explain.counterfactual(
            subject.estimator, subject.X, row, progress=subject.progress
        )
    except DataError as error:
        section.add_note(f"No counterfactual: {error}")
        return
    if not found.found:
        section.add_note(
            f"No small change of row {row} was found that changes its prediction."
        )
        return
    section.add_table(
        found.to_frame(),
        caption=f"A small change of row {row} that changes its prediction. It says "
        "what the model would answer, not what would happen",
    )
    section.add_record(found)
