"""What one signature compiles to: steps in epochs in a loop, all in one graph.

The program is a pure function: state, data and a row plan in; state and history out.
The state is everything that an epoch changes, so a run can be cut into calls of any
number of epochs without changing its result. Methods are in order of nesting: batch,
step, epoch, run.
"""

from __future__ import annotations

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
from skdl.training.state import (
    DIVERGED,
    RUNNING,
    STOPPED_EARLY,
    Best,
    Plateau,
    Rows,
    Settings,
    State,
    Sums,
    Tensor,
    Weights,
)

VALIDATION_BATCH_SIZE = 1024  # rows scored at once; bounds memory, changes no result

# A weight of this size counts as infinite: the product of a few such weights
# overflows, and predictions would not be finite.
WEIGHT_LIMIT = 1e12


class Program:
    """The compiled training loop of one signature.

    Parameters
    ----------
    signature : Signature
        What to compile.
    """

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
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
        """Copy rows to the device.

        Parameters
        ----------
        samples : Samples
            The rows.
        capacity : int
            Number of rows to pad to.

        Returns
        -------
        Rows
            Padded with rows of weight 0.
        """
        return Rows(
            backend.rows_to_device(samples.features, capacity),
            backend.rows_to_device(samples.targets, capacity),
            backend.rows_to_device(samples.weights, capacity),
            backend.rows_to_device(samples.keys.astype(np.uint32), capacity),
            backend.to_device(samples.n_samples, "int32"),
        )

    def _gather(
        self, data: Rows, places: Tensor, is_row: Tensor, seed: Tensor, numbers: tuple
    ) -> tuple[Tensor, Tensor, TrainingBatch]:
        """Read a batch: features, targets, and what layers may know of it."""
        batch = TrainingBatch(
            weights=backend.gather_rows(data.weights, places)
            * ops.cast(is_row, self._dtype),
            keys=backend.gather_rows(data.keys, places),
            seed=seed,
            regularization=Regularization(*numbers),
        )
        features = backend.gather_rows(data.features, places, self._n_features)
        return features, backend.gather_rows(data.targets, places), batch

    def _forward(
        self,
        trainable: tuple,
        frozen: tuple,
        rows: tuple[Tensor, Tensor, TrainingBatch],
        *,
        training: bool,
    ) -> tuple[Tensor, tuple, Sums]:
        """Mean loss with penalties, batch statistics, and sums for the history."""
        features, targets, batch = rows
        with training_batch(batch):
            outputs, new_frozen, penalties = self._model.stateless_call(
                self.trainable.unpack(trainable),
                self.frozen.unpack(frozen),
                features,
                training=training,
                return_losses=True,
            )
        smoothing = batch.regularization.label_smoothing
        losses = self._head.loss(targets, outputs, smoothing)
        metrics = self._head.metric(targets, outputs)
        weight = ops.sum(batch.weights)
        loss = ops.sum(losses * batch.weights) / weight + sum(penalties)
        sums = Sums(loss * weight, ops.sum(metrics * batch.weights), weight)
        return loss, self.frozen.pack(new_frozen), sums

    def _learning_rate(
        self, settings: Settings, state: State, step: Tensor, n_steps: Tensor
    ) -> Tensor:
        """Rate of a step of the current epoch, which has n_steps."""
        epochs = ops.cast(state.epoch, self._dtype)
        epochs += ops.cast(step, self._dtype) / ops.cast(n_steps, self._dtype)
        progress = ops.minimum(epochs / ops.cast(settings.n_epochs, self._dtype), 1.0)
        plateau = state.plateau
        return settings.learning_rate * plateau.factor * self._schedule(progress)

    def _clip(self, gradients: list, settings: Settings) -> list:
        spec = self._signature.optimizer
        if spec.clips_value:
            limit = settings.clip_value
            gradients = [ops.clip(g, -limit, limit) for g in gradients]
        if spec.clips_norm:
            norm = ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))
            # At a norm of 0 the gradients are 0, whatever they are scaled by.
            scale = settings.clip_norm / ops.maximum(norm, settings.clip_norm)
            gradients = [g * scale for g in gradients]
        return gradients

    def _step(
        self,
        weights: Weights,
        settings: Settings,
        data: Rows,
        places: Tensor,
        rate: Tensor,
    ) -> tuple[Weights, Sums]:
        """One update by the rows of one batch."""
        iteration = ops.cast(weights.slots[0], "uint32")
        rows = self._gather(
            data,
            ops.maximum(places, 0),
            places >= 0,
            mix32(settings.seed ^ mix32(iteration)),
            settings.regularization,
        )
        (_, frozen, sums), gradients = backend.value_and_gradients(
            lambda trainable: self._forward(
                tuple(trainable), weights.frozen, rows, training=True
            ),
            weights.trainable,
        )
        trainable, slots = self._update(
            weights.trainable,
            weights.slots,
            self._clip(gradients, settings),
            learning_rate=rate,
            weight_decay=settings.weight_decay,
        )
        return Weights(trainable, frozen, slots), sums

    def _zero_sums(self) -> Sums:
        zero = ops.zeros((), self._dtype)
        return Sums(zero, zero, zero)

    def _train_epoch(
        self, state: State, settings: Settings, data: Rows, plan: Tensor
    ) -> tuple[Weights, Sums, Tensor]:
        """All steps of one epoch; also the last step's rate."""
        batch_size = self._signature.batch_size
        n_steps = (data.n_samples + batch_size - 1) // batch_size

        def body(loop_state: tuple) -> tuple:
            step, weights, sums, _ = loop_state
            rate = self._learning_rate(settings, state, step, n_steps)
            weights, added = self._step(weights, settings, data, plan[step], rate)
            return step + 1, weights, sums.plus(added), rate

        start = (
            ops.zeros((), "int32"),
            state.weights,
            self._zero_sums(),
            ops.zeros((), self._dtype),
        )
        _, weights, sums, rate = backend.loop(lambda s: s[0] < n_steps, body, start)
        return weights, sums, rate

    def _validate(self, weights: Weights, settings: Settings, data: Rows) -> Sums:
        """Loss, penalties included as in Keras, and metric of the validation rows."""
        batch_size = min(VALIDATION_BATCH_SIZE, data.weights.shape[0] or 1 << 30)
        n_batches = (data.n_samples + batch_size - 1) // batch_size

        def body(loop_state: tuple) -> tuple:
            i, sums = loop_state
            places = i * batch_size + ops.arange(batch_size, dtype="int32")
            rows = self._gather(
                data,
                ops.minimum(places, data.n_samples - 1),
                places < data.n_samples,
                settings.seed,
                settings.regularization,
            )
            _, _, added = self._forward(
                weights.trainable, weights.frozen, rows, training=False
            )
            return i + 1, sums.plus(added)

        start = (ops.zeros((), "int32"), self._zero_sums())
        _, sums = backend.loop(lambda s: s[0] < n_batches, body, start)
        return sums

    def _judge(
        self, state: State, weights: Weights, settings: Settings, score: Tensor
    ) -> tuple[Best, Plateau, Tensor]:
        """Keep the best, count epochs without improvement, lower the rate, or stop."""
        best, plateau = state.best, state.plateau
        improves = score < best.score - settings.min_delta
        kept = (best.trainable, best.frozen)
        if self._signature.keeps_best:
            now = (weights.trainable, weights.frozen)
            kept = backend.choose(improves, now, kept)
        best = Best(
            *kept,
            score=ops.where(improves, score, best.score),
            epoch=ops.where(improves, state.epoch + 1, best.epoch),
            wait=ops.where(improves, 0, best.wait + 1),
        )
        if self._signature.schedule == "plateau":
            better = score < plateau.score - PLATEAU_MIN_DELTA
            wait = ops.where(better, 0, plateau.wait + 1)
            lowers = wait >= PLATEAU_PATIENCE
            factor = plateau.factor
            plateau = Plateau(
                factor=ops.where(lowers, factor * PLATEAU_FACTOR, factor),
                score=ops.where(better, score, plateau.score),
                wait=ops.where(lowers, 0, wait),
            )
        status = ops.full((), RUNNING, "int32")
        if self._signature.keeps_best:
            status = ops.where(best.wait >= settings.patience, STOPPED_EARLY, status)
        return best, plateau, status

    def _epoch(
        self,
        state: State,
        settings: Settings,
        data: Rows,
        validation: Rows | tuple,
        plan: Tensor,
    ) -> tuple[State, tuple]:
        """One epoch and what follows from it; also its row of the history."""
        weights, sums, rate = self._train_epoch(state, settings, data, plan)
        score = loss = sums.loss / sums.weight
        val_loss = val_metric = ops.full((), np.nan, self._dtype)
        if isinstance(validation, Rows):
            val_sums = self._validate(weights, settings, validation)
            score = val_loss = val_sums.loss / val_sums.weight
            val_metric = val_sums.metric / val_sums.weight
        best, plateau, status = self._judge(state, weights, settings, score)
        # Batch statistics of unscaled features may well be large.
        others = [ops.reshape(loss, (1,)), *weights.frozen]
        finite = ops.logical_and(
            backend.are_below(weights.trainable, WEIGHT_LIMIT),
            backend.are_below(others, np.inf),
        )
        epoch = state.epoch + 1
        judged = State(weights, best, plateau, epoch, status)
        diverged = state._replace(epoch=epoch, status=ops.full_like(status, DIVERGED))
        row = (loss, sums.metric / sums.weight, val_loss, val_metric, rate)
        return backend.choose(finite, judged, diverged), row

    def _run(
        self,
        state: State,
        settings: Settings,
        data: Rows,
        validation: Rows | tuple,
        plan: Tensor,
        n_epochs: Tensor,
    ) -> tuple[State, Tensor]:
        """Up to n_epochs epochs, one per row of the plan, until the run has ended."""
        shape = (plan.shape[0] or 1, len(HISTORY_COLUMNS))

        def goes_on(loop_state: tuple) -> Tensor:
            done, now, _ = loop_state
            return ops.logical_and(done < n_epochs, now.status == RUNNING)

        def body(loop_state: tuple) -> tuple:
            done, now, history = loop_state
            now, row = self._epoch(now, settings, data, validation, plan[done])
            return done + 1, now, backend.set_row(history, done, row)

        # Counted from 0, not from state.epoch: XLA takes what an index begins from as
        # a constant, and would compile again for every epoch that a call begins with.
        start = (ops.zeros((), "int32"), state, ops.full(shape, np.nan, self._dtype))
        _, state, history = backend.loop(goes_on, body, start)
        return state, history
