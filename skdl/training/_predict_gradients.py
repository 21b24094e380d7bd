"""Gradients of predictions with respect to the features."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from skdl.training._backend import tensorflow as backend
from skdl.training._backend.derivatives import value_and_gradients
from skdl.training._predict_outputs import BLOCK_BYTES, ForwardProgram, run_in_blocks
from skdl.training._program.cache import ProgramCache
from skdl.training._records import Architecture, NetworkWeights


class GradientProgram(ForwardProgram):
    """The compiled forward pass and its gradients with respect to the features."""

    def __init__(self, key: tuple[Architecture, str]) -> None:
        architecture, activation = key
        self._activate = keras.activations.get(activation)
        super().__init__(architecture)
        (self.n_outputs,) = self._network.model.outputs[0].shape[1:]

    def _run(self, trainable: tuple, frozen: tuple, features: tuple) -> list:
        # At inference a prediction depends on its own row only, so the gradient of the
        # sum over rows holds the gradient of each row.
        def total(tables: list, output: int) -> tuple:
            outputs, _, _ = self._network(trainable, frozen, tables[0])
            predictions = self._activate(backend.flat(outputs)[0])
            return ops.sum(predictions[:, output]), predictions

        gradients = []
        for output in range(self.n_outputs):
            (_, predictions), (gradient,) = value_and_gradients(
                lambda tables, output=output: total(tables, output), features
            )
            gradients.append(gradient)
        return [predictions, ops.stack(gradients, axis=1)]


_gradient_programs = ProgramCache(GradientProgram)


def predict_gradients(
    architecture: Architecture, weights: NetworkWeights, X: np.ndarray, activation: str
) -> tuple[np.ndarray, np.ndarray]:
    """Compute predictions and their gradients with respect to the features.

    Parameters
    ----------
    architecture : Architecture
        Describes a network with one input and one output, both of numbers.
    weights : NetworkWeights
        The weights.
    X : ndarray of shape (n_samples, ...)
        Features, which are cast to the type of the network.
    activation : str
        Name of the Keras activation that turns outputs into predictions.

    Returns
    -------
    predictions : ndarray of shape (n_samples, n_outputs)
        Predictions at inference, without dropout and noise.
    gradients : ndarray of shape (n_samples, n_outputs, ...)
        Gradient of each output with respect to each value of the row.
    """
    program: Any = _gradient_programs.get((architecture, activation))
    # Activations are kept for the backward pass, and each output has a gradient.
    n_rows = max(1, BLOCK_BYTES // (program.widest * 4 * (4 + program.n_outputs)))
    predictions, gradients = run_in_blocks(program, weights, X, n_rows)
    return predictions, gradients
