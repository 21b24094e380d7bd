"""The compiled forward pass: outputs without a live Keras model."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from skdl.data import tables_of
from skdl.training._backend import compiler
from skdl.training._backend import tensorflow as backend
from skdl.training._program.cache import ProgramCache
from skdl.training._program.pure_network import PureNetwork
from skdl.training._records import Architecture, NetworkWeights

BLOCK_BYTES = 64 * 2**20  # approximate bound on the largest activation of one call


class ForwardProgram:
    """The compiled forward pass of one architecture."""

    def __init__(self, architecture: Architecture) -> None:
        # Not fused: XLA would compile anew for every number of rows.
        self._network = PureNetwork(architecture)
        self.trainable, self.frozen = self._network.trainable, self._network.frozen
        self.dtypes = [tensor.dtype for tensor in self._network.model.inputs]
        takes = (
            _shapes(self.trainable.carried_variables()),
            _shapes(self.frozen.carried_variables()),
            tuple(_shapes(self._network.model.inputs)),
        )
        self.run = compiler.compile_program(self._run, fuses=False, takes=takes)
        tensors = [t for layer in self._network.model.layers for t in _outputs(layer)]
        self.widest = max(
            int(np.prod([length or 1 for length in tensor.shape[1:]]))
            for tensor in tensors
        )

    def _run(self, trainable: tuple, frozen: tuple, features: tuple) -> list:
        outputs, _, _ = self._network(
            trainable, frozen, features if len(features) > 1 else features[0]
        )
        return backend.flat(outputs)


def _outputs(layer: Any) -> list:
    return layer.output if isinstance(layer.output, list) else [layer.output]


def _shapes(variables: list) -> tuple:
    return tuple(compiler.any_of_shape(v.shape, v.dtype) for v in variables)


_forward_programs = ProgramCache(ForwardProgram)


def predict_outputs(architecture: Architecture, weights: NetworkWeights, X: Any) -> Any:
    """Return the raw outputs of the last layer.

    Parameters
    ----------
    architecture : Architecture
        Describes the network.
    weights : NetworkWeights
        The weights.
    X : ndarray or CSR array of shape (n_samples, ...), or tuple of ndarray
        Features, which are cast to the types of the network's inputs. Sparse tables are
        made dense, block by block.

    Returns
    -------
    ndarray of shape (n_samples, ...), or list of ndarray
        Logits or standardised quantities; a list if there are several outputs.
    """
    program = _forward_programs.get(architecture)
    n_rows = max(1, BLOCK_BYTES // (program.widest * 4))
    outputs = run_in_blocks(program, weights, X, n_rows)
    return outputs[0] if len(outputs) == 1 else outputs


def run_in_blocks(
    program: ForwardProgram, weights: NetworkWeights, X: Any, n_rows: int
) -> list[np.ndarray]:
    """Run a program on one block of rows after another."""
    # X: (n_samples, ...) -> (n_samples, ...)
    trainable = program.trainable.to_device(weights.trainable)
    frozen = program.frozen.to_device(weights.frozen)
    tables = tables_of(X)
    n_samples = tables[0].shape[0]
    blocks = []
    for start in range(0, max(1, n_samples), n_rows):
        rows = tuple(
            backend.to_device(_dense(table[start : start + n_rows]), dtype)
            for table, dtype in zip(tables, program.dtypes, strict=True)
        )
        blocks.append(backend.to_host(program.run(trainable, frozen, rows)))
    return [
        parts[0] if len(parts) == 1 else np.concatenate(parts)
        for parts in zip(*blocks, strict=True)
    ]


def _dense(rows: Any) -> Any:
    return rows.toarray() if sparse.issparse(rows) else rows
