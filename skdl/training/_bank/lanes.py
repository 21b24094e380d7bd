"""Lanes: where the members of a bank take seats, train call by call, and leave.

A lane trains some members side by side. Between two calls of the program, members that
have ended leave their seats and waiting members take them. When nobody waits, a lane
whose seats are mostly empty goes on with a narrower program. Members that take turns
give up their seats after each call if others wait.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from skdl.data import PADDING
from skdl.training._backend import tensorflow as backend
from skdl.training._bank.member_queue import MemberQueue
from skdl.training._bank.members import Member
from skdl.training._program.program import MAX_EPOCHS_PER_CALL, Program
from skdl.training._program.state import (
    DIVERGED,
    RUNNING,
    STOPPED_EARLY,
    DeviceTable,
    RowRanges,
    Settings,
    State,
)
from skdl.training._records import Status

# Observers that tolerate delay are called about this often: a call of the program
# costs some milliseconds.
REPORT_SECONDS = 0.05

_STATUSES = {
    RUNNING: Status.FINISHED,
    STOPPED_EARLY: Status.STOPPED_EARLY,
    DIVERGED: Status.DIVERGED,
}

Tables = tuple[DeviceTable, DeviceTable | tuple]  # of training and validation rows

# How a member ended; None where nobody needs its outcome.
Ending = Status | BaseException | None


class ChooseProgram(Protocol):
    """Picks the program that a lane goes on with."""

    def __call__(
        self, seated: Sequence[Member], current: Program | None, *, may_narrow: bool
    ) -> Program:
        """Return the current program or one with fewer seats."""


class Lane:
    """Trains members from a queue, as many at a time as it has seats."""

    def __init__(
        self, queue: MemberQueue, tables: Tables, choose_program: ChooseProgram
    ) -> None:
        self._queue = queue
        self._tables = tables
        self._choose_program = choose_program
        self._seated: list[Member] = []

    def run(self) -> None:
        """Train until nobody waits and no seat is taken."""
        program: Program | None = None
        while True:
            newcomers = self._queue.admit(len(self._seated))
            if not self._seated and not newcomers:
                return
            program = self._choose_program(
                [*self._seated, *newcomers], program, may_narrow=self._queue.is_empty
            )
            self._seated += [m for m in newcomers if self._may_sit(m, program)]
            if self._seated:
                self._train_for_a_while(program)
                self._seated = self._queue.take_back(self._seated)

    def _may_sit(self, member: Member, program: Program) -> bool:
        """Let a member begin, or go on unless it is over."""
        if not member.has_begun:
            member.begin(program)
        elif member.is_over():
            outcome = member.outcome(program, member.state, Status.STOPPED_BY_CALLBACK)
            self._queue.finish(member.place, outcome)
            return False
        return True

    def _train_for_a_while(self, program: Program) -> None:
        """Train until a member leaves, or it is the turn of others."""
        n_members = program.shape.n_members
        # Copies that train for no epochs fill the empty seats.
        sitting = self._seated + [self._seated[0]] * (n_members - len(self._seated))
        state = backend.stack_members([member.state for member in sitting])
        settings: Any = None
        before: list[Settings] | None = None
        ranges = backend.stack_members([member.row_ranges for member in sitting])
        endings: dict[int, Ending] = {}
        while not endings:
            now = [member.settings for member in sitting]
            if now != before:  # an observer may set the learning rate
                settings, before = backend.stack_members(now), now
            state = self._call(program, state, settings, ranges)
            endings = self._endings(program, state)
            if self._queue.takes_turns:
                break
        states = backend.take_members(state, range(len(self._seated)))
        for seat, ending in endings.items():
            member = self._seated[seat]
            if isinstance(ending, Status):
                outcome = member.outcome(program, states[seat], ending)
                self._queue.finish(member.place, outcome)
            elif ending is not None:
                self._queue.finish(member.place, ending)
        staying = [seat for seat in range(len(self._seated)) if seat not in endings]
        for seat in staying:
            self._seated[seat].state = states[seat]
        self._seated = [self._seated[seat] for seat in staying]

    def _call(
        self, program: Program, state: State, settings: Settings, ranges: RowRanges
    ) -> State:
        """Call the program: some epochs of each seated member."""
        shape = program.shape
        stride = max(member.steps_per_epoch for member in self._seated)
        most = min(MAX_EPOCHS_PER_CALL, shape.n_steps // stride)
        if any(member.job.on_epoch for member in self._seated):
            most = min(most, self._epochs_until_report(program, stride))
        plan = np.full(
            (shape.n_steps, shape.n_members, shape.signature.batch_size),
            PADDING,
            dtype=np.int32,
        )
        n_epochs = np.zeros(shape.n_members, dtype=np.int32)
        for i, member in enumerate(self._seated):
            n_epochs[i] = min(most, member.epochs_left)
            member.lay_out(plan, i, n_epochs[i], stride)
        is_compiled = program.has_run
        started = time.perf_counter()
        state, rows = program.run(
            state,
            settings,
            self._tables,
            ranges,
            backend.to_device(plan),
            backend.to_device(stride, "int32"),
            backend.to_device(n_epochs),
        )
        rows, epochs = rows.numpy(), state.epoch.numpy()
        seconds = time.perf_counter() - started
        n_steps = 0
        for i, member in enumerate(self._seated):
            n_epochs_begun = member.record(rows[:, i], epochs[i])
            member.seconds += seconds / len(self._seated)
            n_steps = max(n_steps, n_epochs_begun * member.steps_per_epoch)
        if is_compiled:
            program.note_time(seconds, n_steps)
        program.has_run = True
        return state

    def _endings(self, program: Program, state: State) -> dict[int, Ending]:
        """Call the observers, and return by seat how members ended.

        An exception that an observer raises ends its own member only.
        """
        endings: dict[int, Ending] = {}
        codes = state.status.numpy()
        for seat, member in enumerate(self._seated):
            is_last = codes[seat] != RUNNING or not member.epochs_left
            if self._queue.is_unwanted(member.place):
                endings[seat] = None
                continue
            try:
                stops = self._report(member, program, state, seat, is_last=is_last)
            except Exception as error:  # noqa: BLE001  the result of this member
                endings[seat] = error
                continue
            if is_last:
                endings[seat] = _STATUSES[int(codes[seat])]
            elif stops:
                endings[seat] = Status.STOPPED_BY_CALLBACK
        # Another member's observer may have decided that this one is over.
        for seat, member in enumerate(self._seated):
            if seat not in endings and member.is_over():
                endings[seat] = Status.STOPPED_BY_CALLBACK
        return endings

    def _report(
        self,
        member: Member,
        program: Program,
        state: State,
        seat: int,
        *,
        is_last: bool,
    ) -> bool:
        """Report new epochs to a member's observer; return whether it stops."""
        n_epochs, member.n_unreported = member.n_unreported, 0
        if not member.job.on_epoch:
            return False
        last = len(member.history)
        for epoch in range(last - n_epochs + 1, last + 1):
            report = member.report(
                program, state, seat, epoch=epoch, is_last=is_last and epoch == last
            )
            if member.job.on_epoch(report):
                return True
        return False

    def _epochs_until_report(self, program: Program, stride: int) -> int:
        """Epochs of a call that observers wait for: one, or several short ones."""
        jobs = [member.job for member in self._seated if member.job.on_epoch]
        if program.step_seconds is None or not all(job.tolerates_delay for job in jobs):
            return 1
        return max(1, int(REPORT_SECONDS / (stride * program.step_seconds)))
