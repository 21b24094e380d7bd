"""What skdl relies on in the private parts of TensorFlow."""

from __future__ import annotations

import tensorflow as tf

from skdl._compat import tensorflow as compat


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
