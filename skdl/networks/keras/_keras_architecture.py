"""Any functional or sequential Keras model, described so that equal ones are equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.src.models.functional import Functional

from skdl.networks._building import rebuilding
from skdl.networks.keras._keras_config import KerasConfig, is_keras_own
from skdl.networks.keras._keyed_layers import KEYED_LAYERS


class NotExpressible(Exception):
    """The engine would not train this as Keras does; `keras.Model.fit` can."""


@dataclass(frozen=True)
class KerasArchitecture:
    """A Keras model but for its weights."""

    config: KerasConfig
    dtype: str  # float type of weights and activations
    is_convolutional: bool  # whether some layer is a convolution
    # name, shape of a row and type of each input
    inputs: tuple[tuple[str, tuple[int | None, ...], str], ...]
    output_names: tuple[str, ...]

    @classmethod
    def of(cls, model: keras.Model) -> KerasArchitecture:
        """Describe a model."""
        if type(model) not in (keras.Sequential, Functional) or not model.built:
            raise NotExpressible("it is neither sequential nor functional")
        layers = list(model._flatten_layers(include_self=False))
        try:
            config = KerasConfig.of(model)
        except (TypeError, ValueError, NotImplementedError) as error:
            raise NotExpressible(f"it has no configuration: {error}") from error
        architecture = cls(
            config=config,
            dtype=_only_dtype(model, layers),
            is_convolutional=any("Conv" in type(layer).__name__ for layer in layers),
            inputs=tuple((t.name, tuple(t.shape[1:]), t.dtype) for t in model.inputs),
            output_names=tuple(getattr(model, "output_names", ("output",))),
        )
        reason = _what_is_wrong(architecture, _shapes(model))
        if reason:
            raise NotExpressible(reason)
        return architecture

    @property
    def draws(self) -> bool:
        """Whether layers draw numbers from the rows' keys in training."""
        names = (f'"class_name": "{name}"' for name in KEYED_LAYERS)
        return any(
            name in self.config.text
            for name in names
            if "BatchNormalization" not in name
        )

    def build(self) -> keras.Model:
        """Build the model that the engine trains."""
        names = {f"skdl>{name}": layer for name, layer in KEYED_LAYERS.items()}
        with rebuilding():
            return self.config.build(_keyed, **names)

    def build_plain(self) -> keras.Model:
        """Build the model as its author did."""
        with rebuilding():
            return self.config.build()

    def merge(self, other: KerasArchitecture) -> None:
        """Return None: only equal models share a program."""


def pack_inputs(model: keras.Model, features: tuple) -> Any:
    """Arrange tables as a model takes them."""
    if isinstance(model, Functional):
        return keras.tree.pack_sequence_as(model._inputs_struct, list(features))
    return features[0]


def _keyed(config: dict) -> dict:
    """The configuration of a Keras layer's keyed namesake, where there is one."""
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
        raise NotExpressible(f"it has several float types: {sorted(floats | computed)}")
    if any("float" not in str(v.dtype) for v in model.trainable_variables):
        raise NotExpressible("it has trainable weights that are not floats")
    (dtype,) = floats
    return dtype


def _shapes(model: keras.Model) -> tuple:
    return tuple((tuple(v.shape), str(v.dtype)) for v in model.variables)


@lru_cache(maxsize=256)
def _what_is_wrong(architecture: KerasArchitecture, shapes: tuple) -> str | None:
    """Why the engine cannot train a model of these weights; None if it can."""
    try:
        model = architecture.build()
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        return f"it cannot be built from its configuration: {error}"
    if _shapes(model) != shapes:
        return "its configuration builds other weights"
    for variable in model.non_trainable_variables:
        is_seed = variable.name == "seed_generator_state"
        if not is_seed and str(variable.dtype) != architecture.dtype:
            return f"its variable {variable.path!r} is of type {variable.dtype}"
    if any("int" not in t.dtype and "float" not in t.dtype for t in model.inputs):
        return "its inputs are not numbers"
    inputs = _some_rows(model)
    try:
        _, penalties = _call(model, inputs)
    except (NameError, TypeError, ValueError) as error:
        return f"built from its configuration it fails: {error}"
    n_regularized = sum(
        getattr(v, "regularizer", None) is not None for v in model.trainable_variables
    )
    if len(penalties) > n_regularized:
        return "its loss has a part that depends on the rows (add_loss, activities)"
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
    """Whether all operations are Keras's layers, whose rows do not meet."""
    operations = [
        operation
        for part in (model, *model._flatten_layers(include_self=False))
        for operation in getattr(part, "operations", [])
    ]
    layers = [*model._flatten_layers(include_self=False), *operations]
    return all(
        isinstance(layer, keras.Layer)
        and is_keras_own(layer)
        and not isinstance(layer, keras.layers.Lambda)
        for layer in layers
    )


def _some_rows(model: keras.Model) -> list[np.ndarray]:
    """Four rows for each input; whole numbers that are small enough for embeddings."""
    random = np.random.default_rng(0)
    rows = []
    for tensor in model.inputs:
        shape = (4, *(length or 3 for length in tensor.shape[1:]))
        is_float = "float" in tensor.dtype
        drawn = random.uniform(0, 1, shape) if is_float else np.zeros(shape)
        rows.append(drawn.astype(tensor.dtype))
    return rows


def _call(model: keras.Model, inputs: list[np.ndarray]) -> tuple[Any, list]:
    """Outputs in training and what is added to the loss."""
    outputs, _, penalties = model.stateless_call(
        [v.value for v in model.trainable_variables],
        [v.value for v in model.non_trainable_variables],
        pack_inputs(model, tuple(inputs)),
        training=True,
        return_losses=True,
    )
    return keras.tree.map_structure(ops.convert_to_numpy, outputs), penalties
