"""`fuse`: joblib's tasks meet to train together, behind any code that uses joblib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import joblib
from joblib.parallel import FallbackToBackend, ParallelBackendBase

from skdl.exceptions import ParameterError
from skdl.training._fusion.scheduler import FusionScheduler
from skdl.training._fusion.tasks import Call, Task
from skdl.training._fusion.worker_backend import (
    Items,
    WorkerBackend,
    backend_of_workers,
)
from skdl.training._records import Job, Outcome
from skdl.training._train import never, train_banks

MAX_WAITING = 128
MAX_WAITING_BYTES = 1 << 28  # rows that tasks hold while they wait


def rows_bytes(jobs: Sequence[Job]) -> int:
    """Return the memory that the training rows of some jobs take."""
    return sum(job.train.n_bytes for job in jobs)


class Fusion:
    """What was trained together.

    Attributes
    ----------
    banks : list of int
        Number of networks in each bank, in order of training.
    """

    def __init__(self) -> None:
        self.banks: list[int] = []

    @property
    def n_banks(self) -> int:
        """Number of banks."""
        return len(self.banks)

    @property
    def n_networks(self) -> int:
        """Number of networks in all banks."""
        return sum(self.banks)

    def __repr__(self) -> str:
        """Say how many networks were trained in how many banks."""
        return f"<Fusion: {self.n_networks} networks in {self.n_banks} banks>"


class FusedBackend(ParallelBackendBase):
    """A joblib backend of threads that wait for one another before they train.

    Parameters
    ----------
    max_waiting : int, default=128
        Most fits that wait for one another; each holds its data.
    max_memory : int, default=None
        Bytes that training may take. None is a quarter of the memory that is free.
    nesting_level : int, default=None
        As for joblib's own backends.
    max_waiting_bytes : int, default=None
        Bytes of rows that fits hold while they wait, above which no more begin. None is
        256 MB.
    """

    supports_retrieve_callback = True
    supports_sharedmem = True
    uses_threads = True

    def __init__(
        self,
        max_waiting: int = MAX_WAITING,
        max_memory: int | None = None,
        nesting_level: int | None = None,
        max_waiting_bytes: int | None = None,
    ) -> None:
        super().__init__(nesting_level=nesting_level)
        _check_positive_int("max_waiting", max_waiting)
        if max_memory is not None:
            _check_positive_int("max_memory", max_memory)
        self.fusion = Fusion()
        self._max_waiting = max_waiting
        self._max_memory = max_memory
        self._rendezvous = FusionScheduler(
            self.train,
            max_waiting=max_waiting,
            n_bytes=rows_bytes,
            max_bytes=max_waiting_bytes or MAX_WAITING_BYTES,
        )
        self._call: Call  # from `start_call` on
        self._is_for_one_caller = False

    def train(
        self,
        jobs: Sequence[Job],
        *,
        is_cancelled: Callable[[int], bool] = never,
    ) -> list[Outcome | BaseException]:
        """Train jobs together.

        Parameters
        ----------
        jobs : sequence of Job
            What to train.
        is_cancelled : callable, default=never
            From the number of a job to whether its outcome is no longer wanted.

        Returns
        -------
        list of Outcome or BaseException
            One per job.
        """
        return train_banks(
            jobs,
            max_memory=self._max_memory,
            is_cancelled=is_cancelled,
            on_bank=self.fusion.banks.append,
        )

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """Return how many tasks may be under way, however many were asked for.

        Parameters
        ----------
        n_jobs : int or None
            How many tasks may compute at once; most of those under way wait.

        Returns
        -------
        int
            At least 2, as joblib does not ask the backend to run a single task.
        """
        if n_jobs == 0:
            raise ValueError("n_jobs == 0 in Parallel has no meaning")
        return max(2, self._max_waiting)

    def configure(self, n_jobs: int = 1, parallel: Any = None, **kwargs: Any) -> int:
        """Prepare for a call.

        Parameters
        ----------
        n_jobs : int, default=1
            How many tasks may compute at once, beside those that train.
        parallel : joblib.Parallel, default=None
            Not used.
        **kwargs : object
            Not used.

        Returns
        -------
        int
            As `effective_n_jobs`.

        Raises
        ------
        FallbackToBackend
            To make joblib use a backend that is this call's alone.
        """
        n_tasks = self.effective_n_jobs(n_jobs)
        if not self._is_for_one_caller:
            # Calls may overlap in one thread; each has a backend of its own.
            own = self._sharing(self.nesting_level)
            own._is_for_one_caller = True
            raise FallbackToBackend(own)
        if not self.nesting_level:
            n_cores = joblib.cpu_count()
            n_jobs = n_cores + 1 + n_jobs if n_jobs < 0 else min(n_jobs, n_cores)
            self._rendezvous.n_running_at_once = max(1, n_jobs)
        return n_tasks

    def get_nested_backend(self) -> tuple[FusedBackend, None]:
        """Return the backend of calls that a task makes, which meet the same others.

        Returns
        -------
        tuple of (FusedBackend, None)
            With a call of its own.
        """
        return self._sharing((self.nesting_level or 0) + 1), None

    def _sharing(self, nesting_level: int | None) -> FusedBackend:
        """A backend whose tasks meet this one's."""
        other = FusedBackend(self._max_waiting, self._max_memory, nesting_level)
        other.fusion, other._rendezvous = self.fusion, self._rendezvous
        return other

    def start_call(self) -> None:
        """Begin a call."""
        self._call = self._rendezvous.open_call()

    def submit(
        self, func: Callable[[], Any], callback: Callable[[Task], Any] | None = None
    ) -> Task:
        """Add a task.

        Parameters
        ----------
        func : callable
            What to run.
        callback : callable, default=None
            Called with the task when it has ended.

        Returns
        -------
        Task
            Waiting for its turn.
        """
        return self._rendezvous.submit(self._call, func, callback or _ignore)

    def retrieve_result_callback(self, out: Task) -> Any:
        """Return what a task returned, or raise what it raised.

        Parameters
        ----------
        out : Task
            That has ended.

        Returns
        -------
        object
            Its result.
        """
        return out.get()

    @contextmanager
    def retrieval_context(self) -> Iterator[None]:
        """Let the tasks run while their owner waits for them."""
        self._rendezvous.wait_begins(self._call)
        try:
            yield
        finally:
            self._rendezvous.wait_ends(self._call)

    def abort_everything(self, ensure_ready: bool = True) -> None:
        """End the tasks of the call, and return when their threads have ended.

        Parameters
        ----------
        ensure_ready : bool, default=True
            Not used: the backend is always ready for another call.
        """
        self._rendezvous.abort(self._call)

    def stop_call(self) -> None:
        """End a call."""
        self._rendezvous.close_call(self._call)


