"""Who is alive in a study, and how the others know."""

import os
import subprocess
import time
from types import SimpleNamespace

import optuna
import pytest

from skdl.search._studies import workers
from skdl.search._studies.workers import PREFIX, Worker


@pytest.fixture
def study():
    return optuna.create_study()


@pytest.fixture
def clock(monkeypatch):
    """The clock by which workers judge each other; its `now` is to be set."""
    clock = SimpleNamespace(now=1000.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(workers, "time", clock)
    return clock


def wait_for_a_beat(study, worker):
    """Wait until the number that a worker writes has grown."""

    def beat():
        return study.user_attrs[f"{PREFIX}{worker.name}"]["beat"]

    before = beat()
    while beat() == before:
        time.sleep(0.005)


def as_if_killed(worker):
    """End the heartbeat, and say nothing."""
    worker._ended.set()
    worker._thread.join()


def test_a_worker_is_alive_while_it_is_entered(study):
    with Worker(study) as first:
        with Worker(study) as second:
            assert first.others_alive() == {second.name}
            assert second.others_alive() == {first.name}
        assert first.others_alive() == set()


def test_an_error_ends_a_worker_too(study):
    with pytest.raises(KeyboardInterrupt), Worker(study):
        raise KeyboardInterrupt
    with Worker(study) as other:
        assert other.others_alive() == set()


def test_a_heart_that_stops_is_noticed_after_a_while(study, clock, monkeypatch):
    monkeypatch.setattr(workers, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(workers, "GRACE_SECONDS", 60.0)
    victim = Worker(study).__enter__()
    with Worker(study) as witness:
        for _ in range(5):
            wait_for_a_beat(study, victim)
            clock.now += 50  # longer than the grace in all
            assert witness.others_alive() == {victim.name}
        as_if_killed(victim)
        assert witness.others_alive() == {victim.name}  # for now
        clock.now += 59
        assert witness.others_alive() == {victim.name}
        clock.now += 2
        assert witness.others_alive() == set()


def test_who_comes_later_waits_for_a_beat_before_judging(study, clock):
    victim = Worker(study).__enter__()
    as_if_killed(victim)
    clock.now += workers.GRACE_SECONDS + 1
    with Worker(study) as newcomer:
        assert newcomer.others_alive() == {victim.name}
        clock.now += workers.GRACE_SECONDS + 1
        assert newcomer.others_alive() == set()


def test_a_dead_process_of_this_machine_is_noticed_at_once(study):
    process = subprocess.Popen(["sleep", "60"])
    start = workers.started_at(process.pid)
    record = {
        "beat": 3,
        "machine": workers.machine(),
        "pid": process.pid,
        "start": start,
        "has_ended": False,
    }
    study.set_user_attr(f"{PREFIX}theirs", record)
    with Worker(study) as witness:
        assert witness.others_alive() == {"theirs"}
        process.kill()
        while workers.started_at(process.pid) is not None:  # not yet waited for
            time.sleep(0.01)
        assert witness.others_alive() == set()
    process.wait()
    assert workers.started_at(process.pid) is None


def test_a_number_that_another_process_got_is_noticed(study):
    record = {
        "beat": 3,
        "machine": workers.machine(),
        "pid": os.getpid(),
        "start": "before this process",
        "has_ended": False,
    }
    study.set_user_attr(f"{PREFIX}theirs", record)
    with Worker(study) as witness:
        assert witness.others_alive() == set()


def test_a_process_of_that_number_elsewhere_says_nothing(study):
    record = {
        "beat": 3,
        "machine": "another",
        "pid": 2**22 + 1,  # no process of this machine
        "start": "1",
        "has_ended": False,
    }
    study.set_user_attr(f"{PREFIX}theirs", record)
    with Worker(study) as witness:
        assert witness.others_alive() == {"theirs"}


def test_times_of_beginning():
    own = workers.started_at(os.getpid())
    assert own is not None
    assert own == workers.started_at(os.getpid())
    assert int(own) >= int(workers.started_at(1) or 0)
