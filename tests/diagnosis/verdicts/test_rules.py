"""Each verdict on a made-up case that has it, and not on one that just has it not."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier
from skdl.diagnosis.curves import read_curves
from skdl.diagnosis.verdicts.case import Case, Recognised, Rule
from skdl.diagnosis.verdicts.diagnosing import judge
from skdl.diagnosis.verdicts.evidence import DataEvidence
from skdl.diagnosis.verdicts.facts import TrainingFacts, facts_of
from skdl.diagnosis.verdicts.measures import measure_curves
from skdl.diagnosis.verdicts.rules import RULES

NAN = float("nan")
# Both fall to where they stay.
FALLING = list(0.2 + 0.8 * np.exp(-np.arange(20) / 2))
SOUND = {"loss": FALLING, "val_loss": [value + 0.02 for value in FALLING]}
EVIDENCE = DataEvidence(
    n_train=1000,
    n_val=200,
    baseline=1.0,
    train_loss=0.2,
    val_loss=0.22,
    standard_error=0.02,
    copies=0.0,
    copies_expected=0.0,
    shift=0.5,
    shift_error=0.01,
    left_to_learn=0.0,
)
STOPS = MLPClassifier((64,), early_stopping=True)
RUNS = MLPClassifier((64,))


def case_of(lists, network=None, *, evidence=None, baseline=None, holds_out=False):
    curves = read_curves(lists)
    has_losses = len(curves.measured()[0]) > 0
    return Case(
        curves=curves,
        facts=TrainingFacts() if network is None else facts_of(network),
        measures=measure_curves(curves, baseline) if has_losses else None,
        evidence=evidence,
        baseline=baseline,
        holds_out=holds_out,
    )


def with_rows(lists=SOUND, network=RUNS, *, holds_out=False, **changes):
    """A case whose rows are known."""
    evidence = replace(EVIDENCE, **changes)
    baseline = evidence.baseline
    return case_of(
        lists, network, evidence=evidence, baseline=baseline, holds_out=holds_out
    )


def codes(case):
    return [finding.code for finding in judge(case)]


def suggestion(case):
    return judge(case)[0].suggestion


# A sound training.


def test_a_good_fit():
    for case in (case_of(SOUND), case_of(SOUND, RUNS), with_rows()):
        [finding] = judge(case)
        assert (finding.code, finding.severity) == ("good_fit", "note")
        assert finding.suggestion == {}
    assert finding.numbers["lowest_loss"] == min(SOUND["val_loss"])
    assert finding.meaning == (
        "The validation loss fell to 0.22 in epoch 20 of 20 and stayed there. Nothing "
        "is left that a forest could predict of the errors."
    )


def test_what_is_said_of_the_end_of_a_good_fit_is_so():
    rising = {"loss": [1, 0.5, 0.2, 0.2, 0.2], "val_loss": [1, 0.5, 0.2, 0.3, 0.4]}

    [kept] = judge(case_of(rising, STOPS))
    assert "in epoch 3 of 5, whose weights were kept." in kept.meaning
    within_error = with_rows(rising, standard_error=0.3, val_loss=1.0)
    [finding] = judge(within_error)
    assert "in epoch 3 of 5 and ended at 0.4." in finding.meaning


def test_a_training_without_validation_has_converged():
    case = case_of({"loss": FALLING}, RUNS)

    [finding] = judge(case)
    assert (finding.code, finding.severity) == ("converged", "note")
    assert "Without validation rows that is all" in finding.meaning
    assert finding.suggestion == {"early_stopping": True}
    [finding] = judge(with_rows({"loss": FALLING}))
    assert "On the validation rows given it is 0.22, on the training" in finding.meaning


# The rows.


def test_copies_beyond_chance():
    [finding] = judge(with_rows(copies=0.2))

    assert (finding.code, finding.severity) == ("too_alike", "problem")
    assert "20% of the validation rows have a copy" in finding.meaning
    assert finding.numbers["copies"] == 0.2
    assert codes(with_rows(copies=0.04)) == ["good_fit"]
    assert codes(with_rows(copies=0.5, copies_expected=0.45)) == ["good_fit"]
    assert codes(with_rows(copies=1.0, copies_expected=1.0)) == ["good_fit"]
    few = with_rows(copies=0.2, n_val=5, standard_error=0.0)  # one row of five
    assert "too_alike" not in codes(few)


def test_rows_of_other_kinds():
    [finding] = judge(with_rows(shift=0.75))

    assert (finding.code, finding.severity) == ("unrepresentative_data", "problem")
    assert "curve of 0.75 (0.5 is chance)" in finding.meaning
    assert codes(with_rows(shift=0.58)) == ["good_fit"]
    assert codes(with_rows(shift=0.75, shift_error=0.06)) == ["good_fit"]
    assert codes(with_rows(shift=0.2)) == ["good_fit"]


def test_a_gap_between_curves_that_both_fall():
    parallel = {"loss": FALLING, "val_loss": [1 + 0.5 * value for value in FALLING]}

    [finding] = judge(case_of(parallel, STOPS))
    assert (finding.code, finding.severity) == ("unrepresentative_data", "warning")
    assert "pass x and y" in finding.advice.lower()
    near = {"loss": FALLING, "val_loss": [0.3 + value for value in FALLING]}
    assert codes(case_of(near, STOPS)) == ["good_fit"]


def test_too_few_validation_rows():
    [finding] = judge(with_rows(n_val=10, holds_out=True))

    assert (finding.code, finding.severity) == ("validation_too_small", "problem")
    assert finding.suggestion == {"validation_fraction": 0.2}
    assert "at least 100 rows" in finding.advice
    [finding] = judge(with_rows(n_val=200, standard_error=0.11))
    assert finding.code == "validation_too_small"
    assert "at least 5000 rows" in finding.advice  # for a tenth: (0.5 / 0.1)² as many
    assert finding.suggestion == {}  # the rows were chosen by the user
    assert codes(with_rows(standard_error=0.08)) == ["good_fit"]


@pytest.mark.parametrize(("now", "then"), [(0.1, 0.2), (0.3, 0.4), (0.4, None)])
def test_a_larger_fraction_is_suggested_and_never_a_smaller_one(now, then):
    network = MLPClassifier((64,), early_stopping=True, validation_fraction=now)
    expected = {} if then is None else {"validation_fraction": then}

    found = suggestion(with_rows(SOUND, network, n_val=10, holds_out=True))

    assert found == pytest.approx(expected)


def test_a_validation_loss_alone_that_is_noisy():
    noise = np.tile([0.15, -0.15], 10)
    noisy = {"loss": FALLING, "val_loss": np.array(FALLING) + noise}

    found = judge(case_of(noisy, STOPS))
    assert (found[0].code, found[0].severity) == ("validation_too_small", "warning")
    both = {"loss": np.array(FALLING) + noise, "val_loss": np.array(FALLING) + noise}
    assert "validation_too_small" not in codes(case_of(both, STOPS))


def test_no_better_than_the_baseline():
    flat = {"loss": [1.1, *[0.98] * 19], "val_loss": [1.1, *[1.0] * 19]}

    [finding] = judge(with_rows(flat, STOPS, val_loss=1.0))
    assert (finding.code, finding.severity) == ("no_better_than_baseline", "problem")
    assert finding.meaning == (
        "The lowest validation loss is 1; the baseline has 1. A forest fitted to the "
        "errors finds nothing in the features that the network has missed."
    )
    by_number = judge(case_of(flat, baseline=0.98))[0]
    assert by_number.code == "no_better_than_baseline"
    assert (
        by_number.meaning == "The lowest validation loss is 1; the baseline has 0.98."
    )
    assert "no_better_than_baseline" not in codes(case_of(flat, baseline=1.2))
    # With much left to learn it is the training that is to blame.
    assert codes(with_rows(flat, STOPS, left_to_learn=0.5)) != codes(
        with_rows(flat, STOPS)
    )


@pytest.mark.parametrize("shape", [[1.0] * 6, [1, 1.1, 1.2, 1.3, 1.4, 1.5]])
def test_a_loss_that_never_fell(shape):
    case = case_of({"loss": shape, "val_loss": shape})
    assert codes(case) == ["no_better_than_baseline"]
    assert judge(case)[0].severity == "warning"
    assert "no use for other rows" in judge(case)[0].meaning

    alone = case_of({"loss": shape})
    assert codes(alone) == ["no_better_than_baseline"]
    assert judge(alone)[0].meaning.endswith("and 1 at best: nothing is learnt.")


@pytest.mark.parametrize("shape", [[1.0] * 4, [1, 1.1, 1.2], [1.0]])
def test_of_few_epochs_in_which_nothing_fell_nothing_is_said(shape):
    assert codes(case_of({"loss": shape, "val_loss": shape})) == []
    assert codes(case_of({"loss": shape})) == []


# The training.


@pytest.mark.parametrize("has_val", [True, False])
@pytest.mark.parametrize(
    ("loss", "epoch"), [([1, 0.5, NAN, NAN], 3), ([NAN, NAN], 1), ([1, 1e31], 2)]
)
def test_divergence_is_of_the_first_epoch_that_was_not_finite(loss, epoch, has_val):
    lists = {"loss": loss, "val_loss": loss} if has_val else {"loss": loss}
    network = MLPClassifier(learning_rate=0.5)

    found = judge(case_of(lists, network))[0]

    assert (found.code, found.severity) == ("diverged", "problem")
    assert found.numbers["epoch"] == epoch
    assert found.meaning.startswith(f"In epoch {epoch} the loss or a weight grew")
    assert found.meaning.endswith("at a learning rate of 0.5.")
    assert found.suggestion == {"learning_rate": 0.001, "clip_norm": 1.0}
    assert judge(case_of(lists))[0].meaning.endswith("beyond all bounds.")


def test_a_usual_rate_that_diverged_is_cut_to_a_tenth():
    network = MLPClassifier(optimizer="sgd", learning_rate=0.01)

    found = suggestion(case_of({"loss": [1, NAN]}, network))
    assert found["learning_rate"] == pytest.approx(0.001)


def test_a_high_rate_with_erratic_losses():
    erratic = np.array(FALLING) + np.tile([0.0, 0.1], 10)
    lists = {"loss": erratic, "val_loss": erratic + 0.02}

    found = judge(case_of(lists, MLPClassifier(learning_rate=0.02)))[0]
    assert (found.code, found.severity) == ("high_learning_rate", "problem")
    assert found.suggestion == {"learning_rate": 0.001}
    assert found.numbers["rate_ratio"] == pytest.approx(20)
    assert "at a rate that is 20 times the usual one." in found.meaning
    usual = codes(case_of(lists, MLPClassifier(learning_rate=0.001)))
    assert "high_learning_rate" not in usual
    smooth = codes(case_of(SOUND, MLPClassifier(learning_rate=0.02)))
    assert "high_learning_rate" not in smooth


def test_a_rate_that_is_not_known_needs_losses_that_are_very_erratic():
    jumping = np.array(FALLING) + np.tile([0.0, 0.4], 10)

    found = judge(case_of({"loss": jumping}))[0]
    assert found.code == "high_learning_rate"
    assert "nan" not in found.meaning  # neither a rate nor a validation loss is known
    assert "validation" not in found.meaning
    slightly = np.array(FALLING) + np.tile([0.0, 0.05], 10)
    assert "high_learning_rate" not in codes(case_of({"loss": slightly}))


def test_a_high_rate_at_which_nothing_was_learnt():
    stuck = {"loss": [1.0, 1.0, 1.1, 1.0, 1.2], "val_loss": [1.0, 1.1, 1.0, 1.1, 1.1]}
    network = MLPClassifier(learning_rate=0.1)

    found = judge(case_of(stuck, network))[-1]
    assert found.code == "high_learning_rate"
    assert "the loss never fell below that of the first epoch" in found.meaning
    assert "nan" not in found.meaning
    assert codes(case_of({"loss": [1.0], "val_loss": [1.0]}, network)) == []


def test_overfitting():
    rising = {
        "loss": np.linspace(1.0, 0.1, 20),
        "val_loss": [*np.linspace(1.0, 0.5, 10), *np.linspace(0.5, 0.8, 10)],
    }
    [finding] = judge(case_of(rising, RUNS))

    assert (finding.code, finding.severity) == ("overfit_capacity", "problem")
    assert finding.suggestion == {"early_stopping": True}
    assert "lowest in epoch 10 of 20 and has since lost" in finding.meaning
    assert "overfit_capacity" not in codes(case_of(rising, STOPS))  # which kept best
    noisy = with_rows(rising, standard_error=0.4, val_loss=1.0)
    assert "overfit_capacity" not in codes(noisy)
    # An error in other units than the curve's says nothing.
    other = with_rows(rising, standard_error=0.4, val_loss=1.0, baseline=NAN)
    other = replace(other, baseline=None, measures=measure_curves(other.curves))
    assert "overfit_capacity" in codes(other)


def test_overfitting_from_the_first_epoch():
    rising = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 1.0, 1.2, 1.5]}

    [finding] = judge(case_of(rising))
    assert finding.code == "overfit_capacity"
    assert "lost 75% of what the training loss gained" in finding.meaning


def test_a_loss_that_still_falls():
    line = np.linspace(1.0, 0.5, 20)
    [finding] = judge(case_of({"loss": line, "val_loss": line + 0.01}, RUNS))

    assert (finding.code, finding.severity) == ("stopped_too_early", "problem")
    assert finding.suggestion == {"epochs": 80, "early_stopping": True}
    assert "the loss was still falling: the last fifth" in finding.meaning
    assert "brought 16% of all" in finding.meaning  # 3 of 19 steps
    few = case_of({"loss": line[::5], "val_loss": line[::5]}, RUNS)
    assert suggestion(few) == {"epochs": 40, "early_stopping": True}
    slow = MLPClassifier((64,), learning_rate=1e-5)
    assert suggestion(case_of({"loss": line}, slow)) == {"learning_rate": 0.001}
    known = with_rows({"loss": line, "val_loss": line}, left_to_learn=0.0)
    assert codes(known) == ["good_fit"]


def test_what_stopped_by_itself_was_not_stopped_too_early():
    line = np.linspace(1.0, 0.5, 20)
    case = case_of({"loss": line, "val_loss": line + 0.01}, RUNS)
    stopped = replace(case.curves, status="stopped early: it no longer improved")

    assert codes(replace(case, curves=stopped)) == ["good_fit"]


def test_few_epochs_or_a_low_rate_with_much_left_to_learn():
    flat = {"loss": [1.0, 0.5, 0.5, 0.5, 0.5], "val_loss": [1.0, 0.5, 0.5, 0.5, 0.5]}
    [finding] = judge(with_rows(flat, left_to_learn=0.3))

    assert finding.code == "stopped_too_early"
    assert "after 5 epochs a forest could still predict 30%" in finding.meaning
    slow = MLPClassifier((64,), learning_rate=1e-5)
    found = judge(with_rows(SOUND, slow, left_to_learn=0.3))[0]
    assert found.code == "stopped_too_early"
    assert "at a rate that is 0.01 times the usual one." in found.meaning
    assert found.suggestion == {"learning_rate": 0.001}


def test_too_little_capacity():
    [finding] = judge(with_rows(SOUND, MLPClassifier((2, 2)), left_to_learn=0.3))

    assert (finding.code, finding.severity) == ("underfit_capacity", "problem")
    assert finding.suggestion == {
        "hidden_layer_sizes": (64, 64),
        "early_stopping": True,
    }
    assert "a forest still predicts 30%" in finding.meaning
    linear = with_rows(SOUND, MLPClassifier(()), left_to_learn=0.3)
    assert suggestion(linear)["hidden_layer_sizes"] == (64,)
    wide = with_rows(SOUND, MLPClassifier((100,)), left_to_learn=0.3)
    assert suggestion(wide)["hidden_layer_sizes"] == (400,)
    unknown = with_rows(left_to_learn=NAN)
    assert codes(unknown) == ["good_fit"]
    assert "forest" not in judge(unknown)[0].meaning


def test_too_little_capacity_without_rows_is_a_guess():
    [finding] = judge(case_of(SOUND, MLPClassifier((2,))))

    assert (finding.code, finding.severity) == ("underfit_capacity", "warning")
    assert "lie close together" in finding.meaning
    assert codes(case_of(SOUND, MLPClassifier((8,)))) == ["good_fit"]


def test_too_little_capacity_of_what_keeps_no_validation_loss():
    network = ScikitLearnClassifier((2,))

    found = with_rows({"loss": FALLING}, network, left_to_learn=0.3)

    assert codes(found) == ["underfit_capacity"]


# The table.


def test_each_verdict_has_one_rule():
    names = [rule.code for rule in RULES]

    assert len(set(names)) == len(names)
    assert {rule.severity for rule in RULES} == {"problem", "note"}
    assert names[0] == "diverged"


def test_what_is_alone_is_not_given_beside_others():
    line = np.linspace(1.0, 0.5, 20)
    lists = {"loss": line, "val_loss": line}

    assert codes(with_rows(lists, copies=0.5, left_to_learn=0.3)) == ["too_alike"]
    assert codes(with_rows(lists, copies=0.5, shift=0.9)) == [
        "too_alike",
        "unrepresentative_data",
    ]


def test_a_rule_may_be_less_sure_than_its_table():
    said = Recognised({"a": 1.0}, "It is.", "Act.", severity="warning")
    rule = Rule("code", "problem", "verdict", lambda case: said)

    assert rule.judge(case_of(SOUND)).severity == "warning"
    assert Rule("code", "problem", "verdict", lambda case: None).judge(None) is None


def networks():
    sizes = {"hidden_layer_sizes": (2,)}
    ours, theirs = MLPClassifier(**sizes), ScikitLearnClassifier(**sizes)
    return [
        ours,
        theirs,
        make_pipeline(StandardScaler(), ours),
        make_pipeline("passthrough", make_pipeline(StandardScaler(), theirs)),
    ]


@pytest.mark.parametrize("network", networks())
@pytest.mark.parametrize(
    ("make", "changed"),
    [
        (lambda one: case_of({"loss": [1, NAN]}, one), {"learning_rate"}),
        (
            lambda one: case_of({"loss": np.linspace(1, 0.5, 20)}, one),
            {"epochs", "early_stopping"},
        ),
        (
            lambda one: with_rows(SOUND, one, left_to_learn=0.3),
            {"hidden_layer_sizes", "early_stopping"},
        ),
        (
            lambda one: with_rows(SOUND, one, n_val=9, holds_out=True),
            {"validation_fraction"},
        ),
        (lambda one: case_of({"loss": FALLING}, one), {"early_stopping"}),
    ],
)
def test_suggestions_can_be_set(network, make, changed):
    suggested = suggestion(make(network))
    names = {facts_of(network).names[name] for name in changed}

    after = clone(network).set_params(**suggested)

    assert names <= set(suggested)
    before = network.get_params()
    assert all(after.get_params()[name] != before[name] for name in names)
