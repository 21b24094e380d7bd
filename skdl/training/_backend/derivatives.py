"""Derivatives of functions of tensors, in reverse and forward mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from skdl.training._backend.tensorflow import Tensor


def value_and_gradients(
    function: Callable, weights: Sequence[Tensor]
) -> tuple[Any, list[Tensor]]:
    """Evaluate a function and its gradients with respect to weights."""
    weights = list(weights)
    with tf.GradientTape() as tape:
        tape.watch(weights)
        result = function(weights)
    return result, tape.gradient(result[0], weights, unconnected_gradients="zero")


def gradients_along(
    function: Callable, arguments: Sequence[Tensor], directions: Sequence[Tensor]
) -> tuple[Any, list[Tensor], list[Tensor]]:
    """Evaluate a function, its gradients, and their changes along directions.

    The changes are products Hv (Pearlmutter 1994, "Fast Exact Multiplication by the
    Hessian"). H is symmetric, so they equal the gradient of v times the gradients.
    """
    # directions: (n_directions, *argument.shape) -> (n_directions, *argument.shape)
    arguments = list(arguments)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(arguments)
        result, gradients = value_and_gradients(function, arguments)
    return result, gradients, _along(tape, gradients, arguments, directions)


def push_forward(
    function: Callable, arguments: Sequence[Tensor], tangents: Sequence[Tensor]
) -> tuple[Any, list[Tensor]]:
    """Evaluate a function and the changes of its results along directions.

    Reverse mode computes J'u for any u. This is linear in u, and its own gradient along
    v is Jv. TensorFlow's forward mode cannot be mapped over members.
    """
    # tangents: (n_directions, *argument.shape) -> (n_directions, *result.shape)
    arguments = list(arguments)
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            inner.watch(arguments)
            result = function(arguments)
        covectors = [tf.ones_like(tensor) for tensor in result[0]]
        outer.watch(covectors)
        pulled = inner.gradient(
            result[0],
            arguments,
            output_gradients=covectors,
            unconnected_gradients="zero",
        )
    return result, _along(outer, pulled, covectors, tangents)


def _along(
    tape: tf.GradientTape, targets: list, sources: list, directions: Sequence[Tensor]
) -> list[Tensor]:
    """Gradients of the products of the targets with each direction."""
    each = [
        tape.gradient(
            targets,
            sources,
            output_gradients=[direction[i] for direction in directions],
            unconnected_gradients="zero",
        )
        for i in range(directions[0].shape[0])
    ]
    return [tf.stack(parts) for parts in zip(*each, strict=True)]
