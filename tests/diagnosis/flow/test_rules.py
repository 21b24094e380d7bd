"""Each rule recognises what it is for, on numbers that are made up."""

from dataclasses import replace

import numpy as np
import pytest

import skdl
from skdl.diagnosis.flow._rules import RULES, apply_rules
from tests.diagnosis.flow.example_flows import NO_EPOCHS, make_flow

NAN = float("nan")


def only(flow):
    (finding,) = apply_rules(flow, prefix="")
    return finding


GROWN = {"gradient_norm": [[1.0] * 4, [1e3] * 4]}
RECOVERED = {"gradient_norm": [[4.0] * 4, [1.0] * 4]}
LOST = {"gradient_norm": [[1.0] * 4, [1e-4, 1.0, 1.0, 1.0]]}


def test_all_is_well():
    finding = only(make_flow())
    assert (finding.code, finding.severity) == ("healthy_flow", "note")
    assert finding.numbers["smallest_to_largest"] == 0.5
    assert finding.suggestion == {}


@pytest.mark.parametrize(("diverged", "severity"), [(0, "warning"), (1, "problem")])
def test_gradients_that_grow(diverged, severity):
    finding = only(make_flow(epochs=GROWN, diverged=bool(diverged)))
    assert (finding.code, finding.severity) == ("exploding_gradients", severity)
    assert finding.suggestion == {"learning_rate": 1e-4}
    np.testing.assert_allclose(finding.numbers["growth"], 2000 / np.sqrt(7))
    assert finding.numbers["update_ratio_first_step"] == 1e-3
    assert ("diverged" in finding.verdict) == diverged


def test_gradients_that_only_recover_have_not_exploded():
    """Tiny at first, as with small initial weights, and of usual size later."""
    finding = only(
        make_flow(first={"gradient_norm": [0.01] * 4}, epochs=RECOVERED),
    )
    assert finding.code == "healthy_flow"


def test_divergence_is_enough():
    finding = only(make_flow(epochs=NO_EPOCHS, diverged=True))
    assert finding.code == "exploding_gradients"


@pytest.mark.parametrize(
    ("update", "rate"),
    [
        (0.05, 0.1),  # not ten times too much, yet lower
        (0.5, 0.01),  # 50 times the usual: a hundredth
        (5.0, 1e-3),
        (NAN, 1e-14),
    ],
)
def test_the_rate_is_lowered_by_what_the_first_step_was_too_long(update, rate):
    flow = make_flow(
        epochs=GROWN, first={"update_ratio": [update] * 4}, learning_rate=1.0
    )
    np.testing.assert_allclose(only(flow).suggestion["learning_rate"], rate)


def test_large_gradients_are_clipped_once():
    large = {"gradient_norm": [50.0] * 4, "update_ratio": [1.0] * 4}
    flow = make_flow(epochs={"gradient_norm": [[1e5] * 4] * 2}, first=large)
    assert only(flow).suggestion == {"clip_norm": 1.0}
    assert "scale the features" in only(flow).advice
    clipped = replace(flow, parameters={**flow.parameters, "clip_norm": 1.0})
    assert only(clipped).suggestion == {"learning_rate": 1e-5}


@pytest.mark.parametrize(
    ("shares", "severity"),
    [([0.2, 0.0, 1.0], "problem"), ([0.5, 0.25, 0.25], "warning")],
)
def test_units_that_died(shares, severity):
    finding = only(make_flow(end={"dead_share": [*shares, NAN]}))
    assert (finding.code, finding.severity) == ("dying_units", severity)
    assert finding.suggestion == {"learning_rate": 1e-4}
    np.testing.assert_allclose(finding.numbers["dead_share"], np.mean(shares))


@pytest.mark.parametrize("update", [1e-3, 0.5])
def test_units_of_deeper_layers_that_were_dead_from_the_start(update):
    """A unit that was dead before the first step was not killed by any step."""
    dead = {"dead_share": [0.0, 0.5, 1.0, NAN]}
    flow = make_flow(first=dead | {"update_ratio": [update] * 4}, end=dead)
    assert only(flow).suggestion == {"activation": "elu"}
    assert "too narrow for so deep a network" in only(flow).advice


@pytest.mark.parametrize(
    ("settings", "suggestion"),
    [
        ({}, {"batch_norm": True}),
        ({"batch_norm": "after"}, {"batch_norm": "before"}),
        ({"batch_norm": "before"}, {}),
        ({"batch_norm": True}, {}),
    ],
)
def test_units_of_the_first_layer_that_features_left_dead(settings, suggestion):
    """As raw breast cancer does: 0.47 of a batch's units, 0.43 of all rows'."""
    flow = make_flow(
        first={"dead_share": [0.47, 0.44, 0.0, NAN]},
        end={"dead_share": [0.45, 0.42, 0.1, NAN]},
        **settings,
    )
    finding = only(flow)
    assert finding.suggestion == suggestion
    assert "StandardScaler" in finding.advice
    assert "killed" not in finding.advice
    np.testing.assert_allclose(finding.numbers["dead_share_first_step"], 0.91 / 3)


@pytest.mark.parametrize(("first", "rate"), [(0.4, True), (0.6, False)])
def test_half_of_the_dead_decide_when_they_died(first, rate):
    flow = make_flow(
        first={"dead_share": [0.0, first, first, NAN]},
        end={"dead_share": [0.0, 1.0, 1.0, NAN]},
    )
    assert ("learning_rate" in only(flow).suggestion) == rate


