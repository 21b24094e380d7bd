"""Keras callbacks at the ends of epochs, while the engine trains.

The callbacks are Keras's own objects. In place of a model they are given a stand-in
that has what they ask of one between epochs: weights, the learning rate, whether to
stop, and saving. Callbacks of other kinds run where they were made for, in
`keras.Model.fit`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import keras
import numpy as np

from skdl.estimators.keras._blueprint import adopt_weights
from skdl.training import EpochReport, NetworkWeights

_EPOCHWISE = (
    keras.callbacks.CSVLogger,
    keras.callbacks.EarlyStopping,
    keras.callbacks.History,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.TerminateOnNaN,  # the engine ends such a run at the epoch's end
)
_MOMENTS = {"on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end"}


def is_epochwise(callback: Any) -> bool:
    """Whether a callback asks nothing of a model that it has not between epochs."""
    kind = type(callback)
    if kind is keras.callbacks.ModelCheckpoint:
        return callback.save_freq == "epoch"
    if kind is keras.callbacks.LambdaCallback:
        given = {name for name in vars(callback) if name.startswith("on_")}
        return given <= _MOMENTS
    return kind in _EPOCHWISE


class _Optimizer:
    """What callbacks see of the optimizer: its learning rate, in its precision."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, np.float32(value))


class StandIn:
    """What callbacks are given as their model."""

    def __init__(
        self,
        build: Callable[[], keras.Model],
        metrics: Callable[[], list],
        weights: NetworkWeights,
        learning_rate: float,
    ) -> None:
        self._build, self._metrics = build, metrics
        self.now: Callable[[], NetworkWeights] = lambda: weights
        self.replaced: NetworkWeights | None = None
        self.stop_training = False
        if not math.isnan(learning_rate):
            self.optimizer = _Optimizer(learning_rate)

    @cached_property
    def _model(self) -> keras.Model:
        return self._build()

    @property
    def metrics(self) -> list:
        """The metrics that the model is compiled with."""
        return self._metrics()

    def get_weights(self) -> list[np.ndarray]:
        """Return the arrays of the epoch that has ended."""
        weights = self.now()
        return [*weights.trainable, *weights.frozen]

    def set_weights(self, arrays: list[np.ndarray]) -> None:
        """Take these arrays, as `get_weights` gave them, for the result."""
        n_trainable = len(self.now().trainable)
        self.replaced = NetworkWeights(
            tuple(arrays[:n_trainable]), tuple(arrays[n_trainable:])
        )

    def __getattr__(self, name: str) -> Any:
        """Ask the Keras model, with the weights of the epoch that has ended."""
        if name.startswith("_") or name in ("jax_state_sync", "optimizers"):
            raise AttributeError(name)
        adopt_weights(self._model, self.now())
        return getattr(self._model, name)


class Watch:
    """Tells callbacks and the user of every epoch, and gathers the history."""

    def __init__(
        self,
        callbacks: list[Any],
        model: StandIn,
        *,
        first_epoch: int,
        epochs: int,
        n_steps: int,
        verbose: int | str,
        has_validation: bool,
        more: Callable[[EpochReport], bool] | None,
    ) -> None:
        self._callbacks, self._model = callbacks, model
        self._epoch, self._epochs, self._n_steps = first_epoch, epochs, n_steps
        self._verbose = 1 if verbose == "auto" else int(verbose)
        self._has_validation, self._more = has_validation, more
        self.logs: list[dict[str, float]] = []

    @property
    def is_needed(self) -> bool:
        """Whether anybody listens."""
        return bool(self._callbacks or self._verbose or self._more)

    def begin(self) -> float | None:
        """Tell that training begins."""
        for callback in self._callbacks:
            callback.set_params(
                {
                    "verbose": self._verbose,
                    "epochs": self._epochs,
                    "steps": self._n_steps,
                }
            )
            callback.set_model(self._model)
        for callback in self._callbacks:
            callback.on_train_begin(None)
        self._begin_epoch()
        return self.rate

    @property
    def rate(self) -> float | None:
        """The learning rate as callbacks left it; None where a schedule decides."""
        optimizer = vars(self._model).get("optimizer")
        return None if optimizer is None else float(optimizer.learning_rate)

    def _begin_epoch(self) -> None:
        for callback in self._callbacks:
            callback.on_epoch_begin(self._epoch, None)
        if self._verbose:
            print(f"Epoch {self._epoch + 1}/{self._epochs}")
            self._bar = keras.utils.Progbar(
                self._n_steps, verbose=self._verbose, unit_name="step"
            )

    def __call__(self, report: EpochReport) -> bool:
        """Take note of an epoch."""
        logs = history_row(report.values, self._has_validation)
        if self._verbose:
            self._bar.stateful_metrics = set(logs)
            self._bar.update(self._n_steps, values=list(logs.items()), finalize=True)
        self._model.now = report.weights
        for callback in self._callbacks:
            callback.on_epoch_end(self._epoch, logs)
        self.logs.append(logs)
        stops = self._more is not None and self._more(report)
        stops = bool(stops or self._model.stop_training)
        self._epoch += 1
        if not stops and not report.is_last:
            self._begin_epoch()
            rate = self.rate
            if rate is not None:
                report.set_learning_rate(rate)
        return stops

    def end(self, weights: NetworkWeights) -> NetworkWeights:
        """Tell that training has ended."""
        self._model.now = lambda: weights
        for callback in self._callbacks:
            callback.on_train_end(self.logs[-1] if self.logs else None)
            callback.set_model(None)  # it outlives the fit, and may be pickled
        return self._model.replaced or weights


def history_row(values: dict[str, float], has_validation: bool) -> dict[str, float]:
    """Return what Keras logs of an epoch."""
    names = sorted(name for name in values if name != "learning_rate")
    trained = [name for name in names if not name.startswith("val_")]
    validated = [name for name in names if name.startswith("val_")]
    return {name: values[name] for name in trained + validated * has_validation}
