"""Private and fragile parts of TensorFlow that skdl uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf
from tensorflow.python.client import device_lib
from tensorflow.python.eager import context
from tensorflow.python.ops.parallel_for import pfor


def let_bitcast_be_vectorized() -> None:
    """Teach `tf.vectorized_map` the operation Bitcast, which Keras's argmax uses."""

    @pfor.RegisterPFor("Bitcast")
    def convert(inputs: Any) -> Any:
        bits = tf.bitcast(inputs.stacked_input(0), inputs.get_attr("type"))
        return pfor.wrap(bits, True)


def device_memory() -> int:
    """Return the bytes that TensorFlow may use of the largest device."""
    return max(device.memory_limit for device in device_lib.list_local_devices())


@contextmanager
def kept_seeds() -> Iterator[None]:
    """Restore the global seeds afterwards, which TensorFlow cannot be asked for."""
    eager = vars(context.context())
    kept = {name: eager[name] for name in ("_seed", "_rng") if name in eager}
    try:
        yield
    finally:
        eager.update(kept)
