"""The losses and metrics that a Keras model was compiled with, as an `Objective`.

Keras divides a weighted loss by the number of rows. Here it is divided by the sum of
their weights, so that a weight of 2 counts like two copies of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops

from skdl._compat.keras import (
    CompileLoss,
    CompileMetrics,
    flat_losses,
    flat_weighted_metrics,
    output_structure,
    row_function,
)
from skdl.networks._training_batch import TrainingBatch
from skdl.networks.keras._is_keras_own import is_keras_own
from skdl.networks.keras._keras_architecture import KerasArchitecture
from skdl.networks.keras._keras_config import KerasConfig
from skdl.networks.keras._not_expressible_error import NotExpressibleError
from skdl.networks.keras._rebuilding import rebuilding

COMPILED_NAMES = ("loss", "loss_weights", "metrics", "weighted_metrics")

_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")


@dataclass(frozen=True)
class KerasObjective:
    """Losses and metrics of a compiled model.

    Parameters
    ----------
    config : KerasConfig
        Of a dict with the arguments of `compile` in `COMPILED_NAMES`.
    targets : tuple of (tuple of int, str)
        Shape of a row's targets and their type, for each output.
    metric_names : tuple of str
        Names in the history, which include the losses of several outputs.
    is_batchwise : bool
        Whether results depend on how rows are divided into batches.
    """

    config: KerasConfig
    targets: tuple[tuple[tuple[int, ...], str], ...]
    metric_names: tuple[str, ...]
    is_batchwise: bool

    @classmethod
    def of(
        cls,
        config: KerasConfig,
        architecture: KerasArchitecture,
        targets: Sequence[np.ndarray],
    ) -> KerasObjective:
        """Describe what a model is compiled for.

        Parameters
        ----------
        config : KerasConfig
            Of the arguments of `compile`.
        architecture : KerasArchitecture
            The model.
        targets : sequence of ndarray of shape (n_samples, ...)
            Encoded targets, one table per output.

        Returns
        -------
        KerasObjective
            For the shapes and types of these targets.

        Raises
        ------
        NotExpressibleError
            If the engine would not measure as Keras does.
        """
        described = tuple((array.shape[1:], array.dtype.name) for array in targets)
        found = _described(config, architecture, described)
        if isinstance(found, str):
            raise NotExpressibleError(found)
        return found

    def bind(self, model: keras.Model) -> BoundObjective:
        """Make losses and metrics for a model's outputs.

        Parameters
        ----------
        model : keras.Model
            The model, which need not be compiled.

        Returns
        -------
        BoundObjective
            With `initial_metrics`, `measure` and `results`, as `skdl.networks.Head`.
        """
        return BoundObjective(self, model)


@lru_cache(maxsize=256)
def _described(
    config: KerasConfig, architecture: KerasArchitecture, targets: tuple
) -> KerasObjective | str:
    """The objective, or why there is none."""
    model = architecture.build()
    if len(targets) != len(model.outputs):
        return (
            f"it has {len(model.outputs)} outputs but {len(targets)} tables of targets"
        )
    try:
        bound = KerasObjective(config, targets, (), False).bind(model)
    except NotExpressibleError as error:
        return str(error)
    return KerasObjective(config, targets, bound.names(), bound.is_batchwise)


class BoundObjective:
    """Losses and metrics of one model's outputs, as functions of tensors."""

    def __init__(self, objective: KerasObjective, model: keras.Model) -> None:
        compiled = objective.config.build()
        self._structure = output_structure(model)
        names = getattr(model, "output_names", None)
        loss = CompileLoss(
            compiled["loss"], compiled["loss_weights"], output_names=names
        )
        self.parts = [
            CompileMetrics(None, compiled[kind], output_names=names)
            for kind in ("metrics", "weighted_metrics")
        ]
        self._losses = self._try_out(loss, objective.targets)
        self._variables = [v for part in self.parts for v in part.variables]
        self._initial = [v.numpy() for v in self._variables]

    def _try_out(self, loss: CompileLoss, targets: tuple) -> list:
        """Apply losses and metrics to some rows; refuse those that would go wrong."""
        n_rows = 3
        y = self._pack([np.zeros((n_rows, *shape), dtype) for shape, dtype in targets])
        y_pred = keras.tree.map_structure(
            lambda t: ops.full((n_rows, *(d or 3 for d in t.shape[1:])), 0.5, t.dtype),
            self._structure,
        )
        with rebuilding():
            loss.build(y, y_pred)
            for part in self.parts:
                part.build(y, y_pred)
        for path, function, _, name in flat_losses(loss):
            if function.reduction in _MEANS:
                function.reduction = "mean_with_sample_weight"
            elif function.reduction != "sum":
                raise NotExpressibleError(f"loss {name!r} has no mean or sum over rows")
            _refuse_coupled(function.call, _at(path, y), _at(path, y_pred), name)
        for part in self.parts:
            for metrics, truth, guess in zip(
                flat_weighted_metrics(part),
                keras.tree.flatten(y),
                keras.tree.flatten(y_pred),
                strict=True,
            ):
                for metric in metrics.metrics if metrics else ():
                    if not is_keras_own(metric):
                        raise NotExpressibleError(
                            f"metric {metric.name!r} is the user's own"
                        )
                    function = row_function(metric)
                    if function is not None:
                        _refuse_coupled(function, truth, guess, metric.name)
            with rebuilding():  # some metrics make their variables now
                part.update_state(y, y_pred, ops.ones((n_rows,)))
                part.reset_state()
        names = [name for part in self.parts for name in _results(part)]
        if len(set(names)) < len(names):
            raise NotExpressibleError("several metrics have the same name")
        return flat_losses(loss)

    def _pack(self, targets: Sequence[Any]) -> Any:
        return keras.tree.pack_sequence_as(self._structure, list(targets))

    def names(self) -> tuple[str, ...]:
        """Return the names of everything that is measured besides the loss."""
        names = [f"{loss.name}_loss" for loss in self._losses] if self._is_split else []
        return (*names, *(name for part in self.parts for name in _results(part)))

    @property
    def is_batchwise(self) -> bool:
        """Whether results depend on how rows are divided into batches."""
        sums = [part for part in self._losses if part.loss.reduction == "sum"]
        return self._is_split or bool(sums)

    @property
    def _is_split(self) -> bool:
        return len(self._losses) > 1

    def initial_metrics(self, dtype: str) -> tuple[np.ndarray, ...]:
        """Return the state before any row."""
        n_sums = 1 + (len(self._losses) if self._is_split else 0)
        return (*[np.zeros((), dtype)] * n_sums, *self._initial)

    def measure(
        self, targets: Any, outputs: Any, batch: TrainingBatch, metrics: tuple
    ) -> tuple[Any, Any, tuple]:
        """Compare outputs with targets."""
        # targets: (batch_size, ...); outputs: (batch_size, ...)
        y = self._pack(targets if isinstance(targets, tuple) else (targets,))
        dtype = batch.weights.dtype
        is_row = ops.cast(batch.weights > 0, dtype)
        n_rows = ops.sum(is_row)
        is_batch = ops.cast(n_rows > 0, dtype)
        losses = [
            ops.cast(function(_at(path, y), _at(path, outputs), batch.weights), dtype)
            for path, function, _, _ in self._losses
        ]
        factors = [
            1.0 if part.loss_weights is None else part.loss_weights
            for part in self._losses
        ]
        total = sum(loss * factor for loss, factor in zip(losses, factors, strict=True))
        values = metrics[len(metrics) - len(self._variables) :]
        scope = keras.StatelessScope(
            state_mapping=list(zip(self._variables, values, strict=True))
        )
        with scope:
            for part, weights in zip(self.parts, (is_row, batch.weights), strict=True):
                part.update_state(y, outputs, weights)
        # Keras counts each batch once in the losses of several outputs, however short.
        sums = [metrics[0] + is_batch]
        if self._is_split:
            sums += [old + loss for old, loss in zip(metrics[1:], losses, strict=False)]
        new = [scope.get_current_value(variable) for variable in self._variables]
        return total, n_rows, (*sums, *new)

    def results(self, metrics: tuple) -> tuple:
        """Return the values of everything that is measured besides the loss."""
        n_sums = len(metrics) - len(self._variables)
        losses = [total / metrics[0] for total in metrics[1:n_sums]]
        scope = keras.StatelessScope(
            state_mapping=list(zip(self._variables, metrics[n_sums:], strict=True))
        )
        with scope:
            found = [value for part in self.parts for value in _results(part).values()]
        return (*losses, *(ops.cast(value, metrics[0].dtype) for value in found))


def _results(part: CompileMetrics) -> dict[str, Any]:
    return part.result() if part.metrics else {}


def _at(path: tuple, value: Any) -> Any:
    for step in path:
        value = value[step]
    return value


def _refuse_coupled(function: Any, y: Any, y_pred: Any, name: str) -> None:
    """Raise unless a function computes a value for each row from that row alone."""
    y = ops.convert_to_tensor(y, dtype=getattr(y_pred, "dtype", None))
    value = function(y, y_pred)
    if len(value.shape) == 0 or value.shape[0] != y.shape[0]:
        raise NotExpressibleError(f"{name!r} does not return a value per row")
    random = np.random.default_rng(0)
    guess, others = (
        ops.convert_to_tensor(random.uniform(0.1, 0.9, y_pred.shape), y_pred.dtype)
        for _ in range(2)
    )
    others = ops.concatenate([guess[:1], others[1:]])
    first, second = (ops.convert_to_numpy(function(y, p)[0]) for p in (guess, others))
    if not np.allclose(first, second, equal_nan=True):
        raise NotExpressibleError(f"{name!r} of a row depends on other rows")
