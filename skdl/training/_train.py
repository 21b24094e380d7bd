"""`train`: jobs in, outcomes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from skdl.training._bank.bank import Bank
from skdl.training._bank.grouping import Group, group_jobs
from skdl.training._bank.tables import SampleTable
from skdl.training._context import current_context, current_trainer
from skdl.training._memory_bound import memory_bound
from skdl.training._records import Job, Outcome
from skdl.training._watched import with_observer


def never(place: int) -> bool:
    """Return False: no job is cancelled."""
    return False


def train(jobs: Sequence[Job], *, max_memory: int | None = None) -> list[Outcome]:
    """Train networks, side by side if they are alike and that is faster.

    Inside a task of `skdl.fuse`, the jobs of all tasks train together.

    Parameters
    ----------
    jobs : sequence of Job
        The networks to train.
    max_memory : int, default=None
        Bytes that training may take; jobs that do not fit take turns. None is a
        quarter of the free memory.

    Returns
    -------
    list of Outcome
        One per job, in order. A run that diverges is an outcome with that status.
    """
    offered = current_context().probe
    probe = offered.take() if jobs and offered is not None else None
    jobs = with_observer(jobs)
    if probe is not None:
        jobs = probe.attach(jobs)
    trainer = current_trainer()
    if trainer is not None:
        results = trainer.train(jobs)
    else:
        results = train_banks(jobs, max_memory=max_memory, is_alone=len(jobs) == 1)
    outcomes = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        outcomes.append(result)
    if probe is not None:
        probe.fulfil(jobs[0], outcomes[0])
    return outcomes


def train_banks(
    jobs: Sequence[Job],
    *,
    max_memory: int | None = None,
    is_alone: bool = False,
    is_cancelled: Callable[[int], bool] = never,
    on_bank: Callable[[int], None] | None = None,
) -> list[Outcome | BaseException]:
    """Train jobs in as few banks as memory allows."""
    bound = 0 if is_alone else memory_bound(max_memory)
    results: dict[int, Outcome | BaseException] = {}
    for group in group_jobs(jobs):
        for chunk in _chunks(group, jobs, bound):
            if on_bank is not None:
                on_bank(len(chunk.places))
            bank = Bank(
                chunk,
                jobs,
                max_memory=bound,
                is_alone=is_alone,
                is_cancelled=is_cancelled,
            )
            results |= bank.run()
    cancelled = RuntimeError("The training was cancelled.")
    return [results.get(place, cancelled) for place in range(len(jobs))]


def _chunks(group: Group, jobs: Sequence[Job], bound: int) -> Iterator[Group]:
    """Split a group so that the distinct rows of each part fit into half the bound."""
    if sum(_bytes(jobs[place]) for place in group.places) <= bound // 2:
        yield group
        return
    sets = SampleTable()
    number = {place: sets.add(jobs[place].train) for place in group.places}
    chunk, last, size = list[int](), -1, 0
    places: Sequence[int] = group.places
    if not any(jobs[place].takes_turns for place in places):
        places = sorted(places, key=number.__getitem__)  # equal sets together
    for place in places:
        added = _bytes(jobs[place]) if number[place] != last else 0
        if chunk and size + added > bound // 2:
            yield replace(group, places=tuple(chunk))
            chunk, size, added = [], 0, _bytes(jobs[place])
        chunk.append(place)
        last, size = number[place], size + added
    yield replace(group, places=tuple(chunk))


def _bytes(job: Job) -> int:
    return job.train.n_bytes + (job.validation.n_bytes if job.validation else 0)
