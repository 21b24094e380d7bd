"""The table of verdicts, most urgent first.

First come problems that make everything else meaningless (losses that overflowed,
uninformative validation rows), then what keeps a network from learning. How much it
learnt is asked only if none of these applies.
"""

from __future__ import annotations

from skdl.diagnosis.verdicts import _rules_of_data as rules_of_data
from skdl.diagnosis.verdicts import _rules_of_scale as rules_of_scale
from skdl.diagnosis.verdicts import _rules_of_sound_training as rules_of_sound_training
from skdl.diagnosis.verdicts import _rules_of_training as rules_of_training
from skdl.diagnosis.verdicts._rule_input import VerdictRule

RULES = (
    VerdictRule(
        "diverged", "problem", "the loss overflowed", rules_of_training.diverged
    ),
    VerdictRule(
        "too_alike",
        "problem",
        "validation rows are copies of training rows",
        rules_of_data.too_alike,
    ),
    VerdictRule(
        "unrepresentative_data",
        "problem",
        "training and validation rows come from different distributions",
        rules_of_data.unrepresentative,
    ),
    VerdictRule(
        "validation_too_small",
        "problem",
        "too few validation rows",
        rules_of_data.validation_too_small,
    ),
    VerdictRule(
        "unscaled_features",
        "problem",
        "features are not scaled",
        rules_of_scale.unscaled_features,
    ),
    VerdictRule(
        "high_learning_rate",
        "problem",
        "the learning rate is too high",
        rules_of_training.high_learning_rate,
    ),
    VerdictRule(
        "no_better_than_baseline",
        "problem",
        "no better than the baseline",
        rules_of_data.no_better_than_baseline,
    ),
    VerdictRule(
        "overfit_capacity",
        "problem",
        "overfit: too much capacity for the data, or trained for too long",
        rules_of_training.overfit_capacity,
    ),
    VerdictRule(
        "stopped_too_early",
        "problem",
        "underfit: stopped too early",
        rules_of_training.stopped_too_early,
        is_alone=True,
    ),
    VerdictRule(
        "underfit_capacity",
        "problem",
        "underfit: too little capacity",
        rules_of_training.underfit_capacity,
        is_alone=True,
    ),
    VerdictRule(
        "good_fit",
        "note",
        "a good fit",
        rules_of_sound_training.good_fit,
        is_alone=True,
    ),
    VerdictRule(
        "not_validated",
        "note",
        "not validated: how well it fits is unknown",
        rules_of_sound_training.not_validated,
        is_alone=True,
    ),
    VerdictRule(
        "few_validation_rows",
        "warning",
        "few validation rows",
        rules_of_data.few_validation_rows,
    ),
)
