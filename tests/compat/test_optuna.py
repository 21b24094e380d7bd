"""What skdl relies on in Optuna's private parts, and what breaks without it."""

import warnings

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from skdl._compat import optuna as compat


@pytest.fixture
def study():
    return optuna.create_study()


def test_a_trial_is_read_from_its_storage(study):
    """`OptunaSearchCV` would fit values that another worker has overwritten."""
    trial = study.ask()
    x = trial.suggest_float("x", 0, 1)
    trial.report(0.5, step=3)
    stored = compat.read_trial(trial)

    assert (stored.params, stored.intermediate_values) == ({"x": x}, {3: 0.5})


def test_a_trial_that_another_worker_began_goes_on(study):
    """The trials of a killed worker would be lost, or begin with other values."""
    x = study.ask().suggest_float("x", 0, 1)
    (frozen,) = study.get_trials()
    trial = compat.adopt_trial(study, frozen)

    assert trial.suggest_float("x", 0, 1) == x
    study.tell(trial, x)
    assert study.best_value == x


def test_a_trial_is_put_back(study):
    """Two workers that begin the last trial at once would both evaluate one."""
    trial = study.ask()
    compat.put_back(trial)

    assert study.get_trials()[0].state is TrialState.WAITING
    assert study.ask().number == trial.number


def test_a_sampler_remembers_values(study):
    """A trial that is resumed midway would draw its parameters again."""
    trial = study.ask()
    compat.remember(study, study.get_trials()[0], "skdl:key", {"x": 1.5})

    assert compat.remembered(compat.read_trial(trial), "skdl:key") == {"x": 1.5}
    assert compat.remembered(compat.read_trial(trial), "other") is None


def test_samplers_and_pruners_stop_a_study_through_its_attribute(study):
    """A search with Optuna's grid or brute-force sampler would end with an error."""
    with compat.stop_requests(study) as request:
        study.sampler = optuna.samplers.GridSampler({"x": [1]})
        trial = study.ask({"x": CategoricalDistribution([1])})
        assert not request.is_set
        study.tell(trial, 0.0)
        assert request.is_set
    with pytest.raises(RuntimeError, match=r"`Study\.stop` is supposed"):
        study.stop()


@pytest.mark.parametrize(
    "suggest",
    [
        lambda trial: trial.suggest_categorical("x", [1, 2]),
        lambda trial: trial.suggest_float("x", 0, 1),
    ],
    ids=["choices", "kind"],
)
def test_errors_that_tell_of_another_space(tmp_path, suggest):
    """A search with a changed space would fail with an error that helps nobody."""
    study = optuna.create_study(storage=f"sqlite:///{tmp_path / 'study.db'}")
    suggest(study.ask())
    trial = study.ask()
    with pytest.raises(ValueError, match=r"does not support|Cannot set") as caught:
        trial.suggest_categorical("x", [1, 2, 3])

    assert compat.is_other_space(caught.value)
    assert not compat.is_other_space(ValueError("something else"))


def test_journals_begin_alike(tmp_path):
    """A journal would be refused as a file of another kind."""
    path = str(tmp_path / "journal")
    optuna.create_study(storage=JournalStorage(JournalFileBackend(path))).ask()
    lines = (tmp_path / "journal").read_bytes().splitlines(keepends=True)

    assert all(line.startswith(compat.JOURNAL_START) for line in lines)
    assert lines[-1].endswith(b"\n")  # as the lock cuts off what does not


def test_connections_are_closed(tmp_path):
    """A finished search would keep its connections to the database open."""
    storage = RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    optuna.create_study(storage=storage).ask()
    pool = storage.engine.pool
    compat.close_storage(storage)

    assert storage.engine.pool is not pool
    compat.close_storage(optuna.storages.InMemoryStorage())


def test_quiet():
    """Every search would print Optuna's log and warn of its experimental parts."""
    level = optuna.logging.get_verbosity()
    with compat.quiet_optuna(), compat.quiet_log():
        assert optuna.logging.get_verbosity() == optuna.logging.WARNING
        warnings.warn("new", optuna.exceptions.ExperimentalWarning, stacklevel=1)
    assert optuna.logging.get_verbosity() == level
