"""What surrounds a training: who observes it, who probes it and who trains it.

`train(jobs)` is often called deep inside other code, such as the last step of a
pipeline in a search. What concerns it is therefore not an argument but is set around
it: `watched` sets an observer, `probed` a probe, `planned_jobs` and the tasks of
`skdl.fuse` a trainer. `TrainingContext` holds all of it, one per thread. A task of
joblib inside `skdl.fuse` starts with the context of the thread that called joblib.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from skdl._compat.joblib import active_backend
from skdl.training._records import EpochReport, Job, Outcome

T = TypeVar("T")


class Observer(Protocol):
    """Follows the epochs of a network, and may stop it."""

    def __call__(self, report: EpochReport) -> bool:
        """Receive the report of an epoch; a true result stops the run."""

    def is_over(self) -> bool:
        """Whether to stop before the next epoch, for reasons of its own."""


class Probe(Protocol):
    """Records what the training of a network does to its layers."""

    def attach(self, jobs: Sequence[Job]) -> Sequence[Job]:
        """Ask for recordings of the first job."""

    def fulfil(self, job: Job, outcome: Outcome) -> None:
        """Keep what was recorded."""


@runtime_checkable
class Trainer(Protocol):
    """Trains jobs in place of the thread that asks for it."""

    def train(self, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Return one outcome per job."""


class Once(Generic[T]):
    """Something that only the first network to be trained gets, in any thread."""

    def __init__(self, value: T) -> None:
        self._values = [value]

    def take(self) -> T | None:
        """Return the value the first time, then None."""
        try:
            return self._values.pop()
        except IndexError:  # another thread was faster
            return None


@dataclass(frozen=True)
class TrainingContext:
    """What `train` finds around it."""

    observer: Once[Observer] | None = None
    probe: Once[Probe] | None = None
    trainer: Trainer | None = None  # None trains in this thread
    task: object | None = None  # that this thread runs; for the scheduler of `fuse`


# Not a context variable: newer versions of Python pass those on to every thread, but
# the threads that a task starts train by themselves.
_thread = threading.local()  # `context`


def current_context() -> TrainingContext:
    """Return the context of this thread."""
    return getattr(_thread, "context", TrainingContext())


@contextmanager
def inside(context: TrainingContext) -> Iterator[None]:
    """Run a block of this thread in another context."""
    before = current_context()
    _thread.context = context
    try:
        yield
    finally:
        _thread.context = before


def current_trainer() -> Trainer | None:
    """Return who trains the jobs of this thread, or None if it trains them itself."""
    trainer = current_context().trainer
    if trainer is not None:
        return trainer
    # Inside `fuse`, but outside of joblib's tasks, joblib's backend trains.
    backend = active_backend()
    return backend if isinstance(backend, Trainer) else None
