"""Lanes: where the members of a bank take seats, train call by call, and leave.

A lane trains some members side by side. Between calls of the program those that have
ended leave, and members who wait take their seats; when nobody waits, a lane that is
mostly empty goes on with a smaller program. Members who take turns give up their seats
after each call to those who wait.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from skdl.data._batch_plan import PADDING
from skdl.training._backend import tensorflow as backend
from skdl.training._bank.members import Member
from skdl.training._program.program import MAX_EPOCHS_PER_CALL, Program
from skdl.training._program.state import (
    DIVERGED,
    RUNNING,
    STOPPED_EARLY,
    Parts,
    Settings,
    State,
)
from skdl.training._records import Status

if TYPE_CHECKING:
    from skdl.training._bank.bank import Bank

# Observers that may hear late hear about so often: a call costs some milliseconds.
HEARING_SECONDS = 0.05

_STATUSES = {
    RUNNING: Status.FINISHED,
    STOPPED_EARLY: Status.STOPPED_EARLY,
    DIVERGED: Status.DIVERGED,
}


class Lane:
    """Trains members of a bank, some at a time."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._seated: list[Member] = []

    def run(self) -> None:
        """Train until nobody waits and nobody is seated."""
        program: Program | None = None
        while True:
            newcomers = self._bank.admit(len(self._seated))
            if not self._seated and not newcomers:
                return
            program = self._bank.program([*self._seated, *newcomers], program)
            self._seated += [m for m in newcomers if self._may_sit(m, program)]
            if self._seated:
                self._train_for_a_while(program)
                self._seated = self._bank.take_back(self._seated)

    def _may_sit(self, member: Member, program: Program) -> bool:
        """Let a member begin, or go on unless it is over."""
        if not member.has_begun:
            member.begin(program)
        elif member.is_over():
            ending = Status.STOPPED_BY_CALLBACK
            outcome = member.outcome(program, member.state, ending)
            self._bank.finish(member.place, outcome)
            return False
        return True

    def _train_for_a_while(self, program: Program) -> None:
        """Train until a member leaves, or others have their turn."""
        n_members = program.shape.n_members
        # Empty seats are filled by copies that train for no epochs.
        sitting = self._seated + [self._seated[0]] * (n_members - len(self._seated))
        state = backend.stack_members([member.state for member in sitting])
        settings: Any = None
        before: list[Settings] | None = None
        parts = backend.stack_members([member.parts for member in sitting])
        endings: dict[int, Status | BaseException | None] = {}
        while not endings:
            now = [member.settings for member in sitting]
            if now != before:  # an observer may set the learning rate
                settings, before = backend.stack_members(now), now
            state = self._call(program, state, settings, parts)
            endings = self._endings(program, state)
            if self._bank.takes_turns:
                break
        states = backend.take_members(state, range(len(self._seated)))
        for seat, ending in endings.items():
            member = self._seated[seat]
            if isinstance(ending, Status):
                outcome = member.outcome(program, states[seat], ending)
                self._bank.finish(member.place, outcome)
            elif ending is not None:
                self._bank.finish(member.place, ending)
        staying = [seat for seat in range(len(self._seated)) if seat not in endings]
        for seat in staying:
            self._seated[seat].state = states[seat]
        self._seated = [self._seated[seat] for seat in staying]

    def _call(
        self, program: Program, state: State, settings: Settings, parts: Parts
    ) -> State:
        """Train each seated member for some epochs."""
        shape = program.shape
        stride = max(member.steps_per_epoch for member in self._seated)
        most = min(MAX_EPOCHS_PER_CALL, shape.n_steps // stride)
        if any(member.job.on_epoch for member in self._seated):
            most = min(most, self._epochs_until_heard(program, stride))
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
            self._bank.tables,
            parts,
            backend.to_device(plan),
            backend.to_device(stride, "int32"),
            backend.to_device(n_epochs),
        )
        rows, epochs = rows.numpy(), state.epoch.numpy()
        seconds = time.perf_counter() - started
        n_steps = 0
        for i, member in enumerate(self._seated):
            n_epochs_begun = member.take_note(rows[:, i], epochs[i])
            member.seconds += seconds / len(self._seated)
            n_steps = max(n_steps, n_epochs_begun * member.steps_per_epoch)
        if is_compiled:
            program.note_time(seconds, n_steps)
        program.has_run = True
        return state

    def _endings(
        self, program: Program, state: State
    ) -> dict[int, Status | BaseException | None]:
        """Tell observers, and find out who has ended: by seat, how.

        What an observer raises ends its member alone. None ends a member whose
        outcome nobody wants.
        """
        endings: dict[int, Status | BaseException | None] = {}
        codes = state.status.numpy()
        for seat, member in enumerate(self._seated):
            is_last = codes[seat] != RUNNING or not member.epochs_left
            if self._bank.is_over(member.place):
                endings[seat] = None
                continue
            try:
                stops = self._tell(member, program, state, seat, is_last=is_last)
            except Exception as error:  # noqa: BLE001  its own result
                endings[seat] = error
                continue
            if is_last:
                endings[seat] = _STATUSES[int(codes[seat])]
            elif stops:
                endings[seat] = Status.STOPPED_BY_CALLBACK
        for seat, member in enumerate(self._seated):  # for what others were told
            if seat not in endings and member.is_over():
                endings[seat] = Status.STOPPED_BY_CALLBACK
        return endings

    def _tell(
        self,
        member: Member,
        program: Program,
        state: State,
        seat: int,
        *,
        is_last: bool,
    ) -> bool:
        """Tell an observer of the epochs it has not heard of; whether to stop."""
        n_epochs, member.n_unheard = member.n_unheard, 0
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

    def _epochs_until_heard(self, program: Program, stride: int) -> int:
        """Epochs of a call when somebody listens: one, or several short ones."""
        jobs = [member.job for member in self._seated if member.job.on_epoch]
        if program.step_seconds is None or not all(job.tolerates_delay for job in jobs):
            return 1
        return max(1, int(HEARING_SECONDS / (stride * program.step_seconds)))
