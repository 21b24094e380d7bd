"""What is said of a sound training, how rules go together, and what they suggest."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier
from skdl.diagnosis.verdicts._rules import RULES
from tests.diagnosis.verdicts.example_trainings import (
    FALLING,
    RUNS,
    SOUND,
    STOPS,
    apply_rules,
    codes,
    own_names,
    suggestion,
)

NAN = float("nan")


# A sound training.


def test_a_good_fit(without_rows, with_rows):
    for run in (without_rows(SOUND), without_rows(SOUND, RUNS), with_rows()):
        [finding] = apply_rules(run)
        assert (finding.code, finding.severity) == ("good_fit", "note")
        assert finding.suggestion == {}
    assert finding.numbers["lowest_loss"] == min(SOUND["val_loss"])
    assert finding.meaning == (
        "The validation loss fell to 0.22 in epoch 20 of 20 and stayed there. That is "
        "78% less than the baseline's 1. A forest finds no structure left in the "
        "errors."
    )


def test_what_is_said_of_the_end_of_a_good_fit_is_so(without_rows, with_rows):
    rising = {"loss": [1, 0.5, 0.2, 0.2, 0.2], "val_loss": [1, 0.5, 0.2, 0.3, 0.4]}

    [kept] = apply_rules(without_rows(rising, STOPS))
    assert "in epoch 3 of 5, whose weights were kept." in kept.meaning
    within_error = with_rows(rising, standard_error=0.3, val_loss=1.0)
    [finding] = apply_rules(within_error)
    assert "in epoch 3 of 5 and ended at 0.4." in finding.meaning


def test_what_was_gained_is_told_beside_a_baseline(without_rows):
    slightly = [0.65 + 0.04 * 0.5**epoch for epoch in range(20)]

    [finding] = apply_rules(
        without_rows({"loss": slightly, "val_loss": slightly}, baseline=0.693)
    )

    assert finding.code == "good_fit"
    assert "That is 6% less than the baseline's 0.693." in finding.meaning
    assert finding.numbers["baseline"] == 0.693


def test_a_training_loss_alone_tells_nothing_of_the_fit(without_rows, with_rows):
    for loss, text in (
        (FALLING, "The training loss fell to 0.2 and hardly changes any more."),
        (np.linspace(1, 0.5, 20), "fell to 0.5 and was still falling: 16%"),
    ):
        [finding] = apply_rules(without_rows({"loss": loss}, RUNS))

        assert (finding.code, finding.severity) == ("not_validated", "note")
        assert text in finding.meaning
        assert "nothing more can be said without validation rows" in finding.meaning
        assert "learning rate" not in finding.meaning
        assert finding.suggestion == {"early_stopping": True}
    slow = MLPClassifier(learning_rate=1e-6)
    [finding] = apply_rules(without_rows({"loss": np.linspace(1, 0.5, 20)}, slow))
    assert "The learning rate is 0.001 times the usual one." in finding.meaning
    [finding] = apply_rules(with_rows({"loss": FALLING}))
    assert "It is 0.22 on the given validation rows and" in finding.meaning


# The table.


def test_each_verdict_has_one_rule():
    names = [rule.code for rule in RULES]

    assert len(set(names)) == len(names)
    assert {rule.severity for rule in RULES[:-1]} == {"problem", "note"}
    assert (RULES[-1].code, RULES[-1].severity) == ("few_validation_rows", "warning")
    assert names[0] == "diverged"


def test_what_is_alone_is_not_given_beside_others(with_rows):
    line = np.linspace(1.0, 0.5, 20)
    lists = {"loss": line, "val_loss": line}

    assert codes(with_rows(lists, copies=0.5, residual_signal=0.3)) == ["too_alike"]
    assert codes(with_rows(lists, copies=0.5, shift=0.9, val_loss=0.5)) == [
        "too_alike",
        "unrepresentative_data",
    ]


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
        (
            lambda without_rows, _, one: without_rows({"loss": [1, NAN]}, one),
            {"learning_rate"},
        ),
        (
            lambda without_rows, _, one: without_rows(
                dict.fromkeys(["loss", "val_loss"], np.linspace(1, 0.5, 20)), one
            ),
            {"epochs", "early_stopping"},
        ),
        (
            lambda _, with_rows, one: with_rows(SOUND, one, residual_signal=0.3),
            {"hidden_layer_sizes", "early_stopping"},
        ),
        (
            lambda _, with_rows, one: with_rows(SOUND, one, n_val=9, holds_out=True),
            {"validation_fraction"},
        ),
        (
            lambda without_rows, _, one: without_rows({"loss": FALLING}, one),
            {"early_stopping"},
        ),
    ],
)
def test_suggestions_can_be_set(without_rows, with_rows, network, make, changed):
    suggested = suggestion(make(without_rows, with_rows, network))
    names = own_names(network, changed)

    after = clone(network).set_params(**suggested)

    assert names <= set(suggested)
    before = network.get_params()
    assert all(after.get_params()[name] != before[name] for name in names)
