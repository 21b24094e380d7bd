"""`train`: feeds jobs to their programs, call by call, and gathers outcomes."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from skdl.data.batches import batch_plan, row_capacity
from skdl.training import backend
from skdl.training.program import Program
from skdl.training.programs import ProgramCache
from skdl.training.records import (
    HISTORY_COLUMNS,
    EpochReport,
    Job,
    NetworkWeights,
    Outcome,
    Status,
)
from skdl.training.state import (
    DIVERGED,
    RUNNING,
    STOPPED_EARLY,
    Best,
    Plateau,
    Settings,
    State,
    Weights,
)

# Rows laid out for one call of a program. Between calls the interpreter sees Ctrl-C,
# and 2**16 rows are a fraction of a second for small networks.
PLANNED_ROWS = 1 << 16
MAX_PLANNED_EPOCHS = 64

# By signature and padded sizes: each program is compiled for one set of shapes.
_programs = ProgramCache(lambda key: Program(key[0]))

_STATUSES = {
    RUNNING: Status.FINISHED,
    STOPPED_EARLY: Status.STOPPED_EARLY,
    DIVERGED: Status.DIVERGED,
}


def train(jobs: Sequence[Job]) -> list[Outcome]:
    """Train networks.

    Parameters
    ----------
    jobs : sequence of Job
        What to train.

    Returns
    -------
    list of Outcome
        One per job, in order. A run that diverges is an outcome with that status.
    """
    return [_train_one(job) for job in jobs]


def _train_one(job: Job) -> Outcome:
    started = time.perf_counter()
    capacity = _capacity(job)
    val_capacity = row_capacity(job.validation.n_samples) if job.validation else 0
    program = _programs.get((job.signature, capacity, val_capacity))
    data = program.put(job.train, capacity)
    validation = program.put(job.validation, val_capacity) if job.validation else ()
    settings = _settings(job)
    state = _initial_state(program, job)
    random = np.random.default_rng(job.seed)
    epochs_per_call = min(MAX_PLANNED_EPOCHS, max(1, PLANNED_ROWS // capacity))
    history = np.empty((0, len(HISTORY_COLUMNS)), dtype=np.float64)
    status = Status.FINISHED
    while len(history) < job.epochs:
        wanted = 1 if job.on_epoch else epochs_per_call
        n_epochs = min(wanted, job.epochs - len(history))
        plan = batch_plan(
            job.train.n_samples,
            n_epochs=n_epochs,
            batch_size=job.signature.batch_size,
            capacity=capacity,
            n_rows=epochs_per_call,
            shuffle=job.shuffle,
            random=random,
        )
        state, rows = program.run(
            state,
            settings,
            data,
            validation,
            backend.to_device(plan),
            backend.to_device(n_epochs, "int32"),
        )
        code = int(state.status)
        begun = int(state.epoch) - job.epochs_before - len(history)
        history = np.vstack([history, np.asarray(rows)[:begun]])
        status = _STATUSES[code]
        is_last = code != RUNNING or len(history) == job.epochs
        stops = job.on_epoch and job.on_epoch(
            _report(program, history, state, is_last=is_last)
        )
        if stops and not is_last:
            status = Status.STOPPED_BY_CALLBACK
        if code != RUNNING or status is Status.STOPPED_BY_CALLBACK:
            break
    seconds = time.perf_counter() - started
    return _outcome(program, job, state, history, status, seconds)


def _capacity(job: Job) -> int:
    """Rows that the training data is padded to; whole batches."""
    batch_size = job.signature.batch_size
    n_batches = -(-row_capacity(job.train.n_samples) // batch_size)
    return n_batches * batch_size


def _settings(job: Job) -> Settings:
    dtype = job.signature.architecture.dtype
    stopping = job.stopping
    regularization = tuple(
        backend.to_device(getattr(job.regularization, name), dtype)
        for name in job.regularization.names()
    )
    return Settings(
        learning_rate=backend.to_device(job.rates.learning_rate, dtype),
        clip_norm=backend.to_device(job.rates.clip_norm, dtype),
        clip_value=backend.to_device(job.rates.clip_value, dtype),
        weight_decay=backend.to_device(job.rates.weight_decay, dtype),
        regularization=regularization,
        seed=backend.to_device(np.uint32(job.seed & 0xFFFFFFFF)),
        n_epochs=backend.to_device(job.epochs_planned or job.epochs, "int32"),
        patience=backend.to_device(
            min(stopping.patience, job.epochs) if stopping else 0, "int32"
        ),
        min_delta=backend.to_device(stopping.min_delta if stopping else 0.0, dtype),
    )


def _initial_state(program: Program, job: Job) -> State:
    dtype = job.signature.architecture.dtype
    trainable = program.trainable.to_device(job.weights.trainable)
    frozen = program.frozen.to_device(job.weights.frozen)
    slots = job.optimizer_state or program.initial_slots
    infinity = backend.to_device(np.inf, dtype)
    zero = backend.to_device(0, "int32")
    keeps = job.signature.keeps_best
    return State(
        weights=Weights(trainable, frozen, tuple(map(backend.to_device, slots))),
        best=Best(
            trainable=trainable if keeps else (),
            frozen=frozen if keeps else (),
            score=infinity,
            epoch=zero,
            wait=zero,
        ),
        plateau=Plateau(backend.to_device(1.0, dtype), infinity, zero),
        epoch=backend.to_device(job.epochs_before, "int32"),
        status=backend.to_device(RUNNING, "int32"),
    )


def _report(
    program: Program, history: np.ndarray, state: State, *, is_last: bool
) -> EpochReport:
    return EpochReport(
        epoch=len(history),
        is_last=is_last,
        values=dict(zip(HISTORY_COLUMNS, history[-1].tolist(), strict=True)),
        weights=lambda: _network_weights(program, state.weights),
    )


def _network_weights(program: Program, weights: Weights | Best) -> NetworkWeights:
    return NetworkWeights(
        program.trainable.to_host(weights.trainable),
        program.frozen.to_host(weights.frozen),
    )


def _outcome(
    program: Program,
    job: Job,
    state: State,
    history: np.ndarray,
    status: Status,
    seconds: float,
) -> Outcome:
    best_epoch = max(0, int(state.best.epoch) - job.epochs_before)
    keeps_best = job.signature.keeps_best and best_epoch > 0
    return Outcome(
        weights=_network_weights(program, state.best if keeps_best else state.weights),
        history=history,
        status=status,
        best_epoch=best_epoch,
        keeps_best=keeps_best,
        optimizer_state=backend.to_host(state.weights.slots),
        seconds=seconds,
    )
