"""The activations of a trained network on all rows, at inference."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from skdl.training._backend import tensorflow as backend
from skdl.training._predict_outputs import BLOCK_BYTES, ForwardProgram, run_in_blocks
from skdl.training._probing.layers import QUANTITIES, ProbedArchitecture, ProbedLayer
from skdl.training._probing.measures import (
    UnitStatistics,
    layer_statistics,
    unit_statistics,
)
from skdl.training._program.cache import ProgramCache
from skdl.training._records import Architecture, NetworkWeights


class ActivationProgram(ForwardProgram):
    """The compiled forward pass, which returns statistics of the units."""

    def __init__(self, architecture: ProbedArchitecture) -> None:
        self._activations = [
            layer.activation for layer in architecture.layers if layer.activation
        ]
        super().__init__(architecture)

    def _run(self, trainable: tuple, frozen: tuple, features: tuple) -> list:
        outputs, _, _ = self._network(trainable, frozen, features[0])
        own, *activations = backend.flat(outputs)
        is_row = ops.ones((ops.shape(own)[0],), "bool")
        n_rows = ops.reshape(ops.cast(ops.shape(own)[0], own.dtype), (1,))
        parts = [
            ops.expand_dims(ops.stack(unit_statistics(values, is_row, activation)), 0)
            for values, activation in zip(activations, self._activations, strict=True)
        ]
        return [n_rows, *parts]


_activation_programs = ProgramCache(ActivationProgram)


def final_activations(
    architecture: Architecture,
    layers: tuple[ProbedLayer, ...],
    weights: NetworkWeights,
    X: Any,
) -> np.ndarray:
    """Measure the activations of each layer on some rows."""
    # X: (n_samples, ...) -> (n_layers, n_quantities)
    program = _activation_programs.get(ProbedArchitecture(architecture, layers))
    n_rows = max(1, BLOCK_BYTES // (program.widest * 4))
    counts, *blocks = run_in_blocks(program, weights, X, n_rows)
    numbers = np.full((len(layers), len(QUANTITIES)), np.nan)
    left = iter(blocks)
    for i, layer in enumerate(layers):
        if layer.activation:
            units = _pooled(next(left).astype(np.float64), counts.astype(np.float64))
            numbers[i, 2:] = [float(value) for value in layer_statistics(units)]
    return numbers


def _pooled(blocks: np.ndarray, counts: np.ndarray) -> UnitStatistics:
    """Pool statistics of blocks, (n_blocks, 4, n_units), over all rows."""
    share = (counts / counts.sum())[:, np.newaxis]
    means, variances, largest, slopes = np.moveaxis(blocks, 1, 0)
    mean = (share * means).sum(axis=0)
    spread = variances + np.square(means - mean)
    return UnitStatistics(
        mean=mean,
        variance=(share * spread).sum(axis=0),
        largest=largest.max(axis=0),
        slope=(share * slopes).sum(axis=0),
    )
