"""How each class of records is shown in a section: a function, and how to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import skdl.plots as plots
from skdl import diagnosis, explain
from skdl._record import Record
from skdl.diagnosis import FindingsRecord
from skdl.reports._record_text import class_in_words, text_of
from skdl.reports._section import Section
from skdl.reports._sections import (
    comparisons,
    effects,
    experiments,
    importance,
    rows,
    scores,
    trust,
)
from skdl.reports._sections.frames import add_frame


@dataclass(frozen=True)
class RecordKind:
    """How records of a class are shown."""

    show: Callable[[Section, Any], None]  # adds a record to an empty section
    how_to_read: str = ""


def show_any(section: Section, record: Record) -> None:
    """Show a record of an unknown class."""
    text = text_of(record)
    if text:
        section.add_text(text)
    section.add_figure(plots.draw(record), alternative=text or class_in_words(record))
    add_frame(section, record.to_frame())


KINDS: dict[type[Record], RecordKind] = {
    FindingsRecord: RecordKind(
        experiments.show_findings, "Act on the first verdict first."
    ),
    diagnosis.Diagnosis: RecordKind(
        experiments.show_diagnosis,
        "The losses over the epochs. The dotted line is the best epoch, the arrow the "
        "gap at the end. Act on the first verdict first: pass its suggestion to "
        "set_params.",
    ),
    diagnosis.GradientFlow: RecordKind(
        experiments.show_gradient_flow,
        "The norm of each layer's gradients over the epochs, on a logarithmic scale. "
        "If the lines are far apart and the lowest belongs to a layer near the inputs, "
        "gradients vanish on their way back; if lines keep rising, they explode.",
    ),
    diagnosis.LearningRateSweep: RecordKind(
        experiments.show_sweep,
        "Each learning rate trains a new network, with everything else equal. Losses "
        "fall as the rate grows, until training becomes erratic or diverges. Any rate "
        "in the recommended range does about as well as the best.",
    ),
    diagnosis.LearningRateRangeTest: RecordKind(
        experiments.show_range_test,
        "One network, whose learning rate rises with each step. A good rate is where "
        "the loss falls fast; where the loss is lowest, the rate is already too high.",
    ),
    diagnosis.CapacitySearch: RecordKind(
        experiments.show_capacity,
        "Networks of growing size on the same folds. The band is one standard error "
        "wide: these folds cannot tell the networks in it from the best one, so use "
        "the simplest of them.",
    ),
    diagnosis.OptimizerComparison: RecordKind(
        experiments.show_optimizers,
        "A panel per optimizer, each at its best learning rate. Lines are means over "
        "the seeds, bands reach from the lowest to the highest. Where bands overlap, "
        "other seeds could reverse the order.",
    ),
    diagnosis.BaselineComparison: RecordKind(
        experiments.show_baselines,
        "Scores on the same folds, where greater is better. Look at the interval of "
        "the difference: if it contains 0, the difference may be chance.",
    ),
    diagnosis.RegularisationComparison: RecordKind(
        experiments.show_regularisation,
        "The same network with one kind of regularisation at a time, each at its best "
        "strength. The gap between test and training loss shows overfitting. A kind "
        "helps if its test loss is below that of “none” by more than the error.",
    ),
    explain.ModelComparison: RecordKind(
        comparisons.show_comparison,
        "Scores on test rows that no model was fitted on, where greater is better and "
        "errors have a minus sign. A bar shows how far a score could move with another "
        "test set of this size. If the interval of the gain excludes 0, the difference "
        "is unlikely to be chance.",
    ),
    explain.Performance: RecordKind(
        scores.show_performance,
        "Each metric with its interval over resampled rows, next to a baseline "
        "that ignores the features. “Gain” is how much better the model is than the "
        "baseline on the same rows; if its interval excludes 0, the gain is unlikely "
        "to be chance.",
    ),
    explain.Confusion: RecordKind(
        scores.show_confusion,
        "A row per true class, with the share of it that is predicted as each class. "
        "Everything off the diagonal is wrong.",
    ),
    explain.Residuals: RecordKind(
        scores.show_residuals,
        "Actual minus predicted. Where the line of medians leaves 0, the model is off "
        "on average; where the band is wide, it is less certain.",
    ),
    explain.Calibration: RecordKind(
        scores.show_calibration,
        "What was predicted and what happened, by groups of rows. On the diagonal you "
        "can take predictions at face value.",
    ),
    explain.Slices: RecordKind(
        scores.show_slices,
        "Groups of rows by one feature, the worst first. Of many groups some are bad "
        "by chance: “beyond chance” takes into account how many were tested.",
    ),
    explain.PermutationImportance: RecordKind(
        importance.show_importance,
        "Each feature in turn is shuffled among the rows. The more the score drops, "
        "the more the model relies on it. Features with the same information share "
        "their importance, so each may look unimportant.",
    ),
    explain.PartialDependence: RecordKind(
        effects.show_dependence,
        "The average prediction when a feature is set to each value in all rows. "
        "Curves are unreliable at values that do not occur together with those of the "
        "other features.",
    ),
    explain.AccumulatedLocalEffects: RecordKind(
        effects.show_accumulated_effects,
        "How predictions change with small changes of the feature, in the rows close "
        "to each value, summed up. Unlike partial dependence, it uses no unrealistic "
        "rows. Its mean over the rows is 0.",
    ),
    explain.InteractionStrength: RecordKind(
        trust.show_interactions,
        "H is the share of the effect of two features (or of one and all others) that "
        "they only have together: 0 if their effects add up. H can be large for weak "
        "effects too, so look at the strength, in units of the prediction.",
    ),
    explain.Attributions: RecordKind(
        rows.show_attributions,
        "Starting from the average prediction, each feature of the row adds or "
        "subtracts something until the prediction is reached. Correlated features "
        "share what they add.",
    ),
    explain.GroupAttributions: RecordKind(
        rows.show_group_attributions,
        "Bars are the mean size of what a feature adds, whatever its sign: how much it "
        "matters. The mark is the mean: where it moves the predictions of the group.",
    ),
    explain.Counterfactual: RecordKind(
        rows.show_counterfactual,
        "The changed features, with their values before and after. Bars are the sizes "
        "of the steps, in median deviations of the feature.",
    ),
    explain.Surrogate: RecordKind(
        trust.show_surrogate,
        "A small model that imitates the predictions of the other one, tested on rows "
        "it was not fitted on. Trust it only as far as it follows the model.",
    ),
    explain.ExplanationQuality: RecordKind(
        trust.show_quality,
        "An explanation is good if the predictions change when its important features "
        "are removed (fidelity), if it stays the same under noise and on other rows "
        "(stability) and for models with other seeds (consistency), and if a few "
        "features make up most of it (comprehensibility).",
    ),
}


def kind_of_record(record: Record) -> RecordKind:
    """Find how a record is shown."""
    for cls in type(record).__mro__:
        if cls in KINDS:
            return KINDS[cls]
    return RecordKind(show_any)
