"""`FusionScheduler`: tasks of joblib wait for one another, and train together.

Who owns what in `_fusion/`:

- `states`: the states of calls and tasks, and the table of legal changes.
- `tasks`: `Call` and `Task`, the records that have such a state.
- `warning_state`: each task's own treatment of warnings.
- `scheduler`: decides which task goes on and when training starts. All that calls and
  tasks share is changed here, under one lock.
- `fuse`: the joblib backend that hands tasks to a scheduler, and `skdl.fuse`.
- `worker_backend`: the joblib backend that hands tasks to worker processes, each of
  which fuses its share.

A task is any function that may train networks. Tasks run one at a time (or as many as
`n_jobs` allows), each until it calls `train`. There it waits, and the next one runs.
When no task can go on without an outcome, the jobs of all that wait train together. A
task that calls joblib itself is paused until its own tasks are done.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from skdl._compat.python import filters_belong_to_contexts
from skdl.training._context import inside
from skdl.training._fusion.states import CallState, IllegalTransitionError, TaskState
from skdl.training._fusion.tasks import (
    Call,
    Meeting,
    Task,
    TaskAbandonedError,
    TaskTraceback,
    ThreadWait,
    current_task,
)
from skdl.training._fusion.warning_state import WarningState
from skdl.training._records import Job, Outcome

# After so long without progress, a thread that waits checks again whether training can
# start.
PATIENCE_SECONDS = 5.0


class FusionScheduler:
    """Runs tasks, and trains the jobs that they wait for."""

    def __init__(
        self,
        train: Callable[..., list],
        *,
        max_waiting: int,
        n_bytes: Callable[[Sequence[Job]], int],
        max_bytes: int,
    ) -> None:
        self._train_banks = train
        self._max_waiting = max_waiting
        self._n_bytes = n_bytes
        self._max_bytes = max_bytes
        self.n_running_at_once = 1
        # Not a condition: its methods are Python code, in which Ctrl-C could leave it
        # locked.
        self._lock = threading.RLock()
        self._is_training = False
        self._calls: list[Call] = []
        self._queue: list[Task] = []
        self._meetings: list[Meeting] = []
        self._ready: deque[Task] = deque()
        self._waits: list[ThreadWait] = []
        self._bug: IllegalTransitionError | None = None
        self._warnings = WarningState()  # as it is outside the tasks

    # For joblib's backend.

    def open_call(self) -> Call:
        """Begin a call; its owner is the task that this thread runs, if any."""
        owner = current_task()
        if owner is not None and owner.scheduler is not self:
            owner = None
        call = Call(owner)
        with self._lock:
            if not self._calls:
                self._warnings = WarningState()
            self._calls.append(call)
        return call

    def submit(
        self, call: Call, function: Callable[[], Any], on_done: Callable[[Task], Any]
    ) -> Task:
        """Add a task."""
        with self._lock:
            task = Task(self, call, function, on_done)
            self._queue.append(task)
            self._advance()
        return task

    def wait_begins(self, call: Call) -> None:
        """Note that the owner of a call does nothing but wait for its tasks."""
        with self._lock:
            if call.state is CallState.DISPATCHING:
                call.become(CallState.WAITING)
            self._waits.append(ThreadWait(call.thread, call))
            if call.owner is not None:
                self._step_aside(call.owner)
            self._advance()

    def wait_ends(self, call: Call) -> None:
        """Let the owner of a call go on, when it is its turn."""
        with self._lock:
            if call.state is CallState.WAITING:
                call.become(CallState.RETURNED)
            self._forget_waits(call)
        self._return(call.owner)

    def close_call(self, call: Call) -> None:
        """End a call."""
        with self._lock:
            if call in self._calls:
                self._calls.remove(call)
                call.become(CallState.CLOSED)
                self._forget_waits(call)  # Ctrl-C may have left one behind
            if not self._calls:
                self._warnings.restore_all()
            self._advance()

    def abort(self, call: Call) -> None:
        """End all tasks of a call, and return when their threads have ended."""
        # joblib may do this from another thread, which does not hold the owner up.
        is_owner = call.thread == threading.get_ident()
        owner = call.owner if is_owner else None
        with self._lock:
            if call.state is CallState.CLOSED:
                return
            call.become(CallState.ABORTED)
            dropped = [task for task in self._queue if task.call.has_ended()]
            self._queue = [task for task in self._queue if task not in dropped]
            for task in dropped:
                self._change(task, TaskState.DROPPED)
            released = [each for each in self._meetings if each.task.call.has_ended()]
            self._meetings = [each for each in self._meetings if each not in released]
            for meeting in released:
                self._let_go_on(meeting.task)
            if owner is not None:
                self._step_aside(owner)
            self._advance()
        for task in dropped:  # their callers learn that no result will come
            task.error = TaskAbandonedError()
            task.on_done(task)
        for thread in call.threads:
            if thread is not threading.current_thread():
                thread.join()
        self._return(owner)

    # In a task's own thread.

    def meet(self, task: Task, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Train the jobs of a task together with those of others."""
        wait = ThreadWait(threading.get_ident())
        meeting = Meeting(task, jobs, self._n_bytes(jobs))
        with self._lock:
            if task.call.has_ended():
                raise TaskAbandonedError
            self._waits.append(wait)
            self._meetings.append(meeting)
            self._step_aside(task)
            self._advance()
        try:
            self._await_turn(task)
        finally:
            with self._lock:
                self._waits.remove(wait)
        return meeting.outcomes

    def _run(self, task: Task) -> None:
        """Run a task to its end."""
        try:
            with inside(replace(task.call.context, trainer=task, task=task)):
                task.result = task.function()
        except BaseException as error:  # noqa: BLE001  raised where joblib asks
            text = "".join(traceback.format_exception(error))
            if error.__cause__ is None and not isinstance(error, TaskAbandonedError):
                error.__cause__ = TaskTraceback(text)
            task.error = error
        try:
            self._finish(task)
        except IllegalTransitionError as error:
            task.error = error
        try:
            task.on_done(task)  # may submit, and may have to wait for joblib's lock
        finally:
            with self._lock:
                self._change(task, TaskState.DONE)
                self._advance()

    def _finish(self, task: Task) -> None:
        """Note that a task's function has ended."""
        with self._lock:
            call, was_running = task.call, task.state is TaskState.RUNNING
            # Nothing trains for a call that is about to be aborted, or to submit more.
            has_failed = task.error is not None and not call.has_ended()
            if has_failed and call.state is not CallState.FAILED:
                call.become(CallState.FAILED)
            self._change(task, TaskState.FINISHING)
            if was_running:
                self._warnings.restore()
            self._advance()

    def _return(self, owner: Task | None) -> None:
        """Wait until a task that stepped aside may go on."""
        with self._lock:
            if owner is not None:
                self._let_go_on(owner)
            self._advance()
        if owner is not None:
            self._await_turn(owner)

    def _await_turn(self, task: Task) -> None:
        """Wait until the scheduler lets a task go on."""
        while not task.may_go_on.wait(PATIENCE_SECONDS):
            with self._lock:
                if self._bug is not None:
                    raise self._bug
                self._advance(is_overdue=True)
        task.may_go_on.clear()
        if not task.n_aside and task.warnings is not None:
            task.warnings.restore()
        if task.call.has_ended():
            raise TaskAbandonedError

    # Scheduling; always with the lock held.

    def _forget_waits(self, call: Call) -> None:
        """Forget that a thread waits for a call."""
        self._waits = [wait for wait in self._waits if wait.call is not call]

    def _change(self, task: Task, state: TaskState) -> None:
        """Change a task's state; a bug is raised in all threads that wait."""
        try:
            task.become(state)
        except IllegalTransitionError as error:
            self._bug = error
            raise

    def _step_aside(self, task: Task) -> None:
        """Stop counting a task as running; it may be aside already."""
        if not task.n_aside:
            self._change(task, TaskState.ASIDE)
            task.warnings = WarningState()
            self._warnings.restore()
        task.n_aside += 1

    def _let_go_on(self, task: Task) -> None:
        """Let a task go on: at once if it stays aside, else when it is its turn."""
        if task.n_aside > 1:
            task.n_aside -= 1
            task.may_go_on.set()
        else:
            self._change(task, TaskState.READY)
            self._ready.append(task)

    def _advance(self, *, is_overdue: bool = False) -> None:
        """Let tasks go on; if none can, train."""
        while self._n_running() < self.n_running_at_once:
            if self._ready:
                task = self._ready.popleft()
                self._change(task, TaskState.RUNNING)
                task.n_aside -= 1
                task.may_go_on.set()
            elif self._queue and not self._is_training and not self._is_full():
                self._start(self._next_in_queue())
            else:
                break
        is_idle = not self._n_running() and not self._is_training
        expects_more = not is_overdue and any(map(self._will_act, self._calls))
        if is_idle and self._meetings and not expects_more:
            self._is_training = True
            n = self._max_waiting
            together, self._meetings = self._meetings[:n], self._meetings[n:]
            _start_thread(partial(self._train, together), "skdl-train")

    def _n_running(self) -> int:
        return sum(call.n_tasks[TaskState.RUNNING] for call in self._calls)

    def _is_full(self) -> bool:
        """Whether the tasks that wait must train before others begin."""
        n_bytes = sum(meeting.n_bytes for meeting in self._meetings)
        return len(self._meetings) >= self._max_waiting or n_bytes > self._max_bytes

    def _will_act(self, call: Call) -> bool:
        """Whether training should wait for what a call is about to do."""
        # Its owner may wait elsewhere, while it draws a task's arguments or between two
        # results of a generator.
        return call.will_act() and not any(
            wait.thread == call.thread and wait.call is not call for wait in self._waits
        )

    def _next_in_queue(self) -> Task:
        """Take the first of the most deeply nested tasks, so that few are half done."""
        task = max(self._queue, key=lambda queued: queued.call.depth)
        self._queue.remove(task)
        return task

    def _start(self, task: Task) -> None:
        run = partial(self._run, task)
        if filters_belong_to_contexts():  # tasks obey the filters of their caller
            run = partial(task.call.variables.copy().run, run)
        self._change(task, TaskState.RUNNING)
        alive = [thread for thread in task.call.threads if thread.is_alive()]
        task.call.threads = [*alive, _start_thread(run, "skdl-task")]

    def _train(self, together: list[Meeting]) -> None:
        """Train the jobs of some tasks, and let them go on."""
        meetings = [meeting for meeting in together for _ in meeting.jobs]
        jobs = [job for meeting in together for job in meeting.jobs]
        results: list[Outcome | BaseException]
        try:
            results = self._train_banks(
                jobs, is_cancelled=lambda place: meetings[place].task.call.has_ended()
            )
        except BaseException as error:  # noqa: BLE001  raised by its tasks
            results = [error] * len(jobs)
        for meeting, result in zip(meetings, results, strict=True):
            meeting.outcomes.append(result)
        with self._lock:
            self._is_training = False
            for meeting in together:
                self._let_go_on(meeting.task)
            self._advance()


def _start_thread(run: Callable[[], None], name: str) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