@pytest.mark.parametrize(
    ("settings", "suggestion"),
    [
        ({"activation": "tanh"}, {"activation": "relu"}),
        ({"activation": "sigmoid", "batch_norm": True}, {"activation": "relu"}),
        ({"activation": "gelu"}, {"batch_norm": True}),
        ({}, {"activation": "elu"}),
        (
            {"activation": "tanh", "kernel_initializer": "random_normal"},
            {"kernel_initializer": "glorot_uniform"},
        ),
        (
            {"activation": "elu", "kernel_initializer": "random_uniform"},
            {"kernel_initializer": "he_normal"},
        ),
        (
            {"activation": "selu", "kernel_initializer": "random_uniform"},
            {"kernel_initializer": "lecun_normal"},
        ),
        (
            {"activation": "sigmoid", "kernel_initializer": "random_normal"},
            {"activation": "relu"},
        ),
        ({"activation": "gelu", "batch_norm": True}, {"residual": True}),
        (
            {"activation": "gelu", "batch_norm": True, "residual": True},
            {"hidden_layer_sizes": (4, 4)},
        ),
    ],
)
def test_gradients_that_vanish(settings, suggestion):
    finding = only(make_flow(epochs=LOST, **settings))
    assert (finding.code, finding.severity) == ("vanishing_gradients", "problem")
    assert finding.numbers["smallest_to_largest"] == 1e-4
    assert finding.numbers["smallest_to_largest_first_step"] == 0.5
    assert "'hidden_1'" in finding.meaning
    assert finding.suggestion == suggestion
    skdl.MLPClassifier().set_params(**finding.suggestion)


LARGE = {"update_ratio": [0.7] * 4}


def test_what_large_steps_made_vanish_is_the_fault_of_the_rate():
    finding = only(make_flow(first=LARGE, epochs=LOST))
    assert (finding.code, finding.severity) == ("vanishing_gradients", "problem")
    assert finding.suggestion == {"learning_rate": 1e-5}
    assert "0.7 of their norm" in finding.meaning
    assert finding.advice.startswith("Lower the learning rate")


def test_what_had_vanished_before_the_large_steps_is_not():
    first = LARGE | {"gradient_norm": [1e-9, 1.0, 1.0, 1.0]}
    finding = only(make_flow(first=first, epochs=LOST, activation="tanh"))
    assert finding.suggestion == {"activation": "relu"}


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ({"end": {"dead_share": [0.0, 0.8, 0.6, NAN]}}, "dying_units"),
        (
            {"epochs": {"gradient_norm": [[50.0] * 4, [1e-4, 1e3, 1.0, 1.0]]}},
            "exploding_gradients",
        ),
        ({"diverged": True}, "exploding_gradients"),
    ],
)
def test_what_exploding_or_dying_explains_has_not_vanished(seen, code):
    assert only(make_flow(**{"first": LARGE, "epochs": LOST} | seen)).code == code


def test_what_diverged_in_small_steps_has_not_vanished():
    finding = only(make_flow(epochs=LOST, diverged=True))
    assert finding.code == "exploding_gradients"


def test_many_layers_get_elu():
    flow = make_flow(epochs=LOST, activation="sigmoid")
    many = replace(flow, names=("a", "b", "c", "d", "e", "outputs"))
    assert only(many).suggestion == {"activation": "elu"}


def test_what_dead_units_stop_has_not_vanished():
    dead = {"dead_share": [1.0, 0.0, 0.0, NAN]}
    assert only(make_flow(epochs=LOST, end=dead)).code == "dying_units"


@pytest.mark.parametrize(
    ("first", "suggestion"),
    [(0.0, {"learning_rate": 1e-4}), (0.9, {"batch_norm": True})],
)
def test_units_that_are_saturated(first, suggestion):
    flow = make_flow(
        first={"saturated_share": [first, 0.0, 0.0, NAN]},
        end={"saturated_share": [0.75, 0.0, 0.0, NAN], "dead_share": [NAN] * 4},
        activation="tanh",
    )
    finding = only(flow)
    assert (finding.code, finding.severity) == ("saturated_units", "warning")
    assert "75%" in finding.meaning
    assert finding.suggestion == suggestion


def test_steps_that_lead_nowhere():
    tiny = {"update_ratio": [[1e-8, 1e-8, 1e-8, 2e-8]] * 2}
    first = {"update_ratio": [1e-8] * 4}
    finding = only(make_flow(epochs=tiny, first=first, learning_rate=1e-6))
    assert (finding.code, finding.severity) == ("small_updates", "warning")
    np.testing.assert_allclose(finding.numbers["change"], 50 * 2 * 2e-8)
    assert finding.suggestion == {"learning_rate": 0.1}


def test_a_network_that_is_cut_is_not_too_slow():
    still = {"update_ratio": [[0.0] * 4] * 2}
    dead = {"dead_share": [0.0, 1.0, 1.0, NAN]}
    assert only(make_flow(epochs=still, first=dead, end=dead)).code == "dying_units"


def test_problems_come_first_and_parameters_get_the_prefix():
    flow = make_flow(epochs=GROWN, end={"dead_share": [1.0, 0.0, 0.0, NAN]})
    found = apply_rules(flow, prefix="net__")
    assert [finding.code for finding in found] == ["dying_units", "exploding_gradients"]
    assert [list(finding.suggestion) for finding in found] == [
        ["net__learning_rate"]
    ] * 2


def test_a_single_layer_has_nothing_to_flow_through():
    flow = make_flow()
    one = {
        moment: {
            name: values[..., -1:] for name, values in getattr(flow, moment).items()
        }
        for moment in ("first_step", "epochs", "end")
    }
    assert only(replace(flow, names=("outputs",), **one)).code == "healthy_flow"


def test_every_rule_is_silent_when_all_is_well():
    assert [rule(make_flow()) for rule in RULES] == [None] * len(RULES)
