"""`watched`: follow a network's training from outside the code that fits it.

A search that prunes knows which fold of which trial a fit belongs to, but the network
may be the last step of a pipeline, out of its reach. The observer that it sets here
receives the epochs of the first network that is trained inside, in this thread or in a
task of joblib that starts inside `skdl.fuse`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from skdl.training._context import Observer, Once, current_context, inside
from skdl.training._records import EpochReport, Job


@contextmanager
def watched(observer: Observer) -> Iterator[None]:
    """Report the epochs of the first network trained inside to an observer.

    A network without validation rows is not reported: its training loss does not tell
    good from bad.

    Parameters
    ----------
    observer : Observer
        Called with an `EpochReport` after each epoch, and asked before each whether
        to stop.

    Yields
    ------
    None
        While the observer is set.
    """
    with inside(replace(current_context(), observer=Once(observer))):
        yield


def with_observer(jobs: Sequence[Job]) -> Sequence[Job]:
    """Attach this thread's observer, if it has one, to the first job."""
    offered = current_context().observer
    if offered is None or not jobs or jobs[0].validation is None:
        return jobs
    observer = offered.take()
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
