"""Parts of joblib that its documentation does not describe."""

from __future__ import annotations

from collections.abc import Callable

import joblib
from joblib.parallel import (
    BatchedCalls,
    FallbackToBackend,
    LokyBackend,
    ParallelBackendBase,
    SequentialBackend,
    get_active_backend,
)

# A function that joblib is to call, with its arguments.
Item = tuple[Callable, tuple, dict]


def active_backend() -> ParallelBackendBase:
    """Return the backend that a call of joblib in this thread would use."""
    return get_active_backend()[0]


def named_backend(name: str) -> ParallelBackendBase:
    """Make the backend of a name that joblib knows."""
    with joblib.parallel_config(backend=name):
        return active_backend()


def backend_was_chosen() -> bool:
    """Whether the user has chosen how tasks run, by a backend or a number of jobs."""
    backend, n_jobs = get_active_backend()
    is_default = type(backend) in (LokyBackend, SequentialBackend)
    return not (is_default and n_jobs in (None, 1))


def runs_in_this_process() -> bool:
    """Whether a call of joblib in this thread would run its tasks in this process."""
    shares_memory = getattr(active_backend(), "supports_sharedmem", False)
    return shares_memory or not backend_was_chosen()


def items_of(batch: BatchedCalls) -> list[Item]:
    """Return the calls in what joblib submits to a backend."""
    return batch.items


def make_batch(item: Item) -> BatchedCalls:
    """Make what joblib submits to a backend; calls inside it run one by one."""
    return BatchedCalls([item], (SequentialBackend(nesting_level=0), None))


def fallback_to(backend: ParallelBackendBase) -> Exception:
    """Return the error by which `configure` makes joblib use another backend."""
    return FallbackToBackend(backend)
