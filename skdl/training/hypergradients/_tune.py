"""`tune`: tuning jobs in, paths of their numbers out.

All members of a bank make about as many steps, so nobody waits for a seat: members are
divided into chunks of equal size, which the processor cores train.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any

import numpy as np

from skdl.data import PADDING, batch_plan
from skdl.training._backend import tensorflow as backend
from skdl.training._bank.bank import trains_alone
from skdl.training._bank.grouping import Group
from skdl.training._bank.loading import load_group
from skdl.training._bank.members import Member
from skdl.training._bank.sizing import member_bytes, step_cost
from skdl.training._memory_bound import memory_bound
from skdl.training._program.program import ProgramShape
from skdl.training._program.state import DIVERGED, Weights
from skdl.training._records import Status
from skdl.training.hypergradients._program import (
    TuningProgram,
    TuningSettings,
    TuningShape,
    TuningState,
    tuning_programs,
)
from skdl.training.hypergradients._records import TuningJob, TuningOutcome

MAX_SEATS = 16  # side by side; more gain little (docs/design.md)
MAX_VALIDATION_ROWS = 64  # per step; rows take turns
MAX_STEPS = 256  # rows of the path that a call returns


@dataclass
class _Seated:
    """A tuning job on its way through a bank."""

    tuning: TuningJob
    member: Member
    orders: Iterator[np.ndarray] = field(init=False)
    val_orders: Iterator[np.ndarray] = field(init=False)
    steps_left: int = field(init=False)
    path: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw the same row orders as plain training of the job."""
        job = self.tuning.job
        random = np.random.default_rng(job.seed)
        self.orders = _batches(
            job.train.n_samples, job.signature.batch_size, job.shuffle, random
        )
        validation = job.validation
        n_val = validation.n_samples if validation else 0
        size = min(n_val, MAX_VALIDATION_ROWS)
        self.val_orders = _batches(
            n_val, size, n_val > size, np.random.default_rng([job.seed, 1])
        )
        self.steps_left = self.n_steps

    @property
    def n_steps(self) -> int:
        """Steps of the whole run."""
        return self.tuning.job.epochs * self.member.steps_per_epoch

    def settings(self, dtype: str) -> TuningSettings:
        """Return its numbers, as the program takes them."""
        ranges = self.tuning.ranges
        return TuningSettings(
            job=self.member.settings,
            low=np.log(np.array([tuned.low for tuned in ranges], dtype)),
            high=np.log(np.array([tuned.high for tuned in ranges], dtype)),
            rate=np.dtype(dtype).type(self.tuning.hyper_learning_rate),
            memory=np.dtype(dtype).type(self.tuning.memory),
            n_steps=np.int32(self.n_steps),
        )

    def state(self, dtype: str) -> TuningState:
        """Return its initial state."""
        values = np.array(self.tuning.start, dtype)
        return TuningState(
            weights=self.member.state.weights,
            logs=np.log(values),
            tangents=Weights(
                *(
                    tuple(
                        np.zeros((len(values), *part.shape), dtype)
                        for part in parts
                        if part.dtype == dtype
                    )
                    for parts in self.member.state.weights
                )
            ),
            sign=np.zeros(len(values), dtype),
            step=np.int32(0),
            status=self.member.state.status,
        )

    def outcome(self, program: TuningProgram, end: TuningState) -> TuningOutcome:
        """Return its outcome."""
        is_diverged = int(end.status) == DIVERGED
        status = Status.DIVERGED if is_diverged else Status.FINISHED
        plain = self.member.outcome(
            program, self.member.state._replace(weights=end.weights), status
        )
        path = np.concatenate(self.path)[: int(end.step)].astype(np.float64)
        n = len(self.tuning.ranges)
        return TuningOutcome(
            values=path[:, :n],
            hypergradients=path[:, n:-1],
            validation_losses=path[:, -1],
            weights=plain.weights,
            status=status,
            seconds=self.member.seconds,
        )


