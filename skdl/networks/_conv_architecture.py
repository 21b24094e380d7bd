"""Convolutional networks: blocks of convolution and pooling before dense layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import keras
import numpy as np

from skdl.networks._augmentation import TunableAugmentation
from skdl.networks._initializers import (
    GLOROT_UNIFORM,
    fresh_batch_norm,
    fresh_layer,
)
from skdl.networks._mlp_architecture import MLPArchitecture
from skdl.networks._parts import Parts, norm_and_activation
from skdl.networks._training_batch import Regularization

# Random streams of the layers before the dense ones, whose numbers begin with 1.
_NOISE, _AUGMENTATION, _FIRST_BLOCK = 0, 1 << 16, 1 << 17


class BlockShape(NamedTuple):
    """The sizes of one block."""

    kernel: tuple[int, int, int, int]  # height, width, n_inputs, n_units
    pool: tuple[int, int]  # height, width
    maps: tuple[int, int]  # height and width of what it returns


def block_shapes(
    image_shape: tuple[int, int, int],
    filters: tuple[int, ...],
    kernel_size: tuple[int, int],
    pool_size: tuple[int, int],
) -> list[BlockShape]:
    """Work out the sizes of each block.

    An axis of length 1, as of a single row of pixels, is neither convolved nor pooled.

    Parameters
    ----------
    image_shape : (int, int, int)
        Height, width and channels.
    filters : tuple of int
        Feature maps of each block.
    kernel_size, pool_size : (int, int)
        Height and width of the windows.

    Returns
    -------
    list of BlockShape
        One per block. Maps of height or width 0 do not fit the pool.
    """
    height, width, n_inputs = image_shape
    shapes = []
    for n_units in filters:
        kernel, pool = (
            (1 if height == 1 else size[0], 1 if width == 1 else size[1])
            for size in (kernel_size, pool_size)
        )
        height, width = height // pool[0], width // pool[1]
        shapes.append(BlockShape((*kernel, n_inputs, n_units), pool, (height, width)))
        n_inputs = n_units
    return shapes


@dataclass(frozen=True)
class ConvArchitecture:
    """Blocks of convolutions, and a multilayer perceptron on what they return.

    Each block is convolution -> batch norm -> activation -> max pooling -> dropout,
    with the batch norm behind the activation if so asked. Convolutions keep height and
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
        Height and width of what max pooling makes one pixel of.
    is_scaled : bool
        Whether the network divides pixels by 255.
    has_augmentation : bool
        Whether images are shifted, turned and zoomed in training.
    has_input_noise : bool
        Whether the images have Gaussian noise in training.
    dense : MLPArchitecture
        The layers behind the blocks, which have the blocks' activation, batch norm,
        dropout, penalty and dtype too.
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
        return self.dense.batch_norm != "before"  # which would take it away again

    def build(
        self,
        regularization: Regularization | None = None,
        output_activation: str = "linear",
    ) -> keras.Model:
        """Draw the Keras model.

        Parameters
        ----------
        regularization : Regularization, default=None
            Numbers for a plain model of Keras's own layers, which has no augmentation.
            If None, the layers are tunable ones that take their numbers from the
            training step.
        output_activation : str, default="linear"
            Keras activation of the last layer.

        Returns
        -------
        keras.Model
            From (n_samples, height, width, channels) to (n_samples, n_outputs). Kernels
            and biases are zero: weights are set by whoever asked for the model.
        """
        parts, dtype = Parts.of(regularization), self.dtype
        inputs = keras.Input(self.image_shape, dtype=dtype, name="images")
        hidden = inputs
        if self.is_scaled:
            hidden = keras.layers.Rescaling(1 / 255, name="scaling", dtype=dtype)(
                hidden
            )
        # A plain model is without: Keras's layers for it, such as RandomRotation, act
        # in each call that is not told training=False.
        if self.has_augmentation and regularization is None:
            hidden = TunableAugmentation(
                _AUGMENTATION, name="augmentation", dtype=dtype
            )(hidden)
        if self.has_input_noise:
            hidden = parts.noise(_NOISE, name="input_noise", dtype=dtype)(hidden)
        for i, shape in enumerate(self._blocks, start=1):
            hidden = self._block(hidden, i, shape, parts)
        hidden = keras.layers.Flatten("channels_last", name="flat", dtype=dtype)(hidden)
        outputs = self.dense.draw(hidden, parts, output_activation)
        return keras.Model(inputs, outputs, name="convolutional")

    def _block(self, inputs: Any, i: int, shape: BlockShape, parts: Parts) -> Any:
        height, width, _, n_units = shape.kernel
        convolution = keras.layers.Conv2D(
            n_units,
            (height, width),
            padding="same",
            data_format="channels_last",
            use_bias=self._has_bias,
            # Zeros: a random initialiser would draw from Python's global generator.
            kernel_initializer="zeros",
            kernel_regularizer=parts.penalty() if self.dense.has_penalty else None,
            name=f"convolution_{i}",
            dtype=self.dtype,
        )
        hidden = norm_and_activation(
            convolution(inputs),
            parts,
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
            hidden = parts.dropout(
                _FIRST_BLOCK + i, name=f"block_dropout_{i}", dtype=self.dtype
            )(hidden)
        return hidden

    def initial_weights(
        self, random: np.random.Generator, kernel_initializer: str = GLOROT_UNIFORM
    ) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Draw fresh weights.

        Parameters
        ----------
        random : numpy.random.Generator
            Source of chance.
        kernel_initializer : str, default="glorot_uniform"
            A key of `INITIALIZERS`, for the kernels of all layers but the last.

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

        Another program costs less than what convolutions would waste on padding.

        Parameters
        ----------
        other : Architecture
            The other network.

        Returns
        -------
        ConvArchitecture or None
            None where they differ.
        """
        return self if self == other else None
