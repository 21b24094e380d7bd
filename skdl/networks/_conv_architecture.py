"""Convolutional networks: blocks of convolution and pooling, then dense layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np

from skdl.networks._augmentation import TunableAugmentation
from skdl.networks._block_shapes import BlockShape, block_shapes
from skdl.networks._initializers import (
    GLOROT_UNIFORM,
    fresh_batch_norm,
    fresh_layer,
)
from skdl.networks._layer_factory import LayerFactory, norm_and_activation
from skdl.networks._mlp_architecture import MLPArchitecture
from skdl.networks._training_batch import Regularization

# Random streams of the layers before the dense ones, whose streams begin with 1.
_NOISE, _AUGMENTATION, _FIRST_BLOCK = 0, 1 << 16, 1 << 17


@dataclass(frozen=True)
class ConvArchitecture:
    """Blocks of convolutions, followed by a multilayer perceptron.

    Each block is convolution -> batch norm -> activation -> max pooling -> dropout,
    with the batch norm after the activation on request. Convolutions keep height and
    width (zeros beyond the edge).

    Parameters
    ----------
    image_shape : (int, int, int)
        Height, width and channels.
    filters : tuple of int
        Feature maps of each block.
    kernel_size : (int, int)
        Height and width of the convolutions' windows.
    pool_size : (int, int)
        Height and width of the windows of max pooling.
    is_scaled : bool
        Whether the network divides pixels by 255.
    has_augmentation : bool
        Whether images are shifted, rotated and zoomed in training.
    has_input_noise : bool
        Whether Gaussian noise is added to the images in training.
    dense : MLPArchitecture
        The layers after the blocks. Its activation, batch norm, dropout, penalty and
        dtype are those of the blocks too.
    """

    image_shape: tuple[int, int, int]
    filters: tuple[int, ...]
    kernel_size: tuple[int, int]
    pool_size: tuple[int, int]
    is_scaled: bool
    has_augmentation: bool
    has_input_noise: bool
    dense: MLPArchitecture

    is_convolutional: ClassVar = True

    @property
    def dtype(self) -> str:
        """Float type of all weights and activations."""
        return self.dense.dtype

    @property
    def _blocks(self) -> list[BlockShape]:
        return block_shapes(
            self.image_shape, self.filters, self.kernel_size, self.pool_size
        )

    @property
    def _has_bias(self) -> bool:
        return self.dense.batch_norm != "before"  # which would cancel it

    def build(
        self,
        regularization: Regularization | None = None,
        output_activation: str = "linear",
    ) -> keras.Model:
        """Build the Keras model.

        Parameters
        ----------
        regularization : Regularization, default=None
            Numbers for a plain model of Keras's own layers, without augmentation. None
            builds a tunable model, whose layers read their numbers from the training
            step.
        output_activation : str, default="linear"
            Keras activation of the last layer.

        Returns
        -------
        keras.Model
            From (n_samples, height, width, channels) to (n_samples, n_outputs). Kernels
            and biases are zero; the caller sets the weights.
        """
        layers, dtype = LayerFactory.of(regularization), self.dtype
        inputs = keras.Input(self.image_shape, dtype=dtype, name="images")
        hidden = inputs
        if self.is_scaled:
            hidden = keras.layers.Rescaling(1 / 255, name="scaling", dtype=dtype)(
                hidden
            )
        # Not in a plain model: Keras's layers for it, such as RandomRotation, act in
        # every call without training=False.
        if self.has_augmentation and regularization is None:
            hidden = TunableAugmentation(
                _AUGMENTATION, name="augmentation", dtype=dtype
            )(hidden)
        if self.has_input_noise:
            hidden = layers.noise(_NOISE, name="input_noise", dtype=dtype)(hidden)
        for i, shape in enumerate(self._blocks, start=1):
            hidden = self._block(hidden, i, shape, layers)
        hidden = keras.layers.Flatten("channels_last", name="flat", dtype=dtype)(hidden)
        outputs = self.dense.add_layers(hidden, layers, output_activation)
        return keras.Model(inputs, outputs, name="convolutional")

    def _block(
        self, inputs: Any, i: int, shape: BlockShape, layers: LayerFactory
    ) -> Any:
        height, width, _, n_units = shape.kernel
        convolution = keras.layers.Conv2D(
            n_units,
            (height, width),
            padding="same",
            data_format="channels_last",
            use_bias=self._has_bias,
            # Zeros: a random initialiser would draw from Python's global generator.
            kernel_initializer="zeros",
            kernel_regularizer=layers.penalty() if self.dense.has_penalty else None,
            name=f"convolution_{i}",
            dtype=self.dtype,
        )
        hidden = norm_and_activation(
            convolution(inputs),
            layers,
            batch_norm=self.dense.batch_norm,
            activation=self.dense.activation,
            names=(f"block_batch_norm_{i}", f"block_activation_{i}"),
            dtype=self.dtype,
        )
        if shape.pool != (1, 1):
            hidden = keras.layers.MaxPooling2D(
                shape.pool,
                data_format="channels_last",
                name=f"pooling_{i}",
                dtype=self.dtype,
            )(hidden)
        if self.dense.has_dropout:
            hidden = layers.dropout(
                _FIRST_BLOCK + i, name=f"block_dropout_{i}", dtype=self.dtype
            )(hidden)
        return hidden

    def initial_weights(
        self, random: np.random.Generator, kernel_initializer: str = GLOROT_UNIFORM
    ) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Draw initial weights.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of the random numbers.
        kernel_initializer : str, default="glorot_uniform"
            A key of `INITIALIZERS`, for the kernels of all layers except the last.

        Returns
        -------
        trainable, frozen : tuple of tuples of ndarray
            In the order of the model's trainable and non-trainable weights.
        """
        trainable: list[np.ndarray] = []
        frozen: list[np.ndarray] = []
        for shape in self._blocks:
            trainable += fresh_layer(
                shape.kernel,
                self.dtype,
                random,
                kernel_initializer=kernel_initializer,
                has_bias=self._has_bias,
            )
            if self.dense.batch_norm is not None:
                learnt, moving = fresh_batch_norm(shape.kernel[-1], self.dtype)
                trainable += learnt
                frozen += moving
        dense_trainable, dense_frozen = self.dense.initial_weights(
            random, kernel_initializer
        )
        return (*trainable, *dense_trainable), (*frozen, *dense_frozen)

    def merge(self, other: Any) -> ConvArchitecture | None:
        """Return the network itself if the other is equal.

        Padded convolutions would waste more time than another program costs.

        Parameters
        ----------
        other : Architecture
            The other network.

        Returns
        -------
        ConvArchitecture or None
            None if they differ.
        """
        return self if self == other else None
