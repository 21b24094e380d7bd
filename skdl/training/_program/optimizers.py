"""Update rules: Keras's own optimizers as pure functions of tensors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from skdl._compat.keras import stateless
from skdl.training._backend import tensorflow as backend
from skdl.training._program.state import Settings
from skdl.training._records import OptimizerSpec

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


class PositiveTensor:
    """A tensor in place of a number that Keras compares with 0 while tracing."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        """Return the tensor, by TensorFlow's protocol."""
        return self._value

    def __gt__(self, other: float) -> bool:
        """Whether there is momentum: yes, or this would not be used."""
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
        (self.iterations_slot,) = self._slots(self._optimizer.iterations)
        # Empty where a Keras schedule computes the rate from the number of steps.
        self._rate_slots = self._slots(self._optimizer.learning_rate)

    def _slots(self, variable: Any) -> list[int]:
        """The positions of a variable in the state."""
        known = enumerate(self._optimizer.variables)
        return [i for i, own in known if own is variable]

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
        """Return weights and state after one step."""
        state = list(state)
        for slot in self._rate_slots:
            state[slot] = ops.cast(learning_rate, state[slot].dtype)
        if self._spec.decays_weights:
            self._optimizer.weight_decay = weight_decay
        if self._spec.has_momentum:
            self._optimizer.momentum = PositiveTensor(momentum)
        new, state = self._optimizer.stateless_apply(
            state, list(gradients), list(weights)
        )
        return tuple(new), tuple(state)


def clip_gradients(spec: OptimizerSpec, gradients: list, settings: Settings) -> list:
    """Clip gradients; those of weights that are padding become 0."""
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
        # An infinite limit leaves gradients unchanged, and so does a norm of 0.
        least = np.finfo(keras.backend.standardize_dtype(norm.dtype)).tiny
        scale = ops.minimum(settings.clip_norm / ops.maximum(norm, least), 1.0)
        gradients = [g * scale for g in gradients]
    return gradients


def _build_optimizer(spec: OptimizerSpec, variables: list) -> Any:
    """A built Keras optimizer with a working `stateless_apply`."""
    optimizer = _configured(spec) if spec.config else _named(spec)
    optimizer.build(variables)
    return optimizer


def _configured(spec: OptimizerSpec) -> Any:
    settings = {"learning_rate": 0.0, **json.loads(spec.config or "{}")}
    return stateless(getattr(keras.optimizers, spec.name)).from_config(settings)


def _named(spec: OptimizerSpec) -> Any:
    settings: dict[str, Any] = {"learning_rate": 0.0}
    if spec.name in ("sgd", "rmsprop"):
        # Any number but 0, for which Keras would keep no state.
        settings["momentum"] = 0.5 if spec.has_momentum else 0.0
    if spec.name == "sgd":
        settings["nesterov"] = spec.nesterov
    if spec.name == "adamw":
        settings["weight_decay"] = 0.0  # AdamW refuses None
    return stateless(OPTIMIZERS[spec.name])(**settings)
