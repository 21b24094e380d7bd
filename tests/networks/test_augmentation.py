"""Shifts, rotations and zooms equal those of Keras's layers."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
from keras import ops

from skdl.data import row_keys
from skdl.networks import Regularization, TrainingBatch, training_batch
from skdl.networks._augmentation import (
    TunableAugmentation,
    read_pixels,
    source_positions,
)

N_IMAGES, HEIGHT, WIDTH = 6, 9, 12
IMAGES = np.random.default_rng(0).uniform(size=(N_IMAGES, HEIGHT, WIDTH, 2))
KEYS = row_keys(IMAGES.reshape(N_IMAGES, -1)).astype(np.uint32)


def augmented(images=IMAGES, keys=KEYS, *, seed=1, training=True, **numbers):
    batch = TrainingBatch(
        weights=ops.ones(len(keys)),
        keys=ops.convert_to_tensor(keys),
        seed=ops.convert_to_tensor(np.uint32(seed)),
        regularization=Regularization(**numbers),
    )
    layer = TunableAugmentation(1, dtype="float64")
    with training_batch(batch):
        return layer(ops.convert_to_tensor(images), training=training).numpy()


def transformed(*, down=0.0, right=0.0, angle=0.0, zoom=1.0):
    """Images, all transformed in the same way."""
    column = np.ones((N_IMAGES, 1))
    rows, columns = source_positions(
        (HEIGHT, WIDTH),
        shift=(down * column, right * column),
        angle=ops.convert_to_tensor(angle * column),
        zoom=zoom * column,
    )
    return read_pixels(ops.convert_to_tensor(IMAGES), rows, columns).numpy()


def test_whole_pixels_by_hand():
    np.testing.assert_array_equal(transformed(), IMAGES)
    down = transformed(down=2.0)
    np.testing.assert_allclose(down[:, 2:], IMAGES[:, :-2])
    np.testing.assert_allclose(down[:, :2], IMAGES[:, :1].repeat(2, axis=1))
    right = transformed(right=1.0)
    np.testing.assert_allclose(right[:, :, 1:], IMAGES[:, :, :-1])
    half = transformed(right=0.5)[:, :, 1:]
    np.testing.assert_allclose(half, (IMAGES[:, :, 1:] + IMAGES[:, :, :-1]) / 2)
    upside_down = transformed(angle=math.pi)
    np.testing.assert_allclose(upside_down, IMAGES[:, ::-1, ::-1], atol=1e-12)


@pytest.mark.parametrize(
    ("layer", "ours"),
    [
        (
            keras.layers.RandomTranslation((0.13, 0.13), (-0.2, -0.2), "nearest"),
            {"down": 0.13 * HEIGHT, "right": -0.2 * WIDTH},
        ),
        (
            keras.layers.RandomRotation((0.07, 0.07), "nearest"),
            {"angle": 0.07 * 2 * math.pi},
        ),
        (keras.layers.RandomZoom((0.3, 0.3), fill_mode="nearest"), {"zoom": 1.3}),
    ],
    ids=["shift", "rotation", "zoom"],
)
def test_equals_the_layer_of_keras(layer, ours):
    theirs = layer(IMAGES.astype("float32"), training=True).numpy()
    np.testing.assert_allclose(transformed(**ours), theirs, atol=1e-5)


def test_numbers_are_the_largest_changes():
    ramp = np.broadcast_to(np.arange(WIDTH, dtype=float)[:, None], (WIDTH, 2))
    images = np.broadcast_to(ramp, (500, HEIGHT, WIDTH, 2)).copy()
    keys = row_keys(np.arange(500.0)[:, None]).astype(np.uint32)
    middle = augmented(images, keys, shift=0.25)[:, 4, 6, 0]
    moved = 6 - middle  # up to a quarter of 12 pixels in either direction
    assert np.abs(moved).max() <= 3
    assert moved.max() > 2.9
    assert moved.min() < -2.9
    slope = np.diff(augmented(images, keys, zoom=0.2)[:, 4, :, 0])[:, 5]
    assert slope.max() == pytest.approx(1.2, abs=0.01)
    assert slope.min() == pytest.approx(0.8, abs=0.01)
    slope = np.diff(augmented(images, keys, rotation=60.0)[:, 4, :, 0])[:, 5]
    assert slope.min() == pytest.approx(math.cos(math.pi / 3), abs=0.01)


def test_zero_and_inference_change_nothing():
    np.testing.assert_allclose(augmented(), IMAGES, rtol=1e-12)
    everything = {"shift": 0.3, "rotation": 90.0, "zoom": 0.5}
    np.testing.assert_array_equal(augmented(training=False, **everything), IMAGES)


def test_the_key_of_an_image_decides_its_change():
    everything = {"shift": 0.3, "rotation": 90.0, "zoom": 0.5}
    changed = augmented(**everything)
    order = np.array([3, 0, 3, 5])
    again = augmented(IMAGES[order], KEYS[order], **everything)
    np.testing.assert_array_equal(again, changed[order])
    assert np.abs(augmented(seed=2, **everything) - changed).max() > 0.1
