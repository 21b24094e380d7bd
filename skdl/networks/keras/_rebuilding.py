"""Where Keras models are built from their configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from skdl._compat.keras import fresh_layer_names
from skdl.networks.keras._building import lock, python_restored


@contextmanager
def rebuilding() -> Iterator[None]:
    """Build a model from its configuration inside.

    Yields
    ------
    None
        While layers are numbered from the start. Python's global generator, from which
        Keras draws seeds, is restored afterwards.
    """
    with lock, fresh_layer_names(), python_restored():
        yield
