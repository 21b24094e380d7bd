"""What skdl relies on in the private parts of TensorFlow."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keras import ops

from skdl._compat import tensorflow as compat
from skdl.training._backend import tensorflow as backend  # registers Bitcast


def test_argmax_can_be_mapped_over_members():
    # Else a Keras metric that uses argmax cannot train side by side.
    rows = np.array([[1.0, 3.0, 2.0], [-1.0, -3.0, -0.0]], np.float32)
    found = backend.map_members(ops.argmax, tf.constant(rows), 2)
    assert found.numpy().tolist() == [1, 2]


def test_the_memory_of_devices_is_known(monkeypatch):
    # Else banks on a GPU are made without regard to its memory.
    assert compat.device_memory() > 0


def test_global_seeds_are_restored():
    # Else fitting a model-building function changes a user's random numbers.
    tf.random.set_seed(3)
    expected = [tf.random.uniform([]).numpy() for _ in range(2)]
    tf.random.set_seed(3)
    drawn = [tf.random.uniform([]).numpy()]
    with compat.kept_seeds():
        tf.random.set_seed(0)
        tf.random.uniform([5])
    drawn.append(tf.random.uniform([]).numpy())
    assert drawn == expected
