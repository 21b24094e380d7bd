"""Private parts of Optuna, and details of it that no documentation promises."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.storages import BaseStorage, RDBStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

__all__ = [
    "JOURNAL_START",
    "StopRequest",
    "adopt_trial",
    "close_storage",
    "is_other_space",
    "put_back",
    "quiet_log",
    "quiet_optuna",
    "read_trial",
    "remember",
    "remembered",
    "stop_requests",
]

# --- trials in their storage ---


def read_trial(trial: Trial) -> FrozenTrial:
    """Read a trial from its storage, to which other workers may have written."""
    return trial.study._storage.get_trial(trial._trial_id)


def adopt_trial(study: Study, trial: FrozenTrial) -> Trial:
    """Make a trial that another worker began one that this worker can go on with."""
    return Trial(study, trial._trial_id)


def put_back(trial: Trial) -> None:
    """Return a trial to the queue, from which `Study.ask` takes the next."""
    trial.study._storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)


def remember(study: Study, trial: FrozenTrial, key: str, value: Any) -> None:
    """Store a value of a sampler's own with a trial."""
    study._storage.set_trial_system_attr(trial._trial_id, key, value)


def remembered(trial: FrozenTrial, key: str) -> Any:
    """Return what `remember` stored, or None."""
    return trial.system_attrs.get(key)


def close_storage(storage: BaseStorage) -> None:
    """Close the connections of a database."""
    if isinstance(storage, RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


# --- stopping ---


class StopRequest:
    """Replacement for `Study.stop`, which raises outside of `Study.optimize`."""

    def __init__(self) -> None:
        self.is_set = False

    def __call__(self) -> None:
        """Ask for no more trials."""
        self.is_set = True


@contextmanager
def stop_requests(study: Study) -> Iterator[StopRequest]:
    """Notice when a sampler or a pruner calls `Study.stop`."""
    request = StopRequest()
    study.stop = request  # type: ignore[method-assign]
    try:
        yield request
    finally:
        del study.stop


# --- texts and bytes ---

# The first bytes of a journal file.
JOURNAL_START = b'{"op_code":'

# What Optuna's errors say of a parameter that was suggested differently before.
_OTHER_SPACE = ("dynamic value space", "different distribution kind")


def is_other_space(error: ValueError) -> bool:
    """Return whether a parameter was suggested differently in an earlier trial."""
    return any(words in str(error) for words in _OTHER_SPACE)


# --- log and warnings ---

_lock = threading.Lock()
_levels: list[int] = []  # the level before each quiet block; the first is the user's


@contextmanager
def quiet_log() -> Iterator[None]:
    """Hide Optuna's messages below warnings.

    Searches may overlap in threads; the last one to end restores the user's level.
    """
    with _lock:
        level = optuna.logging.get_verbosity()
        _levels.append(_levels[0] if _levels else level)
        optuna.logging.set_verbosity(max(level, optuna.logging.WARNING))
    try:
        yield
    finally:
        with _lock:
            level = _levels.pop()
            if not _levels:
                optuna.logging.set_verbosity(level)


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Hide the log, and warnings that a part of Optuna is experimental."""
    with quiet_log(), warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield
