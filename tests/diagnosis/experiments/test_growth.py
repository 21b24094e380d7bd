"""The walk from small networks to large ones, by made-up losses."""

import numpy as np
import pytest

from skdl.diagnosis.experiments._growth import grow, network_name

NAN = float("nan")


def walk(losses, *, units, max_layers, step_back=0.8):
    """The visits as (network, next step), and the calls for losses."""
    calls = []

    def measure(candidates):
        calls.append([network_name(sizes) for sizes in candidates])
        return [losses[name] for name in calls[-1]]

    visits = grow(measure, units=units, max_layers=max_layers, step_back=step_back)
    steps = [(network_name(each.hidden_layer_sizes), each.next_step) for each in visits]
    return steps, calls


def test_the_notes_own_table():
    losses = {
        "1 x 100": 5.4, "1 x 250": 4.8, "2 x 250": 4.4, "3 x 250": 4.5, "3 x 200": 4.3,
    }  # fmt: skip

    steps, calls = walk(losses, units=(100, 250), max_layers=5)

    assert steps == [
        ("1 x 100", "increase units"),
        ("1 x 250", "add a layer"),
        ("2 x 250", "add a layer again"),
        ("3 x 250", "step back: fewer units"),
        ("3 x 200", "done"),
    ]
    # The widths are known beforehand, and asked for together.
    assert calls == [["1 x 100", "1 x 250"], ["2 x 250"], ["3 x 250"], ["3 x 200"]]


def test_the_best_width_is_made_deeper():
    losses = {"1 x 10": 5, "1 x 20": 3, "1 x 40": 4, "2 x 20": 6, "2 x 16": 7}

    steps, _ = walk(losses, units=(10, 20, 40), max_layers=3)

    assert steps == [
        ("1 x 10", "increase units"),
        ("1 x 20", "increase units"),
        ("1 x 40", "back to 20 units, add a layer"),
        ("2 x 20", "step back: fewer units"),
        ("2 x 16", "done"),
    ]


@pytest.mark.parametrize(("loss", "is_better"), [(2.9, True), (3, False), (NAN, False)])
def test_growing_goes_on_only_where_the_loss_falls(loss, is_better):
    steps, _ = walk(
        {"1 x 10": 3, "2 x 10": loss, "3 x 10": 9, "2 x 8": 9, "3 x 8": 9},
        units=(10,),
        max_layers=4,
    )

    assert steps[1] == (
        "2 x 10",
        "add a layer again" if is_better else "step back: fewer units",
    )
    assert len(steps) == (4 if is_better else 3)


def test_a_width_that_diverged_is_passed_over():
    steps, _ = walk(
        {"1 x 10": NAN, "1 x 20": 3, "2 x 20": 4, "2 x 16": 4},
        units=(10, 20),
        max_layers=2,
    )

    assert steps[1] == ("1 x 20", "add a layer")


def test_max_layers_ends_the_walk():
    shallow, _ = walk({"1 x 10": 3, "1 x 20": 2}, units=(10, 20), max_layers=1)
    deep, _ = walk({"1 x 10": 3, "2 x 10": 2}, units=(10,), max_layers=2)

    assert shallow == [("1 x 10", "increase units"), ("1 x 20", "done")]
    assert deep == [("1 x 10", "add a layer"), ("2 x 10", "done")]


@pytest.mark.parametrize(("units", "step_back"), [(10, 1.0), (1, 0.8), (2, 0.9)])
def test_no_step_back_to_the_same_width(units, step_back):
    losses = {network_name((units,)): 1, network_name((units, units)): 2}

    steps, _ = walk(losses, units=(units,), max_layers=2, step_back=step_back)

    assert [step for _, step in steps] == ["add a layer", "done"]


def test_a_width_is_at_least_one_unit():
    steps, _ = walk(
        {"1 x 2": 1, "2 x 2": np.inf, "2 x 1": 2}, units=(2,), max_layers=2,
        step_back=0.1,
    )  # fmt: skip

    assert steps[-1] == ("2 x 1", "done")
