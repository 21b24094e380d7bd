"""Keras callbacks between epochs while the engine trains.

The callbacks are Keras's own objects. In place of the model they receive a stand-in,
which provides what they need between epochs: weights, learning rate, stopping and
saving. If there are other kinds of callbacks, `keras.Model.fit` trains the model.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import keras
import numpy as np

from skdl.estimators.keras._blueprint import assign_weights
from skdl.training import EpochReport, NetworkWeights

_EPOCHWISE = (
    keras.callbacks.CSVLogger,
    keras.callbacks.EarlyStopping,
    keras.callbacks.History,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.TerminateOnNaN,  # the engine stops at the end of the epoch
)
_MOMENTS = {"on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end"}


def is_epochwise(callback: Any) -> bool:
    """Return whether a callback only acts between epochs."""
    kind = type(callback)
    if kind is keras.callbacks.ModelCheckpoint:
        return callback.save_freq == "epoch"
    if kind is keras.callbacks.LambdaCallback:
        given = {name for name in vars(callback) if name.startswith("on_")}
        return given <= _MOMENTS
    return kind in _EPOCHWISE


class _Optimizer:
    """The optimizer that callbacks see: a learning rate in float32."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, np.float32(value))


class StandIn:
    """The model that callbacks see."""

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
        """Metrics of the compiled model."""
        return self._metrics()

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights at the end of the current epoch."""
        weights = self.now()
        return [*weights.trainable, *weights.frozen]

    def set_weights(self, arrays: list[np.ndarray]) -> None:
        """Use these weights, ordered as in `get_weights`, as the result."""
        n_trainable = len(self.now().trainable)
        self.replaced = NetworkWeights(
            tuple(arrays[:n_trainable]), tuple(arrays[n_trainable:])
        )

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the Keras model, with the weights of this epoch."""
        if name.startswith("_") or name in ("jax_state_sync", "optimizers"):
            raise AttributeError(name)
        assign_weights(self._model, self.now())
        return getattr(self._model, name)


class EpochNotifier:
    """Notifies callbacks, prints progress and collects the logs of every epoch."""

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
        observe: Callable[[EpochReport], bool] | None,
    ) -> None:
        self._callbacks, self._model = callbacks, model
        self._epoch, self._epochs, self._n_steps = first_epoch, epochs, n_steps
        self._verbose = 1 if verbose == "auto" else int(verbose)
        self._has_validation, self._observe = has_validation, observe
        self.logs: list[dict[str, float]] = []

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to notify or print."""
        return bool(self._callbacks or self._verbose or self._observe)

    def begin(self) -> float | None:
        """Notify that training begins, and return the learning rate."""
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
        """Learning rate, as set by callbacks; None if a schedule sets it."""
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
        """Notify that an epoch has ended, and return whether to stop."""
        logs = history_row(report.values, self._has_validation)
        if self._verbose:
            self._bar.stateful_metrics = set(logs)
            self._bar.update(self._n_steps, values=list(logs.items()), finalize=True)
        self._model.now = report.weights
        for callback in self._callbacks:
            callback.on_epoch_end(self._epoch, logs)
        self.logs.append(logs)
        stops = self._observe is not None and self._observe(report)
        stops = bool(stops or self._model.stop_training)
        self._epoch += 1
        if not stops and not report.is_last:
            self._begin_epoch()
            rate = self.rate
            if rate is not None:
                report.set_learning_rate(rate)
        return stops

    def end(self, weights: NetworkWeights) -> NetworkWeights:
        """Notify that training has ended, and return the final weights."""
        self._model.now = lambda: weights
        for callback in self._callbacks:
            callback.on_train_end(self.logs[-1] if self.logs else None)
            callback.set_model(None)  # the callback outlives the fit and may be pickled
        return self._model.replaced or weights


def history_row(values: dict[str, float], has_validation: bool) -> dict[str, float]:
    """Return the logs of an epoch as Keras orders them."""
    names = sorted(name for name in values if name != "learning_rate")
    trained = [name for name in names if not name.startswith("val_")]
    validated = [name for name in names if name.startswith("val_")]
    return {name: values[name] for name in trained + validated * has_validation}
