"""Calls of joblib and their tasks, each task in a thread of its own."""

from __future__ import annotations

import contextvars
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from skdl.training._context import current_context
from skdl.training._fusion.states import (
    CALL_TRANSITIONS,
    TASK_TRANSITIONS,
    CallState,
    TaskState,
    check_transition,
)
from skdl.training._fusion.warning_state import WarningState
from skdl.training._records import Job, Outcome

_OVER = (TaskState.DONE, TaskState.DROPPED)


class TaskAbandonedError(BaseException):
    """Ends a task whose result nobody wants.

    Not an `Exception`, as scikit-learn records those as failed fits and goes on.
    """


class TaskTraceback(Exception):
    """The traceback of an error in a task, as text; the cause of that error."""

    def __str__(self) -> str:
        """Return the traceback below a new line."""
        return f"\n{self.args[0]}"


class Scheduler(Protocol):
    """What a task needs of the scheduler that runs it."""

    def meet(self, task: Task, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Train the jobs of a task together with those of others."""


class Call:
    """One call of `joblib.Parallel`."""

    def __init__(self, owner: Task | None) -> None:
        self.owner = owner  # the task that makes the call; None outside of tasks
        self.depth: int = owner.call.depth + 1 if owner else 0
        self.thread = threading.get_ident()  # the owner's
        self.context = current_context()  # in which its tasks run
        self.variables = contextvars.copy_context()
        self.state = CallState.DISPATCHING
        self.n_tasks: Counter[TaskState] = Counter()
        self.threads: list[threading.Thread] = []

    def become(self, state: CallState) -> None:
        """Change the state."""
        check_transition(CALL_TRANSITIONS, self.state, state)
        self.state = state

    @property
    def n_open(self) -> int:
        """Number of tasks that are submitted and not done."""
        n_closed = sum(self.n_tasks[state] for state in _OVER)
        return self.n_tasks.total() - n_closed

    def will_act(self) -> bool:
        """Whether the call is about to submit tasks, to go on or to be aborted."""
        if self.state in (CallState.DISPATCHING, CallState.FAILED):
            return True
        if self.n_tasks[TaskState.FINISHING]:
            return True  # joblib submits more when a task has ended
        # An owner outside of tasks may take its time: nobody knows what it does.
        is_waiting = self.state is CallState.WAITING and self.owner is not None
        return is_waiting and not self.n_open

    def has_ended(self) -> bool:
        """Whether this call, or one that it is part of, was aborted or closed."""
        return self.state in (CallState.ABORTED, CallState.CLOSED) or (
            self.owner is not None and self.owner.call.has_ended()
        )


class Task:
    """One function, run in a thread of its own."""

    def __init__(
        self,
        scheduler: Scheduler,
        call: Call,
        function: Callable[[], Any],
        on_done: Callable[[Task], Any],
    ) -> None:
        self.scheduler = scheduler
        self.call = call
        self.function = function
        self.on_done = on_done
        self.may_go_on = threading.Event()
        self.state = TaskState.QUEUED
        self.n_aside = 0  # reasons to stand aside: calls may overlap in a task
        self.result: Any = None
        self.error: BaseException | None = None
        self.warnings: WarningState | None = None  # its own, while it is aside
        call.n_tasks[self.state] += 1

    def become(self, state: TaskState) -> None:
        """Change the state, and let the call know."""
        check_transition(TASK_TRANSITIONS, self.state, state)
        self.call.n_tasks[self.state] -= 1
        self.call.n_tasks[state] += 1
        self.state = state

    def train(self, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Train jobs together with those of other tasks."""
        return self.scheduler.meet(self, jobs)

    def get(self) -> Any:
        """Return what the function returned, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.result


@dataclass(eq=False)
class Meeting:
    """Jobs of a task that wait to be trained, and then their outcomes."""

    task: Task
    jobs: Sequence[Job]
    n_bytes: int  # of the jobs' rows
    outcomes: list[Outcome | BaseException] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class ThreadWait:
    """A thread that waits for the tasks of a call, or for outcomes."""

    thread: int
    call: Call | None = None  # None for outcomes


def current_task() -> Task | None:
    """Return the task that this thread runs, or None."""
    task = current_context().task
    return task if isinstance(task, Task) else None
