"""Batch normalisation of images: equal to Keras's, with weights, and its gradient."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from skdl.networks._normalization import normalize_images

IMAGES = np.random.default_rng(0).normal(2.0, 3.0, size=(5, 4, 3, 2))
UPSTREAM = np.random.default_rng(1).normal(size=IMAGES.shape)


SCALE, OFFSET, EPSILON = np.array([0.5, 2.0]), np.array([-1.0, 1.0]), 1e-3


def normalized(images, upstream, weights):
    """Normalised images, means and variances, and three gradients."""
    share = tf.constant(weights / weights.sum())
    arguments = [tf.constant(array) for array in (images, SCALE, OFFSET)]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        images, scale, offset = arguments
        results = normalize_images(images, share, scale, offset, EPSILON)
    gradients = tape.gradient(
        results[0], arguments, output_gradients=tf.constant(upstream)
    )
    return [tensor.numpy() for tensor in (*results, *gradients)]


def test_equal_weights_give_the_layer_of_keras():
    layer = keras.layers.BatchNormalization(
        momentum=0.0, epsilon=EPSILON, dtype="float64"
    )
    layer.build(IMAGES.shape)
    layer.gamma.assign(SCALE)
    layer.beta.assign(OFFSET)
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        normal = layer(images, training=True)
    theirs = [
        normal,
        layer.moving_mean.value,
        layer.moving_variance.value,
        *tape.gradient(
            normal,
            [images, layer.gamma.value, layer.beta.value],
            output_gradients=tf.constant(UPSTREAM),
        ),
    ]
    for our, their in zip(
        normalized(IMAGES, UPSTREAM, np.full(5, 0.7)), theirs, strict=True
    ):
        np.testing.assert_allclose(our, their.numpy(), rtol=1e-5, atol=1e-6)


def test_a_weight_of_2_counts_like_two_images():
    rows = [0, 1, 1, 2, 4]
    upstream = UPSTREAM.copy()
    upstream[3] = 0.0  # an image of weight 0 has no gradient in training
    normal, mean, variance, by_images, *others = normalized(
        IMAGES, upstream, np.array([1.0, 2.0, 1.0, 0.0, 1.0])
    )
    halved = upstream[rows] / np.array([1, 2, 2, 1, 1]).reshape(-1, 1, 1, 1)
    repeated = normalized(IMAGES[rows], halved, np.ones(5))
    np.testing.assert_allclose(normal[rows], repeated[0])
    np.testing.assert_allclose(by_images[0], repeated[3][0])
    np.testing.assert_allclose(by_images[1], repeated[3][1] + repeated[3][2])
    assert not by_images[3].any()
    ours, theirs = [mean, variance, *others], [*repeated[1:3], *repeated[4:]]
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their)


def test_the_gradient_equals_finite_differences():
    weights = np.array([1.0, 0.3, 2.0, 0.0, 1.0])
    by_images = normalized(IMAGES, UPSTREAM, weights)[3]

    def total(images):
        return (normalized(images, UPSTREAM, weights)[0] * UPSTREAM).sum()

    for place in [(0, 0, 0, 0), (1, 3, 2, 1), (2, 1, 1, 0), (3, 0, 0, 1)]:
        step = np.zeros_like(IMAGES)
        step[place] = 1e-5
        difference = (total(IMAGES + step) - total(IMAGES - step)) / 2e-5
        assert by_images[place] == pytest.approx(difference, rel=1e-6, abs=1e-8)
