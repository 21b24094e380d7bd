"""Which jobs train together.

Jobs with the same signature share a program. So do jobs for whose networks a larger one
can stand in, with narrower layers padded by weights that stay zero. They are grouped if
the arithmetic on padding takes less time than compiling another program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from skdl.training._bank.sizing import COMPILE_SECONDS, multiplications, step_cost
from skdl.training._records import Job, OptimizerSpec, Signature


@dataclass(frozen=True)
class Group:
    """Jobs that share a program."""

    signature: Signature  # of the program
    places: tuple[int, ...]  # positions of the jobs in the sequence
    is_padded: bool = False  # whether some jobs have narrower networks


def group_jobs(jobs: Sequence[Job]) -> list[Group]:
    """Decide which jobs train together."""
    alike: dict[tuple, list[int]] = {}
    for i, job in enumerate(jobs):
        # Optimizer state has the shape of its own network, not of a padded one.
        has_state = job.keeps_optimizer_state or job.optimizer_state is not None
        key = (job.signature, job.validation is None, has_state)
        alike.setdefault(key, []).append(i)
    groups: list[Group] = []
    mergeable: dict[tuple, list[Group]] = {}
    for (signature, lacks_validation, has_state), places in alike.items():
        group = Group(signature, tuple(places))
        if has_state or signature.probes:  # probes must not see padding
            groups.append(group)
            continue
        bucket = mergeable.setdefault((_family(signature), lacks_validation), [])
        for i, other in enumerate(bucket):
            merged = _merge(group, other, jobs)
            if merged is not None:
                bucket[i] = merged
                break
        else:
            bucket.append(group)
    return groups + [group for bucket in mergeable.values() for group in bucket]


def _family(signature: Signature) -> tuple:
    """What merged signatures must have in common, besides the architecture."""
    optimizer = signature.optimizer
    return (
        signature.loss,
        signature.schedule,
        signature.batch_size,
        signature.is_sparse,
        signature.keeps_best,
        optimizer.name,
        optimizer.nesterov,
    )


def _merge(first: Group, second: Group, jobs: Sequence[Job]) -> Group | None:
    """Return one group of both, if possible and faster."""
    architecture = first.signature.architecture.merge(second.signature.architecture)
    if architecture is None:
        return None
    signature = replace(
        first.signature,
        architecture=architecture,
        optimizer=_merge_optimizers(
            first.signature.optimizer, second.signature.optimizer
        ),
    )
    places = (*first.places, *second.places)
    n_weights = [_n_weights(jobs[place]) for place in places]
    largest = n_stacked_weights([jobs[place] for place in places])
    cost = step_cost()
    wasted = sum(
        jobs[place].epochs
        * (1 + jobs[place].train.n_samples // signature.batch_size)
        * multiplications(signature, largest - n)
        / cost.rate
        / cost.n_lanes
        for place, n in zip(places, n_weights, strict=True)
    )
    is_padded = any(n != largest for n in n_weights)
    if is_padded and wasted > COMPILE_SECONDS:
        return None
    return Group(signature, places, is_padded)


def _merge_optimizers(first: OptimizerSpec, second: OptimizerSpec) -> OptimizerSpec:
    """The optimizer with the features of both; numbers switch them off."""
    return replace(
        first,
        has_momentum=first.has_momentum or second.has_momentum,
        clips_norm=first.clips_norm or second.clips_norm,
        clips_value=first.clips_value or second.clips_value,
        decays_weights=first.decays_weights or second.decays_weights,
    )


def _n_weights(job: Job) -> int:
    return sum(array.size for array in job.weights.trainable)


def n_stacked_weights(jobs: Sequence[Job]) -> int:
    """Count the weights of the smallest network that can stand in for all jobs."""
    shapes = {tuple(array.shape for array in job.weights.trainable) for job in jobs}
    stacked = zip(*shapes, strict=True)
    return sum(int(np.prod(np.max(alike, axis=0))) for alike in stacked)
