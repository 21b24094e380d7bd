"""Watching a network train from outside of the code that fits it.

A search that prunes knows which fold of which trial a fit is for, but the network may
be the last step of a pipeline, out of its reach. What it enters here hears of the
epochs of the first network that is trained in the same thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from skdl.training.records import EpochReport, Job

Observer = Callable[[EpochReport], bool]

_current = threading.local()  # `observer`: who watches the next network


@contextmanager
def watched(observer: Observer) -> Iterator[None]:
    """Let somebody hear of the epochs of the first network trained inside.

    Only of a network with validation rows: of others there is nothing to hear that
    tells good from bad.

    Parameters
    ----------
    observer : callable
        Called with an `EpochReport` after each epoch; a true result stops the run.

    Yields
    ------
    None
        While it listens.
    """
    before = getattr(_current, "observer", None)
    _current.observer = observer
    try:
        yield
    finally:
        _current.observer = before


def with_observer(jobs: Sequence[Job]) -> Sequence[Job]:
    """Attach who watches this thread, if anybody does, to the first job.

    Parameters
    ----------
    jobs : sequence of Job
        About to be trained.

    Returns
    -------
    sequence of Job
        The same, but perhaps the first.
    """
    observer = getattr(_current, "observer", None)
    if observer is None or not jobs or jobs[0].validation is None:
        return jobs
    _current.observer = None
    own = jobs[0].on_epoch

    def observe(report: EpochReport) -> bool:
        stops = own is not None and bool(own(report))
        return observer(report) or stops

    return [replace(jobs[0], on_epoch=observe), *jobs[1:]]
