"""Several processes search together: PostgreSQL, SQLite or a journal between them."""

import time

import optuna
import pytest
from optuna.trial import TrialState

from skdl.search._studies.storages import opened

N_TRIALS = 30
QUICK = {"HEARTBEAT_SECONDS": 0.2, "GRACE_SECONDS": 2.0}


@pytest.fixture(params=["postgresql", "study.db", "study.journal"])
def storage(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql")
    return str(tmp_path / request.param)


def begun(study, pid):
    """The trials that the worker of a process has under way."""
    names = names_of(study, pid)
    return [
        trial.number
        for trial in study.get_trials(states=[TrialState.RUNNING])
        if trial.user_attrs.get("skdl:worker") in names
    ]


def names_of(study, pid):
    """The names under which the workers of a process are known."""
    return {
        key.removeprefix("skdl:worker:")
        for key, worker in study.user_attrs.items()
        if isinstance(worker, dict) and worker.get("pid") == pid
    }


def wait_until(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def place(storage):
    with opened(storage) as place:
        yield place


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["this", "elsewhere"])
def test_three_workers_one_of_which_is_killed(farm, storage, place, machine):
    """On this machine a dead process is seen at once, elsewhere its heart stops."""
    name = f"shared with {machine}"
    order = {
        "storage": storage,
        "study_name": name,
        "n_trials": N_TRIALS,
        "batch_size": 3,
        "seconds": 0.05,
    }
    elsewhere = {} if machine == "this" else {"machine": "elsewhere"}
    victim = farm.start(order, constants=QUICK, never_ends=True, **elsewhere)
    wait_until(lambda: name in optuna.get_all_study_names(place))
    study = optuna.load_study(study_name=name, storage=place)
    wait_until(lambda: len(begun(study, victim.pid)) == 3)

    others = [farm.start(order, constants=QUICK) for _ in range(2)]
    wait_until(lambda: all(names_of(study, other.pid) for other in others))
    victim.kill()  # in the midst of its trials, and of the others' work

    found = [worker.wait() for worker in others]
    trials = study.get_trials()
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    assert [trial.number for trial in complete] == list(range(N_TRIALS))
    # A worker that was too late with its request leaves a trial that waits.
    rest = {trial.state for trial in trials[N_TRIALS:]}
    assert rest <= {TrialState.WAITING}
    for worker in found:
        assert worker["numbers"] == list(range(N_TRIALS))
        assert worker["best_params"] == found[0]["best_params"]
        assert worker["params"] == found[0]["params"]
    owners = {trial.user_attrs["skdl:worker"] for trial in complete}
    assert len(owners) >= 2  # the work was shared
    assert not owners & names_of(study, victim.pid)  # whose trials others have done
