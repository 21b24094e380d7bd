"""Update rules: Keras's own optimizers, made to work on tensors.

Keras refuses `stateless_apply` on TensorFlow, because there its optimizers write to
`tf.Variable`. A mixin puts the base class's versions of the few methods that write in
front again; the update rules themselves are Keras's, untouched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.src.optimizers.base_optimizer import BaseOptimizer

from skdl.networks.keras._keras_architecture import NotExpressible
from skdl.training._backend import tensorflow as backend
from skdl.training._program.state import Settings
from skdl.training._records import OptimizerSpec

LEARNING_RATE_SLOT = 1  # place of the rate among a Keras optimizer's variables

OPTIMIZERS: dict[str, type] = {
    "sgd": keras.optimizers.SGD,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam,
    "adamax": keras.optimizers.Adamax,
    "lion": keras.optimizers.Lion,
}

_ELEMENTWISE = {family.__name__ for family in OPTIMIZERS.values()} | {"Ftrl"}
_NOT_PURE = {"LossScaleOptimizer", "MultiOptimizer", "ScheduleFreeAdamW"}


class StatelessMixin:
    """Lets a Keras optimizer run inside a `keras.StatelessScope` on TensorFlow."""

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


class StatelessNadam(StatelessMixin, keras.optimizers.Nadam):
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


class PositiveTensor:
    """A tensor in place of a number that Keras, while it is traced, compares with 0."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        """Return the tensor, by TensorFlow's protocol."""
        return self._value

    def __gt__(self, other: float) -> bool:
        """Whether there is momentum: there is, else this would not be here."""
        return True

    def __eq__(self, other: object) -> bool:
        """Whether there is no momentum."""
        return False

    __hash__ = None  # type: ignore[assignment]


class UpdateRule:
    """A Keras optimizer as a pure function of tensors."""

    def __init__(self, spec: OptimizerSpec, variables: list) -> None:
        self._spec = spec
        self._optimizer = _build_optimizer(spec, variables)
        # A Keras schedule computes the rate from the number of steps.
        rate = self._optimizer._learning_rate
        self._has_rate = isinstance(rate, keras.Variable)

    @property
    def initial_state(self) -> tuple[np.ndarray, ...]:
        """The state before the first step."""
        return backend.to_host([v.value for v in self._optimizer.variables])

    def __call__(
        self,
        weights: Sequence[Any],
        state: Sequence[Any],
        gradients: Sequence[Any],
        *,
        learning_rate: Any,
        weight_decay: Any,
        momentum: Any,
    ) -> tuple[tuple, tuple]:
        """Make one step."""
        state = list(state)
        if self._has_rate:
            rate = ops.cast(learning_rate, state[LEARNING_RATE_SLOT].dtype)
            state[LEARNING_RATE_SLOT] = rate
        if self._spec.decays_weights:
            self._optimizer.weight_decay = weight_decay
        if self._spec.has_momentum:
            self._optimizer.momentum = PositiveTensor(momentum)
        new, state = self._optimizer.stateless_apply(
            state, list(gradients), list(weights)
        )
        return tuple(new), tuple(state)


def clip_gradients(spec: OptimizerSpec, gradients: list, settings: Settings) -> list:
    """Clip gradients; those of weights beyond a network's own widths are 0."""
    if settings.mask:
        gradients = [
            ops.where(mask, g, ops.zeros_like(g))
            for mask, g in zip(settings.mask, gradients, strict=True)
        ]
    if spec.clips_value:
        limit = settings.clip_value
        gradients = [ops.clip(g, -limit, limit) for g in gradients]
    if spec.clips_norm:
        norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))
        # A limit of infinity leaves gradients as they are, and so does a norm of 0.
        least = np.finfo(keras.backend.standardize_dtype(norm.dtype)).tiny
        scale = ops.minimum(settings.clip_norm / ops.maximum(norm, least), 1.0)
        gradients = [g * scale for g in gradients]
    return gradients


def spec_of(optimizer: Any, *, has_limits: bool) -> tuple[OptimizerSpec, float]:
    """Describe a Keras optimizer."""
    family = type(optimizer)
    if getattr(keras.optimizers, family.__name__, None) is not family:
        raise NotExpressible(f"its optimizer {family.__name__} is not one of Keras's")
    if family.__name__ in _NOT_PURE:
        raise NotExpressible(f"its optimizer {family.__name__} keeps state elsewhere")
    if optimizer.use_ema or optimizer.gradient_accumulation_steps:
        raise NotExpressible("its optimizer averages weights or gathers gradients")
    if getattr(optimizer, "_exclude_from_weight_decay", None):
        raise NotExpressible("its optimizer leaves some weights out of weight decay")
    config = optimizer.get_config()
    rate = config.pop("learning_rate")
    if isinstance(rate, dict):  # a schedule
        config["learning_rate"], rate = rate, np.nan
    for name in ("name", "loss_scale_factor"):
        config.pop(name, None)
    spec = OptimizerSpec(
        name=family.__name__,
        config=json.dumps(config, sort_keys=True),
        is_elementwise=(
            family.__name__ in _ELEMENTWISE
            and not optimizer.clipnorm
            and not has_limits
        ),
    )
    return spec, float(rate)


def _build_optimizer(spec: OptimizerSpec, variables: list) -> Any:
    """A built Keras optimizer with a working `stateless_apply`."""
    optimizer = _configured(spec) if spec.config else _named(spec)
    optimizer.build(variables)
    return optimizer


def build_optimizer(spec: OptimizerSpec, learning_rate: float) -> Any:
    """Make the plain Keras optimizer of a configuration."""
    settings = {"learning_rate": learning_rate, **json.loads(spec.config or "{}")}
    return getattr(keras.optimizers, spec.name).from_config(settings)


def _configured(spec: OptimizerSpec) -> Any:
    settings = {"learning_rate": 0.0, **json.loads(spec.config or "{}")}
    return _stateless(getattr(keras.optimizers, spec.name)).from_config(settings)


def _stateless(family: type) -> Any:
    if family is keras.optimizers.Nadam:
        return StatelessNadam
    return type(family.__name__, (StatelessMixin, family), {})


def _named(spec: OptimizerSpec) -> Any:
    settings: dict[str, Any] = {"learning_rate": 0.0}
    if spec.name in ("sgd", "rmsprop"):
        # Any number will do: with 0 Keras would keep no state for it.
        settings["momentum"] = 0.5 if spec.has_momentum else 0.0
    if spec.name == "sgd":
        settings["nesterov"] = spec.nesterov
    if spec.name == "adamw":
        settings["weight_decay"] = 0.0  # AdamW refuses None
    return _stateless(OPTIMIZERS[spec.name])(**settings)
