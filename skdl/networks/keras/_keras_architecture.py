"""A functional or sequential Keras model as a value: equal models are equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops

from skdl._compat.keras import Functional, all_layers, is_seed_state, pack_inputs
from skdl.networks.keras._is_keras_own import is_keras_own
from skdl.networks.keras._keras_config import KerasConfig
from skdl.networks.keras._keyed_layers import KEYED_LAYERS
from skdl.networks.keras._not_expressible_error import NotExpressibleError
from skdl.networks.keras._rebuilding import rebuilding


@dataclass(frozen=True)
class KerasArchitecture:
    """A Keras model without its weights.

    Parameters
    ----------
    config : KerasConfig
        The layers and how they are connected.
    dtype : str
        Float type of all weights and activations.
    is_convolutional : bool
        Whether some layer is a convolution.
    inputs : tuple of (str, tuple of int or None, str)
        Name, shape of a row, and type of each input.
    output_names : tuple of str
        Names of the outputs.
    """

    config: KerasConfig
    dtype: str
    is_convolutional: bool
    inputs: tuple[tuple[str, tuple[int | None, ...], str], ...]
    output_names: tuple[str, ...]

    @classmethod
    def of(cls, model: keras.Model) -> KerasArchitecture:
        """Describe a model.

        Parameters
        ----------
        model : keras.Model
            A built model.

        Returns
        -------
        KerasArchitecture
            Equal for models that differ in their weights only.

        Raises
        ------
        NotExpressibleError
            If the engine would not train the model as Keras does.
        """
        if type(model) not in (keras.Sequential, Functional) or not model.built:
            raise NotExpressibleError("it is neither sequential nor functional")
        layers = all_layers(model)
        try:
            config = KerasConfig.of(model)
        except (TypeError, ValueError, NotImplementedError) as error:
            raise NotExpressibleError(f"it has no configuration: {error}") from error
        architecture = cls(
            config=config,
            dtype=_only_dtype(model, layers),
            is_convolutional=any("Conv" in type(layer).__name__ for layer in layers),
            inputs=tuple((t.name, tuple(t.shape[1:]), t.dtype) for t in model.inputs),
            output_names=tuple(getattr(model, "output_names", ("output",))),
        )
        reason = _reason_against(architecture, _shapes(model))
        if reason:
            raise NotExpressibleError(reason)
        return architecture

    @property
    def draws(self) -> bool:
        """Whether layers draw random numbers from row keys in training."""
        names = (f'"class_name": "{name}"' for name in KEYED_LAYERS)
        return any(
            name in self.config.text
            for name in names
            if "BatchNormalization" not in name
        )

    def build(self) -> keras.Model:
        """Build the model that the engine trains.

        Returns
        -------
        keras.Model
            With keyed layers in place of Keras's random ones.
        """
        names = {f"skdl>{name}": layer for name, layer in KEYED_LAYERS.items()}
        with rebuilding():
            return self.config.build(_keyed, **names)

    def build_plain(self) -> keras.Model:
        """Build the model as its author did.

        Returns
        -------
        keras.Model
            Made of Keras's own layers, with weights of its initializers.
        """
        with rebuilding():
            return self.config.build()

    def merge(self, other: KerasArchitecture) -> None:
        """Return None: only equal models share a program.

        Parameters
        ----------
        other : KerasArchitecture
            Not used.
        """


def _keyed(config: dict) -> dict:
    """The configuration of the keyed layer that replaces a Keras layer, if any."""
    is_keras = str(config.get("module", "")).startswith("keras.layers")
    if not is_keras or config["class_name"] not in KEYED_LAYERS:
        return config
    return {**config, "module": None, "registered_name": f"skdl>{config['class_name']}"}


def _only_dtype(model: keras.Model, layers: list) -> str:
    """The float type of all weights and activations."""
    floats = {
        str(variable.dtype)
        for variable in model.variables
        if "float" in str(variable.dtype)
    }
    computed = {layer.compute_dtype for layer in layers if layer.variables}
    if len(floats | computed) != 1 or not floats <= {"float32", "float64"}:
        raise NotExpressibleError(
            f"it has several float types: {sorted(floats | computed)}"
        )
    if any("float" not in str(v.dtype) for v in model.trainable_variables):
        raise NotExpressibleError("it has trainable weights that are not floats")
    (dtype,) = floats
    return dtype


def _shapes(model: keras.Model) -> tuple:
    return tuple((tuple(v.shape), str(v.dtype)) for v in model.variables)


@lru_cache(maxsize=256)
def _reason_against(architecture: KerasArchitecture, shapes: tuple) -> str | None:
    """Why the engine cannot train a model with such weights; None if it can."""
    try:
        model = architecture.build()
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        return f"it cannot be rebuilt from its configuration: {error}"
    if _shapes(model) != shapes:
        return "its configuration builds different weights"
    for variable in model.non_trainable_variables:
        if not is_seed_state(variable) and str(variable.dtype) != architecture.dtype:
            return f"its variable {variable.path!r} is of type {variable.dtype}"
    if any("int" not in t.dtype and "float" not in t.dtype for t in model.inputs):
        return "its inputs are not numbers"
    inputs = _some_rows(model)
    try:
        _, penalties = _call(model, inputs)
    except (NameError, TypeError, ValueError) as error:
        return f"rebuilt from its configuration, it fails: {error}"
    n_regularized = sum(
        getattr(v, "regularizer", None) is not None for v in model.trainable_variables
    )
    if len(penalties) > n_regularized:
        return "part of its loss depends on the rows (add_loss or activity_regularizer)"
    if _is_plain(model):
        return None
    first, _ = _call(model, inputs)
    others = [np.concatenate([rows[:1], rows[:0:-1] + 1]) for rows in inputs]
    second, _ = _call(model, others)
    pairs = zip(keras.tree.flatten(first), keras.tree.flatten(second), strict=True)
    if not all(np.allclose(a[0], b[0], equal_nan=True) for a, b in pairs):
        return "the output of a row depends on the other rows of its batch"
    return None


def _is_plain(model: keras.Model) -> bool:
    """Whether all operations are Keras's own layers, which keep rows apart."""
    operations = [
        operation
        for part in (model, *all_layers(model))
        for operation in getattr(part, "operations", [])
    ]
    layers = [*all_layers(model), *operations]
    return all(
        isinstance(layer, keras.Layer)
        and is_keras_own(layer)
        and not isinstance(layer, keras.layers.Lambda)
        for layer in layers
    )


def _some_rows(model: keras.Model) -> list[np.ndarray]:
    """Four rows for each input; integers are 0, which every embedding has."""
    random = np.random.default_rng(0)
    rows = []
    for tensor in model.inputs:
        shape = (4, *(length or 3 for length in tensor.shape[1:]))
        is_float = "float" in tensor.dtype
        drawn = random.uniform(0, 1, shape) if is_float else np.zeros(shape)
        rows.append(drawn.astype(tensor.dtype))
    return rows


def _call(model: keras.Model, inputs: list[np.ndarray]) -> tuple[Any, list]:
    """The outputs in training, and the penalties that are added to the loss."""
    outputs, _, penalties = model.stateless_call(
        [v.value for v in model.trainable_variables],
        [v.value for v in model.non_trainable_variables],
        pack_inputs(model, tuple(inputs)),
        training=True,
        return_losses=True,
    )
    return keras.tree.map_structure(ops.convert_to_numpy, outputs), penalties
