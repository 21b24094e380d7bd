"""The compiled derivatives of predictions by the features."""

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
    """The compiled forward pass, and its derivatives by the features."""

    def __init__(self, key: tuple[Architecture, str]) -> None:
        architecture, activation = key
        self._activate = keras.activations.get(activation)
        super().__init__(architecture)
        (self.n_outputs,) = self._network.model.outputs[0].shape[1:]

    def _run(self, trainable: tuple, frozen: tuple, features: tuple) -> list:
        # At inference a row's prediction depends on no other row, so that the
        # derivative of the sum over the rows holds those of each row.
        def total(tables: list, place: int) -> tuple:
            outputs, _, _ = self._network(trainable, frozen, tables[0])
            predictions = self._activate(backend.flat(outputs)[0])
            return ops.sum(predictions[:, place]), predictions

        slopes = []
        for place in range(self.n_outputs):
            (_, predictions), (slope,) = value_and_gradients(
                lambda tables, place=place: total(tables, place), features
            )
            slopes.append(slope)
        return [predictions, ops.stack(slopes, axis=1)]


_slope_programs = ProgramCache(GradientProgram)


def predict_gradients(
    architecture: Architecture, weights: NetworkWeights, X: np.ndarray, activation: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and their derivatives by the features.

    Parameters
    ----------
    architecture : Architecture
        Describes a network of one input of numbers and one output.
    weights : NetworkWeights
        Its arrays.
    X : ndarray of shape (n_samples, ...)
        Features; other types than the network's are cast to it.
    activation : str
        Name of the Keras activation that turns raw outputs into predictions.

    Returns
    -------
    predictions : ndarray of shape (n_samples, n_outputs)
        At inference, without dropout and noise.
    slopes : ndarray of shape (n_samples, n_outputs, ...)
        By each value of the row.
    """
    program: Any = _slope_programs.get((architecture, activation))
    # Activations are kept for the way back; there is a slope per feature and output.
    n_rows = max(1, BLOCK_BYTES // (program.widest * 4 * (4 + program.n_outputs)))
    predictions, slopes = run_in_blocks(program, weights, X, n_rows)
    return predictions, slopes
