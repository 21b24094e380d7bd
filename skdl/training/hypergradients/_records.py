"""Jobs and outcomes of tuning by hypergradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from skdl.training._records import Job, NetworkWeights, Status

# Numbers in which a training step is differentiable. Dropout is not among them: a unit
# is kept or not, so the derivative with respect to the rate is 0 almost everywhere.
TUNABLE = ("learning_rate", "l1", "l2", "weight_decay", "input_noise")


@dataclass(frozen=True)
class TunedRange:
    """The range of a number that is tuned.

    Parameters
    ----------
    name : str
        One of `TUNABLE`.
    low, high : float
        Bounds, above 0.
    """

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class TuningJob:
    """One network whose numbers are tuned during training.

    Parameters
    ----------
    job : Job
        The network, with validation rows. Tuning starts at its numbers.
    ranges : tuple of TunedRange
        The numbers to tune.
    hyper_learning_rate : float
        Largest change of the logarithm of a number per step; 0 tunes nothing.
    memory : float
        Factor, in [0, 1], by which the effect of earlier steps on the weights fades in
        each step: 0 looks one step ahead, 1 counts the whole run.
    """

    job: Job
    ranges: tuple[TunedRange, ...]
    hyper_learning_rate: float
    memory: float

    def __post_init__(self) -> None:
        """Check that there is a validation loss after each step."""
        if self.job.validation is None or self.job.signature.keeps_best:
            raise ValueError(
                "A tuning job needs validation rows and no stopping rule. Got "
                f"validation={self.job.validation!r} and "
                f"stopping={self.job.stopping!r}."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tuned numbers."""
        return tuple(tuned.name for tuned in self.ranges)

    @property
    def start(self) -> tuple[float, ...]:
        """Initial values of the tuned numbers."""
        parts = (self.job.rates, self.job.regularization)
        numbers = {
            f.name: getattr(part, f.name) for part in parts for f in fields(part)
        }
        return tuple(numbers[name] for name in self.names)

    def starting_at(self, values: Sequence[float]) -> TuningJob:
        """Return the same job with other initial values.

        Parameters
        ----------
        values : sequence of float
            In the order of `ranges`.

        Returns
        -------
        TuningJob
            Starts at these values.
        """
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
    """The path of the numbers of one network.

    Parameters
    ----------
    values : ndarray of shape (n_steps, n_ranges)
        The numbers with which each step was made.
    hypergradients : ndarray of shape (n_steps, n_ranges)
        Derivatives of the validation loss after the step with respect to the logarithms
        of the numbers, as far as `memory` reaches.
    validation_losses : ndarray of shape (n_steps,)
        Loss after each step, on some validation rows, without penalties.
    weights : NetworkWeights
        The last finite weights.
    status : Status
        FINISHED, or DIVERGED after the last step of the path.
    seconds : float
        Wall time, including tracing and compiling, divided equally among the members
        that trained side by side.
    """

    values: np.ndarray
    hypergradients: np.ndarray
    validation_losses: np.ndarray
    weights: NetworkWeights
    status: Status
    seconds: float
