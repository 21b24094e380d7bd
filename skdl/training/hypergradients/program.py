"""What tuning jobs of one signature compile to.

A step of the plain program is made with numbers h and followed by a look at validation
rows. The loss there, L(w'(h)), is a function of h through the new weights w' alone, so
its gradient needs the second derivatives of the training loss, but only in one
direction: reverse mode through the step costs a few plain steps, however many numbers
are tuned and whichever optimizer makes the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from skdl.networks.batch import Regularization
from skdl.training import backend
from skdl.training.program import WEIGHT_LIMIT, Program, ProgramShape
from skdl.training.programs import ProgramCache
from skdl.training.state import (
    DIVERGED,
    RUNNING,
    Parts,
    Rows,
    Settings,
    Sums,
    Tensor,
    Weights,
)

# Adam's moments (Kingma and Ba 2015) of the hypergradients. The second is forgotten
# faster than Adam's default of 0.999, as a run may have some hundred steps only.
MEAN_DECAY, SQUARE_DECAY = 0.9, 0.99

_NOT_OF_VALIDATION = ("l1", "l2")  # what is added to the training loss alone


@dataclass(frozen=True)
class TuningShape(ProgramShape):
    """What a tuning program is compiled for; equal shapes share one.

    Parameters
    ----------
    names : tuple of str, default=()
        What is tuned.
    """

    names: tuple[str, ...] = ()


class TuningState(NamedTuple):
    """Everything that a step changes."""

    weights: Weights
    logs: Tensor  # (n_members, n_ranges), of the tuned numbers
    mean: Tensor  # of hypergradients, as Adam keeps it
    square: Tensor  # of hypergradients' squares
    step: Tensor  # steps made
    status: Tensor  # RUNNING or DIVERGED


class TuningSettings(NamedTuple):
    """The numbers of a tuning job."""

    job: Settings
    low: Tensor  # logarithms
    high: Tensor
    rate: Tensor  # most that a logarithm changes in a step
    n_steps: Tensor  # of the whole run, for the learning-rate schedule


class TuningProgram(Program):
    """The compiled tuning loop of one `TuningShape`."""

    shape: TuningShape

    def _limit(self, gradients: list, settings: Settings) -> list:
        """Clip gradients; the derivative of one that is 0 counts as 0.

        Adaptive optimizers divide by the root of a mean square, whose derivative at 0
        is infinite: at padding, and at units that no row of the batch reaches.
        """
        least = 1e4 * np.sqrt(np.finfo(self._dtype).tiny)  # its square is a number
        return [
            ops.where(ops.abs(g) <= least, ops.stop_gradient(g), g)
            for g in super()._limit(gradients, settings)
        ]

    def _with_numbers(self, settings: Settings, numbers: list) -> Settings:
        """Put the tuned numbers in the place of those of the job."""
        regularization = list(settings.regularization)
        for name, value in zip(self.shape.names, numbers, strict=True):
            if name in Regularization.names():
                regularization[Regularization.names().index(name)] = value
            else:
                settings = settings._replace(**{name: value})
        return settings._replace(regularization=tuple(regularization))

    def _validation_loss(
        self, weights: Weights, settings: Settings, rows: tuple, sums: Sums
    ) -> Tensor:
        """Mean loss of a member on validation rows, without penalties."""
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
            sums,
            training=False,
        )
        return loss

    def _look_ahead(self, member: tuple) -> tuple[Tensor, Tensor, Weights]:
        """Make a step; the validation loss behind it, and its derivative by logs."""
        weights, logs, settings, factor, rows, val_rows = member
        zero = ops.zeros((), self._dtype)
        metrics = self._objective.initial_metrics(self._dtype)
        nothing = Sums(zero, zero, tuple(map(ops.convert_to_tensor, metrics)))

        def loss_of(arguments: list) -> tuple[Tensor, Weights]:
            numbers = ops.unstack(ops.exp(arguments[0]), len(self.shape.names))
            now = self._with_numbers(settings, numbers)
            rate = now.learning_rate * factor
            after, _ = self._step((weights, now, rows, rate, nothing))
            return self._validation_loss(after, settings, val_rows, nothing), after

        (loss, after), (gradient,) = backend.value_and_gradients(loss_of, [logs])
        return loss, gradient, after

    def _move(
        self, state: TuningState, settings: TuningSettings, gradient: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Move the logarithms down the gradient, within their ranges."""
        count = ops.expand_dims(ops.cast(state.step + 1, self._dtype), -1)
        mean = MEAN_DECAY * state.mean + (1.0 - MEAN_DECAY) * gradient
        square = SQUARE_DECAY * state.square
        square += (1.0 - SQUARE_DECAY) * ops.square(gradient)
        size = ops.sqrt(square / (1.0 - SQUARE_DECAY**count))
        least = np.finfo(self._dtype).tiny
        share = mean / (1.0 - MEAN_DECAY**count) / ops.maximum(size, least)
        rate = ops.expand_dims(settings.rate, -1)
        logs = state.logs - rate * ops.clip(share, -1.0, 1.0)
        return ops.clip(logs, settings.low, settings.high), mean, square

    def _tune_step(
        self,
        state: TuningState,
        settings: TuningSettings,
        rows: tuple,
        val_rows: tuple,
        active: Tensor,
    ) -> tuple[TuningState, list]:
        """One step of the active members; also its row of the path."""
        progress = ops.cast(state.step, self._dtype)
        progress = progress / ops.cast(settings.n_steps, self._dtype)
        loss, gradient, weights = backend.map_members(
            self._look_ahead,
            (
                state.weights,
                state.logs,
                settings.job,
                self._schedule(progress),
                rows,
                val_rows,
            ),
            self._n_members,
        )
        logs, mean, square = self._move(state, settings, gradient)
        others = [ops.expand_dims(loss, -1), gradient, *weights.frozen]
        finite = ops.logical_and(
            backend.are_below(weights.trainable, WEIGHT_LIMIT),
            backend.are_below(others, np.inf),
        )
        after = TuningState(weights, logs, mean, square, state.step + 1, state.status)
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
        tables: tuple[Rows, Rows],
        parts: Parts,
        plans: tuple[Tensor, Tensor],
        n_steps: Tensor,
    ) -> tuple[TuningState, Tensor]:
        """Up to so many steps of each member; also the path, step by step."""
        shape = (self.shape.n_steps, self._n_members, 2 * len(self.shape.names) + 1)
        most = ops.max(n_steps)
        firsts = (parts.first_row, parts.first_val_row)

        def body(loop_state: tuple[Tensor, TuningState, Tensor]) -> tuple:
            i, now, path = loop_state
            batches = []
            for table, plan, first in zip(tables, plans, firsts, strict=True):
                places = backend.gather_rows(plan, i)
                starts = ops.expand_dims(first, -1)
                places, is_row = starts + ops.maximum(places, 0), places >= 0
                batches.append(self._gather(table, places, is_row))
            active = ops.logical_and(i < n_steps, now.status == RUNNING)
            now, row = self._tune_step(now, settings, *batches, active)
            return i + 1, now, backend.set_row(path, i, row)

        start: Any = (ops.zeros((), "int32"), state, ops.zeros(shape, self._dtype))
        _, state, path = backend.loop(lambda s: s[0] < most, body, start)
        return state, path


tuning_programs = ProgramCache(TuningProgram)
