"""Lanes: where the members of a bank take seats, train call by call, and leave.

A lane trains some members side by side. Between calls of the program those that have
ended leave, and members who wait take their seats; when nobody waits, a lane that is
mostly empty goes on with a smaller program.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from skdl.data.batches import PADDING
from skdl.training import backend
from skdl.training.members import Member
from skdl.training.program import MAX_EPOCHS_PER_CALL, Program
from skdl.training.records import Status
from skdl.training.state import (
    DIVERGED,
    RUNNING,
    STOPPED_EARLY,
    Settings,
    State,
)
if TYPE_CHECKING:
    from skdl.training.bank import Bank

_STATUSES = {
    RUNNING: Status.FINISHED,
    STOPPED_EARLY: Status.STOPPED_EARLY,
    DIVERGED: Status.DIVERGED,
}


class Lane:
    """Trains members of a bank, some at a time.

    Parameters
    ----------
    bank : Bank
        Whose members wait, and whose programs and tables are used.
    """

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
            self._seated += newcomers
            program = self._bank.program(self._seated, program)
            for member in newcomers:
                member.begin(program)
            self._train_until_one_leaves(program)

    def _train_until_one_leaves(self, program: Program) -> None:
        n_members = program.shape.n_members
        # Empty seats are filled by copies that train for no epochs.
        sitting = self._seated + [self._seated[0]] * (n_members - len(self._seated))
        state = backend.stack_members([member.state for member in sitting])
        settings = backend.stack_members([member.settings for member in sitting])
        parts = backend.stack_members([member.parts for member in sitting])
        leaving: list[Member] = []
        while not leaving:
            state = self._call(program, state, settings, parts)
            leaving = self._end_some(program, state)
        for i, member in enumerate(self._seated):
            if member not in leaving:
                member.state = backend.take_member(state, i)
        self._seated = [member for member in self._seated if member not in leaving]

    def _call(
        self, program: Program, state: State, settings: Settings, parts: Parts
    ) -> State:
        """Train each seated member for some epochs."""
        shape = program.shape
        stride = max(member.steps_per_epoch for member in self._seated)
        most = min(MAX_EPOCHS_PER_CALL, shape.n_steps // stride)
        if any(member.job.on_epoch for member in self._seated):
            most = 1
        plan = np.full(
            (shape.n_steps, shape.n_members, shape.signature.batch_size),
            PADDING,
            dtype=np.int32,
        )
        n_epochs = np.zeros(shape.n_members, dtype=np.int32)
        for i, member in enumerate(self._seated):
            n_epochs[i] = min(most, member.epochs_left)
            member.lay_out(plan, i, n_epochs[i], stride)
        is_compiled, program.has_run = program.has_run, True
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
        if is_compiled:
            program.note_time(seconds, stride * int(n_epochs.max()))
        for i, member in enumerate(self._seated):
            begun = epochs[i] - member.job.epochs_before - len(member.history)
            member.history = np.vstack([member.history, rows[:begun, i]])
            member.seconds += seconds / len(self._seated)
        return state

    def _end_some(self, program: Program, state: State) -> list[Member]:
        """Tell observers, and gather the outcomes of members that have ended."""
        leaving = []
        codes = state.status.numpy()
        for i, member in enumerate(self._seated):
            status = _STATUSES[int(codes[i])]
            is_last = codes[i] != RUNNING or not member.epochs_left
            if self._bank.is_over(member.place):
                leaving.append(member)
                continue
            try:
                if member.job.on_epoch:
                    report = member.report(program, state, i, is_last=is_last)
                    if member.job.on_epoch(report) and not is_last:
                        is_last, status = True, Status.STOPPED_BY_CALLBACK
                if is_last:
                    outcome = member.outcome(program, state, i, status)
                    self._bank.finish(member.place, outcome)
            except BaseException as error:  # an observer's: this member's alone
                self._bank.finish(member.place, error)
                is_last = True
            if is_last:
                leaving.append(member)
        return leaving
