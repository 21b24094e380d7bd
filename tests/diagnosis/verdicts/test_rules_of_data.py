"""Verdicts on rows: on made-up cases that have them, and that just have not."""

import numpy as np
import pytest

from skdl import MLPClassifier
from tests.diagnosis.verdicts.example_trainings import (
    FALLING,
    SOUND,
    STOPS,
    apply_rules,
    codes,
    suggestion,
)

FLAT = {"loss": [1.1, *[0.98] * 19], "val_loss": [1.1, *[0.99] * 19]}


def test_copies_beyond_chance(with_rows):
    [finding] = apply_rules(with_rows(copies=0.2))

    assert (finding.code, finding.severity) == ("too_alike", "problem")
    assert "20% of the validation rows have an exact or near copy" in finding.meaning
    assert finding.numbers["copies"] == 0.2
    assert codes(with_rows(copies=0.04)) == ["good_fit"]
    assert codes(with_rows(copies=0.5, copies_expected=0.45)) == ["good_fit"]
    assert codes(with_rows(copies=1.0, copies_expected=1.0)) == ["good_fit"]
    few = with_rows(copies=0.2, n_val=5, standard_error=0.0)  # one row of five
    assert "too_alike" not in codes(few)


def test_copies_that_chance_did_not_make(with_rows):
    cancelled = {"copies": 0.5, "copies_expected": 0.5}
    [finding] = apply_rules(with_rows(**cancelled, repeated=0.4))

    assert (finding.code, finding.severity) == ("too_alike", "problem")
    assert "40% of the validation rows have an exact copy" in finding.meaning
    assert finding.numbers["repeated"] == 0.4
    assert codes(with_rows(**cancelled, repeated=0.04)) == ["good_fit"]
    few = with_rows(**cancelled, repeated=0.2, n_val=5)
    assert "too_alike" not in codes(few)


def test_rows_of_other_kinds(with_rows):
    apart = {"shift": 0.75, "val_loss": 0.5}
    [finding] = apply_rules(with_rows(**apart))

    assert (finding.code, finding.severity) == ("unrepresentative_data", "problem")
    assert "curve of 0.75 (0.5 is chance)" in finding.meaning
    assert "No parameter closes" in finding.meaning
    assert codes(with_rows(shift=0.58, val_loss=0.5)) == ["good_fit"]
    assert codes(with_rows(**apart, shift_error=0.06)) == ["good_fit"]
    assert codes(with_rows(shift=0.2, val_loss=0.5)) == ["good_fit"]


def test_rows_of_other_kinds_with_equal_losses_are_noted(with_rows):
    """The error of the difference is 0.02 times the root of 1 + 200 / 1000."""
    verdict, noted = apply_rules(with_rows(shift=0.75, val_loss=0.2 + 0.043))
    assert (verdict.code, verdict.severity) == ("good_fit", "note")
    assert (noted.code, noted.severity) == ("unrepresentative_data", "note")
    assert "no visible harm" in noted.meaning
    assert codes(with_rows(shift=0.75, val_loss=0.2 + 0.045))[0] == noted.code
    assert codes(with_rows(shift=0.75, val_loss=0.2 - 0.045))[0] == noted.code
    narrow = with_rows(shift=0.75, residual_signal=0.3)
    assert codes(narrow) == ["underfit_capacity", "unrepresentative_data"]


def test_a_gap_between_curves_that_both_fall(without_rows):
    parallel = {"loss": FALLING, "val_loss": [1 + 0.5 * value for value in FALLING]}

    [finding] = apply_rules(without_rows(parallel, STOPS))
    assert (finding.code, finding.severity) == ("unrepresentative_data", "warning")
    assert "pass x and y" in finding.advice.lower()
    near = {"loss": FALLING, "val_loss": [0.3 + value for value in FALLING]}
    assert codes(without_rows(near, STOPS)) == ["good_fit"]


def test_too_few_validation_rows(with_rows):
    [finding] = apply_rules(with_rows(n_val=10, holds_out=True))

    assert (finding.code, finding.severity) == ("validation_too_small", "problem")
    assert finding.suggestion == {"validation_fraction": 0.2}
    assert "at least 100 rows" in finding.advice
    # Both shares are above 40 %: of the loss, and of the lowest loss's gain.
    chance = {"val_loss": 0.5, "standard_error": 0.21, "gain_error": 0.33}
    [finding] = apply_rules(with_rows(**chance))
    assert finding.code == "validation_too_small"
    assert (
        "0.5 below that of a constant prediction, with a standard error of 0.33"
        in finding.meaning
    )
    assert codes(with_rows(**{**chance, "gain_error": 0.1})) == ["good_fit"]
    # What has gone astray is known to have.
    astray = {"val_loss": 1.5, "standard_error": 0.5, "gain_error": 0.5}
    assert "validation_too_small" not in codes(with_rows(**astray))
    # Of a loss that is nearly 0 the error may be as large.
    perfect = {"val_loss": 0.006, "standard_error": 0.004, "gain_error": 0.05}
    assert codes(with_rows(**perfect)) == ["good_fit"]
    # A gain that is nearly 0 is known well enough if its error is small.
    none = with_rows(val_loss=0.99, gain_error=0.05, lists=FLAT)
    assert codes(none) == ["no_better_than_baseline"]


