"""Grouping: which jobs train together, and narrow networks padded to wider ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from skdl.networks import Regularization
from skdl.training import OPTIMIZERS, OptimizerSpec, Rates, Status, clear_programs
from skdl.training._bank.grouping import Group, group_jobs, n_stacked_weights

NUMBERS = Regularization(l1=0.01, l2=0.01, dropout=0.3, batch_norm_momentum=0.9)


@pytest.fixture
def make_widths(make_job, vary):
    """Jobs whose networks differ in width and in all numbers."""

    def make(*widths, **options):
        usual = {"regularization": NUMBERS, "epochs": 5}
        return [
            vary(make_job(**{**usual, **options}, hidden_layer_sizes=sizes), seed)
            for seed, sizes in enumerate(widths)
        ]

    return make


def assert_padding_is_zero(ends):
    """Check that the padding of a member is zero, in its best weights too."""
    n_pads = 0
    for masks, end in ends:
        for carried in (end.weights.trainable, end.best.trainable or ()):
            for mask, array in zip(masks, carried, strict=bool(carried)):
                n_pads += int((~mask).sum())
                assert (array[~mask] == 0).all()
    assert n_pads > 0


# --- padding ----------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_keeps_padding_at_zero(
    make_widths, side_by_side, assert_as_alone, ends, name
):
    spec = OptimizerSpec(
        name,
        clips_norm=True,
        clips_value=True,
        decays_weights=True,
        has_momentum=name == "rmsprop",
    )
    jobs = make_widths((3,), (4,), (4,), (3,), optimizer=spec)
    banks: list[int] = []
    outcomes = side_by_side(jobs, on_bank=banks.append)
    assert banks == [4]
    assert_padding_is_zero(ends)
    assert outcomes[0].weights.trainable[0].shape == (4, 3)
    # the wide ones have no padding; the next test compares them
    assert_as_alone([jobs[0], jobs[3]], [outcomes[0], outcomes[3]])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("batch_norm", "activation", "max_flat"),
    [("before", "sigmoid", 100_000), ("after", "sigmoid", 0)],
)
def test_narrow_networks_train_as_alone(
    make_widths,
    side_by_side,
    assert_as_alone,
    ends,
    monkeypatch,
    request,
    batch_norm,
    activation,
    max_flat,
):
    # sigmoid(0) is not 0: units that are padding are active, and must not be read
    clear_programs()
    request.addfinalizer(clear_programs)
    monkeypatch.setattr("skdl.training._program.layout.MAX_FLAT_VALUES", max_flat)
    options = {
        "batch_norm": batch_norm,
        "activation": activation,
        "n_validation": 22,
        "patience": 2,
        "optimizer": OptimizerSpec("sgd", decays_weights=True),
        "dtype": "float64",
    }
    # neither can stand in for the other: together they need a third shape
    jobs = make_widths((2, 4), (4, 2), (2, 4), (4, 2), (2, 4), **options)
    banks: list[int] = []
    outcomes = side_by_side(jobs, on_bank=banks.append)
    assert banks == [5]
    assert [a.shape for a in outcomes[0].weights.frozen] == [
        a.shape for a in jobs[0].weights.frozen
    ]
    assert_padding_is_zero(ends)
    assert_as_alone(jobs, outcomes)


def test_features_that_numbers_switch_off_do_not_separate_jobs(
    make_job, vary, side_by_side, assert_as_alone
):
    plain = make_job(hidden_layer_sizes=(4,), regularization=Regularization())
    noisy = make_job(
        hidden_layer_sizes=(4,),
        regularization=Regularization(dropout=0.3, input_noise=0.2, l2=0.01),
        optimizer=OptimizerSpec(
            "sgd", has_momentum=True, decays_weights=True, clips_value=True
        ),
    )
    jobs = [vary(job, i) for i, job in enumerate([plain, noisy, plain, noisy])]
    # Rows without random numbers have no keys; here they share the table of the others.
    jobs[0] = replace(
        jobs[0], train=replace(jobs[1].train, keys=0 * jobs[1].train.keys)
    )
    banks: list[int] = []
    outcomes = side_by_side(jobs, on_bank=banks.append)
    assert banks == [4]
    assert_as_alone(jobs, outcomes)


def test_unclipped_gradients_beside_clipped_ones(
    make_job, side_by_side, assert_as_alone
):
    free = make_job(hidden_layer_sizes=(4,))
    limited = make_job(
        hidden_layer_sizes=(4,),
        optimizer=OptimizerSpec("sgd", clips_norm=True),
        rates=Rates(0.05, clip_norm=0.01),
    )
    outcomes = side_by_side([free, limited])
    assert [outcome.status for outcome in outcomes] == [Status.FINISHED] * 2
    assert_as_alone([free, limited], outcomes)


# --- groups -----------------------------------------------------------------------


def places(jobs):
    return sorted(sorted(group.places) for group in group_jobs(jobs))


def test_every_job_is_in_one_group(make_job):
    jobs = [
        make_job(hidden_layer_sizes=sizes, loss=loss)
        for sizes in ((2,), (3,), (2, 2))
        for loss in ("squared_error", "huber")
    ]
    assert places(jobs) == [[0, 2], [1, 3], [4], [5]]
    assert group_jobs([]) == []


def test_a_group_describes_the_smallest_network_that_holds_all(make_job):
    jobs = [make_job(hidden_layer_sizes=sizes) for sizes in ((2, 7), (5, 3), (4, 4))]
    (group,) = group_jobs(jobs)
    assert group.is_padded
    assert group.signature.architecture.hidden_layer_sizes == (5, 7)
    # 4 features: 4 x 5 + 5, 5 x 7 + 7, 7 x 1 + 1
    assert n_stacked_weights(jobs) == 25 + 42 + 8
    assert n_stacked_weights(jobs[2:]) == 20 + 20 + 5


def test_equal_networks_are_not_padded(make_job):
    jobs = [make_job(rates=Rates(rate)) for rate in (0.1, 0.2)]
    jobs += [make_job(regularization=Regularization(dropout=0.5))]
    (group,) = group_jobs(jobs)
    assert not group.is_padded
    assert group.signature.architecture.has_dropout
    assert group_jobs(jobs[:1]) == [Group(jobs[0].signature, (0,))]


def test_the_order_of_jobs_does_not_change_groups(make_job):
    jobs = [make_job(hidden_layer_sizes=(n,)) for n in (2, 5, 3, 5, 2)]
    assert places(jobs) == places(jobs[::-1]) == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize(
    "other",
    [
        {"loss": "squared_error"},
        {"batch_size": 32},
        {"schedule": "cosine"},
        {"n_validation": 20},
        {"n_validation": 20, "patience": 3},
        {"activation": "relu"},
        {"batch_norm": "before"},
        {"dtype": "float32"},
        {"n_outputs": 2},
        {"n_features": 3},
        {"hidden_layer_sizes": (6,)},
        {"hidden_layer_sizes": ()},
        {"residual": True},
        {"optimizer": OptimizerSpec("adam")},
        {"optimizer": OptimizerSpec("sgd", has_momentum=True, nesterov=True)},
    ],
    ids=str,
)
def test_what_separates_jobs(make_job, other):
    assert places([make_job(), make_job(**other)]) == [[0], [1]]


def test_residual_networks_are_not_padded(make_job):
    # A layer adds its input if both are equally wide; padding would change which.
    jobs = [
        make_job(residual=True, hidden_layer_sizes=sizes)
        for sizes in ((4, 4), (4, 5), (4, 4))
    ]
    assert places(jobs) == [[0, 2], [1]]


def test_optimizer_states_keep_the_shape_of_their_network(make_job):
    wide, narrow = make_job(hidden_layer_sizes=(5,)), make_job(hidden_layer_sizes=(3,))
    keeping = replace(narrow, keeps_optimizer_state=True)
    going_on = replace(narrow, optimizer_state=(np.zeros(1),))
    assert places([wide, narrow, keeping, going_on]) == [[0, 1], [2, 3]]
