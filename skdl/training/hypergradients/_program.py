"""The compiled loop of tuning jobs.

A step of the plain program leads from weights w and slots s to w', s' with numbers h.
The tuning program also carries their derivatives with respect to log h, the tangents,
and pushes them through the step: through the gradients by Hessian-vector products,
through the update rule and the batch statistics by forward mode. The gradient of the
validation loss at w', times the tangents, is the hypergradient. This costs a few plain
steps per number, needs no history, and works with every optimizer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from skdl.networks import Regularization
from skdl.training._backend import tensorflow as backend
from skdl.training._backend.derivatives import (
    gradients_along,
    push_forward,
    value_and_gradients,
)
from skdl.training._program.cache import ProgramCache
from skdl.training._program.program import WEIGHT_LIMIT, Program, ProgramShape
from skdl.training._program.state import (
    DIVERGED,
    RUNNING,
    DeviceTable,
    RowRanges,
    Settings,
    Sums,
    Tensor,
    Weights,
)

SIGN_DECAY = 0.9  # of the moving mean of the hypergradients' signs

_NOT_OF_VALIDATION = ("l1", "l2")  # penalties, which only the training loss has


@dataclass(frozen=True)
class TuningShape(ProgramShape):
    """What a tuning program is compiled for; equal shapes share a program."""

    names: tuple[str, ...] = ()  # of the tuned numbers


class TuningState(NamedTuple):
    """Everything that a step changes."""

    weights: Weights
    logs: Tensor  # (n_members, n_ranges), of the tuned numbers
    tangents: Weights  # (n_members, n_ranges, ...), derivatives with respect to logs
    sign: Tensor  # moving mean of the hypergradients' signs
    step: Tensor  # steps made
    status: Tensor  # RUNNING or DIVERGED


class TuningSettings(NamedTuple):
    """The numbers of a tuning job."""

    job: Settings
    low: Tensor  # logarithms
    high: Tensor
    rate: Tensor  # largest change of a logarithm per step
    memory: Tensor  # factor by which the tangents of earlier steps fade per step
    n_steps: Tensor  # of the whole run, for the learning-rate schedule


class TuningProgram(Program):
    """The compiled tuning loop of one `TuningShape`."""

    shape: TuningShape

    def _clip(self, gradients: list, settings: Settings) -> list:
        """Clip gradients; one that is 0 has a derivative of 0.

        Adaptive optimizers divide by the root of a mean square, whose derivative at 0
        is infinite: for padding, and for units that no row has reached yet. It must not
        spread to the other weights.
        """
        least = 1e4 * float(np.finfo(self._dtype).tiny) ** 0.5  # its square is a number
        return [
            ops.where(ops.abs(g) <= least, ops.stop_gradient(g), g)
            for g in super()._clip(gradients, settings)
        ]

    def _with_numbers(self, settings: Settings, logs: Tensor) -> Settings:
        """Replace numbers of the job by the tuned ones."""
        numbers = ops.unstack(ops.exp(logs), len(self.shape.names))
        regularization = list(settings.regularization)
        for name, value in zip(self.shape.names, numbers, strict=True):
            if name in Regularization.names():
                regularization[Regularization.names().index(name)] = value
            else:
                settings = settings._replace(**{name: value})
        return settings._replace(regularization=tuple(regularization))

    def _validation_loss(
        self, weights: Weights, settings: Settings, rows: tuple
    ) -> Tensor:
        """Return a member's mean loss on validation rows, without penalties."""
        numbers = tuple(
            ops.zeros_like(value) if name in _NOT_OF_VALIDATION else value
            for name, value in zip(
                Regularization.names(), settings.regularization, strict=True
            )
        )
        loss, _, _ = self._forward(
            weights.trainable,
            weights.frozen,
            rows,
            settings.seed,
            numbers,
            self._no_sums_of_one(),
            training=False,
        )
        return loss

    def _no_sums_of_one(self) -> Sums:
        """Return sums over no rows, for one member."""
        zero = ops.zeros((), self._dtype)
        metrics = self._objective.initial_metrics(self._dtype)
        return Sums(zero, zero, tuple(map(ops.convert_to_tensor, metrics)))

    def _advance(
        self,
        weights: Weights,
        logs: Tensor,
        tangents: Weights,
        settings: Settings,
        factor: Tensor,
        rows: tuple,
    ) -> tuple[Weights, Weights]:
        """Make a step of a member; also return the tangents behind it."""
        unit = ops.eye(len(self.shape.names), dtype=self._dtype)
        n = len(weights.trainable)

        def loss_of(arguments: list) -> tuple[Tensor, tuple]:
            *trainable, logs = arguments
            now = self._with_numbers(settings, logs)
            return self._batch_loss(
                tuple(trainable), weights, now, rows, self._no_sums_of_one()
            )[:2]

        def statistics(arguments: list) -> tuple[tuple, None]:
            before = weights._replace(frozen=tuple(arguments[n:-1]))
            now = self._with_numbers(settings, arguments[-1])
            _, frozen, _ = self._batch_loss(
                tuple(arguments[:n]), before, now, rows, self._no_sums_of_one()
            )
            return frozen, None

        def update(arguments: list) -> tuple[list, tuple]:
            *parts, logs = arguments
            slots = self._with_floats(weights.slots, parts[2 * n :])
            before = Weights(tuple(parts[:n]), weights.frozen, slots)
            now = self._with_numbers(settings, logs)
            rate = now.learning_rate * factor
            trainable, slots = self._updated(before, parts[n : 2 * n], now, rate)
            return [*trainable, *self._floats(slots)], (trainable, slots)

        (_, frozen), gradients, changes = gradients_along(
            loss_of, [*weights.trainable, logs], [*tangents.trainable, unit]
        )
        frozen_moved: list = []
        if weights.frozen:
            _, frozen_moved = push_forward(
                statistics,
                [*weights.trainable, *weights.frozen, logs],
                [*tangents.trainable, *tangents.frozen, unit],
            )
        before = [*tangents.trainable, *tangents.slots]
        (_, (trainable, slots)), moved = push_forward(
            update,
            [*weights.trainable, *gradients[:-1], *self._floats(weights.slots), logs],
            [*tangents.trainable, *changes[:-1], *tangents.slots, unit],
        )
        # Tangents without a derivative stay as they are: see `_clip`.
        moved = [
            ops.where(ops.isnan(m), b, m) for m, b in zip(moved, before, strict=True)
        ]
        after = Weights(trainable, frozen, slots)
        return after, Weights(tuple(moved[:n]), tuple(frozen_moved), tuple(moved[n:]))

    def _floats(self, slots: tuple) -> list:
        """The slots that depend on the weights, which counters do not."""
        return [slot for slot in slots if slot.dtype == self._dtype]

    def _with_floats(self, slots: tuple, floats: list) -> tuple:
        """The slots with other floats."""
        left = iter(floats)
        return tuple(next(left) if s.dtype == self._dtype else s for s in slots)

    def _look_ahead(self, member: tuple) -> tuple[Tensor, Tensor, Weights, Weights]:
        """Make a step; return loss, hypergradient, weights and tangents behind it."""
        weights, logs, tangents, memory, settings, factor, rows, val_rows = member
        faded = Weights(*(tuple(memory * part for part in parts) for parts in tangents))
        after, tangents = self._advance(weights, logs, faded, settings, factor, rows)
        n = len(after.trainable)

        def loss_of(arrays: list) -> tuple[Tensor, None]:
            seen = Weights(tuple(arrays[:n]), tuple(arrays[n:]), after.slots)
            return self._validation_loss(seen, settings, val_rows), None

        (loss, _), loss_gradients = value_and_gradients(
            loss_of, [*after.trainable, *after.frozen]
        )
        paths = [*tangents.trainable, *tangents.frozen]
        gradient = sum(
            ops.sum(ops.reshape(path * part, (len(self.shape.names), -1)), axis=1)
            for path, part in zip(paths, loss_gradients, strict=True)
        )
        return loss, gradient, after, tangents

    def _move(
        self, state: TuningState, settings: TuningSettings, gradient: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Move the logarithms downhill, within their ranges."""
        count = ops.expand_dims(ops.cast(state.step + 1, self._dtype), -1)
        sign = SIGN_DECAY * state.sign + (1.0 - SIGN_DECAY) * ops.sign(gradient)
        rate = ops.expand_dims(settings.rate, -1)
        logs = state.logs - rate * sign / (1.0 - SIGN_DECAY**count)
        return ops.clip(logs, settings.low, settings.high), sign

    def _tune_step(
        self,
        state: TuningState,
        settings: TuningSettings,
        batches: tuple[tuple, tuple],
        active: Tensor,
    ) -> tuple[TuningState, list]:
        """Make a step of the active members; also return its row of the path."""
        progress = ops.cast(state.step, self._dtype)
        progress = progress / ops.cast(settings.n_steps, self._dtype)
        loss, gradient, weights, tangents = backend.map_members(
            self._look_ahead,
            (
                state.weights,
                state.logs,
                state.tangents,
                settings.memory,
                settings.job,
                self._schedule(progress),
                *batches,
            ),
            self._n_members,
        )
        logs, sign = self._move(state, settings, gradient)
        others = [ops.expand_dims(loss, -1), gradient, *weights.frozen]
        finite = ops.logical_and(
            backend.are_below(weights.trainable, WEIGHT_LIMIT),
            backend.are_below(others, np.inf),
        )
        after = TuningState(weights, logs, tangents, sign, state.step + 1, state.status)
        ended = state._replace(status=ops.full_like(state.status, DIVERGED))
        n = len(self.shape.names)
        path = [*ops.unstack(ops.exp(state.logs), n, axis=1)]
        path += [*ops.unstack(gradient, n, axis=1), loss]
        after = backend.select(finite, after, ended)
        return backend.select(active, after, state), path

    def _run(  # type: ignore[override]  # called by `tune` alone
        self,
        state: TuningState,
        settings: TuningSettings,
        tables: tuple[DeviceTable, DeviceTable],
        ranges: RowRanges,
        plans: tuple[Tensor, Tensor],
        n_steps: Tensor,
    ) -> tuple[TuningState, Tensor]:
        """Make up to n_steps steps of each member; also return the path."""
        shape = (self.shape.n_steps, self._n_members, 2 * len(self.shape.names) + 1)
        most = ops.max(n_steps)
        firsts = (ranges.first_row, ranges.first_val_row)

        def body(loop_state: tuple[Tensor, TuningState, Tensor]) -> tuple:
            i, now, path = loop_state
            batches = []
            for table, plan, first in zip(tables, plans, firsts, strict=True):
                row_numbers = backend.gather_rows(plan, i)
                starts = ops.expand_dims(first, -1)
                row_numbers, is_row = (
                    starts + ops.maximum(row_numbers, 0),
                    row_numbers >= 0,
                )
                batches.append(self._gather(table, row_numbers, is_row))
            active = ops.logical_and(i < n_steps, now.status == RUNNING)
            now, row = self._tune_step(now, settings, (batches[0], batches[1]), active)
            return i + 1, now, backend.set_row(path, i, row)

        start: Any = (ops.zeros((), "int32"), state, ops.zeros(shape, self._dtype))
        _, state, path = backend.loop(lambda s: s[0] < most, body, start)
        return state, path


tuning_programs = ProgramCache(TuningProgram)
