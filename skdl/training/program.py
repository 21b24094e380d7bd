"""What one signature compiles to: steps in epochs in a loop, all in one graph.

The program is a pure function: state, data and a row plan in; state and history out.
The state is everything that an epoch changes, so a run can be cut into calls of any
number of epochs without changing its result. What each call does is written once, in
`Program._run`; the methods above it are its parts, innermost first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from keras import ops

from skdl.data.samples import Samples
from skdl.networks.batch import Regularization, TrainingBatch, mix32, training_batch
from skdl.networks.heads import HEADS
from skdl.training import backend
from skdl.training.layout import WeightLayout
from skdl.training.optimizers import UpdateRule
from skdl.training.records import HISTORY_COLUMNS, Signature
from skdl.training.schedules import (
    PLATEAU_FACTOR,
    PLATEAU_MIN_DELTA,
    PLATEAU_PATIENCE,
    SCHEDULES,
)

VALIDATION_BATCH_SIZE = 1024  # rows scored at once; bounds memory, changes no result
WEIGHT_LIMIT = 1e12  # a weight or loss of this size is taken as infinite: products
# of a few such weights overflow, so that predictions would not be finite

RUNNING, STOPPED_EARLY, DIVERGED = 0, 1, 2


class Weights(NamedTuple):
    """Network and optimizer, as an epoch leaves them."""

    trainable: tuple
    frozen: tuple
    slots: tuple


class Best(NamedTuple):
    """The lowest monitored loss so far and, where kept, its weights."""

    trainable: tuple
    frozen: tuple
    score: Any
    epoch: Any
    wait: Any


class Plateau(NamedTuple):
    """Where "reduce on plateau" stands."""

    factor: Any
    score: Any
    wait: Any


class State(NamedTuple):
    """Everything that an epoch changes."""

    weights: Weights
    best: Best
    plateau: Plateau
    epoch: Any  # epochs begun
    status: Any  # RUNNING, STOPPED_EARLY or DIVERGED


class Rows(NamedTuple):
    """`Samples` on the device, padded to a capacity."""

    features: Any
    targets: Any
    weights: Any
    keys: Any
    n_samples: Any


class Settings(NamedTuple):
    """The numbers of a job, as scalar tensors."""

    learning_rate: Any
    clip_norm: Any
    clip_value: Any
    weight_decay: Any
    regularization: tuple
    seed: Any
    n_epochs: Any  # of the whole run
    patience: Any
    min_delta: Any


class Program:
    """The compiled training loop of one signature.

    Parameters
    ----------
    signature : Signature
        What to compile.
    """

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self._dtype = signature.architecture.dtype
        self._model = signature.architecture.build()
        self._n_features = self._model.input_shape[-1]
        self._head = HEADS[signature.loss]
        self._schedule = SCHEDULES[signature.schedule]
        self.trainable = WeightLayout(self._model.trainable_variables)
        self.frozen = WeightLayout(self._model.non_trainable_variables)
        self._update = UpdateRule(
            signature.optimizer, self.trainable.carried_variables()
        )
        self.initial_slots = self._update.initial_state
        # A CSR matrix has another number of stored values in every fold: no fixed
        # shapes, so it is not fused.
        self.run = backend.compile_program(self._run, fuses=not signature.is_sparse)

    def put(self, samples: Samples, capacity: int) -> Rows:
        """Copy rows to the device, padded with rows of weight 0."""
        return Rows(
            backend.rows_to_device(samples.features, capacity),
            backend.rows_to_device(samples.targets, capacity),
            backend.rows_to_device(samples.weights, capacity),
            backend.rows_to_device(samples.keys.astype(np.uint32), capacity),
            backend.to_device(samples.n_samples, "int32"),
        )

    def _loss(self, weights: list, frozen: Any, rows: tuple, batch: TrainingBatch):
        """Mean loss of a batch plus penalties; the batch's sums for the history."""
        features, targets = rows
        with training_batch(batch):
            outputs, frozen, penalties = self._model.stateless_call(
                self.trainable.unpack(weights),
                self.frozen.unpack(frozen),
                features,
                training=True,
                return_losses=True,
            )
        smoothing = batch.regularization.label_smoothing
        losses = self._head.loss(targets, outputs, smoothing)
        metrics = self._head.metric(targets, outputs)
        weight = ops.sum(batch.weights)
        loss = ops.sum(losses * batch.weights) / weight + sum(penalties)
        metric = ops.sum(metrics * batch.weights)
        return loss, self.frozen.pack(frozen), weight, metric

    def _learning_rate(self, settings: Settings, plateau: Plateau, step: Any, n: Any):
        """Rate of a step, given that an epoch has n steps."""
        last = ops.cast(ops.maximum(settings.n_epochs * n, 1), self._dtype)
        progress = ops.cast(step, self._dtype) / last
        return settings.learning_rate * plateau.factor * self._schedule(progress)

    def _clip(self, gradients: list, settings: Settings) -> list:
        spec = self.signature.optimizer
        if spec.clips_value:
            limit = settings.clip_value
            gradients = [ops.clip(g, -limit, limit) for g in gradients]
        if spec.clips_norm:
            norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))
            scale = ops.minimum(1.0, settings.clip_norm / (norm + 1e-12))
            gradients = [g * scale for g in gradients]
        return gradients

    def _step(self, weights: Weights, settings: Settings, data: Rows, places, rate):
        """One update; returns new weights and (weighted loss, metric, weight)."""
        is_row = ops.cast(places >= 0, self._dtype)
        places = ops.maximum(places, 0)
        iteration = weights.slots[0]
        batch = TrainingBatch(
            weights=backend.gather_rows(data.weights, places) * is_row,
            keys=backend.gather_rows(data.keys, places),
            seed=mix32(settings.seed ^ mix32(ops.cast(iteration, "uint32"))),
            regularization=Regularization(*settings.regularization),
        )
        rows = (
            backend.gather_rows(data.features, places, self._n_features),
            backend.gather_rows(data.targets, places),
        )
        (loss, frozen, weight, metric), gradients = backend.value_and_gradients(
            lambda trainable: self._loss(trainable, weights.frozen, rows, batch),
            weights.trainable,
        )
        trainable, slots = self._update(
            weights.trainable,
            weights.slots,
            self._clip(gradients, settings),
            learning_rate=rate,
            weight_decay=settings.weight_decay,
        )
        new = Weights(trainable, frozen, slots)
        return new, (loss * weight, metric, weight)

    def _train_epoch(self, state: State, settings: Settings, data: Rows, plan: Any):
        """All steps of one epoch; returns weights, mean loss and metric, last rate."""
        batch_size = self.signature.batch_size
        n_steps = (data.n_samples + batch_size - 1) // batch_size

        def body(loop_state: tuple) -> tuple:
            step, weights, sums, _ = loop_state
            done = state.epoch * n_steps + step
            rate = self._learning_rate(settings, state.plateau, done, n_steps)
            weights, added = self._step(weights, settings, data, plan[step], rate)
            sums = tuple(s + a for s, a in zip(sums, added, strict=True))
            return step + 1, weights, sums, rate

        zero = ops.zeros((), self._dtype)
        start = (ops.zeros((), "int32"), state.weights, (zero, zero, zero), zero)
        _, weights, sums, rate = backend.loop(lambda s: s[0] < n_steps, body, start)
        return weights, sums[0] / sums[2], sums[1] / sums[2], rate

    def _validate(self, weights: Weights, settings: Settings, data: Rows):
        """Mean loss, penalties included as in Keras, and metric of held-out rows."""
        numbers = Regularization(*settings.regularization)
        n_batches = (
            data.n_samples + VALIDATION_BATCH_SIZE - 1
        ) // VALIDATION_BATCH_SIZE

        def body(loop_state: tuple) -> tuple:
            i, sums = loop_state
            places = i * VALIDATION_BATCH_SIZE + ops.arange(
                min(VALIDATION_BATCH_SIZE, data.weights.shape[0] or 1 << 30),
                dtype="int32",
            )
            is_row = ops.cast(places < data.n_samples, self._dtype)
            places = ops.minimum(places, data.n_samples - 1)
            batch = TrainingBatch(
                weights=backend.gather_rows(data.weights, places) * is_row,
                keys=backend.gather_rows(data.keys, places),
                seed=settings.seed,
                regularization=numbers,
            )
            with training_batch(batch):
                outputs, _, penalties = self._model.stateless_call(
                    self.trainable.unpack(weights.trainable),
                    self.frozen.unpack(weights.frozen),
                    backend.gather_rows(data.features, places, self._n_features),
                    training=False,
                    return_losses=True,
                )
            targets = backend.gather_rows(data.targets, places)
            losses = self._head.loss(targets, outputs, numbers.label_smoothing)
            weight = ops.sum(batch.weights)
            loss = ops.sum(losses * batch.weights) + weight * sum(penalties)
            metric = ops.sum(self._head.metric(targets, outputs) * batch.weights)
            added = (loss, metric, weight)
            return i + 1, tuple(s + a for s, a in zip(sums, added, strict=True))

        zero = ops.zeros((), self._dtype)
        start = (ops.zeros((), "int32"), (zero, zero, zero))
        _, sums = backend.loop(lambda s: s[0] < n_batches, body, start)
        return sums[0] / sums[2], sums[1] / sums[2]

    def _judge(self, state: State, weights: Weights, settings: Settings, score: Any):
        """Keep the best, count the epochs without improvement, lower the rate."""
        best, plateau = state.best, state.plateau
        improves = score < best.score - settings.min_delta
        wait = ops.where(improves, 0, best.wait + 1)
        kept = (best.trainable, best.frozen)
        if self.signature.keeps_best:
            now = (weights.trainable, weights.frozen)
            kept = backend.choose(improves, now, kept)
        best = Best(
            *kept,
            score=ops.where(improves, score, best.score),
            epoch=ops.where(improves, state.epoch + 1, best.epoch),
            wait=wait,
        )
        if self.signature.schedule == "plateau":
            better = score < plateau.score - PLATEAU_MIN_DELTA
            rate_wait = ops.where(better, 0, plateau.wait + 1)
            lowers = rate_wait >= PLATEAU_PATIENCE
            plateau = Plateau(
                factor=plateau.factor * ops.where(lowers, PLATEAU_FACTOR, 1.0),
                score=ops.where(better, score, plateau.score),
                wait=ops.where(lowers, 0, rate_wait),
            )
        return best, plateau

    def _epoch(self, state: State, settings, data, validation, plan: Any):
        """One epoch and what follows from it; returns the state and a history row."""
        weights, loss, metric, rate = self._train_epoch(state, settings, data, plan)
        val_loss = val_metric = ops.full((), np.nan, self._dtype)
        score = loss
        if self.signature.has_validation:
            val_loss, val_metric = self._validate(weights, settings, validation)
            score = val_loss
        values = [ops.reshape(loss, (1,)), *weights.trainable, *weights.frozen]
        finite = backend.are_below(values, WEIGHT_LIMIT)
        best, plateau = self._judge(state, weights, settings, score)
        status = ops.full((), RUNNING, "int32")
        if self.signature.keeps_best:
            status = ops.where(best.wait >= settings.patience, STOPPED_EARLY, status)
        judged = (weights, best, plateau, status)
        unchanged = (
            state.weights,
            state.best,
            state.plateau,
            ops.full_like(status, DIVERGED),
        )
        weights, best, plateau, status = backend.choose(finite, judged, unchanged)
        row = (loss, metric, val_loss, val_metric, rate)
        return State(weights, best, plateau, state.epoch + 1, status), row

    def _run(self, state: State, settings, data, validation, plan, n_epochs):
        """Up to n_epochs epochs, one per row of the plan, until the run has ended."""
        first = state.epoch
        history = ops.full(
            (plan.shape[0] or 1, len(HISTORY_COLUMNS)), np.nan, self._dtype
        )

        def goes_on(loop_state: tuple) -> Any:
            now, _ = loop_state
            return ops.logical_and(now.epoch - first < n_epochs, now.status == RUNNING)

        def body(loop_state: tuple) -> tuple:
            now, history = loop_state
            done = now.epoch - first
            now, row = self._epoch(now, settings, data, validation, plan[done])
            return now, backend.set_row(history, done, row)

        return backend.loop(goes_on, body, (state, history))
