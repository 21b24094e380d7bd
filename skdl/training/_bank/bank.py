"""A bank: the members of one group, trained side by side.

A bank has as many lanes as the machine has cores. All lanes take members from one
queue, so memory is needed only for the members that have a seat, however many wait.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from skdl.training._backend import device
from skdl.training._backend import tensorflow as backend
from skdl.training._bank.grouping import Group, n_stacked_weights
from skdl.training._bank.lanes import Lane, Tables
from skdl.training._bank.loading import load_group
from skdl.training._bank.member_queue import MemberQueue
from skdl.training._bank.members import Member
from skdl.training._bank.programs import programs
from skdl.training._bank.sizing import (
    CALL_SECONDS,
    COMPILE_MAPPED_SECONDS,
    COMPILE_SECONDS,
    WIDTHS,
    member_bytes,
    multiplications,
    step_cost,
)
from skdl.training._program.program import Program
from skdl.training._records import Job, Outcome, Signature

MIN_SAVING = 0.97  # another width must take less than this share of the time

_unmappable: set[Signature] = set()  # which cannot train side by side, found by trying


class Bank:
    """Trains the jobs of one group."""

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
        self._cost = step_cost()
        self._loaded = load_group(group, own, reuses=not is_alone)
        self._shape = self._loaded.shape
        n_weights = n_stacked_weights(own)
        self._multiplications = multiplications(group.signature, n_weights)
        memory_per_lane = max_memory // self._cost.n_lanes
        itemsize = own[0].weights.trainable[0].itemsize
        widest = min(
            memory_per_lane / max(member_bytes(job) for job in own),
            self._cost.cache / (4 * itemsize * n_weights),
        )
        fits = sum(member_bytes(job) for job in own) <= max_memory
        self._takes_turns = fits and any(job.takes_turns for job in own)
        is_single = is_alone or trains_alone(group.signature)
        usable = WIDTHS[:1] if is_single else WIDTHS
        self._widths = [width for width in usable if width == 1 or width <= widest]
        self._width = self._best_width(
            len(own), max(member.steps_left for member in self._loaded.members)
        )

    def run(self) -> dict[int, Outcome | BaseException]:
        """Train all members; results are by the place of the job."""
        tables = self._loaded.to_device()
        try:
            return self._train(tables)
        except backend.CannotMapError:
            # Raised while the program is traced, before the first step.
            _unmappable.add(self._shape.signature)
            self._widths, self._width = [1], 1
            return self._train(tables)

    def _train(self, tables: Tables) -> dict[int, Outcome | BaseException]:
        n_members = len(self._loaded.members)
        n_lanes = min(self._cost.n_lanes, math.ceil(n_members / self._width))
        queue = MemberQueue(
            self._loaded.members,
            n_seats=self._width,
            n_first_seats=min(self._width, math.ceil(n_members / n_lanes)),
            takes_turns=self._takes_turns,
            is_cancelled=self._is_cancelled,
        )
        lanes = [Lane(queue, tables, self._choose_program) for _ in range(n_lanes)]
        if n_lanes == 1:
            lanes[0].run()
        else:
            _run_in_threads(lanes, queue)
        return queue.results

    def _choose_program(
        self, seated: Sequence[Member], current: Program | None, *, may_narrow: bool
    ) -> Program:
        """Return the program for the members of a lane."""
        width = self._width if current is None else current.shape.n_members
        if current is not None and may_narrow:
            steps = max(member.steps_left for member in seated)
            narrower = self._best_width(1, steps, least=len(seated))
            stay = self._seconds(width, 1, steps)
            if self._seconds(narrower, 1, steps) < MIN_SAVING * stay:
                width = narrower
        return programs.get(replace(self._shape, n_members=width))

    def _best_width(self, n_members: int, steps: int, *, least: int = 1) -> int:
        """The number of seats that takes the least time, the smaller if in doubt."""
        best = None
        for width in self._widths:
            if width < least:
                continue
            seconds = self._seconds(width, n_members, steps)
            if best is None or seconds < MIN_SAVING * best[0]:
                best = (seconds, width)
        return best[1] if best else self._width

    def _seconds(self, width: int, n_members: int, steps: int) -> float:
        """Estimated time in which some members each make so many steps."""
        known = programs.peek(replace(self._shape, n_members=width))
        rounds = math.ceil(n_members / width / self._cost.n_lanes)
        step = self._cost.seconds(width, self._multiplications) * self._speed()
        if known is not None and known.step_seconds is not None:
            step = known.step_seconds
        compiling = COMPILE_SECONDS if width == 1 else COMPILE_MAPPED_SECONDS
        compiling = 0.0 if known else compiling
        return compiling + rounds * (CALL_SECONDS + steps * step)

    def _speed(self) -> float:
        """Measured time of a step divided by the model's; 1 before the first run."""
        for width in WIDTHS:
            known = programs.peek(replace(self._shape, n_members=width))
            if known is not None and known.step_seconds is not None:
                model = self._cost.seconds(width, self._multiplications)
                return known.step_seconds / model
        return 1.0


def _run_in_threads(lanes: Sequence[Lane], queue: MemberQueue) -> None:
    """Run each lane in a thread; an error in one stops the others."""

    def run(lane: Lane) -> None:
        try:
            lane.run()
        except BaseException:
            queue.stop()
            raise

    with ThreadPoolExecutor(len(lanes), "skdl-lane") as pool:
        futures = [pool.submit(run, lane) for lane in lanes]
        try:
            for future in futures:
                future.result()
        except BaseException:  # Ctrl-C reaches the main thread only
            queue.stop()
            raise


def trains_alone(signature: Signature) -> bool:
    """Whether training several members side by side is impossible, or slower.

    Side by side, convolutions on a CPU take 1.4 times as long as one by one.
    """
    is_slow = signature.architecture.is_convolutional and not device.has_gpu()
    return is_slow or signature.is_sparse or signature in _unmappable
