"""Members: jobs on their way through a bank, in the terms of their program."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from skdl.data import batch_plan
from skdl.training._backend import tensorflow as backend
from skdl.training._program.layout import WeightLayout
from skdl.training._program.program import Program
from skdl.training._program.state import (
    RUNNING,
    Best,
    Plateau,
    RowRanges,
    Settings,
    State,
    Weights,
)
from skdl.training._records import (
    EpochReport,
    Job,
    NetworkWeights,
    Outcome,
    Status,
)


@dataclass
class Member:
    """One job on its way through a bank."""

    place: int  # position of the job in the sequence passed to the engine
    job: Job
    row_ranges: RowRanges  # its rows in the tables of the bank
    _random: np.random.Generator = field(init=False)
    _epochs: list[np.ndarray] = field(init=False)  # drawn, but not yet begun
    history: np.ndarray = field(init=False)
    settings: Settings = field(init=False)
    state: State = field(init=False)  # when it last took or left a seat
    seconds: float = 0.0
    n_unreported: int = 0  # epochs that its observer has not seen

    def __post_init__(self) -> None:
        """Make what the program does not depend on."""
        self._random, self._epochs = np.random.default_rng(self.job.seed), []
        self.history = np.empty((0, self.job.signature.n_columns), dtype=np.float64)

    @property
    def _columns(self) -> tuple[str, ...]:
        return self.job.signature.history_columns

    @property
    def epochs_left(self) -> int:
        """Most epochs still to be trained."""
        return self.job.epochs - len(self.history)

    @property
    def steps_per_epoch(self) -> int:
        """Steps that read each row once."""
        return -(-self.job.train.n_samples // self.job.signature.batch_size)

    @property
    def steps_left(self) -> int:
        """Most steps still to be made."""
        return self.epochs_left * self.steps_per_epoch

    @property
    def has_begun(self) -> bool:
        """Whether it has had a seat."""
        return hasattr(self, "state")

    def is_over(self) -> bool:
        """Return whether it must stop before its next epoch."""
        return self.job.is_over is not None and self.job.is_over()

    def begin(self, program: Program) -> None:
        """Make its initial state and settings."""
        self.settings = _settings(self.job, program)
        self.state = _initial_state(program, self.job)

    def report(
        self, program: Program, state: State, seat: int, *, epoch: int, is_last: bool
    ) -> EpochReport:
        """Make the report of an epoch."""

        def weights() -> NetworkWeights:
            (carried,) = backend.take_members(state.weights, [seat])
            return _network_weights(program, self.job, carried)

        def set_learning_rate(rate: float) -> None:
            number = self.settings.learning_rate.dtype.type
            self.settings = self.settings._replace(learning_rate=number(rate))

        row = self.history[epoch - 1, : len(self._columns)].tolist()
        values = zip(self._columns, row, strict=True)
        return EpochReport(epoch, is_last, dict(values), weights, set_learning_rate)

    def outcome(self, program: Program, end: State, status: Status) -> Outcome:
        """Return its outcome."""
        job, n_columns = self.job, len(self._columns)
        best_epoch = max(0, int(end.best.epoch) - job.epochs_before)
        keeps_best = job.signature.keeps_best and best_epoch > 0
        return Outcome(
            weights=_network_weights(
                program, job, end.best if keeps_best else end.weights
            ),
            history=self.history[:, :n_columns],
            status=status,
            best_epoch=best_epoch,
            keeps_best=keeps_best,
            optimizer_state=end.weights.slots if job.keeps_optimizer_state else None,
            seconds=self.seconds,
            probes=self.history[:, n_columns:] if job.signature.probes else None,
        )

    def lay_out(self, plan: np.ndarray, seat: int, n_epochs: int, stride: int) -> None:
        """Write its next epochs into the row plan of a call."""
        # plan: (n_steps, n_members, batch_size)
        n_samples = self.job.train.n_samples
        while len(self._epochs) < n_epochs:
            steps = batch_plan(
                n_samples,
                batch_size=plan.shape[-1],
                shuffle=self.job.shuffle,
                random=self._random,
            )
            self._epochs.append(steps)
        for epoch, steps in enumerate(self._epochs[:n_epochs]):
            first = epoch * stride
            plan[first : first + len(steps), seat] = steps

    def record(self, rows: np.ndarray, epoch: int) -> int:
        """Record the epochs of a call, perhaps fewer than planned; return how many."""
        # rows: (n_epochs, n_columns)
        n_begun = int(epoch) - self.job.epochs_before - len(self.history)
        self.history = np.vstack([self.history, rows[:n_begun]])
        del self._epochs[:n_begun]
        self.n_unreported += n_begun
        return n_begun


def _settings(job: Job, program: Program) -> Settings:
    number = np.dtype(job.signature.architecture.dtype).type
    stopping, rates = job.stopping, job.rates
    mask: tuple = ()
    if program.shape.is_padded:
        ones = [[np.ones_like(array) for array in job.weights.trainable]]
        mask = tuple(part[0] != 0 for part in program.trainable.stack(ones))
    return Settings(
        learning_rate=number(rates.learning_rate),
        clip_norm=number(rates.clip_norm),
        clip_value=number(rates.clip_value),
        weight_decay=number(rates.weight_decay),
        momentum=number(rates.momentum),
        regularization=tuple(
            number(getattr(job.regularization, name))
            for name in job.regularization.names()
        ),
        seed=np.uint32(job.seed & 0xFFFFFFFF),
        n_epochs=np.int32(job.epochs_planned or job.epochs),
        patience=np.int32(min(stopping.patience, job.epochs) if stopping else 0),
        min_delta=number(stopping.min_delta if stopping else 0.0),
        mask=mask,
    )


def _initial_state(program: Program, job: Job) -> State:
    number = np.dtype(job.signature.architecture.dtype).type
    trainable, frozen = (
        tuple(part[0] for part in layout.stack([arrays]))
        for layout, arrays in (
            (program.trainable, job.weights.trainable),
            (program.frozen, job.weights.frozen),
        )
    )
    slots = job.optimizer_state or program.initial_slots
    zero, infinity = np.int32(0), number(np.inf)
    keeps = job.signature.keeps_best
    return State(
        weights=Weights(trainable, frozen, tuple(slots)),
        best=Best(
            trainable=trainable if keeps else (),
            frozen=frozen if keeps else (),
            score=infinity,
            epoch=zero,
            wait=zero,
        ),
        plateau=Plateau(number(1.0), infinity, zero),
        epoch=np.int32(job.epochs_before),
        status=np.int32(RUNNING),
    )


def _network_weights(
    program: Program, job: Job, carried: Weights | Best
) -> NetworkWeights:
    layouts: tuple[WeightLayout, WeightLayout] = (program.trainable, program.frozen)
    arrays = (
        layout.unstack(part, [array.shape for array in own])
        for layout, part, own in zip(
            layouts,
            (carried.trainable, carried.frozen),
            (job.weights.trainable, job.weights.frozen),
            strict=True,
        )
    )
    return NetworkWeights(*arrays)
