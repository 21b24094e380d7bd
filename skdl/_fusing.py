"""Where many fits run, and whether they train together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joblib import parallel_config
from joblib.parallel import get_active_backend
from sklearn.base import BaseEstimator

NETWORKS = ("skdl.estimators._base", "skdl.estimators.keras.")  # their ancestors


def networks(estimator: BaseEstimator) -> dict[str, BaseEstimator]:
    """Find skdl's networks in an estimator."""
    nested = {
        f"{name}__": value
        for name, value in estimator.get_params(deep=True).items()
        if hasattr(value, "get_params")
    }
    found = {"": estimator, **nested}
    return {prefix: value for prefix, value in found.items() if is_network(value)}


def is_network(value: Any) -> bool:
    """Whether a value is one of skdl's networks.

    Asked without importing them, which would load TensorFlow.
    """
    return any(
        ancestor.__module__.startswith(NETWORKS) for ancestor in type(value).__mro__
    )


def runs_here() -> bool:
    """Whether joblib's tasks run in this process, where they can be watched."""
    backend, _ = get_active_backend()
    return getattr(backend, "supports_sharedmem", False) or not _is_chosen()


def _is_chosen() -> bool:
    """Whether somebody has chosen how joblib's tasks are to run."""
    backend, n_jobs = get_active_backend()
    is_default = type(backend).__name__ in ("LokyBackend", "SequentialBackend")
    return not (is_default and n_jobs in (None, 1))


@contextmanager
def fused_if(trains_networks: bool, *, n_fits: int = 1) -> Iterator[None]:
    """Train networks together, unless another way was chosen."""
    if not trains_networks or _is_chosen():
        yield
        return
    from skdl.training import FusedBackend, memory_bound
    from skdl.training._fusion.fuse import MAX_WAITING, MAX_WAITING_BYTES

    backend = FusedBackend(
        max_waiting=max(MAX_WAITING, n_fits),
        max_waiting_bytes=max(MAX_WAITING_BYTES, memory_bound(None) // 2),
    )
    with parallel_config(backend=backend, n_jobs=None):
        yield
