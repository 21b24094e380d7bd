"""A description of a Keras model: its architecture, weights, losses and optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras

from skdl._compat.keras import compile_arguments, is_seed_state
from skdl.exceptions import ParameterError
from skdl.networks.keras import (
    COMPILED_NAMES,
    KerasArchitecture,
    KerasConfig,
    NotExpressibleError,
    rebuilding,
)
from skdl.training import (
    NetworkWeights,
    OptimizerSpec,
    build_optimizer,
    describe_optimizer,
)


@dataclass(frozen=True)
class Compiled:
    """The losses and optimizer of a compiled model, as the engine reads them."""

    losses: KerasConfig
    optimizer: OptimizerSpec
    learning_rate: float  # at the start; NaN if a Keras schedule sets it

    @classmethod
    def of(cls, arguments: Mapping[str, Any], *, has_limits: bool) -> Compiled:
        """Describe the arguments of `keras.Model.compile`."""
        if arguments.get("run_eagerly"):
            raise NotExpressibleError("it runs eagerly")
        losses = {name: arguments.get(name) for name in COMPILED_NAMES}
        optimizer = keras.optimizers.get(arguments["optimizer"])
        spec, learning_rate = describe_optimizer(optimizer, has_constraints=has_limits)
        try:
            return cls(KerasConfig.of(losses), spec, learning_rate)
        except (TypeError, ValueError, NotImplementedError) as error:
            raise NotExpressibleError(
                f"a loss or metric has no configuration: {error}"
            ) from error

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `keras.Model.compile`."""
        optimizer = build_optimizer(self.optimizer, self.learning_rate)
        return {"optimizer": optimizer, **self.losses.build()}


@dataclass(frozen=True)
class Blueprint:
    """A model before training."""

    architecture: Any  # None if the engine cannot train it
    weights: Any  # initial weights; None if there is no architecture
    compiled: Any  # None if it is not compiled, or not in a way the engine supports
    has_limits: bool = False  # whether some weights have constraints
    live: keras.Model | None = None  # the model itself, if the rest is not enough
    reason: str = ""  # why the engine cannot train it

    @classmethod
    def of(cls, model: Any) -> Blueprint:
        """Describe a model."""
        if not isinstance(model, keras.Model):
            raise ParameterError(
                "The model-building function must return a keras.Model. It returned "
                f"{model!r} of type {type(model).__name__}. Check its return statement."
            )
        has_limits = any(
            getattr(v, "constraint", None) is not None
            for v in model.trainable_variables
        )
        blueprint = cls(None, None, None, has_limits, live=model)
        try:
            architecture = KerasArchitecture.of(model)
            blueprint = replace(
                blueprint, architecture=architecture, weights=weights_of(model)
            )
            if not model.compiled:
                return replace(blueprint, live=None)
            arguments = compile_arguments(model)
            if not isinstance(arguments, Mapping) or "optimizer" not in arguments:
                raise NotExpressibleError("it overrides the compile method")
            compiled = Compiled.of(
                {**arguments, "optimizer": model.optimizer}, has_limits=has_limits
            )
            return replace(blueprint, compiled=compiled, live=None)
        except NotExpressibleError as error:
            return replace(blueprint, reason=str(error))

    def copied(self) -> Blueprint:
        """Return the same with a copy of the live model, for training to change."""
        if self.live is None:
            return self
        try:
            return replace(self, live=_copy(self.live))
        except (AttributeError, NotImplementedError, TypeError, ValueError):
            return self

    def build(self) -> keras.Model:
        """Return the model with its initial weights."""
        if self.live is not None:
            return self.live
        model = keras_model(self.architecture, self.weights)
        if self.compiled is not None:
            model.compile(**self.compiled.arguments())
        return model


def _copy(model: keras.Model) -> keras.Model:
    """Return a model of the same class and weights, compiled in the same way."""
    with rebuilding():
        copy = keras.models.clone_model(model)
    if type(copy) is not type(model):
        raise TypeError(f"A {type(model).__name__} cannot be cloned.")
    copy.set_weights(model.get_weights())
    if model.compiled:
        arguments = dict(compile_arguments(model))
        config = model.optimizer.get_config()
        arguments["optimizer"] = type(model.optimizer).from_config(config)
        copy.compile(**arguments)
    return copy


def weights_of(model: keras.Model) -> NetworkWeights:
    """Copy the weights of a model."""
    frozen = [v for v in model.non_trainable_variables if not is_seed_state(v)]
    return NetworkWeights(
        tuple(v.numpy() for v in model.trainable_variables),
        tuple(v.numpy() for v in frozen),
    )


def keras_model(architecture: Any, weights: Any) -> keras.Model:
    """Build a plain Keras model with these weights."""
    model = architecture.build_plain()
    assign_weights(model, weights)
    return model


def assign_weights(model: keras.Model, weights: NetworkWeights) -> None:
    """Copy weights into a model."""
    frozen = [v for v in model.non_trainable_variables if not is_seed_state(v)]
    pairs = [
        *zip(model.trainable_variables, weights.trainable, strict=True),
        *zip(frozen, weights.frozen, strict=True),
    ]
    for variable, value in pairs:
        variable.assign(value)
