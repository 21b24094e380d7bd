"""The states of calls and tasks, and the changes that are legal.

A call is one call of `joblib.Parallel`; its owner is the thread that makes it.

============  =============================================  ===========================
call          meaning                                        next
============  =============================================  ===========================
DISPATCHING   its owner may submit tasks at any moment       WAITING, FAILED, ABORTED,
                                                             CLOSED
WAITING       its owner waits for tasks, or works between    RETURNED, FAILED, ABORTED,
              two results of a generator                     CLOSED
RETURNED      its owner no longer waits                      FAILED, ABORTED, CLOSED
FAILED        a task has failed: its owner will abort it     ABORTED, CLOSED
ABORTED       nobody wants the results any more              CLOSED
CLOSED        joblib has finished with it
============  =============================================  ===========================

A call is closed without further ado, from any state, where Ctrl-C interrupts joblib.

============  =============================================  ===========================
task          meaning                                        next
============  =============================================  ===========================
QUEUED        it has not begun                               RUNNING, DROPPED
RUNNING       it computes; `n_jobs` limits how many do       ASIDE, FINISHING
ASIDE         it waits for outcomes or for its own call, or  READY, FINISHING
              works between two results of a generator
READY         it may go on when it is its turn               RUNNING
FINISHING     its function has ended; joblib is notified     DONE
DONE          joblib has its result
DROPPED       its call was aborted before it began
============  =============================================  ===========================
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar


class CallState(Enum):
    """Where a call of joblib stands."""

    DISPATCHING = "dispatching"
    WAITING = "waiting"
    RETURNED = "returned"
    FAILED = "failed"
    ABORTED = "aborted"
    CLOSED = "closed"


class TaskState(Enum):
    """Where a task of joblib stands."""

    QUEUED = "queued"
    RUNNING = "running"
    ASIDE = "aside"
    READY = "ready"
    FINISHING = "finishing"
    DONE = "done"
    DROPPED = "dropped"


_C, _T = CallState, TaskState

CALL_TRANSITIONS: Mapping[CallState, frozenset[CallState]] = {
    _C.DISPATCHING: frozenset({_C.WAITING, _C.FAILED, _C.ABORTED, _C.CLOSED}),
    _C.WAITING: frozenset({_C.RETURNED, _C.FAILED, _C.ABORTED, _C.CLOSED}),
    _C.RETURNED: frozenset({_C.FAILED, _C.ABORTED, _C.CLOSED}),
    _C.FAILED: frozenset({_C.ABORTED, _C.CLOSED}),
    _C.ABORTED: frozenset({_C.CLOSED}),
    _C.CLOSED: frozenset(),
}

TASK_TRANSITIONS: Mapping[TaskState, frozenset[TaskState]] = {
    _T.QUEUED: frozenset({_T.RUNNING, _T.DROPPED}),
    _T.RUNNING: frozenset({_T.ASIDE, _T.FINISHING}),
    _T.ASIDE: frozenset({_T.READY, _T.FINISHING}),
    _T.READY: frozenset({_T.RUNNING}),
    _T.FINISHING: frozenset({_T.DONE}),
    _T.DONE: frozenset(),
    _T.DROPPED: frozenset(),
}


class IllegalTransitionError(RuntimeError):
    """Raised when a call or a task changes to a state that the table does not allow."""


State = TypeVar("State", CallState, TaskState)


def check_transition(
    table: Mapping[State, frozenset[State]], old: State, new: State
) -> None:
    """Raise an error unless the table allows a change of state."""
    if new not in table[old]:
        kind = type(old).__name__.removesuffix("State").lower()
        legal = ", ".join(sorted(state.name for state in table[old])) or "no state"
        raise IllegalTransitionError(
            f"A {kind} of skdl.fuse cannot change from {old.name} to {new.name}; "
            f"expected {legal}. This is a bug in skdl. Please report it with this "
            "traceback."
        )
