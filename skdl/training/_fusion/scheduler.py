"""Where tasks meet to train together: a scheduler of threads that wait for one another.

A task is any function that may train networks. Tasks run one at a time (or as many as
asked for), each until it comes to `train`; there it waits, and the next one runs. When
nobody can go on without an outcome, the jobs of all who wait train together. A task
that calls joblib itself is paused until its own tasks are done.
"""

from __future__ import annotations

import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from skdl.training._context import inside
from skdl.training._fusion.tasks import (
    Abandoned,
    Call,
    Task,
    TaskTraceback,
    WarningState,
    current_task,
)
from skdl.training._records import Job, Outcome

# After so long without progress, whoever waits looks again whether training can start.
PATIENCE_SECONDS = 5.0


class FusionScheduler:
    """Runs tasks, and trains what they wait for."""

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
        self._n_running = 0
        self._is_training = False
        self._calls: list[Call] = []
        self._queue: list[Task] = []
        self._meeting: list[Task] = []
        self._ready: deque[Task] = deque()
        self._waiting_threads: Counter[int] = Counter()
        self._warnings = WarningState()  # as it is outside the tasks

    # What joblib's backend asks for.

    def open_call(self) -> Call:
        """Begin a call of the task that this thread runs, if any."""
        owner = current_task()
        if owner is not None and owner.rendezvous is not self:
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
        task = Task(self, call, function, on_done)
        with self._lock:
            call.n_open += 1
            call.is_waking = False
            self._queue.append(task)
            self._advance()
        return task

    def wait_begins(self, call: Call) -> None:
        """Take note that the owner of a call does nothing but wait for its tasks."""
        with self._lock:
            call.is_dispatching, call.is_waiting = False, True
            self._waiting_threads[call.thread] += 1
            if call.owner is not None:
                self._step_aside(call.owner)
            self._advance()

    def wait_ends(self, call: Call) -> None:
        """Let the owner of a call go on, when it is its turn."""
        with self._lock:
            call.is_waking = call.is_waiting = False
            self._waiting_threads[call.thread] -= 1
        self._return(call.owner)

    def close_call(self, call: Call) -> None:
        """End a call."""
        with self._lock:
            if call in self._calls:
                self._calls.remove(call)
            if not self._calls:
                self._warnings.restore_all()
            self._advance()

    def abort(self, call: Call) -> None:
        """End all tasks of a call, and return when their threads have ended."""
        with self._lock:
            call.is_aborted, call.is_dispatching = True, False
            dropped = [task for task in self._queue if task.call.has_ended()]
            self._queue = [task for task in self._queue if task not in dropped]
            for task in dropped:
                task.call.n_open -= 1
            released = [task for task in self._meeting if task.call.has_ended()]
            self._meeting = [task for task in self._meeting if task not in released]
            for task in released:
                self._let_go_on(task)
            if call.owner is not None:
                self._step_aside(call.owner)
            self._advance()
        for task in dropped:  # whoever waits for them learns that they will not come
            task.error = Abandoned()
            task.on_done(task)
        for thread in call.threads:
            if thread is not threading.current_thread():
                thread.join()
        self._return(call.owner)

    # What a task's own thread does.

    def meet(self, task: Task, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Wait for outcomes of jobs that train together with others."""
        thread = threading.get_ident()
        with self._lock:
            if task.call.has_ended():
                raise Abandoned
            task.jobs, task.n_bytes = jobs, self._n_bytes(jobs)
            self._waiting_threads[thread] += 1
            self._meeting.append(task)
            self._step_aside(task)
            self._advance()
        try:
            self._await_turn(task)
        finally:
            with self._lock:
                self._waiting_threads[thread] -= 1
        outcomes, task.jobs, task.outcomes = task.outcomes, (), []
        return outcomes

    def _run(self, task: Task) -> None:
        """Run a task to its end."""
        try:
            with inside(replace(task.call.context, trainer=task, task=task)):
                task.result = task.function()
        except BaseException as error:  # noqa: BLE001  raised where joblib asks
            text = "".join(traceback.format_exception(error))
            if error.__cause__ is None and not isinstance(error, Abandoned):
                error.__cause__ = TaskTraceback(text)
            task.error = error
        call = task.call
        with self._lock:
            # Nobody trains for a call that is about to be aborted, or to submit more.
            call.has_failed = call.has_failed or task.error is not None
            call.n_finishing += 1
            self._step_aside(task)
            self._advance()
        try:
            task.on_done(task)  # may submit, and may have to wait for joblib's lock
        finally:
            with self._lock:
                call.n_finishing -= 1
                call.n_open -= 1
                call.is_waking = call.is_waking or (
                    call.n_open == 0 and call.owner is not None
                )
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
                self._advance(is_overdue=True)
        task.may_go_on.clear()
        if not task.n_aside and task.warnings is not None:
            task.warnings.restore()
        if task.call.has_ended():
            raise Abandoned

    # The scheduler; all of it with the lock held.

    def _step_aside(self, task: Task) -> None:
        """Stop counting a task as running; it may be aside already."""
        task.n_aside += 1
        if task.n_aside == 1:
            task.warnings = WarningState()
            self._warnings.restore()
            self._n_running -= 1

    def _let_go_on(self, task: Task) -> None:
        """Let a task go on: at once if it stays aside, else when it is its turn."""
        if task.n_aside > 1:
            task.n_aside -= 1
            task.may_go_on.set()
        else:
            self._ready.append(task)

    def _advance(self, *, is_overdue: bool = False) -> None:
        """Let go on who can; if nobody can, train."""
        while self._n_running < self.n_running_at_once:
            if self._ready:
                task = self._ready.popleft()
                task.n_aside -= 1
                self._n_running += 1
                task.may_go_on.set()
            elif self._queue and not self._is_training and not self._is_full():
                self._n_running += 1
                self._start(self._next_in_queue())
            else:
                break
        is_idle = not self._n_running and not self._is_training
        expects_more = not is_overdue and any(map(self._will_act, self._calls))
        if is_idle and self._meeting and not expects_more:
            self._is_training = True
            n = self._max_waiting
            together, self._meeting = self._meeting[:n], self._meeting[n:]
            _start_thread(self._train, together, "skdl-train")

    def _is_full(self) -> bool:
        """Whether those who wait are to train before others begin."""
        n_bytes = sum(task.n_bytes for task in self._meeting)
        return len(self._meeting) >= self._max_waiting or n_bytes > self._max_bytes

    def _will_act(self, call: Call) -> bool:
        """Whether a call is about to submit tasks, to go on or to be aborted."""
        # Its owner may wait in another call, while it draws a task's arguments or
        # between two results of a generator.
        is_held_up = self._waiting_threads[call.thread] > call.is_waiting
        acts = (
            call.is_dispatching
            or call.n_finishing
            or call.is_waking
            or (call.has_failed and not call.is_aborted)
        )
        return bool(acts and not is_held_up)

    def _next_in_queue(self) -> Task:
        """The first of the most deeply nested tasks, so that few are half done."""
        task = max(self._queue, key=lambda queued: queued.call.depth)
        self._queue.remove(task)
        return task

    def _start(self, task: Task) -> None:
        alive = [thread for thread in task.call.threads if thread.is_alive()]
        task.call.threads = [*alive, _start_thread(self._run, task, "skdl-task")]

    def _train(self, together: list[Task]) -> None:
        """Train the jobs of some tasks, and let them go on."""
        owners = [task for task in together for _ in task.jobs]
        jobs = [job for task in together for job in task.jobs]
        results: list[Outcome | BaseException]
        try:
            results = self._train_banks(
                jobs, is_cancelled=lambda place: owners[place].call.has_ended()
            )
        except BaseException as error:  # noqa: BLE001  raised by its tasks
            results = [error] * len(jobs)
        for owner, result in zip(owners, results, strict=True):
            owner.outcomes.append(result)
        with self._lock:
            self._is_training = False
            for task in together:
                self._let_go_on(task)
            self._advance()


def _start_thread(target: Callable, argument: Any, name: str) -> threading.Thread:
    thread = threading.Thread(target=target, args=(argument,), name=name, daemon=True)
    thread.start()
    return thread
