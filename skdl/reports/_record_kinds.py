"""How each kind of record is shown on a page: what to know of it, and what draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import skdl.plots as plots
from skdl import diagnosis, explain
from skdl._record import Record
from skdl.diagnosis._finding import FindingsRecord
from skdl.reports._record_words import add_frame, class_in_words, said_by
from skdl.reports._section import Section
from skdl.reports._sections import experiments, explanations, scores, trust


@dataclass(frozen=True)
class RecordKind:
    """How records of a class are shown."""

    # from the empty section and the record to nothing; it adds texts, figures and
    # tables
    show: Callable[[Section, Any], None]
    how_to_read: str = ""


def show_any(section: Section, record: Record) -> None:
    """Show a record of a class that is not known."""
    said = said_by(record)
    if said:
        section.add_text(said)
    section.add_figure(plots.draw(record), alternative=said or class_in_words(record))
    add_frame(section, record.to_frame())


KINDS: dict[type[Record], RecordKind] = {
    FindingsRecord: RecordKind(
        experiments.show_findings, "Act on the first verdict first."
    ),
    diagnosis.Diagnosis: RecordKind(
        experiments.show_diagnosis,
        "The losses over the epochs; the dotted line is the best epoch, the arrow the "
        "gap at the end. Act on the first verdict first: its suggestion is what "
        "set_params takes.",
    ),
    diagnosis.GradientFlow: RecordKind(
        experiments.show_gradient_flow,
        "The norm of each layer's gradients over the epochs, on a logarithmic scale. "
        "Lines far apart, the lowest that of a layer near the inputs, are gradients "
        "that vanish on their way back; lines that rise without end explode.",
    ),
    diagnosis.LearningRateSweep: RecordKind(
        experiments.show_sweep,
        "A fresh network for each rate, all else equal. Losses fall as the rate grows, "
        "until training becomes erratic or diverges. Any rate in the recommended range "
        "does about as well as the best.",
    ),
    diagnosis.LearningRateRangeTest: RecordKind(
        experiments.show_range_test,
        "One network whose rate rises with each step. A good rate lies where the loss "
        "falls fast; where the loss is lowest the rate is too high already.",
    ),
    diagnosis.CapacitySearch: RecordKind(
        experiments.show_capacity,
        "Networks of growing size on the same folds. The band is one standard error "
        "wide: these folds cannot tell the networks in it from the best one, so that "
        "the simplest of them will do.",
    ),
    diagnosis.OptimizerComparison: RecordKind(
        experiments.show_optimizers,
        "A panel per optimizer, each at the rate that suits it best. Lines are means "
        "over the seeds, the band goes from the lowest to the highest: where bands "
        "overlap, another seed may turn the order around.",
    ),
    diagnosis.BaselineComparison: RecordKind(
        experiments.show_baselines,
        "Scores on the same folds, greater is better. Look at the interval of the "
        "difference: if 0 is in it, the difference may be chance.",
    ),
    diagnosis.RegularisationComparison: RecordKind(
        experiments.show_regularisation,
        "The same network with one kind of regularisation at a time, each at the "
        "strength that suits it best. The gap of test to training loss is what is "
        "overfitted; a kind helps if its test loss is lower than that of none by more "
        "than the error.",
    ),
    explain.Performance: RecordKind(
        scores.show_performance,
        "Each metric with its interval over resampled rows, beside a baseline that "
        "looks at no feature. “Gain” is how much better than the baseline on the same "
        "rows: an interval without 0 is unlikely to be chance.",
    ),
    explain.Confusion: RecordKind(
        scores.show_confusion,
        "A row per true class, with the share of its rows that is taken for each "
        "class: what lies off the diagonal is wrong.",
    ),
    explain.Residuals: RecordKind(
        scores.show_residuals,
        "Actual minus predicted. Where the line of medians leaves 0 the model is wrong "
        "on average; where the band is wide it is less sure.",
    ),
    explain.Calibration: RecordKind(
        scores.show_calibration,
        "What is said, and what is so, by groups of rows: on the diagonal the numbers "
        "can be taken at their word.",
    ),
    explain.Slices: RecordKind(
        scores.show_slices,
        "Groups of rows by one feature, the worst first. Among many groups some are "
        "bad by chance: “beyond chance” allows for how many were looked at.",
    ),
    explain.PermutationImportance: RecordKind(
        explanations.show_importance,
        "One feature at a time is shuffled among the rows; the drop of the score says "
        "how much the model relies on it. Features that carry the same information "
        "share their importance, so each may look unimportant.",
    ),
    explain.PartialDependence: RecordKind(
        explanations.show_dependence,
        "The average over the rows of what the model says when a feature is set to "
        "each value for all of them. Values that do not occur together with those of "
        "the other features make a curve unreliable.",
    ),
    explain.AccumulatedLocalEffects: RecordKind(
        explanations.show_accumulated_effects,
        "What small changes of the feature do to the rows that have about its value, "
        "summed up: unlike a partial dependence, it asks of no row that does not "
        "occur. Its mean over the rows is 0.",
    ),
    explain.InteractionStrength: RecordKind(
        trust.show_interactions,
        "H is the share of what two features (or one and all others) make that they "
        "only make together: 0 when their effects add up. It is large where the "
        "effects are weak too, so look at the strength, in units of what is predicted.",
    ),
    explain.Attributions: RecordKind(
        explanations.show_attributions,
        "From what is said on average, each feature of the row adds or takes away, "
        "until the prediction is reached. Features that go together share what they "
        "add.",
    ),
    explain.GroupAttributions: RecordKind(
        explanations.show_group_attributions,
        "Bars are the mean size of what a feature adds, whatever its sign: how much it "
        "matters. The mark is the mean: where it moves the predictions of the group.",
    ),
    explain.Counterfactual: RecordKind(
        explanations.show_counterfactual,
        "The features that were changed, from what to what; bars are the lengths of "
        "the steps, in median deviations of the feature.",
    ),
    explain.Surrogate: RecordKind(
        trust.show_surrogate,
        "A small model that was fitted to what the other one says, and checked on rows "
        "that it has not seen. Read it only as far as it follows the model.",
    ),
    explain.ExplanationQuality: RecordKind(
        trust.show_quality,
        "An explanation is good if taking away what it calls important changes the "
        "answer (fidelity), if it stays the same under noise and on other rows "
        "(stability) and for models of other seeds (consistency), and if few features "
        "make up most of it (comprehensibility).",
    ),
}


def kind_of_record(record: Record) -> RecordKind:
    """Find how a record is shown."""
    for cls in type(record).__mro__:
        if cls in KINDS:
            return KINDS[cls]
    return RecordKind(show_any)
