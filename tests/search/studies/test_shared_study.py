"""Who does which trial: claims, take-overs, results that are written once."""

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState

from skdl.exceptions import StorageError
from skdl.search._studies import shared_study
from skdl.search._studies.shared_study import (
    OWNER,
    SPLITS,
    SharedStudy,
    StopRequest,
    TrialResult,
    Worker,
)


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(shared_study, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(shared_study, "RETRY_SECONDS", 0.01)


@pytest.fixture
def study():
    return optuna.create_study(direction="maximize")


def share(study, worker, n_trials=10, batch_size=4):
    return SharedStudy(
        study, worker, StopRequest(), n_trials=n_trials, batch_size=batch_size
    )


def done(value):
    return TrialResult(TrialState.COMPLETE, (value,), {"test_scores": [value]})


def numbers(trials):
    return [trial.number for trial in trials]


def die(worker):
    """End a worker's heart without a word, as if its process was another machine's."""
    worker._ended.set()
    worker._thread.join()
    record = study_record(worker)
    record["pid"], record["start"] = 2**22 + 1, "1"
    worker._study.set_user_attr(f"skdl:worker:{worker.name}", record)


def study_record(worker):
    return dict(worker._study.user_attrs[f"skdl:worker:{worker.name}"])


def test_batches_until_there_are_enough(study):
    with Worker(study) as worker:
        shared = share(study, worker)
        for expected in ([0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []):
            claimed = shared.claim()
            assert numbers(claimed) == expected
            for trial in claimed:
                shared.finish(trial, done(0.5))
    assert numbers(shared.finished()) == list(range(10))


def test_what_a_dead_worker_had_is_taken_over_first(study):
    dead = Worker(study).__enter__()
    first = share(study, dead)
    claimed = first.claim()
    xs = [trial.suggest_float("x", 0, 1) for trial in claimed]
    for trial in claimed[:2]:
        first.finish(trial, done(0.1))
    die(dead)

    with Worker(study) as heir:
        second = share(study, heir)
        taken = second.claim()
        # None that is new, as the batch was whole.
        assert numbers(taken) == [2, 3]
        assert [trial.suggest_float("x", 0, 1) for trial in taken] == xs[2:]
        for trial in taken:
            second.finish(trial, done(0.2))
        assert numbers(second.claim()) == [4, 5, 6, 7]


def test_a_batch_that_was_half_asked_for_is_filled(study):
    dead = Worker(study).__enter__()
    first = share(study, dead, batch_size=2)
    assert len(first.claim()) == 2
    study.ask()  # the next one, and not yet anybody's
    die(dead)
    with Worker(study) as heir:
        assert numbers(share(study, heir, batch_size=5).claim()) == [0, 1, 2, 3, 4]


def test_what_a_live_worker_has_is_left_to_it(study):
    with Worker(study) as one, Worker(study) as other:
        first, second = share(study, one), share(study, other)
        for trial in first.claim():
            first.finish(trial, done(0.1))
        assert numbers(second.claim()) == [4, 5, 6, 7]
        mine = first.claim()
        assert numbers(mine) == [8, 9]
        for trial in mine:
            first.finish(trial, done(0.1))
        assert first.claim() == []
        assert first.others_are_busy()


def test_a_worker_that_begins_while_another_looks_is_not_robbed(study, monkeypatch):
    with Worker(study) as one, Worker(study) as late:
        looks = one.others_alive

        def look():
            alive = looks() - {late.name}  # not seen yet, as it has just begun
            share(study, late, batch_size=2).claim()
            return alive

        monkeypatch.setattr(one, "others_alive", look)
        mine = share(study, one, batch_size=2).claim()
    assert numbers(mine) == [2, 3]


def test_of_two_who_finish_a_trial_the_first_is_heard(study):
    with Worker(study) as slow, Worker(study) as heir:
        first, second = share(study, slow), share(study, heir)
        (trial, *_) = first.claim()
        again = optuna.trial.Trial(study, trial._trial_id)
        again.set_user_attr(OWNER, heir.name)
        second.finish(again, done(0.7))
        first.finish(trial, done(0.1))
    assert study.trials[0].value == 0.7
    assert study.trials[0].user_attrs[SPLITS] == {"test_scores": [0.7]}


def test_a_trial_too_many_waits(study, monkeypatch):
    with Worker(study) as one, Worker(study) as other:
        first, second = share(study, one, n_trials=3), share(study, other, n_trials=3)
        ask = study.ask
        monkeypatch.setattr(
            study, "ask", lambda: (monkeypatch.undo(), second.claim(), ask())[-1]
        )
        assert first.claim() == []
        states = [trial.state for trial in study.trials]
        assert states == [TrialState.RUNNING] * 3 + [TrialState.WAITING]
        # It is begun when there may be more.
        assert numbers(share(study, one, n_trials=4).claim()) == [3]


def test_an_outage_is_waited_for(study, monkeypatch):
    with Worker(study) as worker:
        shared = share(study, worker)
        (trial, *_) = shared.claim()
        write, failures = shared._write, [1, 2]

        def fail_twice(*arguments):
            if failures:
                failures.pop()
                raise StorageInternalError("gone")
            write(*arguments)

        monkeypatch.setattr(shared, "_write", fail_twice)
        shared.finish(trial, done(0.5))
    assert study.trials[0].value == 0.5


def test_an_outage_that_lasts_is_told_of(study, monkeypatch):
    monkeypatch.setattr(shared_study, "OUTAGE_SECONDS", 0.05)

    def fail(*arguments):
        raise StorageInternalError("gone")

    with Worker(study) as worker:
        shared = share(study, worker)
        (trial, *_) = shared.claim()
        monkeypatch.setattr(shared, "_write", fail)
        message = (
            "trial 0 could not be stored for 0.05 seconds: gone. The trial will run"
        )
        with pytest.raises(StorageError, match=message):
            shared.finish(trial, done(0.5))


def test_no_trials_begin_once_the_study_was_stopped(study):
    stop = StopRequest()
    with Worker(study) as worker:
        shared = SharedStudy(study, worker, stop, n_trials=10, batch_size=4)
        stop()
        assert shared.claim() == []
