"""Where tasks meet to train together: a scheduler of threads that wait for one another.

A task is any function that may train networks. Tasks run one at a time (or as many as
asked for), each until it comes to `train`; there it waits, and the next one runs. When
nobody can go on without an outcome, the jobs of all who wait train together. A task
that calls joblib itself is paused until its own tasks are done.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from skdl.training.records import Job, Outcome
from skdl.training.tasks import (
    Abandoned,
    Call,
    Task,
    TaskTraceback,
    WarningState,
    current,
    current_task,
)

# After so long without progress, whoever waits looks again whether training can start.
PATIENCE_SECONDS = 5.0


class Rendezvous:
    """Runs tasks, and trains what they wait for.

    Parameters
    ----------
    train : callable
        ``(jobs, is_cancelled) -> outcomes``, as `skdl.training.engine.train_banks`.
    max_waiting : int
        Most tasks that wait at once; each holds its data.
    """

    def __init__(self, train: Callable[..., list], *, max_waiting: int) -> None:
        self._train_banks = train
        self._max_waiting = max_waiting
        self.n_running_at_once = 1
        self._changed = threading.Condition()
        self._n_running = 0
        self._is_training = False
        self._calls: list[Call] = []
        self._queue: list[Task] = []
        self._meeting: list[Task] = []
        self._ready: deque[Task] = deque()
        self._warnings = WarningState()  # as it is outside the tasks

    # What joblib's backend asks for.

    def open_call(self) -> Call:
        """Begin a call of the task that this thread runs, if any.

        Returns
        -------
        Call
            To submit to.
        """
        owner = current_task()
        if owner is not None and owner.rendezvous is not self:
            owner = None
        call = Call(owner)
        with self._changed:
            if not self._calls:
                self._warnings = WarningState()
            self._calls.append(call)
        return call

    def submit(
        self, call: Call, function: Callable[[], Any], on_done: Callable[[Task], Any]
    ) -> Task:
        """Add a task.

        Parameters
        ----------
        call : Call
            That it is part of.
        function : callable
            What to run.
        on_done : callable
            Called with the task, in its thread, when it has ended.

        Returns
        -------
        Task
            Waiting for its turn.
        """
        task = Task(self, call, function, on_done)
        with self._changed:
            call.n_open += 1
            call.is_waking = False
            self._queue.append(task)
            self._advance()
        return task

    def wait_begins(self, call: Call) -> None:
        """Take note that the owner of a call does nothing but wait for its tasks.

        Parameters
        ----------
        call : Call
            All of whose tasks are submitted, but for those that follow others.
        """
        with self._changed:
            call.is_dispatching = False
            if call.owner is not None:
                self._step_aside(call.owner)
            self._advance()

    def wait_ends(self, call: Call) -> None:
        """Let the owner of a call go on, when it is its turn.

        Parameters
        ----------
        call : Call
            Whose owner calls.
        """
        owner = call.owner
        with self._changed:
            call.is_waking = False
            if owner is not None:
                self._ready.append(owner)
            self._advance()
        if owner is not None:
            self._await_turn(owner)

    def close_call(self, call: Call) -> None:
        """End a call.

        Parameters
        ----------
        call : Call
            With no open tasks.
        """
        with self._changed:
            call.is_dispatching = call.is_waking = False
            if call in self._calls:
                self._calls.remove(call)
            if not self._calls:
                self._warnings.restore()
            self._advance()

    def abort(self, call: Call) -> None:
        """End all tasks of a call, and return when their threads have ended.

        Parameters
        ----------
        call : Call
            Whose results nobody wants.
        """
        owner = call.owner
        with self._changed:
            call.is_aborted = True
            call.is_dispatching = call.is_waking = False
            dropped = [task for task in self._queue if task.call.has_ended()]
            self._queue = [task for task in self._queue if task not in dropped]
            for task in dropped:
                task.call.n_open -= 1
            self._release([task for task in self._meeting if task.call.has_ended()])
            if owner is not None:
                self._step_aside(owner)
            self._advance()
        for task in dropped:  # whoever waits for them learns that they will not come
            task.error = Abandoned()
            task.on_done(task)
        for thread in call.threads:
            thread.join()
        if owner is not None:
            self.wait_ends(call)

    # What a task's own thread does.

    def meet(self, task: Task, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Wait for outcomes of jobs that train together with others.

        Parameters
        ----------
        task : Task
            Whose thread calls.
        jobs : sequence of Job
            What to train.

        Returns
        -------
        list of Outcome or BaseException
            One per job.
        """
        with self._changed:
            if task.call.has_ended():
                raise Abandoned
            task.jobs = jobs
            self._meeting.append(task)
            self._step_aside(task)
            self._advance()
        self._await_turn(task)
        outcomes, task.jobs, task.outcomes = task.outcomes, (), []
        return outcomes

    def _run(self, task: Task) -> None:
        """Run a task to its end."""
        current.task = task
        try:
            task.result = task.function()
        except BaseException as error:  # noqa: BLE001  raised where joblib asks
            text = "".join(traceback.format_exception(error))
            if error.__cause__ is None and not isinstance(error, Abandoned):
                error.__cause__ = TaskTraceback(text)
            task.error = error
        finally:
            del current.task
        call = task.call
        with self._changed:
            # Nobody trains for a call that is about to be aborted.
            call.is_waking = call.is_waking or task.error is not None
        task.on_done(task)  # may submit more tasks
        with self._changed:
            call.n_open -= 1
            call.is_waking = call.is_waking or (
                call.n_open == 0 and call.owner is not None
            )
            self._step_aside(task)
            self._advance()

    def _await_turn(self, task: Task) -> None:
        """Wait until the scheduler lets a task go on."""
        while not task.may_go_on.wait(PATIENCE_SECONDS):
            with self._changed:
                if not self._n_running and not self._is_training:
                    for call in self._calls:
                        call.is_waking = False
                    self._advance()
        task.may_go_on.clear()
        if task.warnings is not None:
            task.warnings.restore()
        if task.call.has_ended():
            raise Abandoned

    # The scheduler; all of it with the lock held.

    def _step_aside(self, task: Task) -> None:
        """Stop counting a task as running."""
        task.warnings = WarningState()
        self._warnings.restore()
        self._n_running -= 1

    def _release(self, tasks: Sequence[Task]) -> None:
        """Let tasks that met go on when it is their turn."""
        self._meeting = [task for task in self._meeting if task not in tasks]
        self._ready.extend(tasks)

    def _advance(self) -> None:
        """Let go on who can; if nobody can, train."""
        while self._n_running < self.n_running_at_once:
            if self._ready:
                self._n_running += 1
                self._ready.popleft().may_go_on.set()
            elif (
                self._queue
                and not self._is_training
                and len(self._meeting) < self._max_waiting
            ):
                self._n_running += 1
                self._start(self._next_in_queue())
            else:
                break
        is_quiet = not self._n_running and not self._is_training
        if is_quiet and self._meeting and not self._is_anybody_about_to_act():
            self._is_training = True
            together, self._meeting = self._meeting, []
            _start_thread(self._train, together, "skdl-train")

    def _is_anybody_about_to_act(self) -> bool:
        return any(
            call.is_waking or (call.is_dispatching and call.owner is None)
            for call in self._calls
        )

    def _next_in_queue(self) -> Task:
        """The first of the most deeply nested tasks, so that few are half done."""
        task = max(self._queue, key=lambda queued: queued.call.depth)
        self._queue.remove(task)
        return task

    def _start(self, task: Task) -> None:
        task.call.threads.append(_start_thread(self._run, task, "skdl-task"))

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
        with self._changed:
            self._is_training = False
            self._ready.extend(together)
            self._advance()


def _start_thread(target: Callable, argument: Any, name: str) -> threading.Thread:
    thread = threading.Thread(target=target, args=(argument,), name=name, daemon=True)
    thread.start()
    return thread
