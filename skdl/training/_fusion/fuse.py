"""`fuse`: the networks of joblib's tasks train together, in any code that uses it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import joblib
from joblib.parallel import ParallelBackendBase

from skdl._compat.joblib import Item, fallback_to, named_backend
from skdl.exceptions import ParameterError
from skdl.training._fusion.scheduler import FusionScheduler
from skdl.training._fusion.tasks import Call, Task
from skdl.training._fusion.worker_backend import WorkerBackend
from skdl.training._memory_bound import memory_bound
from skdl.training._records import Job, Outcome
from skdl.training._train import never, train_banks

MAX_WAITING = 128
MAX_WAITING_BYTES = 1 << 28  # training rows that tasks hold while they wait


def rows_bytes(jobs: Sequence[Job]) -> int:
    """Return the memory that the training rows of some jobs take."""
    return sum(job.train.n_bytes for job in jobs)


class Fusion:
    """Which networks were trained together.

    Attributes
    ----------
    banks : list of int
        Number of networks in each bank, in the order of training.
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
        """Return how many networks were trained in how many banks."""
        return f"<Fusion: {self.n_networks} networks in {self.n_banks} banks>"


class FusedBackend(ParallelBackendBase):
    """A joblib backend of threads that wait for one another before they train.

    Parameters
    ----------
    max_waiting : int, default=128
        Maximum number of fits that wait for one another; each holds its data.
    max_memory : int, default=None
        Bytes that training may take. None is a quarter of the free memory.
    nesting_level : int, default=None
        As for joblib's own backends.
    max_waiting_bytes : int, default=None
        Bytes of training rows that waiting fits may hold before no more begin. None
        is 256 MB.
    n_fits : int, default=None
        Number of fits to come, if it is known: all of them may wait, and may hold half
        of the memory that training may take.
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
        n_fits: int | None = None,
    ) -> None:
        super().__init__(nesting_level=nesting_level)
        _check_positive_int("max_waiting", max_waiting)
        if max_memory is not None:
            _check_positive_int("max_memory", max_memory)
        if n_fits is not None:
            max_waiting = max(max_waiting, n_fits)
            max_waiting_bytes = max(MAX_WAITING_BYTES, memory_bound(max_memory) // 2)
        self.fusion = Fusion()
        self._max_waiting = max_waiting
        self._max_memory = max_memory
        self._scheduler = FusionScheduler(
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
            The networks to train.
        is_cancelled : callable, default=never
            Called with the position of a job; whether its outcome is no longer wanted.

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
        """Return how many tasks may be in progress, whatever `n_jobs` is.

        Parameters
        ----------
        n_jobs : int or None
            How many tasks may compute at once; most of those in progress wait.

        Returns
        -------
        int
            At least 2, because joblib runs a single task without the backend.
        """
        if n_jobs == 0:
            raise ValueError("n_jobs == 0 in Parallel has no meaning")
        return max(2, self._max_waiting)

    def configure(self, n_jobs: int = 1, parallel: Any = None, **kwargs: Any) -> int:
        """Prepare for a call.

        Parameters
        ----------
        n_jobs : int, default=1
            How many tasks may compute at once, apart from training.
        parallel : joblib.Parallel, default=None
            Not used.
        **kwargs : object
            Not used.

        Returns
        -------
        int
            The same as `effective_n_jobs`.

        Raises
        ------
        FallbackToBackend
            So that joblib uses a backend that serves this call only.
        """
        n_tasks = self.effective_n_jobs(n_jobs)
        if not self._is_for_one_caller:
            # Calls may overlap in one thread; each has a backend of its own.
            own = self._sharing(self.nesting_level)
            own._is_for_one_caller = True
            raise fallback_to(own)
        if not self.nesting_level:
            n_cores = joblib.cpu_count()
            n_jobs = n_cores + 1 + n_jobs if n_jobs < 0 else min(n_jobs, n_cores)
            self._scheduler.n_running_at_once = max(1, n_jobs)
        return n_tasks

    def get_nested_backend(self) -> tuple[FusedBackend, None]:
        """Return the backend for calls that a task makes; they meet the same tasks.

        Returns
        -------
        tuple of (FusedBackend, None)
            A backend with a call of its own, and no number of jobs.
        """
        return self._sharing((self.nesting_level or 0) + 1), None

    def _sharing(self, nesting_level: int | None) -> FusedBackend:
        """Make a backend that has calls of its own, and this one's scheduler."""
        other = copy.copy(self)
        other.nesting_level, other._is_for_one_caller = nesting_level, False
        return other

    def start_call(self) -> None:
        """Begin a call."""
        self._call = self._scheduler.open_call()

    def submit(
        self, func: Callable[[], Any], callback: Callable[[Task], Any] | None = None
    ) -> Task:
        """Add a task.

        Parameters
        ----------
        func : callable
            The function to run.
        callback : callable, default=None
            Called with the task when its function has ended.

        Returns
        -------
        Task
            Waiting for its turn.
        """
        return self._scheduler.submit(self._call, func, callback or _ignore)

    def retrieve_result_callback(self, out: Task) -> Any:
        """Return what a task returned, or raise what it raised.

        Parameters
        ----------
        out : Task
            A task that has ended.

        Returns
        -------
        object
            Its result.
        """
        return out.get()

    @contextmanager
    def retrieval_context(self) -> Iterator[None]:
        """Let the tasks run while their owner waits for them."""
        self._scheduler.wait_begins(self._call)
        try:
            yield
        finally:
            self._scheduler.wait_ends(self._call)

    def abort_everything(self, ensure_ready: bool = True) -> None:
        """End the tasks of the call, and return when their threads have ended.

        Parameters
        ----------
        ensure_ready : bool, default=True
            Not used: the backend is always ready for another call.
        """
        self._scheduler.abort(self._call)

    def stop_call(self) -> None:
        """End a call."""
        self._scheduler.close_call(self._call)


