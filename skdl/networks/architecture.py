"""The multilayer perceptron: a frozen description that draws Keras models.

One description draws two models with the same weights: the tunable one that the
engine traces once for a whole search, and a plain one, made of Keras's own layers,
that a user can save, inspect or train on without skdl.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import keras
import numpy as np

from skdl.networks.batch import Regularization
from skdl.networks.layers import (
    TunableDropout,
    TunableGaussianNoise,
    TunablePenalty,
    WeightedBatchNormalization,
)

ACTIVATIONS = (
    "relu",
    "tanh",
    "sigmoid",
    "gelu",
    "silu",
    "leaky_relu",
    "elu",
    "selu",
    "linear",
)


@dataclass(frozen=True)
class MLPArchitecture:
    """A stack of dense layers.

    Each hidden layer is dense -> batch norm -> activation -> dropout, with the batch
    norm behind the activation if so asked.

    Parameters
    ----------
    n_features : int
        Number of input columns.
    hidden_layer_sizes : tuple of int
        Units of each hidden layer; empty for a linear model.
    n_outputs : int
        Units of the last layer, which has no activation.
    activation : str
        One of `ACTIVATIONS`.
    batch_norm : {None, "before", "after"}
        Place of batch normalisation, relative to the activation.
    residual : bool
        Whether a hidden layer as wide as its input adds its input to its output.
    has_dropout : bool
        Whether hidden layers have dropout.
    has_input_noise : bool
        Whether the inputs have Gaussian noise.
    has_penalty : bool
        Whether kernels have an L1 or L2 penalty.
    dtype : {"float32", "float64"}
        Type of all weights and activations.
    """

    n_features: int
    hidden_layer_sizes: tuple[int, ...]
    n_outputs: int
    activation: str
    batch_norm: Literal["before", "after"] | None
    residual: bool
    has_dropout: bool
    has_input_noise: bool
    has_penalty: bool
    dtype: str

    is_convolutional: ClassVar = False

    def build(
        self,
        regularization: Regularization | None = None,
        output_activation: str = "linear",
    ) -> keras.Model:
        """Draw the Keras model.

        Parameters
        ----------
        regularization : Regularization, default=None
            Numbers for a plain model of Keras's own layers. If None, the layers are
            tunable ones that take their numbers from the training step.
        output_activation : str, default="linear"
            Keras activation of the last layer.

        Returns
        -------
        keras.Model
            From (n_samples, n_features) to (n_samples, n_outputs). Kernels and biases
            are zero: weights are set by whoever asked for the model.
        """
        parts = _tunable_parts() if regularization is None else _plain(regularization)
        inputs = keras.Input((self.n_features,), dtype=self.dtype, name="features")
        hidden = inputs
        if self.has_input_noise:
            hidden = parts["noise"](0, name="input_noise", dtype=self.dtype)(hidden)
        for i, n_units in enumerate(self.hidden_layer_sizes, start=1):
            hidden = self._hidden_layer(hidden, i, n_units, parts)
        outputs = self._dense(
            self.n_outputs, "outputs", parts, activation=output_activation
        )(hidden)
        return keras.Model(inputs, outputs, name="mlp")

    def _hidden_layer(self, inputs: Any, i: int, n_units: int, parts: dict) -> Any:
        hidden = self._dense(n_units, f"hidden_{i}", parts)(inputs)
        norm_or_activation = [
            keras.layers.Activation(
                self.activation, name=f"activation_{i}", dtype=self.dtype
            )
        ]
        if self.batch_norm is not None:
            norm = parts["batch_norm"](name=f"batch_norm_{i}", dtype=self.dtype)
            norm_or_activation.insert(0 if self.batch_norm == "before" else 1, norm)
        for layer in norm_or_activation:
            hidden = layer(hidden)
        if self.has_dropout:
            hidden = parts["dropout"](i, name=f"dropout_{i}", dtype=self.dtype)(hidden)
        if self.residual and inputs.shape[-1] == n_units:
            add = keras.layers.Add(name=f"residual_{i}", dtype=self.dtype)
            hidden = add([inputs, hidden])
        return hidden

    def _dense(
        self, n_units: int, name: str, parts: dict, activation: str = "linear"
    ) -> keras.layers.Layer:
        return keras.layers.Dense(
            n_units,
            activation=activation,
            # Zeros: a random initialiser would draw from Python's global generator.
            kernel_initializer="zeros",
            kernel_regularizer=parts["penalty"]() if self.has_penalty else None,
            name=name,
            dtype=self.dtype,
        )

    def initial_weights(
        self, random: np.random.Generator
    ) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Draw fresh weights.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of chance.

        Returns
        -------
        trainable, frozen : tuple of tuples of ndarray
            In the order of the model's trainable and non-trainable weights.

        Notes
        -----
        Kernels are uniform within sqrt(6 / (n_inputs + n_units)), biases zero (Glorot
        and Bengio 2010; the default of Keras and of scikit-learn).
        """
        trainable: list[np.ndarray] = []
        frozen: list[np.ndarray] = []
        n_inputs = self.n_features
        for n_units in self.hidden_layer_sizes:
            trainable += self._glorot(n_inputs, n_units, random)
            if self.batch_norm is not None:
                trainable += [
                    np.ones(n_units, self.dtype),
                    np.zeros(n_units, self.dtype),
                ]
                frozen += [np.zeros(n_units, self.dtype), np.ones(n_units, self.dtype)]
            n_inputs = n_units
        trainable += self._glorot(n_inputs, self.n_outputs, random)
        return tuple(trainable), tuple(frozen)

    def merge(self, other: MLPArchitecture) -> MLPArchitecture | None:
        """Return the smallest network that can stand in for both.

        A narrow network is a wide one whose further units have no weights, and one
        without dropout is one whose rate is 0.

        Parameters
        ----------
        other : MLPArchitecture
            The other network.

        Returns
        -------
        MLPArchitecture or None
            With the greater width of each layer. None where they differ in more than
            widths and in what has a number; widths of residual networks too, as they
            decide which layers are added to their inputs.
        """
        if len(self.hidden_layer_sizes) != len(other.hidden_layer_sizes):
            return None
        if self.residual and self.hidden_layer_sizes != other.hidden_layer_sizes:
            return None
        shared: dict[str, Any] = {
            "hidden_layer_sizes": tuple(
                map(max, self.hidden_layer_sizes, other.hidden_layer_sizes)
            ),
            "has_dropout": self.has_dropout or other.has_dropout,
            "has_input_noise": self.has_input_noise or other.has_input_noise,
            "has_penalty": self.has_penalty or other.has_penalty,
        }
        merged = replace(self, **shared)
        return merged if merged == replace(other, **shared) else None

    def _glorot(
        self, n_inputs: int, n_units: int, random: np.random.Generator
    ) -> list[np.ndarray]:
        limit = np.sqrt(6.0 / (n_inputs + n_units))
        kernel = random.uniform(-limit, limit, size=(n_inputs, n_units))
        return [kernel.astype(self.dtype), np.zeros(n_units, self.dtype)]


def _tunable_parts() -> dict[str, Any]:
    return {
        "noise": TunableGaussianNoise,
        "dropout": TunableDropout,
        "batch_norm": WeightedBatchNormalization,
        "penalty": TunablePenalty,
    }


def _plain(numbers: Regularization) -> dict[str, Any]:
    """Keras's own layers; the number of the random stream serves as their seed."""
    return {
        "noise": lambda stream, **kwargs: keras.layers.GaussianNoise(
            numbers.input_noise, seed=stream, **kwargs
        ),
        "dropout": lambda stream, **kwargs: keras.layers.Dropout(
            numbers.dropout, seed=stream, **kwargs
        ),
        "batch_norm": lambda **kwargs: keras.layers.BatchNormalization(
            momentum=numbers.batch_norm_momentum, **kwargs
        ),
        "penalty": lambda: keras.regularizers.L1L2(l1=numbers.l1, l2=numbers.l2),
    }
