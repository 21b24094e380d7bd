"""How the tasks of joblib run: where, and whether their networks train together.

This loads no TensorFlow; `skdl.training` is loaded by joblib, by the name of its
backend, once there are networks to train.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from joblib import parallel_config

from skdl._compat.joblib import backend_was_chosen, runs_in_this_process

__all__ = ["fused_if", "runs_in_this_process"]


@contextmanager
def fused_if(trains_networks: bool, *, n_fits: int = 1) -> Iterator[None]:
    """Train networks together, unless the user has chosen a backend of joblib."""
    if not trains_networks or backend_was_chosen():
        yield
        return
    with parallel_config(backend="skdl", n_jobs=None, n_fits=n_fits):
        yield
