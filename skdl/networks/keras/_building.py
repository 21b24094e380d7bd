"""Where a user's Keras models are built: one at a time, with names of their own.

Keras numbers layers by counters of the process and draws seeds from Python's global
generator. Here each model is built with fresh counters, so the same function gives the
same names, and the generators are restored afterwards.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from skdl._compat.keras import fresh_layer_names
from skdl._compat.tensorflow import kept_seeds

lock = threading.RLock()  # the generators belong to the process, so one at a time


@contextmanager
def building(seed: int | None = None) -> Iterator[None]:
    """Build a user's model inside.

    Parameters
    ----------
    seed : int, default=None
        Seed of Python's, NumPy's and TensorFlow's global generators inside; all are
        restored afterwards. None leaves them alone.

    Yields
    ------
    None
        While layers are numbered from the start.
    """
    with lock, fresh_layer_names():
        if seed is None:
            yield
            return
        with python_restored(), _numpy_restored(), kept_seeds():
            random.seed(seed)
            np.random.seed(seed)  # a user's function may draw from it
            tf.random.set_seed(seed)
            yield


@contextmanager
def python_restored() -> Iterator[None]:
    """Restore the state of Python's global generator afterwards."""
    kept = random.getstate()
    try:
        yield
    finally:
        random.setstate(kept)


@contextmanager
def _numpy_restored() -> Iterator[None]:
    kept = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(kept)
