"""Watching a network train from outside of the code that fits it.

A search that prunes knows which fold of which trial a fit is for, but the network may
be the last step of a pipeline, out of its reach. What it enters here hears of the
epochs of the first network that is trained inside, in this thread or in a task of
joblib that is begun in it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from skdl.training._records import EpochReport, Job

_thread = threading.local()  # `watch`: of what is trained in this thread


class Observer(Protocol):
    """What hears of the epochs of a network."""

    def __call__(self, report: EpochReport) -> bool:
        """Hear of an epoch; a true result stops the run."""

    def is_over(self) -> bool:
        """Whether to stop before the next epoch, for what was heard elsewhere."""


class Watch:
    """Somebody who watches one network."""

    def __init__(self, observer: Observer) -> None:
        self._observers = [observer]

    def take(self) -> Observer | None:
        """Return the observer, the first time."""
        try:
            return self._observers.pop()
        except IndexError:  # another thread was faster
            return None


def current_watch() -> Watch | None:
    """Return who watches what is trained in this thread, or None."""
    return getattr(_thread, "watch", None)


@contextmanager
def watched_by(watch: Watch | None) -> Iterator[None]:
    """Let somebody watch what is trained in this thread."""
    before = current_watch()
    _thread.watch = watch
    try:
        yield
    finally:
        _thread.watch = before


@contextmanager
def watched(observer: Observer) -> Iterator[None]:
    """Let somebody hear of the epochs of the first network trained inside.

    Only of a network with validation rows: of others there is nothing to hear that
    tells good from bad.

    Parameters
    ----------
    observer : Observer
        Called with an `EpochReport` after each epoch, and asked before each.

    Yields
    ------
    None
        While it listens.
    """
    with watched_by(Watch(observer)):
        yield


def with_observer(jobs: Sequence[Job]) -> Sequence[Job]:
    """Attach who watches this thread, if anybody does, to the first job."""
    watch = current_watch()
    if watch is None or not jobs or jobs[0].validation is None:
        return jobs
    observer = watch.take()
    if observer is None:
        return jobs
    own = jobs[0].on_epoch

    def observe(report: EpochReport) -> bool:
        stops = own is not None and bool(own(report))
        return observer(report) or stops

    first = replace(
        jobs[0],
        on_epoch=observe,
        is_over=observer.is_over,
        tolerates_delay=own is None,
    )
    return [first, *jobs[1:]]