def _ignore(task: Task) -> None:
    pass


def _check_positive_int(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ParameterError(
            f"The '{name}' parameter of fuse must be an int of at least 1. "
            f"Got {value!r} instead."
        )


class _Share:
    """Runs tasks fused in a worker process; can be pickled."""

    def __init__(self, max_waiting: int, max_memory: int | None) -> None:
        self._max_waiting = max_waiting
        self._max_memory = max_memory

    def __call__(self, tasks: list[list[Item]]) -> list[tuple]:
        """Run tasks; return each one's result, its error and the sizes of all banks."""
        fused = fuse(max_waiting=self._max_waiting, max_memory=self._max_memory)
        with fused as fusion:
            outcomes = joblib.Parallel()(joblib.delayed(_try)(task) for task in tasks)
        return [(*outcome, fusion.banks) for outcome in outcomes]


def _try(items: list[Item]) -> tuple[list | None, Exception | None]:
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

    Inside this context, everything that uses joblib (scikit-learn's searches,
    cross-validation and ensembles, also nested and with pipelines) trains skdl's
    estimators side by side. Nothing else changes: results are the same up to rounding
    of floats.

    Parameters
    ----------
    max_waiting : int, default=128
        Maximum number of fits that wait for one another; fewer if their rows take
        more than 256 MB.
    max_memory : int, default=None
        Bytes that training may take; networks that do not fit take turns. None is a
        quarter of the free memory.
    across : str, default=None
        Name of a joblib backend with worker processes, such as "dask". Each worker
        gets a share of the tasks and trains them together. None trains in this
        process.

    Yields
    ------
    Fusion
        Which networks were trained together.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    Notes
    -----
    ``n_jobs`` of a search limits how many of its tasks compute at once, such as the
    preprocessing of a pipeline; tasks that wait to train do not count. Training itself
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
    worker_backend = WorkerBackend(
        named_backend(across),
        _Share(max_waiting, max_memory),
        max_waiting,
        on_banks=backend.fusion.banks.extend,
    )
    with joblib.parallel_config(backend=worker_backend, n_jobs=-1):
        yield backend.fusion
