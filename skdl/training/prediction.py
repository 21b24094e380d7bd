"""The compiled forward pass: predictions without a Keras model in hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from skdl.training import backend, compiler
from skdl.training.layout import WeightLayout
from skdl.training.programs import ProgramCache
from skdl.training.records import Architecture, NetworkWeights

BLOCK_BYTES = 64 * 2**20  # bound on the dense rows of one call


class ForwardProgram:
    """The compiled forward pass of one architecture.

    Parameters
    ----------
    architecture : Architecture
        Describes the network.
    """

    def __init__(self, architecture: Architecture) -> None:
        self._model = architecture.build()
        # Tables of any length: not fused, as that would compile for every length.
        self.trainable = WeightLayout(self._model.trainable_variables)
        self.frozen = WeightLayout(self._model.non_trainable_variables)
        takes = (
            _shapes(self.trainable.carried_variables()),
            _shapes(self.frozen.carried_variables()),
            compiler.any_of_shape(self._model.input_shape, architecture.dtype),
        )
        self.run = compiler.compile_program(self._run, fuses=False, takes=takes)

    def _run(self, trainable: tuple, frozen: tuple, features: object) -> object:
        outputs, _ = self._model.stateless_call(
            self.trainable.unpack(trainable),
            self.frozen.unpack(frozen),
            features,
            training=False,
        )
        return outputs


def _shapes(variables: list) -> tuple:
    return tuple(compiler.any_of_shape(v.shape, v.dtype) for v in variables)


_forward_programs = ProgramCache(ForwardProgram)


def predict_outputs(
    architecture: Architecture,
    weights: NetworkWeights,
    X: Any,
) -> np.ndarray:
    """Return the raw outputs of the last layer.

    Parameters
    ----------
    architecture : Architecture
        Describes the network.
    weights : NetworkWeights
        Its arrays.
    X : ndarray or CSR array of shape (n_samples, n_features)
        Features in the architecture's dtype. A sparse table is made dense in blocks.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        Logits, or standardised quantities.
    """
    program = _forward_programs.get(architecture)
    trainable = program.trainable.to_device(weights.trainable)
    frozen = program.frozen.to_device(weights.frozen)
    n_samples, n_features = X.shape
    widest = max(n_features, *(kernel.shape[-1] for kernel in weights.trainable))
    n_rows = max(1, BLOCK_BYTES // (widest * X.dtype.itemsize))
    blocks = []
    for start in range(0, n_samples, n_rows):
        block = X[start : start + n_rows]
        if sparse.issparse(block):
            block = block.toarray()
        blocks.append(program.run(trainable, frozen, backend.to_device(block)).numpy())
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
