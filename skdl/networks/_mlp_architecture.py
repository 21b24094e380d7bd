"""The multilayer perceptron: a frozen description that builds Keras models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import keras
import numpy as np

from skdl.networks._initializers import (
    GLOROT_UNIFORM,
    fresh_batch_norm,
    fresh_layer,
)
from skdl.networks._layer_factory import LayerFactory, norm_and_activation
from skdl.networks._training_batch import Regularization


@dataclass(frozen=True)
class MLPArchitecture:
    """A stack of dense layers.

    Each hidden layer is dense -> batch norm -> activation -> dropout, with the batch
    norm after the activation on request.

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
        Where batch normalisation is, relative to the activation.
    residual : bool
        Whether a hidden layer adds its input to its output, if both have the same
        width.
    has_dropout : bool
        Whether hidden layers have dropout.
    has_input_noise : bool
        Whether Gaussian noise is added to the inputs in training.
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
        """Build the Keras model.

        Parameters
        ----------
        regularization : Regularization, default=None
            Numbers for a plain model of Keras's own layers. None builds a tunable
            model, whose layers read their numbers from the training step.
        output_activation : str, default="linear"
            Keras activation of the last layer.

        Returns
        -------
        keras.Model
            From (n_samples, n_features) to (n_samples, n_outputs). Kernels and biases
            are zero; the caller sets the weights.
        """
        layers = LayerFactory.of(regularization)
        inputs = keras.Input((self.n_features,), dtype=self.dtype, name="features")
        hidden = inputs
        if self.has_input_noise:
            hidden = layers.noise(0, name="input_noise", dtype=self.dtype)(hidden)
        outputs = self.add_layers(hidden, layers, output_activation)
        return keras.Model(inputs, outputs, name="mlp")

    def add_layers(
        self, hidden: Any, layers: LayerFactory, output_activation: str
    ) -> Any:
        """Add the dense layers to a model.

        Parameters
        ----------
        hidden : keras.KerasTensor of shape (n_samples, n_features)
            Their input.
        layers : LayerFactory
            Makes the layers.
        output_activation : str
            Keras activation of the last layer.

        Returns
        -------
        keras.KerasTensor of shape (n_samples, n_outputs)
            Outputs.
        """
        for i, n_units in enumerate(self.hidden_layer_sizes, start=1):
            hidden = self._hidden_layer(hidden, i, n_units, layers)
        last = self._dense(
            self.n_outputs, "outputs", layers, activation=output_activation
        )
        return last(hidden)

    def _hidden_layer(
        self, inputs: Any, i: int, n_units: int, layers: LayerFactory
    ) -> Any:
        hidden = norm_and_activation(
            self._dense(n_units, f"hidden_{i}", layers)(inputs),
            layers,
            batch_norm=self.batch_norm,
            activation=self.activation,
            names=(f"batch_norm_{i}", f"activation_{i}"),
            dtype=self.dtype,
        )
        if self.has_dropout:
            hidden = layers.dropout(i, name=f"dropout_{i}", dtype=self.dtype)(hidden)
        if self.residual and inputs.shape[-1] == n_units:
            add = keras.layers.Add(name=f"residual_{i}", dtype=self.dtype)
            hidden = add([inputs, hidden])
        return hidden

    def _dense(
        self, n_units: int, name: str, layers: LayerFactory, activation: str = "linear"
    ) -> keras.layers.Layer:
        return keras.layers.Dense(
            n_units,
            activation=activation,
            # Zeros: a random initialiser would draw from Python's global generator.
            kernel_initializer="zeros",
            kernel_regularizer=layers.penalty() if self.has_penalty else None,
            name=name,
            dtype=self.dtype,
        )

    def initial_weights(
        self, random: np.random.Generator, kernel_initializer: str = GLOROT_UNIFORM
    ) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Draw initial weights.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of the random numbers.
        kernel_initializer : str, default="glorot_uniform"
            A key of `INITIALIZERS`, for the kernels of the hidden layers. The last
            layer, which has no activation, always has Glorot's.

        Returns
        -------
        trainable, frozen : tuple of tuples of ndarray
            In the order of the model's trainable and non-trainable weights. Biases are
            zero.
        """
        trainable: list[np.ndarray] = []
        frozen: list[np.ndarray] = []
        n_inputs = self.n_features
        for n_units in self.hidden_layer_sizes:
            trainable += fresh_layer(
                (n_inputs, n_units),
                self.dtype,
                random,
                kernel_initializer=kernel_initializer,
            )
            if self.batch_norm is not None:
                learnt, moving = fresh_batch_norm(n_units, self.dtype)
                trainable += learnt
                frozen += moving
            n_inputs = n_units
        trainable += fresh_layer((n_inputs, self.n_outputs), self.dtype, random)
        return tuple(trainable), tuple(frozen)

    def merge(self, other: MLPArchitecture) -> MLPArchitecture | None:
        """Return the smallest network that can stand in for both.

        A narrow network is a wide one whose other units have weights of zero, and a
        network without dropout is one with a rate of 0.

        Parameters
        ----------
        other : MLPArchitecture
            The other network.

        Returns
        -------
        MLPArchitecture or None
            With the larger width of each layer. None if they differ in more than
            widths and in what a number can switch off. Residual networks must have
            equal widths, which decide where inputs are added to outputs.
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
