"""Where tasks meet to train together: a scheduler of threads that wait for one another.

A task is any function that may train networks. Tasks run one at a time (or as many as
asked for), each until it comes to `train`; there it waits, and the next one runs. When
nobody can go on without an outcome, the jobs of all who wait train together. A task
that calls joblib itself is paused until its own tasks are done.
"""

from __future__ import annotations

import threading
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from joblib.parallel import get_active_backend

from skdl.training.records import Job, Outcome

# After so long without progress, whoever waits looks again whether training can start.
PATIENCE_SECONDS = 5.0

_current = threading.local()


class Abandoned(BaseException):
    """Ends a task whose result nobody wants.

    Not an `Exception`, as scikit-learn records those as failed fits and goes on.
    """


class TaskTraceback(Exception):
    """The traceback of an error in a task, as text."""

    def __str__(self) -> str:
        """Return the traceback below a new line."""
        return f"\n{self.args[0]}"


def current_task() -> Task | None:
    """Return the task that this thread runs, or None."""
    return getattr(_current, "task", None)


def active_trainer() -> Callable[[Sequence[Job]], list] | None:
    """Return what trains where joblib's tasks would meet, in a task or not.

    Returns
    -------
    callable or None
        From jobs to results; None where joblib's backend is another one.
    """
    task = current_task()
    if task is not None:
        return task.meet
    backend, _ = get_active_backend()
    return getattr(backend, "train", None)


class Call:
    """The tasks of one call of `joblib.Parallel`.

    Parameters
    ----------
    owner : Task or None
        The task that made the call.
    """

    def __init__(self, owner: Task | None) -> None:
        self.owner = owner
        self.depth: int = owner.call.depth + 1 if owner else 0
        self.n_open = 0  # tasks submitted and not done
        self.is_dispatching = True  # its owner may submit more at any moment
        self.is_waking = False  # its owner is about to go on
        self.is_aborted = False
        self.threads: list[threading.Thread] = []

    def has_ended(self) -> bool:
        """Whether this call, or one that it is part of, was aborted."""
        return self.is_aborted or (
            self.owner is not None and self.owner.call.has_ended()
        )


class Task:
    """One function on its way, in a thread of its own.

    Parameters
    ----------
    rendezvous : Rendezvous
        Where it runs.
    call : Call
        That it is part of.
    function : callable
        What to run.
    on_done : callable
        Called with the task when it has ended.
    """

    def __init__(
        self,
        rendezvous: Rendezvous,
        call: Call,
        function: Callable[[], Any],
        on_done: Callable[[Task], Any],
    ) -> None:
        self.rendezvous = rendezvous
        self.call = call
        self.function = function
        self.on_done = on_done
        self.may_go_on = threading.Event()
        self.jobs: Sequence[Job] = ()
        self.outcomes: list[Outcome | BaseException] = []
        self.result: Any = None
        self.error: BaseException | None = None
        self.warnings: _WarningState | None = None

    def meet(self, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Train jobs together with those of other tasks.

        Parameters
        ----------
        jobs : sequence of Job
            What to train.

        Returns
        -------
        list of Outcome or BaseException
            One per job.
        """
        return self.rendezvous.meet(self, jobs)

    def get(self) -> Any:
        """Return what the function returned, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.result


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
        self._warnings = _WarningState()  # as it is outside the tasks

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
                self._warnings = _WarningState()
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
        _current.task = task
        try:
            task.result = task.function()
        except BaseException as error:
            text = "".join(traceback.format_exception(error))
            if error.__cause__ is None and not isinstance(error, Abandoned):
                error.__cause__ = TaskTraceback(text)
            task.error = error
        finally:
            del _current.task
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
        task.warnings = _WarningState()
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
        except BaseException as error:
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


class _WarningState:
    """How warnings are treated, which Python keeps per process and not per thread.

    Tasks set filters while they run, and stop in the midst of it. Each takes its own
    along, so that none sees, or leaves behind, another's.
    """

    def __init__(self) -> None:
        self._filters = warnings.filters
        self._show = warnings.showwarning
        self._implementation = warnings._showwarnmsg_impl  # type: ignore[attr-defined]

    def restore(self) -> None:
        """Make it so again."""
        if warnings.filters is not self._filters:
            warnings.filters = self._filters
            warnings._filters_mutated()  # type: ignore[attr-defined]
        warnings.showwarning = self._show
        warnings._showwarnmsg_impl = self._implementation  # type: ignore[attr-defined]
