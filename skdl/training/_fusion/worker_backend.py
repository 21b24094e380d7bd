"""`WorkerBackend`: fusion across processes, where each worker fuses its share of tasks.

Another joblib backend, such as Dask's, starts the workers and carries tasks and
results. It would send tasks one by one. Here a call's tasks are held until all are
there, and each worker gets one share to train together.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from joblib.parallel import BatchedCalls, ParallelBackendBase

from skdl._compat.joblib import Item, items_of, make_batch


class HeldTask:
    """A task that is held, or that a worker runs."""

    def __init__(self, items: list[Item], on_done: Callable[[HeldTask], Any]) -> None:
        self.items = items
        self.on_done = on_done
        self._results: list | None = None
        self._error: BaseException | None = None

    def end(
        self, results: list | None = None, error: BaseException | None = None
    ) -> None:
        """Note the results or the error, and notify joblib."""
        self._results, self._error = results, error
        self.on_done(self)

    def get(self) -> list | None:
        """Return the results, or raise the error."""
        if self._error is not None:
            raise self._error
        return self._results


class WorkerBackend(ParallelBackendBase):
    """A joblib backend that sends tasks in shares to the workers of another one."""

    supports_retrieve_callback = True

    def __init__(
        self,
        workers: ParallelBackendBase,
        run_share: Callable[[list[list[Item]]], list],
        max_share: int,
        on_banks: Callable[[list[int]], None],
    ) -> None:
        super().__init__(nesting_level=workers.nesting_level)
        self._workers = workers
        self._run_share = run_share
        self._max_share = max_share
        self._on_banks = on_banks
        self._n_workers = 1
        self._held: list[HeldTask] = []
        self._n_sent = 0
        self._lock = threading.Lock()

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        """Return how many tasks may be in progress."""
        return max(2, self._workers.effective_n_jobs(n_jobs) * self._max_share)

    def configure(self, n_jobs: int = 1, parallel: Any = None, **kwargs: Any) -> int:
        """Prepare for a call."""
        self._n_workers = self._workers.configure(
            n_jobs=n_jobs, parallel=parallel, **kwargs
        )
        return max(2, self._n_workers * self._max_share)

    def start_call(self) -> None:
        """Begin a call."""
        self._held, self._n_sent = [], 0
        self._workers.start_call()

    def submit(
        self, func: BatchedCalls, callback: Callable[[HeldTask], Any] | None = None
    ) -> HeldTask:
        """Hold a task until the others are there."""
        task = HeldTask(items_of(func), callback or (lambda task: None))
        self._held.append(task)
        return task

    def retrieve_result_callback(self, out: HeldTask) -> list | None:
        """Return what a task returned, or raise what it raised."""
        return out.get()

    @contextmanager
    def retrieval_context(self) -> Iterator[None]:
        """Send the tasks that are held, and those that follow when these have ended."""
        self._send_held()
        with self._workers.retrieval_context():
            yield

    def abort_everything(self, ensure_ready: bool = True) -> None:
        """Give up the tasks of the call."""
        self._held = []
        self._workers.abort_everything(ensure_ready=ensure_ready)

    def stop_call(self) -> None:
        """End a call."""
        self._workers.stop_call()

    def terminate(self) -> None:
        """Let the workers' backend clean up."""
        self._workers.terminate()

    def _send_held(self) -> None:
        """Send the tasks that are held, in shares of equal size."""
        tasks, self._held = self._held, []
        if not tasks:
            return
        n_shares = math.ceil(len(tasks) / self._max_share / self._n_workers)
        size = math.ceil(len(tasks) / (n_shares * self._n_workers))
        shares = [tasks[i : i + size] for i in range(0, len(tasks), size)]
        self._n_sent = len(shares)
        for share in shares:
            self._send(share)

    def _send(self, share: Sequence[HeldTask]) -> None:
        batch = make_batch((self._run_share, ([task.items for task in share],), {}))

        def on_done(out: Any) -> None:
            try:
                (results,) = self._workers.retrieve_result_callback(out)
            except BaseException as error:  # noqa: BLE001  raised by its tasks
                results = [(None, error, [])] * len(share)
            self._on_banks(results[0][2])
            for task, (result, raised, _) in zip(share, results, strict=True):
                task.end(result, raised)
            with self._lock:
                self._n_sent -= 1
                is_last = not self._n_sent
            if is_last:
                self._send_held()

        self._workers.submit(batch, callback=on_done)
