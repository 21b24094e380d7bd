"""A bank: members that train by one signature, their tables, and its lanes.

A bank is run by as many lanes as the machine has cores. All take members from one
queue, so the memory in use is that of the members who are seated, however many wait.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from skdl.training._backend import device
from skdl.training._backend import tensorflow as backend
from skdl.training._bank.grouping import Group, n_stacked_weights
from skdl.training._bank.lanes import Lane
from skdl.training._bank.members import Member
from skdl.training._bank.sizing import (
    CALL_SECONDS,
    COMPILE_MAPPED_SECONDS,
    COMPILE_SECONDS,
    WIDTHS,
    member_bytes,
    multiplications,
    plan_steps,
    step_cost,
    table_rows,
    val_batch_size,
)
from skdl.training._bank.tables import SampleTable
from skdl.training._probing.program import ProbingProgram
from skdl.training._program.cache import ProgramCache
from skdl.training._program.program import Program, ProgramShape
from skdl.training._program.state import Parts, Rows
from skdl.training._records import Job, Outcome, Signature


def _make_program(shape: ProgramShape) -> Program:
    return ProbingProgram(shape) if shape.signature.probes else Program(shape)


programs = ProgramCache(_make_program)
_unmappable: set[Signature] = set()  # found by trying

MAX_ROOM = 8  # how many times larger a table may be padded to share a program
WORTHWHILE = 0.97  # the share of the time that a change of width must promise


class Bank:
    """Trains jobs that share a signature."""

    def __init__(
        self,
        group: Group,
        jobs: Sequence[Job],
        *,
        max_memory: int,
        is_alone: bool,
        is_cancelled: Callable[[int], bool],
    ) -> None:
        own = [jobs[place] for place in group.places]
        self._is_cancelled = is_cancelled
        self._is_stopped = False
        self._lock = threading.Lock()
        self._results: dict[int, Outcome | BaseException] = {}
        self._cost = step_cost()
        self._waiting, self.tables, self._shape = load_members(
            group, own, reuses=not is_alone
        )
        n_weights = n_stacked_weights(own)
        self._multiplications = multiplications(group.signature, n_weights)
        per_lane = max_memory // self._cost.n_lanes
        itemsize = own[0].weights.trainable[0].itemsize
        roomy = min(
            per_lane / max(member_bytes(job) for job in own),
            self._cost.cache / (4 * itemsize * n_weights),
        )
        self._members = list(self._waiting)
        size = sum(member_bytes(job) for job in own)
        self.takes_turns = size <= max_memory and any(job.takes_turns for job in own)
        is_single = is_alone or trains_alone(group.signature)
        usable = WIDTHS[:1] if is_single else WIDTHS
        self._widths = [width for width in usable if width == 1 or width <= roomy]
        self._width = self._best_width(
            len(own), max(member.steps_left for member in self._waiting)
        )
        n_lanes = min(self._cost.n_lanes, math.ceil(len(own) / self._width))
        self._n_lanes = n_lanes
        self._share = min(self._width, math.ceil(len(own) / n_lanes))

    def run(self) -> dict[int, Outcome | BaseException]:
        """Train all members."""
        try:
            self._run_lanes()
        except backend.CannotMapError:
            # Found out before the first step was made.
            _unmappable.add(self._shape.signature)
            self._begin_anew()
            self._run_lanes()
        return self._results

    def _begin_anew(self) -> None:
        """Seat members one by one."""
        self._is_stopped, self._results = False, {}
        self._waiting = deque(self._members)
        self._widths, self._width, self._share = [1], 1, 1
        self._n_lanes = min(self._cost.n_lanes, len(self._members))

    def _run_lanes(self) -> None:
        lanes = [Lane(self) for _ in range(self._n_lanes)]
        if len(lanes) == 1:
            lanes[0].run()
            return
        with ThreadPoolExecutor(len(lanes), "skdl-lane") as pool:
            futures = [pool.submit(self._run_lane, lane) for lane in lanes]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self._is_stopped = True  # lanes end at their next call
                raise

    def _run_lane(self, lane: Lane) -> None:
        try:
            lane.run()
        except BaseException:
            self._is_stopped = True  # the other lanes need not go on
            raise

    def admit(self, n_seated: int) -> list[Member]:
        """Give members who wait to a lane."""
        with self._lock:
            n_seats = self._width if n_seated else self._share
            free = min(n_seats - n_seated, len(self._waiting))
            free = 0 if self._is_stopped else free
            return [self._waiting.popleft() for _ in range(free)]

    def take_back(self, members: list[Member]) -> list[Member]:
        """Let members who wait have the seats of others, if these are to take turns."""
        with self._lock:
            if not (self.takes_turns and self._waiting):
                return members
            self._waiting.extend(members)
            return []

    def program(self, seated: Sequence[Member], before: Program | None) -> Program:
        """Choose the program that some members train by."""
        width = self._width if before is None else before.shape.n_members
        if before is not None and not self._waiting:
            steps = max(member.steps_left for member in seated)
            narrower = self._best_width(1, steps, least=len(seated))
            stay = self._seconds(width, 1, steps)
            if self._seconds(narrower, 1, steps) < WORTHWHILE * stay:
                width = narrower
        return programs.get(replace(self._shape, n_members=width))

    def is_over(self, place: int) -> bool:
        """Return whether a member's outcome is no longer wanted."""
        return self._is_stopped or self._is_cancelled(place)

    def finish(self, place: int, result: Outcome | BaseException) -> None:
        """Take note of how a member ended."""
        self._results[place] = result

    def _best_width(self, n_members: int, steps: int, *, least: int = 1) -> int:
        """The number of seats that takes the least time, the smaller if in doubt."""
        best = None
        for width in self._widths:
            if width < least:
                continue
            seconds = self._seconds(width, n_members, steps)
            if best is None or seconds < WORTHWHILE * best[0]:
                best = (seconds, width)
        return best[1] if best else self._width

    def _seconds(self, width: int, n_members: int, steps: int) -> float:
        """Estimated time of some members of so many steps."""
        known = programs.peek(replace(self._shape, n_members=width))
        rounds = math.ceil(n_members / width / self._cost.n_lanes)
        step = self._cost.seconds(width, self._multiplications) * self._speed()
        if known is not None and known.step_seconds is not None:
            step = known.step_seconds
        compiling = COMPILE_SECONDS if width == 1 else COMPILE_MAPPED_SECONDS
        compiling = 0.0 if known else compiling
        return compiling + rounds * (CALL_SECONDS + steps * step)

    def _speed(self) -> float:
        """How the machine's time compares to the model's, by programs that have run."""
        for width in WIDTHS:
            known = programs.peek(replace(self._shape, n_members=width))
            if known is not None and known.step_seconds is not None:
                model = self._cost.seconds(width, self._multiplications)
                return known.step_seconds / model
        return 1.0


