"""What Keras computes, mapped over the members of a bank."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keras import ops

from skdl.training._backend import tensorflow as backend  # registers Bitcast


def test_argmax_can_be_mapped_over_members():
    # Else a Keras metric that uses argmax cannot train side by side.
    rows = np.array([[1.0, 3.0, 2.0], [-1.0, -3.0, -0.0]], np.float32)
    found = backend.map_members(ops.argmax, tf.constant(rows), 2)
    assert found.numpy().tolist() == [1, 2]
