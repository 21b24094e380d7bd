"""Verdicts on trainings: on made-up cases that have them, and that just have not."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier

from skdl import KerasClassifier, MLPClassifier
from tests.diagnosis.verdicts.example_trainings import (
    FALLING,
    RUNS,
    SOUND,
    STOPS,
    apply_rules,
    codes,
    in_other_units,
    suggestion,
)

NAN = float("nan")


@pytest.mark.parametrize("has_val", [True, False])
@pytest.mark.parametrize(
    ("loss", "epoch"), [([1, 0.5, NAN, NAN], 3), ([NAN, NAN], 1), ([1, 1e31], 2)]
)
def test_divergence_is_of_the_first_epoch_not_finite(
    without_rows, loss, epoch, has_val
):
    lists = {"loss": loss, "val_loss": loss} if has_val else {"loss": loss}
    network = MLPClassifier(learning_rate=0.5)

    found = apply_rules(without_rows(lists, network))[0]

    assert (found.code, found.severity) == ("diverged", "problem")
    assert found.numbers["epoch"] == epoch
    assert found.meaning.startswith(f"In epoch {epoch} the loss or a weight overflowed")
    assert found.meaning.endswith("at a learning rate of 0.5.")
    assert found.suggestion == {"learning_rate": 0.001, "clip_norm": 1.0}
    assert "a weight overflowed." in apply_rules(without_rows(lists))[0].meaning


def test_losses_that_are_nan_from_the_first_may_come_from_the_rows(without_rows):
    for lists, network, is_said in (
        ({"loss": [NAN, NAN]}, None, True),
        ({"loss": [NAN]}, KerasClassifier(), True),
        ({"loss": [float("inf"), NAN]}, None, False),
        ({"loss": [1.0, NAN]}, None, False),
        ({"loss": [NAN]}, RUNS, False),  # which refuses them
    ):
        found = apply_rules(without_rows(lists, network))[0]
        assert ("missing values (nan)" in found.meaning) == is_said
        assert found.advice.startswith("Look for nan") == is_said


def test_a_usual_rate_that_diverged_is_cut_to_a_tenth(without_rows):
    network = MLPClassifier(optimizer="sgd", learning_rate=0.01)

    found = suggestion(without_rows({"loss": [1, NAN]}, network))
    assert found["learning_rate"] == pytest.approx(0.001)


def test_a_high_rate_with_erratic_losses(without_rows):
    erratic = np.array(FALLING) + np.tile([0.0, 0.1], 10)
    lists = {"loss": erratic, "val_loss": erratic + 0.02}

    found = apply_rules(without_rows(lists, MLPClassifier(learning_rate=0.02)))[0]
    assert (found.code, found.severity) == ("high_learning_rate", "problem")
    assert found.suggestion == {"learning_rate": 0.001}
    assert found.numbers["rate_ratio"] == pytest.approx(20)
    assert "at 20 times the usual learning rate." in found.meaning
    usual = codes(without_rows(lists, MLPClassifier(learning_rate=0.001)))
    assert "high_learning_rate" not in usual
    smooth = codes(without_rows(SOUND, MLPClassifier(learning_rate=0.02)))
    assert "high_learning_rate" not in smooth


def test_a_rate_far_too_high_is_told_where_nothing_else_tells_it(without_rows):
    lists = {"loss": FALLING}

    [finding, *others] = apply_rules(
        without_rows(lists, MLPClassifier(learning_rate=0.1))
    )

    assert (finding.code, finding.severity) == ("high_learning_rate", "warning")
    assert finding.meaning.startswith("The learning rate is 100 times the usual one.")
    assert finding.suggestion == {"learning_rate": 0.001}
    assert others == []
    assert codes(without_rows(lists, MLPClassifier(learning_rate=0.09))) == [
        "not_validated"
    ]
    assert codes(without_rows(SOUND, MLPClassifier(learning_rate=1.0))) == ["good_fit"]


def test_a_bad_start_is_one_far_above_the_baseline_whatever_its_sign(without_rows):
    smooth = {"loss": FALLING, "val_loss": FALLING}  # which begins at 1
    network = MLPClassifier(learning_rate=0.02)

    assert codes(without_rows(smooth, network, baseline=0.6)) == ["high_learning_rate"]
    assert codes(without_rows(smooth, network, baseline=0.7)) == ["good_fit"]
    negative = {name: [loss - 3 for loss in losses] for name, losses in smooth.items()}
    assert codes(without_rows(negative, network, baseline=-2.2)) == ["good_fit"]


def test_a_rate_that_is_not_known_needs_losses_that_are_very_erratic(without_rows):
    jumping = np.array(FALLING) + np.tile([0.0, 0.4], 10)

    found = apply_rules(without_rows({"loss": jumping}))[0]
    assert found.code == "high_learning_rate"
    assert "nan" not in found.meaning  # neither a rate nor a validation loss is known
    assert "validation" not in found.meaning
    slightly = np.array(FALLING) + np.tile([0.0, 0.05], 10)
    assert "high_learning_rate" not in codes(without_rows({"loss": slightly}))


def test_a_high_rate_at_which_nothing_was_learnt(without_rows):
    stuck = {"loss": [1.0, 1.0, 1.1, 1.0, 1.2], "val_loss": [1.0, 1.1, 1.0, 1.1, 1.1]}
    network = MLPClassifier(learning_rate=0.1)

    found = apply_rules(without_rows(stuck, network))[0]
    assert found.code == "high_learning_rate"
    assert "the loss never fell below that of the first epoch" in found.meaning
    assert "nan" not in found.meaning
    assert codes(without_rows({"loss": [1.0], "val_loss": [1.0]}, network)) == []


def test_overfitting(without_rows, with_rows):
    rising = {
        "loss": np.linspace(1.0, 0.1, 20),
        "val_loss": [*np.linspace(1.0, 0.5, 10), *np.linspace(0.5, 0.8, 10)],
    }
    [finding] = apply_rules(without_rows(rising, RUNS))

    assert (finding.code, finding.severity) == ("overfit_capacity", "problem")
    assert finding.suggestion == {"early_stopping": True}
    assert "lowest in epoch 10 of 20 and has since risen by" in finding.meaning
    assert "overfit_capacity" not in codes(
        without_rows(rising, STOPS)
    )  # which kept best
    noisy = with_rows(rising, standard_error=0.4, val_loss=1.0)
    assert "overfit_capacity" not in codes(noisy)
    # An error in other units than the curve's says nothing.
    other = with_rows(rising, standard_error=0.4, val_loss=1.0, baseline=NAN)
    other = in_other_units(other)
    assert "overfit_capacity" in codes(other)


def test_overfitting_from_the_first_epoch(without_rows):
    rising = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 1.0, 1.2, 1.5]}

    [finding] = apply_rules(without_rows(rising))
    assert finding.code == "overfit_capacity"
    assert "risen by 75% of the decrease of the training loss" in finding.meaning


def test_overfitting_is_seen_on_rows_without_a_validation_curve(with_rows):
    found = {"train_loss": 0.2, "val_loss": 1.1, "standard_error": 0.1}
    [finding] = apply_rules(with_rows({"loss": FALLING}, **found))

    assert (finding.code, finding.severity) == ("overfit_capacity", "problem")
    assert finding.numbers["share_by_heart"] == pytest.approx(0.9 / 0.8)
    assert finding.meaning.startswith(
        "The loss is 0.2 on the training rows and 1.1 on the validation rows; a "
        "constant prediction has 1. All of the improvement on the training rows is "
        "missing on the validation rows: "
    )
    assert finding.suggestion == {"early_stopping": True}
    half = apply_rules(with_rows({"loss": FALLING}, **{**found, "val_loss": 0.65}))[0]
    assert "56% of the improvement on the training rows is missing" in half.meaning
    for other in (
        {"standard_error": 0.4},
        {"val_loss": 0.55},  # lacks 44 %
        {"baseline": 1.0, "train_loss": 0.99, "val_loss": 1.0},
    ):
        codes_of_other = codes(with_rows({"loss": FALLING}, **{**found, **other}))
        assert "overfit_capacity" not in codes_of_other
    assert codes(with_rows(SOUND, **found)) == ["good_fit"]  # the curve knows better
    assert "overfit_capacity" not in codes(with_rows({"loss": FALLING}, STOPS, **found))


def test_on_rows_without_a_curve_a_network_may_be_no_better(with_rows):
    [finding] = apply_rules(
        with_rows({"loss": FALLING}, train_loss=0.97, val_loss=0.99)
    )

    assert (finding.code, finding.severity) == ("no_better_than_baseline", "problem")
    assert "validation loss is 0.99; the baseline's is 1." in finding.meaning
    assert finding.numbers["lowest_loss"] == 0.99


def test_a_loss_that_still_falls(without_rows, with_rows):
    line = np.linspace(1.0, 0.5, 20)
    [finding] = apply_rules(without_rows({"loss": line, "val_loss": line + 0.01}, RUNS))

    assert (finding.code, finding.severity) == ("stopped_too_early", "problem")
    assert finding.suggestion == {"epochs": 80, "early_stopping": True}
    assert "still falling: 16% of its total" in finding.meaning  # 3 of 19 steps
    few = without_rows({"loss": line[::5], "val_loss": line[::5]}, RUNS)
    assert suggestion(few) == {"epochs": 40, "early_stopping": True}
    slow = MLPClassifier((64,), learning_rate=1e-5)
    both = {"loss": line, "val_loss": line}
    assert suggestion(without_rows(both, slow)) == {"learning_rate": 0.001}
    known = with_rows({"loss": line, "val_loss": line}, residual_signal=0.0)
    assert codes(known) == ["good_fit"]


def test_a_training_loss_that_falls_may_overfit_as_well(without_rows, with_rows):
    line = {"loss": np.linspace(1.0, 0.5, 20)}

    assert codes(without_rows(line, RUNS)) == ["not_validated"]
    assert codes(with_rows(line, residual_signal=NAN)) == ["not_validated"]
    assert codes(with_rows(line, residual_signal=0.3)) == ["stopped_too_early"]


def test_what_stopped_by_itself_was_not_stopped_too_early(without_rows):
    line = np.linspace(1.0, 0.5, 20)
    run = without_rows({"loss": line, "val_loss": line + 0.01}, RUNS)
    stopped = replace(run.curves, status="stopped early: it no longer improved")

    assert codes(replace(run, curves=stopped)) == ["good_fit"]


def test_few_epochs_or_a_low_rate_with_much_left_to_learn(with_rows):
    flat = {"loss": [1.0, 0.5, 0.5, 0.5, 0.5], "val_loss": [1.0, 0.5, 0.5, 0.5, 0.5]}
    [finding] = apply_rules(with_rows(flat, residual_signal=0.3))

    assert finding.code == "stopped_too_early"
    assert "after 5 epochs, a forest could still find structure" in finding.meaning
    assert "worth 30% of a constant's squared error." in finding.meaning
    slow = MLPClassifier((64,), learning_rate=1e-5)
    found = apply_rules(with_rows(SOUND, slow, residual_signal=0.3))[0]
    assert found.code == "stopped_too_early"
    assert "The learning rate is 0.01 times the usual one." in found.meaning
    assert found.suggestion == {"learning_rate": 0.001}


def test_too_little_capacity(with_rows):
    [finding] = apply_rules(
        with_rows(SOUND, MLPClassifier((2, 2)), residual_signal=0.3)
    )

    assert (finding.code, finding.severity) == ("underfit_capacity", "problem")
    assert finding.suggestion == {
        "hidden_layer_sizes": (64, 64),
        "early_stopping": True,
    }
    assert "worth 30% of a constant's squared error" in finding.meaning
    linear = with_rows(SOUND, MLPClassifier(()), residual_signal=0.3)
    assert suggestion(linear)["hidden_layer_sizes"] == (64,)
    wide = with_rows(SOUND, MLPClassifier((100,)), residual_signal=0.3)
    assert suggestion(wide)["hidden_layer_sizes"] == (400,)
    assert "The losses have stopped falling, yet a forest" in finding.meaning
    keras = apply_rules(with_rows(SOUND, KerasClassifier(), residual_signal=0.3))[0]
    assert keras.advice.startswith("Make the network wider, then deeper")
    unknown = with_rows(residual_signal=NAN)
    assert codes(unknown) == ["good_fit"]
    assert "forest" not in apply_rules(unknown)[0].meaning


def test_losses_are_not_said_to_be_flat_where_they_fall(with_rows):
    tiny, line = MLPClassifier((2,)), np.linspace(1.0, 0.5, 150)

    found = apply_rules(
        with_rows({"loss": line, "val_loss": line}, tiny, residual_signal=0.3)
    )

    assert found[0].code == "underfit_capacity"
    assert found[0].meaning.startswith("A forest still finds structure")


def test_too_little_capacity_without_rows_is_a_guess(without_rows):
    [finding] = apply_rules(without_rows(SOUND, MLPClassifier((2,))))

    assert (finding.code, finding.severity) == ("underfit_capacity", "warning")
    assert "are close together" in finding.meaning
    assert codes(without_rows(SOUND, MLPClassifier((8,)))) == ["good_fit"]


def test_too_little_capacity_of_what_keeps_no_validation_loss(with_rows):
    network = ScikitLearnClassifier((2,))

    found = with_rows({"loss": FALLING}, network, residual_signal=0.3)

    assert codes(found) == ["underfit_capacity"]
