"""What an estimator keeps of a trained network: plain arrays and their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from skdl.networks import HEADS, ConvArchitecture, MLPArchitecture, Regularization
from skdl.training import NetworkWeights, OptimizerSpec, predict_outputs

Network = MLPArchitecture | ConvArchitecture


@dataclass(frozen=True)
class TrainedNetwork:
    """A network as plain arrays, which are small and safe to pickle."""

    architecture: Network
    loss: str  # what was minimised, a key of `skdl.networks.HEADS`
    regularization: Regularization  # the strengths it was trained with
    weights: NetworkWeights
    # The optimizer and its state, for the next `partial_fit`; None after `fit`
    optimizer: OptimizerSpec | None = None
    optimizer_state: tuple[np.ndarray, ...] | None = None

    def outputs(self, X: np.ndarray | sparse.csr_matrix) -> np.ndarray:
        """Compute the raw outputs of the last layer."""
        # X: (n_samples, ...) -> (n_samples, n_outputs)
        return predict_outputs(self.architecture, self.weights, X)

    def keras_model(self, scale: Any = 1.0, offset: Any = 0.0) -> Any:
        """Build a Keras model that outputs predictions in units of y."""
        # scale: (n_outputs,); offset: (n_outputs,)
        model = self.architecture.build(
            self.regularization, output_activation=HEADS[self.loss].activation
        )
        *hidden, kernel, bias = self.weights.trainable
        trainable = [*hidden, kernel * scale, bias * scale + offset]
        for variable, value in zip(model.trainable_weights, trainable, strict=True):
            variable.assign(value)
        for variable, value in zip(
            model.non_trainable_weights, self.weights.frozen, strict=True
        ):
            variable.assign(value)
        return model