def test_what_is_asked_for_can_be_had(with_rows):
    few = {"val_loss": 0.5, "gain_error": 0.24, "holds_out": True, "n_val": 40}

    [_, finding] = apply_rules(with_rows(**few))  # 30 % of the gain of 0.8
    assert "at least 361 rows" in finding.advice
    assert finding.suggestion == {"validation_fraction": 0.35}  # of 1040 rows
    [_, finding] = apply_rules(with_rows(**few, n_train=500))
    assert finding.advice == (
        "Cross-validate and use the mean over the folds: you would need 361 "
        "validation rows, but there are only 540 rows in total."
    )
    assert finding.suggestion == {}
    [_, finding] = apply_rules(with_rows(**{**few, "holds_out": False}))
    assert finding.suggestion == {}  # the rows were chosen by the user


def test_rows_that_are_few_for_comparisons_are_said_last(with_rows):
    few = {"val_loss": 0.5, "gain_error": 0.24}

    good = apply_rules(with_rows(**few))
    assert [(one.code, one.severity) for one in good] == [
        ("good_fit", "note"),
        ("few_validation_rows", "warning"),
    ]
    narrow = codes(with_rows(**few, residual_signal=0.3))
    assert narrow == ["underfit_capacity", "few_validation_rows"]


@pytest.mark.parametrize(("now", "then"), [(0.1, 0.2), (0.3, 0.4), (0.4, None)])
def test_a_larger_fraction_is_suggested_and_never_a_smaller_one(with_rows, now, then):
    network = MLPClassifier((64,), early_stopping=True, validation_fraction=now)
    expected = {} if then is None else {"validation_fraction": then}

    found = suggestion(with_rows(SOUND, network, n_val=10, holds_out=True))

    assert found == pytest.approx(expected)


def test_a_validation_loss_alone_that_is_noisy(without_rows):
    noise = np.tile([0.15, -0.15], 10)
    noisy = {"loss": FALLING, "val_loss": np.array(FALLING) + noise}

    found = apply_rules(without_rows(noisy, STOPS))
    assert (found[0].code, found[0].severity) == ("validation_too_small", "warning")
    both = {"loss": np.array(FALLING) + noise, "val_loss": np.array(FALLING) + noise}
    assert "validation_too_small" not in codes(without_rows(both, STOPS))


def test_no_better_than_the_baseline(without_rows, with_rows):
    flat = {"loss": [1.1, *[0.98] * 19], "val_loss": [1.1, *[1.0] * 19]}

    [finding] = apply_rules(with_rows(flat, STOPS, val_loss=1.0))
    assert (finding.code, finding.severity) == ("no_better_than_baseline", "problem")
    assert finding.meaning == (
        "The lowest validation loss is 1; the baseline's is 1. A forest fitted to the "
        "errors finds nothing in the features that the network missed."
    )
    by_number = apply_rules(without_rows(flat, baseline=0.98))[0]
    assert by_number.code == "no_better_than_baseline"
    assert (
        by_number.meaning == "The lowest validation loss is 1; the baseline's is 0.98."
    )
    assert "no_better_than_baseline" not in codes(without_rows(flat, baseline=1.2))
    # With much left to learn it is the training that is to blame.
    assert codes(with_rows(flat, STOPS, residual_signal=0.5)) != codes(
        with_rows(flat, STOPS)
    )


@pytest.mark.parametrize("shape", [[1.0] * 6, [1, 1.1, 1.2, 1.3, 1.4, 1.5]])
def test_a_loss_that_never_fell(without_rows, shape):
    run = without_rows({"loss": shape, "val_loss": shape})
    assert codes(run) == ["no_better_than_baseline"]
    assert apply_rules(run)[0].severity == "warning"
    assert "the network learnt nothing" in apply_rules(run)[0].meaning

    alone = without_rows({"loss": shape})
    assert codes(alone) == ["no_better_than_baseline"]
    ending = "and 1 at best: the network learnt nothing."
    assert apply_rules(alone)[0].meaning.endswith(ending)


@pytest.mark.parametrize("shape", [[1.0] * 4, [1, 1.1, 1.2], [1.0]])
def test_of_few_epochs_in_which_nothing_fell_nothing_is_said(without_rows, shape):
    assert codes(without_rows({"loss": shape, "val_loss": shape})) == []
    assert codes(without_rows({"loss": shape})) == []
