"""Tasks of joblib's calls, each in a thread of its own, that may meet others."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from skdl.training._context import current_context
from skdl.training._records import Job, Outcome

if TYPE_CHECKING:
    from skdl.training._fusion.scheduler import FusionScheduler


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
    task = current_context().task
    return task if isinstance(task, Task) else None


class WarningState:
    """How warnings are treated, which Python keeps per process and not per thread.

    Tasks set filters while they run, and stop in the midst of it. Each takes its own
    along, so that none sees, or leaves behind, another's.
    """

    def __init__(self) -> None:
        self._filters = warnings.filters
        self._content = list(self._filters)
        self._show = warnings.showwarning
        self._implementation = warnings._showwarnmsg_impl  # type: ignore[attr-defined]

    def restore(self) -> None:
        """Make it so again."""
        if warnings.filters is not self._filters:
            warnings.filters = self._filters
            warnings._filters_mutated()  # type: ignore[attr-defined]
        warnings.showwarning = self._show
        warnings._showwarnmsg_impl = self._implementation  # type: ignore[attr-defined]

    def restore_all(self) -> None:
        """Make it so again, also where the list of filters itself was changed.

        Tasks that compute at the same time may change each other's list.
        """
        self.restore()
        if self._filters != self._content:
            self._filters[:] = self._content  # type: ignore[index]
            warnings._filters_mutated()  # type: ignore[attr-defined]


class Call:
    """The tasks of one call of `joblib.Parallel`."""

    def __init__(self, owner: Task | None) -> None:
        self.owner = owner
        self.depth: int = owner.call.depth + 1 if owner else 0
        self.n_open = 0  # tasks submitted and not done
        self.is_dispatching = True  # its owner may submit more at any moment
        self.is_waiting = False  # its owner waits for its tasks
        self.is_waking = False  # its owner is about to go on
        self.n_finishing = 0  # tasks that have ended, and may submit more
        self.has_failed = False  # its owner is about to abort it
        self.is_aborted = False
        self.thread = threading.get_ident()  # the owner's
        self.context = current_context()  # in which its tasks run
        self.threads: list[threading.Thread] = []

    def has_ended(self) -> bool:
        """Whether this call, or one that it is part of, was aborted."""
        return self.is_aborted or (
            self.owner is not None and self.owner.call.has_ended()
        )


class Task:
    """One function on its way, in a thread of its own."""

    def __init__(
        self,
        rendezvous: FusionScheduler,
        call: Call,
        function: Callable[[], Any],
        on_done: Callable[[Task], Any],
    ) -> None:
        self.rendezvous = rendezvous
        self.call = call
        self.function = function
        self.on_done = on_done
        self.may_go_on = threading.Event()
        self.n_aside = 0  # reasons for which it does not count as running
        self.jobs: Sequence[Job] = ()
        self.n_bytes = 0  # of the jobs' rows
        self.outcomes: list[Outcome | BaseException] = []
        self.result: Any = None
        self.error: BaseException | None = None
        self.warnings: WarningState | None = None

    def train(self, jobs: Sequence[Job]) -> list[Outcome | BaseException]:
        """Train jobs together with those of other tasks."""
        return self.rendezvous.meet(self, jobs)

    def get(self) -> Any:
        """Return what the function returned, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.result
