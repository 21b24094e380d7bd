"""Private and fragile parts of Keras 3 that skdl uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops
from keras.src.backend.common import global_state
from keras.src.losses.losses import LossFunctionWrapper
from keras.src.models.functional import Functional
from keras.src.optimizers.base_optimizer import BaseOptimizer
from keras.src.trainers.compile_utils import CompileLoss, CompileMetrics

__all__ = [
    "CompileLoss",
    "CompileMetrics",
    "Functional",
    "LossFunctionWrapper",
    "MomentsOverride",
    "all_layers",
    "compile_arguments",
    "flat_losses",
    "flat_weighted_metrics",
    "fresh_layer_names",
    "is_seed_state",
    "losses_to_train",
    "noise_shape",
    "output_structure",
    "pack_inputs",
    "row_function",
    "settings_of",
    "spares_weights_from_decay",
    "stateless",
]

# --- models -----------------------------------------------------------------------


@contextmanager
def fresh_layer_names() -> Iterator[None]:
    """Number new layers from the start, and restore the counters afterwards."""
    kept = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", kept)


def all_layers(layer: Any) -> list[Any]:
    """List the layers inside a model or layer, at any depth."""
    return list(layer._flatten_layers(include_self=False))


def pack_inputs(model: Any, tables: tuple) -> Any:
    """Arrange tables in the structure in which a model takes its inputs."""
    if isinstance(model, Functional):
        return keras.tree.pack_sequence_as(model._inputs_struct, list(tables))
    return tables[0]


def output_structure(model: Any) -> Any:
    """Return a model's symbolic outputs in the structure in which it returns them."""
    return getattr(model, "_outputs_struct", model.outputs[0])


def is_seed_state(variable: Any) -> bool:
    """Return whether a variable is the state of a Keras seed generator."""
    return variable.name == "seed_generator_state" and tuple(variable.shape) == (2,)


# --- layers -----------------------------------------------------------------------


def noise_shape(layer: Any, inputs: Any) -> tuple[Any, ...]:
    """Return the shape of a spatial dropout layer's mask; 1 where units share it."""
    return tuple(layer._get_noise_shape(inputs))


class MomentsOverride(keras.layers.BatchNormalization):
    """Batch normalisation whose batch statistics come from a method to override."""

    def moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        """Return the mean and the variance of each unit over a batch."""
        return super()._moments(inputs, mask)

    def _moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        return self.moments(inputs, mask)


# --- losses and metrics -----------------------------------------------------------


def compile_arguments(model: Any) -> Any:
    """Return the arguments that a model was compiled with, or None if unknown."""
    return getattr(getattr(model, "_compile_config", None), "config", None)


def flat_losses(compiled: CompileLoss) -> list[Any]:
    """List (path to the output, loss, weight of the loss, name) of each loss."""
    return compiled._flat_losses


def flat_weighted_metrics(compiled: CompileMetrics) -> list[Any]:
    """List, for each output, the holder of its metrics or None."""
    return compiled._flat_weighted_metrics


def losses_to_train(model: Any, resolve: Callable[[Any], Any]) -> list[Any]:
    """List the losses of a compiled model; `resolve` first replaces unbuilt ones."""
    compiled = getattr(model, "_compile_loss", None)
    if compiled is None:
        return []
    if compiled.built:
        return [part.loss for part in compiled._flat_losses]
    compiled._user_loss = keras.tree.map_structure(resolve, compiled._user_loss)
    return keras.tree.flatten(compiled._user_loss)


def row_function(metric: Any) -> Callable[[Any, Any], Any] | None:
    """Return a metric's value of each row as a function; None if there is none."""
    if not hasattr(metric, "_fn"):
        return None
    return lambda y, y_pred: metric._fn(y, y_pred, **metric._fn_kwargs)


def settings_of(loss: Any) -> dict[str, Any]:
    """Return the settings of a loss, some of which its configuration leaves out."""
    return dict(getattr(loss, "_fn_kwargs", {}))


# --- optimizers -------------------------------------------------------------------


def spares_weights_from_decay(optimizer: Any) -> bool:
    """Return whether some weights are excluded from an optimizer's weight decay."""
    names = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")
    return any(bool(getattr(optimizer, name, None)) for name in names)


class _StatelessMixin:
    """Puts the base class's versions of the methods that write to variables in front.

    On TensorFlow, Keras refuses `stateless_apply` because its optimizers write to
    `tf.Variable`. The update rules themselves are Keras's, untouched.
    """

    assign = BaseOptimizer.assign
    assign_add = BaseOptimizer.assign_add
    assign_sub = BaseOptimizer.assign_sub
    stateless_apply = BaseOptimizer.stateless_apply
    _backend_update_step = BaseOptimizer._backend_update_step
    _apply_weight_decay = BaseOptimizer._apply_weight_decay
    _var_key = BaseOptimizer._var_key

    @property
    def variables(self) -> list:
        """All state, with Nadam's momentum schedule, which Keras 3 leaves out."""
        tracked = super().variables  # type: ignore[misc]  # of Keras's optimizer
        product = getattr(self, "_u_product", None)
        if product is not None and all(product is not known for known in tracked):
            return [*tracked, product]
        return tracked


class _StatelessNadam(_StatelessMixin, keras.optimizers.Nadam):
    """Nadam, whose own update step must stay in front of the base class's."""

    def _backend_update_step(
        self, grads: Any, trainable_variables: Any, learning_rate: Any
    ) -> None:
        step = ops.cast(self.iterations + 1, self._u_product.dtype)
        factor = self.beta_1 * (1.0 - 0.5 * ops.power(0.96, step))
        self._u_product.assign(self._u_product * factor)
        BaseOptimizer._backend_update_step(
            self, grads, trainable_variables, learning_rate
        )


def stateless(family: type) -> Any:
    """Return a class of optimizers whose `stateless_apply` works on TensorFlow."""
    if family is keras.optimizers.Nadam:
        return _StatelessNadam
    return type(family.__name__, (_StatelessMixin, family), {})
