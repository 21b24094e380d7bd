"""Tasks of `skdl.fuse` inherit the context of the thread that calls joblib."""

import threading

import joblib
import numpy as np
import pytest

import skdl
from skdl.training import planned_jobs, probed, train
from skdl.training._context import (
    Once,
    TrainingContext,
    current_context,
    current_trainer,
    inside,
)


class Listener:
    """Collects the epochs of a network."""

    def __init__(self):
        self.epochs = []

    def __call__(self, report):
        self.epochs.append(report.epoch)
        return False

    def is_over(self):
        return False


def fit(job, n_times=1):
    """Train a job in a task of joblib; the outcomes."""
    return [train([job])[0] for _ in range(n_times)]


def in_tasks(jobs, **parameters):
    with skdl.fuse(**parameters) as fusion:
        outcomes = joblib.Parallel()(joblib.delayed(fit)(job) for job in jobs)
    return [outcome for (outcome,) in outcomes], fusion.banks


def test_once_is_taken_once():
    once = Once("value")
    assert [once.take(), once.take()] == ["value", None]


def test_a_context_ends_with_its_block_and_belongs_to_its_thread():
    context, seen = TrainingContext(observer=Once(Listener())), []

    def look():
        seen.append(current_context())

    def look_and_fail():
        look()
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        raise KeyError

    with pytest.raises(KeyError), inside(context):
        look_and_fail()
    look()
    assert seen == [context, TrainingContext(), TrainingContext()]


def test_a_probe_follows_into_the_tasks(make_job):
    jobs = 2 * [make_job(epochs=3, n_validation=22)]
    with probed() as request:
        outcomes, banks = in_tasks(jobs)

    # The first network trained has probes, and with them a program of its own.
    assert sorted(banks) == [1, 1]
    n_probed = sum(outcome.probes is not None for outcome in outcomes)
    assert n_probed == 1
    with probed() as alone:
        (expected,) = train(jobs[:1])
    np.testing.assert_allclose(request.recording.epochs, alone.recording.epochs)
    np.testing.assert_allclose(request.recording.end, alone.recording.end)
    for outcome in outcomes:
        np.testing.assert_allclose(outcome.history, expected.history, rtol=1e-8)


def test_an_observer_and_a_probe_follow_into_nested_tasks(make_job):
    job = make_job(epochs=3, n_validation=22)
    listener, reports = Listener(), []

    def task():
        return in_nested_tasks()

    def in_nested_tasks():
        return joblib.Parallel()(joblib.delayed(fit)(job, 2) for _ in range(2))

    context = TrainingContext(observer=Once(listener))
    with inside(context), probed(lambda: reports.append(1)) as request, skdl.fuse():
        outcomes = joblib.Parallel()(joblib.delayed(task)() for _ in range(2))

    flat = [each for inner in outcomes for pair in inner for each in pair]
    assert sum(outcome.probes is not None for outcome in flat) == 1
    assert listener.epochs == [1, 2, 3]
    assert len(reports) == 3
    assert request.recording.epochs.shape[0] == 3


def test_a_task_plans_in_a_context_of_its_own(make_job):
    job, listener = make_job(epochs=1, n_validation=22), Listener()

    def task():
        (planned,) = planned_jobs(lambda: train([job]))
        assert planned is job
        return fit(job)

    with inside(TrainingContext(observer=Once(listener))), skdl.fuse() as fusion:
        joblib.Parallel()(joblib.delayed(task)() for _ in range(2))
    assert fusion.banks == [2]
    assert listener.epochs == [1]  # planning did not take the observer


def test_without_fuse_nobody_else_trains():
    assert current_trainer() is None
    with skdl.fuse():
        backend = joblib.parallel.get_active_backend()[0]
        assert current_trainer() is backend
        with joblib.parallel_config(backend="threading"):
            assert current_trainer() is None
    assert current_trainer() is None