def trains_alone(signature: Signature) -> bool:
    """Whether several members side by side are impossible, or slower.

    Side by side, convolutions on a CPU take 1.4 times as long as one by one.
    """
    is_slow = signature.architecture.is_convolutional and not device.has_gpu()
    return is_slow or signature.is_sparse or signature in _unmappable


def _roomier(shape: ProgramShape) -> ProgramShape:
    """A shape of the same kind that is compiled and not much larger, or this one.

    A search ends with a fit on all rows, which are more than each fold's but fewer
    than those of all folds.
    """

    def rows(other: ProgramShape) -> tuple[int, int]:
        return other.n_rows, other.n_val_rows

    def is_like(other: ProgramShape) -> bool:
        unsized = replace(other, n_members=0, n_rows=shape.n_rows)
        return (
            replace(unsized, n_val_rows=shape.n_val_rows) == shape
            and bool(other.n_val_rows) == bool(shape.n_val_rows)
            and all(
                need <= room <= MAX_ROOM * need
                for need, room in zip(rows(shape), rows(other), strict=True)
            )
        )

    known = [replace(key, n_members=0) for key in programs.known() if is_like(key)]
    return shape if shape in known else min(known, key=rows, default=shape)


def load_members(
    group: Group, jobs: Sequence[Job], *, reuses: bool
) -> tuple[deque[Member], tuple[Rows, Rows | tuple], ProgramShape]:
    """Put the rows of all members on the device."""
    train, validation = SampleTable(), SampleTable()
    sets = [train.add(job.train) for job in jobs]
    val_sets = [validation.add(job.validation) for job in jobs if job.validation]
    n_values = jobs[0].train.n_values
    signature = group.signature
    first_rows, first_val_rows = train.first_rows(), validation.first_rows()
    n_val_rows = table_rows(validation.n_rows, n_values) if val_sets else 0
    shape = ProgramShape(
        signature=signature,
        n_members=0,
        n_rows=table_rows(train.n_rows, n_values),
        n_steps=plan_steps(
            math.ceil(max(j.train.n_samples for j in jobs) / signature.batch_size),
            signature.batch_size,
        ),
        n_val_rows=n_val_rows,
        val_batch_size=(
            signature.batch_size
            if signature.objective.is_batchwise
            else val_batch_size(
                max((j.validation.n_samples for j in jobs if j.validation), default=1)
            )
        ),
        is_padded=group.is_padded,
    )
    if reuses:
        shape = _roomier(shape)
    waiting = deque[Member]()
    for i, job in enumerate(jobs):
        numbers = [first_rows[sets[i]], job.train.n_samples, 0, 0]
        if job.validation:
            numbers[2:] = [first_val_rows[val_sets[i]], job.validation.n_samples]
        waiting.append(Member(group.places[i], job, Parts(*map(np.int32, numbers))))
    tables = (
        train.to_device(shape.n_rows),
        validation.to_device(shape.n_val_rows) if val_sets else (),
    )
    return waiting, tables, shape
