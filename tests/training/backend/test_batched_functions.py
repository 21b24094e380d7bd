"""Every activation, loss and metric can be mapped over the members of a bank."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from skdl.networks import ACTIVATIONS, HEADS
from skdl.training._backend import tensorflow as backend
from skdl.training._backend.derivatives import value_and_gradients


def mapped(function, *arguments):
    """The results of a function for all members at once and one by one."""
    together = backend.map_members(lambda each: function(*each), arguments, 3)
    one_by_one = [function(*(part[i] for part in arguments)) for i in range(3)]
    return together.numpy(), np.stack([part.numpy() for part in one_by_one])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_can_be_batched(name):
    def slope(x):
        activation = keras.activations.get(name)
        _, slopes = value_and_gradients(
            lambda x: (keras.ops.sum(activation(x[0])), None), [x]
        )
        return slopes[0]

    x = backend.to_device(np.random.default_rng(0).normal(size=(3, 5, 2)))
    np.testing.assert_allclose(*mapped(slope, x), rtol=1e-12)


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("measure", ["loss", "metric"])
def test_every_head_can_be_batched(name, measure):
    random = np.random.default_rng(0)
    targets = random.integers(0, 2, size=(3, 5, 2)).astype(float)
    if name == "categorical_crossentropy":
        targets = targets[:, :, 0].astype(np.int32)
    outputs = backend.to_device(random.normal(size=(3, 5, 2)))
    smoothing = [0.1] if measure == "loss" else []
    head = getattr(HEADS[name], measure)
    np.testing.assert_allclose(
        *mapped(
            lambda targets, outputs: head(targets, outputs, *smoothing),
            backend.to_device(targets),
            outputs,
        ),
        rtol=1e-12,
    )
