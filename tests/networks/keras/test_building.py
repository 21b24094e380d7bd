"""Models are built with seeds and layer names of their own."""

import random

import keras
import numpy as np
import tensorflow as tf

from skdl.networks.keras import building, rebuilding


def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def test_a_seed_decides_the_weights_and_generators_are_restored():
    random.seed(1)
    np.random.seed(2)
    tf.random.set_seed(3)
    states = random.getstate(), np.random.get_state()[1].copy()
    drawn = tf.random.uniform([]).numpy()
    tf.random.set_seed(3)

    with building(0):
        first = build()
        np.random.rand(3)
        tf.random.uniform([3])
    with building(0):
        second = build()

    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])
    assert random.getstate() == states[0]
    np.testing.assert_array_equal(np.random.get_state()[1], states[1])
    assert tf.random.uniform([]).numpy() == drawn


def test_without_a_seed_pythons_generator_is_used():
    random.seed(1)
    with building():
        first = build()
    with building():
        second = build()
    random.seed(1)
    with building():
        again = build()

    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])
    np.testing.assert_array_equal(first.get_weights()[0], again.get_weights()[0])


def test_names_start_anew_inside_and_continue_outside():
    before = keras.layers.Dense(1).name

    with building(0):
        inside = [build().layers[0].name for _ in range(2)]
    with rebuilding():
        rebuilt = build().layers[0].name
    after = keras.layers.Dense(1).name

    assert inside == ["dense", "dense_1"]
    assert rebuilt == "dense"
    number = int(before.rpartition("_")[2]) if "_" in before else 0
    assert after == f"dense_{number + 1}"
