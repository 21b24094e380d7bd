"""Where Keras models are built: one at a time, with names and chance of their own.

Keras numbers layers by counters of the process and draws seeds from Python's global
generator. Here every model is built with fresh counters, so that the same function
gives the same names, and what was drawn for it is given back.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from tensorflow.python.eager import context

_lock = threading.RLock()  # the generators are the process's, so one at a time


@contextmanager
def building(seed: int | None = None) -> Iterator[None]:
    """Build a user's model inside."""
    with _lock, _fresh_names():
        if seed is None:
            yield
            return
        with _python_restored(), _numpy_restored(), _tensorflow_restored():
            random.seed(seed)
            np.random.seed(seed)  # what a user's function may draw from
            tf.random.set_seed(seed)
            yield


@contextmanager
def rebuilding() -> Iterator[None]:
    """Build a model from its configuration inside; no generator moves."""
    with _lock, _fresh_names(), _python_restored():
        yield


@contextmanager
def _fresh_names() -> Iterator[None]:
    kept = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", kept)


@contextmanager
def _python_restored() -> Iterator[None]:
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


@contextmanager
def _tensorflow_restored() -> Iterator[None]:
    # TensorFlow has no way to ask for the state of its seeds.
    eager = context.context()
    kept = {
        name: vars(eager)[name] for name in ("_seed", "_rng") if name in vars(eager)
    }
    try:
        yield
    finally:
        vars(eager).update(kept)