def _batches(
    n_samples: int, size: int, shuffle: bool, random: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield the rows of each step, epoch after epoch, as plain training does."""
    while True:
        yield from batch_plan(
            n_samples, batch_size=size, shuffle=shuffle, random=random
        )


class _Tuner:
    """Trains tuning jobs with the same signature, in chunks."""

    def __init__(self, tunings: Sequence[TuningJob]) -> None:
        jobs = [tuning.job for tuning in tunings]
        signature = jobs[0].signature
        group = Group(signature, tuple(range(len(jobs))))
        self._loaded = load_group(group, jobs, reuses=False)
        self._seated = [
            _Seated(tuning, member)
            for tuning, member in zip(tunings, self._loaded.members, strict=True)
        ]
        self._n_lanes = step_cost().n_lanes
        room = memory_bound(None) // self._n_lanes // (3 * max(map(member_bytes, jobs)))
        most = 1 if trains_alone(signature) else max(1, min(MAX_SEATS, room))
        n_rounds = math.ceil(len(jobs) / self._n_lanes / most)
        self._n_seats = math.ceil(len(jobs) / self._n_lanes / n_rounds)
        n_val_rows = [job.validation.n_samples for job in jobs if job.validation]
        shape = self._loaded.shape
        self._shape = TuningShape(
            **{item.name: getattr(shape, item.name) for item in fields(ProgramShape)}
            | {
                "n_members": self._n_seats,
                "n_steps": min(shape.n_steps, MAX_STEPS),
                "val_batch_size": min(max(n_val_rows), MAX_VALIDATION_ROWS),
            },
            names=tunings[0].names,
        )
        self._is_stopped = threading.Event()

    def run(self) -> list[TuningOutcome]:
        """Train all members, as many chunks at once as there are cores."""
        size = self._n_seats
        chunks = [self._seated[i : i + size] for i in range(0, len(self._seated), size)]
        program = tuning_programs.get(self._shape)
        self._tables = self._loaded.to_device()
        with ThreadPoolExecutor(self._n_lanes, "skdl-tuning") as pool:
            futures = [pool.submit(self._run_chunk, chunk, program) for chunk in chunks]
            try:
                return [outcome for future in futures for outcome in future.result()]
            except BaseException:
                self._is_stopped.set()  # the other chunks end after their current call
                raise

    def _run_chunk(
        self, seated: list[_Seated], program: TuningProgram
    ) -> list[TuningOutcome]:
        dtype = self._shape.signature.architecture.dtype
        for each in seated:
            each.member.begin(program)
        # Copies that make no steps fill the empty seats.
        sitting = seated + [seated[0]] * (self._n_seats - len(seated))
        state: Any = backend.stack_members([each.state(dtype) for each in sitting])
        settings = backend.stack_members([each.settings(dtype) for each in sitting])
        ranges = backend.stack_members([each.member.row_ranges for each in sitting])
        while any(each.steps_left for each in seated):
            if self._is_stopped.is_set():
                return []
            plans, n_steps = self._lay_out(seated)
            started = time.perf_counter()
            state, path = program.run(
                state, settings, self._tables, ranges, plans, n_steps
            )
            rows = path.numpy()
            seconds = time.perf_counter() - started
            for seat, (each, n) in enumerate(
                zip(seated, n_steps.numpy(), strict=False)
            ):
                each.path.append(rows[:n, seat])
                each.steps_left -= int(n)
                each.member.seconds += seconds / len(seated)
        ends = backend.take_members(state, range(len(seated)))
        return [
            each.outcome(program, end) for each, end in zip(seated, ends, strict=True)
        ]

    def _lay_out(self, seated: list[_Seated]) -> tuple[tuple, Any]:
        """Write the rows of the next steps into row plans for both tables."""
        shape = self._shape
        sizes = (shape.signature.batch_size, shape.val_batch_size)
        plans = [
            np.full((shape.n_steps, self._n_seats, size), PADDING, np.int32)
            for size in sizes
        ]
        n_steps = np.zeros(self._n_seats, np.int32)
        for seat, each in enumerate(seated):
            n = n_steps[seat] = min(shape.n_steps, each.steps_left)
            for plan, orders in zip(plans, (each.orders, each.val_orders), strict=True):
                for step, row_numbers in enumerate(islice(orders, int(n))):
                    plan[step, seat, : len(row_numbers)] = row_numbers
        return tuple(map(backend.to_device, plans)), backend.to_device(n_steps)


def tune(jobs: Sequence[TuningJob]) -> list[TuningOutcome]:
    """Train networks side by side while their numbers follow the validation loss.

    Parameters
    ----------
    jobs : sequence of TuningJob
        The networks, and the numbers to tune.

    Returns
    -------
    list of TuningOutcome
        One per job, in order.

    Notes ----- A step with the numbers h, as logarithms, leads from weights and
    optimizer state w to F(w, h). The derivatives ``Z' = memory * dF/dw Z + dF/dh``
    start at zero and are exact for every optimizer. With L the loss on validation rows,
    without penalties, ``dL/dw' Z'`` is the hypergradient. With a memory of 0 it looks
    one step ahead (Luketina et al.; Baydin et al. for the learning rate of gradient
    descent and the training loss). With 1 it is the derivative of the loss with respect
    to numbers that had been h from the first step (Franceschi et al.).

    Each logarithm moves by `hyper_learning_rate` times the moving mean of the
    hypergradient's sign, within its range. Only the sign counts, because hypergradients
    span many powers of ten: the first steps of a network with a large learning rate
    would outweigh all that follow.

    References
    ----------
    Luketina, Berglund, Greff and Raiko (2016), "Scalable Gradient-Based Tuning of
    Continuous Regularization Hyperparameters". Franceschi, Donini, Frasconi and Pontil
    (2017), "Forward and Reverse Gradient-Based Hyperparameter Optimization". Baydin,
    Cornish, Martinez Rubio, Schmidt and Wood (2018), "Online Learning Rate Adaptation
    with Hypergradient Descent".
    """
    alike: dict[tuple, list[int]] = {}
    for place, tuning in enumerate(jobs):
        alike.setdefault((tuning.job.signature, tuning.names), []).append(place)
    outcomes: dict[int, TuningOutcome] = {}
    for places in alike.values():
        found = _Tuner([jobs[place] for place in places]).run()
        outcomes |= dict(zip(places, found, strict=True))
    return [outcomes[place] for place in range(len(jobs))]
