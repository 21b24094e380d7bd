"""Banks: a member has the result that it has alone, whatever its company."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from skdl.data import row_keys
from skdl.networks import Regularization
from skdl.training import OPTIMIZERS, OptimizerSpec, clear_programs, train
from skdl.training._bank.bank import programs

SETTINGS = {"clips_norm": True, "clips_value": True, "decays_weights": True}
SPECS = {
    **{name: OptimizerSpec(name, **SETTINGS) for name in OPTIMIZERS},
    "sgd, momentum": OptimizerSpec("sgd", has_momentum=True),
    "sgd, nesterov": OptimizerSpec("sgd", has_momentum=True, nesterov=True),
    "rmsprop, momentum": OptimizerSpec("rmsprop", has_momentum=True),
}
EVERYTHING = Regularization(l1=0.01, l2=0.01, dropout=0.3, input_noise=0.2)


def with_targets(job, targets):
    """A job with other targets, computed from the features of its rows."""
    train_rows, validation = (
        replace(rows, targets=targets(rows.features))
        for rows in (job.train, job.validation)
    )
    return replace(job, train=train_rows, validation=validation)


def as_float32(job):
    """The same job in single precision."""
    train_rows, validation = (
        replace(
            rows,
            **{
                name: getattr(rows, name).astype(np.float32)
                for name in ("features", "targets", "weights")
            },
        )
        for rows in (job.train, job.validation)
    )
    return replace(job, train=train_rows, validation=validation)


# --- equal to alone -------------------------------------------------------------


@pytest.mark.parametrize("name", SPECS)
def test_every_optimizer(make_bank, side_by_side, assert_as_alone, name):
    # 9 members for 4 seats: lanes, empty seats, and newcomers that take free seats.
    jobs = make_bank(optimizer=SPECS[name], regularization=Regularization(l2=0.01))
    assert_as_alone(jobs, side_by_side(jobs))


@pytest.mark.parametrize(
    ("schedule", "batch_norm", "patience", "activation"),
    [
        ("exponential", "before", 3, "relu"),
        ("cosine", "after", None, "sigmoid"),
        ("plateau", "before", None, "gelu"),
    ],
)
def test_schedules_and_batch_norm(
    make_bank, side_by_side, assert_as_alone, schedule, batch_norm, patience, activation
):
    jobs = make_bank(
        schedule=schedule,
        batch_norm=batch_norm,
        patience=patience,
        activation=activation,
    )
    # long enough for "plateau" to lower the rate, at a different epoch for each member
    jobs = [replace(job, epochs=10 + 2 * i) for i, job in enumerate(jobs)]
    outcomes = side_by_side(jobs)
    if schedule == "plateau":
        rates = {tuple(outcome.history[:, 4]) for outcome in outcomes}
        assert any(len(set(row)) > 1 for row in rates)
    assert_as_alone(jobs, outcomes)


@pytest.mark.parametrize("loss", ["squared_error", "huber"])
def test_regression(make_bank, side_by_side, assert_as_alone, loss):
    jobs = make_bank(5, loss=loss, n_outputs=2, patience=None)
    jobs = [with_targets(job, lambda X: 2 * X[:, :2] + X[:, 2:]) for job in jobs]
    assert_as_alone(jobs, side_by_side(jobs))


def test_vectors_of_odd_length_in_double_precision(
    make_bank, side_by_side, assert_as_alone
):
    # With AVX-512, XLA (TensorFlow 2.21) joined the gradients of this network wrongly
    # for the third of four members: wrong numbers, sometimes nan.
    jobs = make_bank(
        4,
        batch_norm="before",
        optimizer=SPECS["adam"],
        regularization=Regularization(),
    )
    assert_as_alone(jobs, side_by_side(jobs))


def test_several_classes(make_bank, side_by_side, assert_as_alone):
    jobs = make_bank(5, loss="categorical_crossentropy", n_outputs=3)
    jobs = [
        with_targets(job, lambda X: X[:, :3].argmax(axis=1).astype(np.int32))
        for job in jobs
    ]
    assert_as_alone(jobs, side_by_side(jobs))


def test_single_precision(make_bank, side_by_side, assert_as_alone):
    jobs = [
        as_float32(job)
        for job in make_bank(dtype="float32", batch_norm="before", patience=None)
    ]
    outcomes = side_by_side(jobs)
    assert outcomes[0].weights.trainable[0].dtype == np.float32
    assert_as_alone(jobs, outcomes, 1e-4)


def test_residual_networks_without_validation(make_job, side_by_side, assert_as_alone):
    job = make_job(
        residual=True, hidden_layer_sizes=(5, 5), regularization=EVERYTHING, epochs=6
    )
    jobs = [replace(job, seed=seed, shuffle=True) for seed in range(5)]
    assert_as_alone(jobs, side_by_side(jobs))


@pytest.mark.slow
def test_large_networks(make_bank, side_by_side, assert_as_alone, monkeypatch):
    clear_programs()
    monkeypatch.setattr("skdl.training._program.layout.MAX_FLAT_VALUES", 0)
    jobs = make_bank(5, batch_norm="before", optimizer=SPECS["adam"])
    try:
        assert_as_alone(jobs, side_by_side(jobs))
    finally:
        clear_programs()


def test_sparse_rows(make_bank, assert_as_alone, train_banks):
    def made_sparse(rows):
        X = rows.features * (np.abs(rows.features) > 0.7)
        return replace(rows, features=sparse.csr_array(X), keys=row_keys(X))

    jobs = [
        replace(
            job,
            signature=replace(job.signature, is_sparse=True),
            train=made_sparse(job.train),
            validation=made_sparse(job.validation),
        )
        for job in make_bank(5)
    ]
    assert_as_alone(jobs, train_banks(jobs))


def test_optimizer_states_continue(make_bank, side_by_side, assert_same_outcome):
    jobs = [
        replace(job, keeps_optimizer_state=True, epochs=6, epochs_before=0)
        for job in make_bank(5, optimizer=SPECS["nadam"], patience=None)
    ]
    jobs = [
        replace(job, shuffle=False) for job in jobs
    ]  # each run draws its own orders
    whole = side_by_side(jobs)
    first = side_by_side([replace(job, epochs=2) for job in jobs])
    second = side_by_side(
        [
            replace(
                job,
                epochs=4,
                epochs_before=2,
                weights=before.weights,
                optimizer_state=before.optimizer_state,
            )
            for job, before in zip(jobs, first, strict=True)
        ]
    )
    for all_epochs, early, late in zip(whole, first, second, strict=True):
        history = np.vstack([early.history, late.history])
        best = early.best_epoch  # counted from the start of a run
        if (late.history[:, 2] < early.history[:, 2].min()).any():
            best = all_epochs.best_epoch
        assert_same_outcome(replace(late, history=history, best_epoch=best), all_epochs)


@pytest.mark.slow
@settings(max_examples=10, derandomize=True, deadline=None)
@given(
    seeds=st.lists(st.integers(0, 2**31), min_size=3, max_size=9),
    static=st.sampled_from(
        [
            {"patience": 2},
            {"optimizer": SPECS["sgd, nesterov"], "batch_norm": "after"},
        ]
    ),
    width=st.sampled_from([4, 16]),
)
def test_banks_drawn_at_random(
    make_job, vary, side_by_side, assert_as_alone, seeds, static, width
):
    job = make_job(
        hidden_layer_sizes=(5,), n_validation=22, **static, regularization=EVERYTHING
    )
    jobs = [vary(job, seed) for seed in seeds]
    assert_as_alone(jobs, side_by_side(jobs, width))


def test_validation_in_several_batches(
    make_bank, side_by_side, assert_as_alone, monkeypatch
):
    jobs = make_bank(5)
    monkeypatch.setattr("skdl.training._bank.sizing.MAX_VAL_BATCH_SIZE", 8)
    outcomes = side_by_side(jobs)
    monkeypatch.undo()
    assert_as_alone(jobs, outcomes)


def test_the_number_of_seats_changes_nothing(
    make_bank, side_by_side, assert_same_outcome
):
    jobs = make_bank(21)
    one, four, sixteen = (side_by_side(jobs, width) for width in (1, 4, 16))
    for alone, few, many in zip(one, four, sixteen, strict=True):
        assert_same_outcome(few, alone)
        assert_same_outcome(many, alone)


def test_company_changes_no_bit(make_bank, side_by_side):
    jobs = make_bank(4)
    together, turned = side_by_side(jobs), side_by_side(jobs[::-1])[::-1]
    for ours, theirs in zip(together, turned, strict=True):
        np.testing.assert_array_equal(ours.history, theirs.history)


def test_nothing_to_train(train_banks):
    assert train([]) == train_banks([]) == []


# --- memory and programs ----------------------------------------------------------


def test_without_memory_all_take_turns(make_bank, assert_as_alone, train_banks):
    jobs, banks = make_bank(4), []
    assert_as_alone(jobs, train_banks(jobs, max_memory=1, on_bank=banks.append))
    assert banks == [1, 1, 1, 1]
    assert_as_alone(jobs, train(jobs, max_memory=1))


def test_a_bank_holds_as_many_sets_of_rows_as_fit(
    make_bank, assert_as_alone, train_banks
):
    jobs = make_bank(12, patience=None)
    sets = [jobs[0].train.take(np.arange(3)) for _ in range(3)]
    sets = [
        replace(rows, features=rows.features + i, keys=row_keys(rows.features + i))
        for i, rows in enumerate(sets)
    ]
    # Four jobs per set; half of the bound holds two sets of 3 rows x 4 x 8 bytes.
    # As in a grid: each set in turn.
    jobs = [
        replace(job, train=sets[i % 3], validation=None) for i, job in enumerate(jobs)
    ]
    banks: list[int] = []
    outcomes = train_banks(jobs, max_memory=2 * 2 * 96, on_bank=banks.append)
    assert banks == [8, 4]
    assert_as_alone(jobs, outcomes)
    banks.clear()
    train_banks(jobs, max_memory=2 * 2 * 96 - 1, on_bank=banks.append)
    assert banks == [4, 4, 4]


def test_numbers_of_members_share_few_programs(make_bank):
    clear_programs()
    jobs = [replace(job, epochs=2) for job in make_bank(120)]
    for n_members in (5, 37, 120):
        train(jobs[:n_members])
    # at most one program per number of seats, however many members there are
    seats = {key.n_members for key in programs._programs}
    assert len(programs) == len(seats) <= 4
    others = [
        replace(job, train=job.train.take(np.arange(2)), epochs=3, seed=99)
        for job in jobs
    ]
    for n_members in (9, 60):
        train(others[:n_members])
    seats = {key.n_members for key in programs._programs}
    assert len(programs) == len(seats) <= 4
