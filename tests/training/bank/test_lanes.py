"""Lanes: members take seats and leave them independently of each other."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from skdl.training import (
    NetworkWeights,
    Rates,
    Status,
    StoppingRule,
    train,
)
from skdl.training._bank.lanes import Lane


@pytest.fixture
def calls(monkeypatch):
    """For each call of a program, the number of its seats and of those taken."""
    made = []
    call = Lane._call

    def counted(lane, program, *arguments):
        made.append((program.shape.n_members, len(lane._seated)))
        return call(lane, program, *arguments)

    monkeypatch.setattr(Lane, "_call", counted)
    return made


@pytest.mark.parametrize("rate", [1e6, 1e200])
def test_one_diverges_alone(make_bank, side_by_side, assert_as_alone, rate):
    jobs = make_bank(6, loss="squared_error", patience=None)
    jobs = [replace(job, epochs=20) for job in jobs]
    jobs[2] = replace(jobs[2], rates=Rates(rate))
    outcomes = side_by_side(jobs)
    statuses = [outcome.status for outcome in outcomes]
    assert statuses.pop(2) is Status.DIVERGED
    assert set(statuses) == {Status.FINISHED}
    assert_as_alone(jobs[:2] + jobs[3:], outcomes[:2] + outcomes[3:])
    (alone,) = train([jobs[2]])
    assert len(outcomes[2].history) == len(alone.history)
    for ours, theirs in zip(
        outcomes[2].weights.trainable, alone.weights.trainable, strict=True
    ):
        assert np.isfinite(ours).all()
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_an_error_of_an_observer_ends_its_member_only(
    make_bank, side_by_side, assert_as_alone
):
    error = LookupError("no such epoch")

    def observer(report):
        if report.epoch == 2:
            raise error

    jobs = [replace(job, epochs=4) for job in make_bank(6, patience=None)]
    jobs[3] = replace(jobs[3], on_epoch=observer)
    outcomes = side_by_side(jobs)
    assert outcomes.pop(3) is error
    assert_as_alone(jobs[:3] + jobs[4:], outcomes)
    with pytest.raises(LookupError) as raised:
        train(jobs)
    assert raised.value is error


def test_observers_stop_their_member_and_see_its_weights(
    make_bank, side_by_side, assert_as_alone
):
    jobs = [replace(job, epochs=3 + i) for i, job in enumerate(make_bank(6))]
    jobs = [replace(job, stopping=StoppingRule(99)) for job in jobs]
    seen = {}

    def observer(place, last):
        def on_epoch(report):
            seen[place, report.epoch] = report.weights(), report.values, report.is_last
            return report.epoch == last

        return on_epoch

    watched = [
        replace(job, on_epoch=observer(i, 2 if i == 4 else 99))
        for i, job in enumerate(jobs[:5])
    ]
    outcomes = side_by_side([*watched, jobs[5]])
    stopped = outcomes[4]
    assert stopped.status is Status.STOPPED_BY_CALLBACK
    assert len(stopped.history) == 2
    assert_as_alone([*jobs[:4], jobs[5]], [*outcomes[:4], outcomes[5]])
    expected = {(i, 1 + epoch) for i in range(4) for epoch in range(3 + i)}
    assert set(seen) == expected | {(4, 1), (4, 2)}
    for (place, epoch), (weights, values, is_last) in seen.items():
        short = replace(jobs[place], epochs=epoch)
        plain = replace(short.signature, keeps_best=False)
        (alone,) = train([replace(short, signature=plain, stopping=None)])
        assert isinstance(weights, NetworkWeights)
        for ours, theirs in zip(
            weights.trainable, alone.weights.trainable, strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)
        assert values["loss"] == outcomes[place].history[epoch - 1, 0]
        assert is_last == (epoch == jobs[place].epochs)


def test_a_cancelled_member_is_dropped(make_bank, side_by_side, assert_as_alone):
    jobs = make_bank(6, patience=None)
    outcomes = side_by_side(jobs, is_cancelled=lambda place: place == 1)
    cancelled = outcomes.pop(1)
    assert isinstance(cancelled, RuntimeError)
    assert str(cancelled) == "The training was cancelled."
    assert_as_alone([jobs[0], *jobs[2:]], outcomes)


# --- seats and steps --------------------------------------------------------------


def test_members_that_have_ended_leave_their_seats(
    make_bank, set_lanes, calls, assert_as_alone, monkeypatch, train_banks
):
    jobs = [replace(job, epochs=2) for job in make_bank(9, patience=None)]
    jobs[0] = replace(jobs[0], epochs=6)
    set_lanes(1, (4,), epochs_per_call=2)
    outcomes = train_banks(jobs)
    # Three calls for the longest, beside 3, 3 and 2 others.
    assert calls == [(4, 4), (4, 4), (4, 3)]
    monkeypatch.undo()
    assert_as_alone(jobs, outcomes)


def test_a_call_ends_when_half_have_ended(
    make_bank, set_lanes, calls, assert_as_alone, monkeypatch, train_banks
):
    jobs = [replace(job, epochs=2, shuffle=True) for job in make_bank(6, patience=None)]
    jobs[0] = replace(jobs[0], epochs=30)
    set_lanes(1, (4,))
    outcomes = train_banks(jobs)
    # After epoch 2 the three others leave. Two that wait join the longest, and leave
    # after its epoch 4. Row orders drawn for the longest are not drawn again.
    assert calls == [(4, 4), (4, 3), (4, 1)]
    monkeypatch.undo()
    assert_as_alone(jobs, outcomes)


def test_time_per_step_counts_the_steps_that_were_made(make_bank, monkeypatch):
    noted = []
    monkeypatch.setattr(
        "skdl.training._program.program.Program.note_time",
        lambda program, seconds, n_steps: noted.append(n_steps),
    )
    (job,) = make_bank(1)
    steps_per_epoch = -(-job.train.n_samples // job.signature.batch_size)
    job = replace(job, epochs=60, stopping=StoppingRule(2, min_delta=1e9))
    (outcome,) = train([job])  # the first call compiles and does not count
    noted.clear()
    (outcome,) = train([job])
    assert len(outcome.history) == 3
    assert noted == [3 * steps_per_epoch]


@pytest.fixture
def python_hears_ctrl_c():
    """Install Python's handler, as shells start background jobs without one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("python_hears_ctrl_c")
def test_ctrl_c_ends_all_lanes(make_bank, set_lanes, calls, train_banks):
    def interrupt(report):
        if report.epoch == 3:
            os.kill(os.getpid(), signal.SIGINT)

    jobs = [replace(job, epochs=4) for job in make_bank(40, patience=None)]
    jobs = [replace(job, on_epoch=lambda report: None) for job in jobs]
    set_lanes(2, (1,))
    train_banks(jobs[:2])
    calls.clear()
    jobs[0] = replace(jobs[0], on_epoch=interrupt)
    with pytest.raises(KeyboardInterrupt):
        train_banks(jobs)
    # of 160 calls; each lane may finish its call, and no other member begins
    assert len(calls) < 20


def test_an_error_in_one_lane_ends_the_others(make_bank, set_lanes, calls, train_banks):
    jobs = [replace(job, epochs=4) for job in make_bank(40, patience=None)]
    jobs = [replace(job, on_epoch=lambda report: None) for job in jobs]
    set_lanes(2, (1,))
    train_banks(jobs[:2])
    calls.clear()

    def is_cancelled(place):
        if place == 1:
            raise LookupError("no such place")
        return False

    with pytest.raises(LookupError, match="no such place"):
        train_banks(jobs, is_cancelled=is_cancelled)
    assert len(calls) < 20