def _ignore(task: Task) -> None:
    pass


def _check_positive_int(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ParameterError(
            f"The '{name}' parameter of fuse must be an int of at least 1. "
            f"Got {value!r} instead."
        )


class _Share:
    """What a worker does with the tasks it is given; can be sent to it."""

    def __init__(self, max_waiting: int, max_memory: int | None) -> None:
        self._max_waiting = max_waiting
        self._max_memory = max_memory

    def __call__(self, tasks: list[Items]) -> list[tuple]:
        """Run tasks; what each returned and raised, and the members of each bank."""
        fused = fuse(max_waiting=self._max_waiting, max_memory=self._max_memory)
        with fused as fusion:
            outcomes = joblib.Parallel()(joblib.delayed(_try)(task) for task in tasks)
        return [(*outcome, fusion.banks) for outcome in outcomes]


def _try(items: Items) -> tuple[list | None, Exception | None]:
    try:
        return [function(*args, **kwargs) for function, args, kwargs in items], None
    except Exception as error:  # noqa: BLE001  raised where joblib asks
        return None, error


@contextmanager
def fuse(
    *,
    max_waiting: int = MAX_WAITING,
    max_memory: int | None = None,
    across: str | None = None,
) -> Iterator[Fusion]:
    """Train the networks of all tasks of a search together.

    Inside this context whatever uses joblib (scikit-learn's searches,
    cross-validation, ensembles, also nested and with pipelines) trains skdl's
    estimators side by side. Nothing else changes: results are those without it, up to
    rounding of floats.

    Parameters
    ----------
    max_waiting : int, default=128
        Most fits that wait for one another; fewer where their rows take more than
        256 MB.
    max_memory : int, default=None
        Bytes that training may take; more networks than fit take turns. None is a
        quarter of the memory that is free.
    across : str, default=None
        Name of a joblib backend with worker processes, such as "dask": each worker
        gets a share of the tasks and trains them together. None trains in this
        process.

    Yields
    ------
    Fusion
        What was trained together.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Notes
    -----
    ``n_jobs`` of a search says how many of its tasks compute at once, such as the
    preprocessing of a pipeline; those that wait to train do not count. Training itself
    uses all cores. ``joblib.parallel_config(backend="skdl")`` does the same, without
    the record.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> import skdl
    >>> X, y = load_iris(return_X_y=True)
    >>> network = skdl.MLPClassifier(hidden_layer_sizes=(8,), epochs=5, random_state=0)
    >>> grid = {"learning_rate": [0.001, 0.01, 0.1]}
    >>> with skdl.fuse() as fusion:
    ...     search = GridSearchCV(network, grid, refit=False).fit(X, y)
    >>> fusion
    <Fusion: 15 networks in 1 banks>
    """
    backend = FusedBackend(max_waiting, max_memory)
    if across is None:
        with joblib.parallel_config(backend=backend, n_jobs=None):
            yield backend.fusion
        return
    dealing = WorkerBackend(
        backend_of_workers(across),
        _Share(max_waiting, max_memory),
        max_waiting,
        on_banks=backend.fusion.banks.extend,
    )
    with joblib.parallel_config(backend=dealing, n_jobs=-1):
        yield backend.fusion
