"""The table of verdicts, the one to act on first at the top.

What makes all else meaningless comes first (losses that overflowed, validation rows
that say nothing), then what keeps a network from learning. How much it learnt is asked
only where none of these was found.
"""

from __future__ import annotations

from skdl.diagnosis.verdicts import _rules_of_data as rules_of_data
from skdl.diagnosis.verdicts import _rules_of_scale as rules_of_scale
from skdl.diagnosis.verdicts import _rules_of_sound_training as rules_of_sound_training
from skdl.diagnosis.verdicts import _rules_of_training as rules_of_training
from skdl.diagnosis.verdicts._rule_input import Rule

RULES = (
    Rule("diverged", "problem", "the loss overflowed", rules_of_training.diverged),
    Rule(
        "too_alike",
        "problem",
        "validation rows are copies of training rows",
        rules_of_data.too_alike,
    ),
    Rule(
        "unrepresentative_data",
        "problem",
        "training and validation rows are of different kinds",
        rules_of_data.unrepresentative,
    ),
    Rule(
        "validation_too_small",
        "problem",
        "too few validation rows",
        rules_of_data.validation_too_small,
    ),
    Rule(
        "unscaled_features",
        "problem",
        "features are not scaled",
        rules_of_scale.unscaled_features,
    ),
    Rule(
        "high_learning_rate",
        "problem",
        "the learning rate is too high",
        rules_of_training.high_learning_rate,
    ),
    Rule(
        "no_better_than_baseline",
        "problem",
        "no better than the baseline",
        rules_of_data.no_better_than_baseline,
    ),
    Rule(
        "overfit_capacity",
        "problem",
        "overfit: too much capacity for the rows, or trained for too long",
        rules_of_training.overfit_capacity,
    ),
    Rule(
        "stopped_too_early",
        "problem",
        "underfit: stopped too early",
        rules_of_training.stopped_too_early,
        is_alone=True,
    ),
    Rule(
        "underfit_capacity",
        "problem",
        "underfit: too little capacity",
        rules_of_training.underfit_capacity,
        is_alone=True,
    ),
    Rule(
        "good_fit",
        "note",
        "a good fit",
        rules_of_sound_training.good_fit,
        is_alone=True,
    ),
    Rule(
        "not_validated",
        "note",
        "not validated: how well it fits is not known",
        rules_of_sound_training.not_validated,
        is_alone=True,
    ),
    Rule(
        "few_validation_rows",
        "warning",
        "few validation rows",
        rules_of_data.few_validation_rows,
    ),
)
