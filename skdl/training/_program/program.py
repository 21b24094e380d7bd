"""The training loop of one signature: steps in epochs in a loop, all in one graph.

The program is a pure function: states, rows and a row plan in; states and history out.
The state is everything that an epoch changes, so a run can be split into calls of any
number of epochs without changing its result. Methods are in order of nesting: batch,
step, epoch, run.

A program trains some members side by side, each with its own weights, numbers and rows.
A step is written for one member and mapped over all; between steps there is arithmetic
on vectors. The rows of all members are in one table, each in a range of its own.
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
    """What a program is compiled for; equal shapes share a program."""

    signature: Signature  # what the members have in common
    n_members: int  # members side by side, that is, seats
    n_rows: int  # rows of the table of training samples
    n_steps: int  # steps in the row plan of one call
    n_val_rows: int  # rows of the table of validation samples; 0 without validation
    val_batch_size: int  # validation rows of a member per batch
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
        # Not fused are CSR matrices, whose number of stored values is different in
        # every fold, and convolutions on a CPU, which would be 30 times slower.
        is_slow = signature.architecture.is_convolutional and not device.has_gpu()
        self.run = compiler.compile_program(
            self._run, fuses=not (signature.is_sparse or is_slow)
        )
        self.has_run = False
        self.step_seconds: float | None = None  # the shortest measured after compiling

    def _observe_outputs(
        self, outputs: Any, row_weights: Tensor, sums: Sums, *, training: bool
    ) -> tuple[Any, Sums]:
        """Return the outputs to measure; a subclass may record further outputs."""
        return outputs, sums

    def _observe_step(
        self, sums: Sums, before: tuple, gradients: list, after: tuple
    ) -> Sums:
        """Return the sums; a subclass may record how a step changed the weights."""
        return sums

    def _recorded(self, sums: Sums) -> list[Tensor]:
        """Return further columns of an epoch's row."""
        return []

    def note_time(self, seconds: float, n_steps: int) -> None:
        """Record how long a call took."""
        each = seconds / max(1, n_steps)
        self.step_seconds = min(each, self.step_seconds or each)

    def _gather(
        self, table: DeviceTable, row_numbers: Tensor, is_row: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read a batch of each member: features, targets, weights and keys."""
        n_features = None
        if self._signature.is_sparse:
            n_features = self._network.model.input_shape[-1]
        return (
            backend.gather_rows(table.features, row_numbers, n_features),
            backend.gather_rows(table.targets, row_numbers),
            backend.gather_rows(table.weights, row_numbers)
            * ops.cast(is_row, self._dtype),
            backend.gather_rows(table.keys, row_numbers),
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
        """Return the mean loss with penalties, batch statistics, and sums."""
        features, targets, row_weights, keys = rows
        batch = TrainingBatch(row_weights, keys, seed, Regularization(*numbers))
        outputs, frozen, penalties = self._network(
            trainable, frozen, features, batch, training=training
        )
        outputs, sums = self._observe_outputs(
            outputs, row_weights, sums, training=training
        )
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
        """Return each member's rate in a step of its current epoch of n_steps."""
        epochs = ops.cast(state.epoch, self._dtype)
        epochs += ops.cast(step, self._dtype) / ops.cast(n_steps, self._dtype)
        progress = ops.minimum(epochs / ops.cast(settings.n_epochs, self._dtype), 1.0)
        plateau = state.plateau
        return settings.learning_rate * plateau.factor * self._schedule(progress)

    def _clip(self, gradients: list, settings: Settings) -> list:
        """Clip gradients; those of weights that are padding become 0."""
        return clip_gradients(self._signature.optimizer, gradients, settings)

    def _batch_loss(
        self,
        trainable: tuple,
        weights: Weights,
        settings: Settings,
        rows: tuple[Tensor, Tensor, Tensor, Tensor],
        sums: Sums,
    ) -> tuple[Tensor, tuple, Sums]:
        """Return what a step of one member minimises, batch statistics, and sums."""
        iteration = ops.cast(weights.slots[self._update.iterations_slot], "uint32")
        seed = mix32(settings.seed ^ mix32(iteration))
        numbers = settings.regularization
        return self._forward(
            tuple(trainable), weights.frozen, rows, seed, numbers, sums, training=True
        )

    def _updated(
        self, weights: Weights, gradients: list, settings: Settings, rate: Tensor
    ) -> tuple[tuple, tuple]:
        """Return trainable weights and slots of one member after a step."""
        return self._update(
            weights.trainable,
            weights.slots,
            self._clip(gradients, settings),
            learning_rate=rate,
            weight_decay=settings.weight_decay,
            momentum=settings.momentum,
        )

    def _step(self, member: tuple) -> tuple[Weights, Sums]:
        """Make one step of one member."""
        weights, settings, rows, rate, sums = member
        (_, frozen, sums), gradients = value_and_gradients(
            lambda trainable: self._batch_loss(
                trainable, weights, settings, rows, sums
            ),
            weights.trainable,
        )
        trainable, slots = self._updated(weights, gradients, settings, rate)
        sums = self._observe_step(sums, weights.trainable, gradients, trainable)
        return Weights(trainable, frozen, slots), sums

    def _score(self, member: tuple) -> Sums:
        """Add a batch of one member's validation rows to the sums."""
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
        """Change some members only; a member without company always changes."""
        return new if self._n_members == 1 else backend.select(conditions, new, old)

    def _zeros(self) -> Tensor:
        return ops.zeros((self._n_members,), self._dtype)

    def _no_sums(self) -> Sums:
        """Return sums over no rows, for each member."""
        metrics = tuple(
            ops.broadcast_to(value, (self._n_members, *value.shape))
            for value in self._objective.initial_metrics(self._dtype)
        )
        return Sums(self._zeros(), self._zeros(), metrics)

    def _means(self, sums: Sums) -> tuple[Tensor, ...]:
        """Return each member's loss and metrics."""
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
        """Make all steps of an epoch; also return the rates of the last steps."""
        plan, first_step = plan
        batch_size = self._signature.batch_size
        n_steps = (ranges.n_rows + batch_size - 1) // batch_size
        n_steps = ops.where(active, n_steps, 0)
        longest = ops.max(n_steps)

        def body(loop_state: tuple) -> tuple:
            step, weights, sums, rates = loop_state
            is_on = step < n_steps
            row_numbers = backend.gather_rows(plan, first_step + step)
            starts = ops.expand_dims(ranges.first_row, -1)
            rows = self._gather(
                table, starts + ops.maximum(row_numbers, 0), row_numbers >= 0
            )
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
        """Return sums over the validation rows; the loss has penalties, as in Keras."""
        size = self.shape.val_batch_size
        n_batches = (ranges.n_val_rows + size - 1) // size
        most = ops.max(n_batches)
        counts = ops.expand_dims(ranges.n_val_rows, -1)
        starts = ops.expand_dims(ranges.first_val_row, -1)

        def body(loop_state: tuple) -> tuple:
            i, sums = loop_state
            row_numbers = ops.expand_dims(i * size + ops.arange(size, dtype="int32"), 0)
            is_row = row_numbers < counts
            row_numbers = ops.maximum(ops.minimum(row_numbers, counts - 1), 0)
            rows = self._gather(table, starts + row_numbers, is_row)
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
        """Train the active members for an epoch; also return its row of history."""
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
        after_epoch = end_epoch(self._signature, state, weights, settings, score)
        # Batch statistics of unscaled features may well be large.
        others = [ops.expand_dims(loss, -1), *weights.frozen]
        finite = ops.logical_and(
            backend.are_below(weights.trainable, WEIGHT_LIMIT),
            backend.are_below(others, np.inf),
        )
        diverged = state._replace(
            epoch=after_epoch.epoch, status=ops.full_like(state.status, DIVERGED)
        )
        after = backend.select(finite, after_epoch, diverged)
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
        """Train members for up to n_epochs each, until half of them have ended."""
        shape = (MAX_EPOCHS_PER_CALL, self._n_members, self._signature.n_columns)

        def actives(done: Tensor, now: State) -> Tensor:
            return ops.logical_and(done < n_epochs, now.status == RUNNING)

        def body(loop_state: tuple) -> tuple:
            done, now, history = loop_state
            here = (plan, done * steps_per_epoch)
            active = actives(done, now)
            now, row = self._epoch(now, settings, tables, ranges, here, active)
            return done + 1, now, backend.set_row(history, done, row)

        # Counted from 0, not from state.epoch: XLA treats the start of an index as a
        # constant, and would compile again for every epoch with which a call begins.
        zero = ops.zeros((), "int32")
        n_started = ops.sum(ops.cast(actives(zero, state), "int32"))

        def goes_on(loop_state: tuple) -> Tensor:
            n_active = ops.sum(ops.cast(actives(*loop_state[:2]), "int32"))
            return 2 * n_active > n_started

        start = (zero, state, ops.full(shape, np.nan, self._dtype))
        _, state, history = backend.loop(goes_on, body, start)
        return state, history
