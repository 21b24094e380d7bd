"""What goes into tuning by hypergradients and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from skdl.training._records import Job, NetworkWeights, Status

# Numbers that one step of training is a differentiable function of. Dropout is not: a
# unit is kept or not, and the derivative with respect to the rate is 0 nearly
# everywhere.
TUNABLE = ("learning_rate", "l1", "l2", "weight_decay", "input_noise")


@dataclass(frozen=True)
class TunedRange:
    """A number that is tuned, and where it may go."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class TuningJob:
    """One network whose numbers are tuned while it is trained."""

    job: Job  # the network, with validation rows; its numbers are where tuning begins
    ranges: tuple[TunedRange, ...]
    # most that the logarithm of a number changes in a step; 0 tunes nothing
    hyper_learning_rate: float
    # factor, in [0, 1], by which what earlier steps add to the derivatives fades in
    # each step: 0 looks one step ahead, 1 counts the whole run
    memory: float

    def __post_init__(self) -> None:
        """Check that the validation loss can be looked at after each step."""
        if self.job.validation is None or self.job.signature.keeps_best:
            raise ValueError(
                "A tuning job needs validation rows and no stopping rule. Got "
                f"validation={self.job.validation!r} and "
                f"stopping={self.job.stopping!r}."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """What is tuned."""
        return tuple(tuned.name for tuned in self.ranges)

    @property
    def start(self) -> tuple[float, ...]:
        """Where tuning begins."""
        parts = (self.job.rates, self.job.regularization)
        numbers = {
            f.name: getattr(part, f.name) for part in parts for f in fields(part)
        }
        return tuple(numbers[name] for name in self.names)

    def starting_at(self, values: Sequence[float]) -> TuningJob:
        """Return the same job that begins elsewhere."""
        numbers = dict(zip(self.names, values, strict=True))

        def own(part: Any) -> dict[str, float]:
            return {f.name: numbers[f.name] for f in fields(part) if f.name in numbers}

        job = self.job
        job = replace(
            job,
            rates=replace(job.rates, **own(job.rates)),
            regularization=replace(job.regularization, **own(job.regularization)),
        )
        return replace(self, job=job)


@dataclass(frozen=True)
class TuningOutcome:
    """How the numbers of one network moved."""

    values: np.ndarray  # (n_steps, n_ranges) The numbers that each step was made with
    # (n_steps, n_ranges) Derivatives of the validation loss behind the step with
    # respect to the logarithms of the numbers, as far as `memory` reaches
    hypergradients: np.ndarray
    # (n_steps,) After each step, on the rows that were looked at, without penalties
    validation_losses: np.ndarray
    weights: NetworkWeights
    status: Status  # FINISHED, or DIVERGED: the last step is then the one before
    # wall time, tracing and compiling included, shared equally by those who trained
    # together
    seconds: float
