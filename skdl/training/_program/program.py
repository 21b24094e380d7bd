"""What jobs of one signature compile to: steps in epochs in a loop, all in one graph.

The program is a pure function: states, rows and a row plan in; states and history out.
The state is everything that an epoch changes, so a run can be cut into calls of any
number of epochs without changing its result. Methods are in order of nesting: batch,
step, epoch, run.

A program trains a bank: some members side by side, each with weights, numbers and rows
of its own. A step is written for one member and mapped over the bank; what happens
between steps is arithmetic on vectors. Each member has a part of one table of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from skdl.networks import Regularization, TrainingBatch, mix32
from skdl.training._backend import compiler, device
from skdl.training._backend import tensorflow as backend
from skdl.training._backend.derivatives import value_and_gradients
from skdl.training._program.early_stopping import end_epoch
from skdl.training._program.optimizers import UpdateRule, clip_gradients
from skdl.training._program.pure_network import PureNetwork
from skdl.training._program.schedules import SCHEDULES
from skdl.training._program.state import (
    DIVERGED,
    RUNNING,
    DeviceTable,
    RowRanges,
    Settings,
    State,
    Sums,
    Tensor,
    Weights,
)
from skdl.training._records import Signature

# A weight of this size counts as infinite: the product of a few such weights
# overflows, and predictions would not be finite.
WEIGHT_LIMIT = 1e12

MAX_EPOCHS_PER_CALL = 64  # rows of the history that a call returns


@dataclass(frozen=True)
class ProgramShape:
    """What a program is compiled for; equal shapes share one."""

    signature: Signature  # what the members have in common
    n_members: int  # how many are trained side by side
    n_rows: int  # rows of the table of training samples
    n_steps: int  # steps in the row plan of one call
    n_val_rows: int  # rows of the table of validation samples; 0 without validation
    val_batch_size: int  # validation rows of a member that are scored at once
    is_padded: bool = False  # whether some members are narrower than the architecture


class Program:
    """The compiled training loop of one `ProgramShape`."""

    def __init__(self, shape: ProgramShape) -> None:
        signature = shape.signature
        self.shape = shape
        self._signature = signature
        self._n_members = shape.n_members
        self._dtype = signature.architecture.dtype
        self._network = PureNetwork(
            signature.architecture, is_elementwise=signature.optimizer.is_elementwise
        )
        self.trainable, self.frozen = self._network.trainable, self._network.frozen
        self._objective = signature.objective.bind(self._network.model)
        self._schedule = SCHEDULES[signature.schedule]
        self._update = UpdateRule(
            signature.optimizer, self.trainable.carried_variables()
        )
        self.initial_slots = self._update.initial_state
        # A CSR matrix has another number of stored values in every fold: no fixed
        # shapes, so it is not fused. Nor are convolutions on a CPU: 30 times slower.
        is_slow = signature.architecture.is_convolutional and not device.has_gpu()
        self.run = compiler.compile_program(
            self._run, fuses=not (signature.is_sparse or is_slow)
        )
        self.has_run = False
        self.step_seconds: float | None = None  # the least measured, once compiled

    def _see(
        self, outputs: Any, row_weights: Tensor, sums: Sums, *, training: bool
    ) -> tuple[Any, Sums]:
        """The outputs that count, and sums with what else the model gave."""
        return outputs, sums

    def _note(self, sums: Sums, before: tuple, gradients: list, after: tuple) -> Sums:
        """Sums with what a step did to the trainable weights."""
        return sums

    def _recorded(self, sums: Sums) -> list[Tensor]:
        """Further columns of an epoch's row, one number per member."""
        return []

    def note_time(self, seconds: float, n_steps: int) -> None:
        """Take note of how long a call took."""
        each = seconds / max(1, n_steps)
        self.step_seconds = min(each, self.step_seconds or each)

    def _gather(
        self, table: DeviceTable, places: Tensor, is_row: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read a batch of each member: features, targets, weights and keys."""
        n_features = None
        if self._signature.is_sparse:
            n_features = self._network.model.input_shape[-1]
        return (
            backend.gather_rows(table.features, places, n_features),
            backend.gather_rows(table.targets, places),
            backend.gather_rows(table.weights, places) * ops.cast(is_row, self._dtype),
            backend.gather_rows(table.keys, places),
        )

    def _forward(
        self,
        trainable: tuple,
        frozen: tuple,
        rows: tuple[Tensor, Tensor, Tensor, Tensor],
        seed: Tensor,
        numbers: tuple,
        sums: Sums,
        *,
        training: bool,
    ) -> tuple[Tensor, tuple, Sums]:
        """Mean loss with penalties, batch statistics, and sums for the history."""
        features, targets, row_weights, keys = rows
        batch = TrainingBatch(row_weights, keys, seed, Regularization(*numbers))
        outputs, frozen, penalties = self._network(
            trainable, frozen, features, batch, training=training
        )
        outputs, sums = self._see(outputs, row_weights, sums, training=training)
        loss, weight, metrics = self._objective.measure(
            targets, outputs, batch, sums.metrics
        )
        loss = loss + sum(penalties)
        sums = sums._replace(
            loss=sums.loss + loss * weight, weight=sums.weight + weight, metrics=metrics
        )
        return loss, frozen, sums

    def _learning_rate(
        self, settings: Settings, state: State, step: Tensor, n_steps: Tensor
    ) -> Tensor:
        """Each member's rate in a step of its current epoch, which has n_steps."""
        epochs = ops.cast(state.epoch, self._dtype)
        epochs += ops.cast(step, self._dtype) / ops.cast(n_steps, self._dtype)
        progress = ops.minimum(epochs / ops.cast(settings.n_epochs, self._dtype), 1.0)
        plateau = state.plateau
        return settings.learning_rate * plateau.factor * self._schedule(progress)

    def _clip(self, gradients: list, settings: Settings) -> list:
        """Clip gradients; those of weights beyond the member's own widths are 0."""
        return clip_gradients(self._signature.optimizer, gradients, settings)

    def _batch_loss(
        self,
        trainable: tuple,
        weights: Weights,
        settings: Settings,
        rows: tuple[Tensor, Tensor, Tensor, Tensor],
        sums: Sums,
    ) -> tuple[Tensor, tuple, Sums]:
        """What a step of one member minimises, and what comes with it."""
        iteration = ops.cast(weights.slots[self._update.iterations_slot], "uint32")
        seed = mix32(settings.seed ^ mix32(iteration))
        numbers = settings.regularization
        return self._forward(
            tuple(trainable), weights.frozen, rows, seed, numbers, sums, training=True
        )

    def _updated(
        self, weights: Weights, gradients: list, settings: Settings, rate: Tensor
    ) -> tuple[tuple, tuple]:
        """Trainable weights and slots of one member after a step."""
        return self._update(
            weights.trainable,
            weights.slots,
            self._clip(gradients, settings),
            learning_rate=rate,
            weight_decay=settings.weight_decay,
            momentum=settings.momentum,
        )

    def _step(self, member: tuple) -> tuple[Weights, Sums]:
        """One update of one member by the rows of one batch."""
        weights, settings, rows, rate, sums = member
        (_, frozen, sums), gradients = value_and_gradients(
            lambda trainable: self._batch_loss(
                trainable, weights, settings, rows, sums
            ),
            weights.trainable,
        )
        trainable, slots = self._updated(weights, gradients, settings, rate)
        sums = self._note(sums, weights.trainable, gradients, trainable)
        return Weights(trainable, frozen, slots), sums

    def _score(self, member: tuple) -> Sums:
        """Sums with a batch of one member's validation rows."""
        weights, settings, rows, sums = member
        _, _, sums = self._forward(
            weights.trainable,
            weights.frozen,
            rows,
            settings.seed,
            settings.regularization,
            sums,
            training=False,
        )
        return sums

    def _only(self, conditions: Tensor, new: Any, old: Any) -> Any:
        """Change only some members; one that is alone changes whenever it runs."""
        return new if self._n_members == 1 else backend.select(conditions, new, old)

    def _zeros(self) -> Tensor:
        return ops.zeros((self._n_members,), self._dtype)

    def _no_sums(self) -> Sums:
        """Sums over no rows, for each member."""
        metrics = tuple(
            ops.broadcast_to(value, (self._n_members, *value.shape))
            for value in self._objective.initial_metrics(self._dtype)
        )
        return Sums(self._zeros(), self._zeros(), metrics)

    def _means(self, sums: Sums) -> tuple[Tensor, ...]:
        """Each member's loss and metrics."""
        metrics = backend.map_members(
            self._objective.results, sums.metrics, self._n_members
        )
        return sums.loss / sums.weight, *metrics

    def _train_epoch(
        self,
        state: State,
        settings: Settings,
        table: DeviceTable,
        ranges: RowRanges,
        plan: Tensor,
        active: Tensor,
    ) -> tuple[Weights, Sums, Tensor]:
        """All steps of one epoch; also the rates of each member's last step."""
        plan, first_step = plan
        batch_size = self._signature.batch_size
        n_steps = (ranges.n_rows + batch_size - 1) // batch_size
        n_steps = ops.where(active, n_steps, 0)
        longest = ops.max(n_steps)

        def body(loop_state: tuple) -> tuple:
            step, weights, sums, rates = loop_state
            is_on = step < n_steps
            places = backend.gather_rows(plan, first_step + step)
            starts = ops.expand_dims(ranges.first_row, -1)
            rows = self._gather(table, starts + ops.maximum(places, 0), places >= 0)
            now = self._learning_rate(settings, state, step, n_steps)
            new, summed = backend.map_members(
                self._step, (weights, settings, rows, now, sums), self._n_members
            )
            old = (weights, sums, rates)
            return step + 1, *self._only(is_on, (new, summed, now), old)

        zero = ops.zeros((), "int32")
        start = (zero, state.weights, self._no_sums(), self._zeros())
        _, weights, sums, rates = backend.loop(lambda s: s[0] < longest, body, start)
        return weights, sums, rates

    def _validate(
        self,
        weights: Weights,
        settings: Settings,
        table: DeviceTable,
        ranges: RowRanges,
    ) -> Sums:
        """Sums over the validation rows; the loss has penalties, as in Keras."""
        size = self.shape.val_batch_size
        n_batches = (ranges.n_val_rows + size - 1) // size
        most = ops.max(n_batches)
        counts = ops.expand_dims(ranges.n_val_rows, -1)
        starts = ops.expand_dims(ranges.first_val_row, -1)

        def body(loop_state: tuple) -> tuple:
            i, sums = loop_state
            places = ops.expand_dims(i * size + ops.arange(size, dtype="int32"), 0)
            is_row = places < counts
            places = ops.maximum(ops.minimum(places, counts - 1), 0)
            rows = self._gather(table, starts + places, is_row)
            summed = backend.map_members(
                self._score, (weights, settings, rows, sums), self._n_members
            )
            return i + 1, self._only(i < n_batches, summed, sums)

        start = (ops.zeros((), "int32"), self._no_sums())
        _, sums = backend.loop(lambda s: s[0] < most, body, start)
        return sums

    def _epoch(
        self,
        state: State,
        settings: Settings,
        tables: tuple[DeviceTable, DeviceTable | tuple],
        ranges: RowRanges,
        plan: tuple[Tensor, Tensor],
        active: Tensor,
    ) -> tuple[State, tuple]:
        """One epoch of the active members and what follows; also its history."""
        train, validation = tables
        weights, sums, rates = self._train_epoch(
            state, settings, train, ranges, plan, active
        )
        means = self._means(sums)
        val_means = [ops.full((self._n_members,), np.nan, self._dtype)] * len(means)
        score = loss = means[0]
        if isinstance(validation, DeviceTable):
            val_means = [
                *self._means(self._validate(weights, settings, validation, ranges))
            ]
            score = val_means[0]
        ended = end_epoch(self._signature, state, weights, settings, score)
        # Batch statistics of unscaled features may well be large.
        others = [ops.expand_dims(loss, -1), *weights.frozen]
        finite = ops.logical_and(
            backend.are_below(weights.trainable, WEIGHT_LIMIT),
            backend.are_below(others, np.inf),
        )
        diverged = state._replace(
            epoch=ended.epoch, status=ops.full_like(state.status, DIVERGED)
        )
        after = backend.select(finite, ended, diverged)
        row = (*means, *val_means, rates, *self._recorded(sums))
        return self._only(active, after, state), row

    def _run(
        self,
        state: State,
        settings: Settings,
        tables: tuple[DeviceTable, DeviceTable | tuple],
        ranges: RowRanges,
        plan: Tensor,
        steps_per_epoch: Tensor,
        n_epochs: Tensor,
    ) -> tuple[State, Tensor]:
        """Up to n_epochs epochs of each member, until half of the runs have ended."""
        shape = (MAX_EPOCHS_PER_CALL, self._n_members, self._signature.n_columns)

        def actives(done: Tensor, now: State) -> Tensor:
            return ops.logical_and(done < n_epochs, now.status == RUNNING)

        def body(loop_state: tuple) -> tuple:
            done, now, history = loop_state
            here = (plan, done * steps_per_epoch)
            active = actives(done, now)
            now, row = self._epoch(now, settings, tables, ranges, here, active)
            return done + 1, now, backend.set_row(history, done, row)

        # Counted from 0, not from state.epoch: XLA takes what an index begins from as
        # a constant, and would compile again for every epoch that a call begins with.
        zero = ops.zeros((), "int32")
        n_started = ops.sum(ops.cast(actives(zero, state), "int32"))

        def goes_on(loop_state: tuple) -> Tensor:
            n_active = ops.sum(ops.cast(actives(*loop_state[:2]), "int32"))
            return 2 * n_active > n_started

        start = (zero, state, ops.full(shape, np.nan, self._dtype))
        _, state, history = backend.loop(goes_on, body, start)
        return state, history
