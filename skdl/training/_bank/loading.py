"""From the jobs of a group to members, their tables and the shape of their program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skdl.training._bank.grouping import Group
from skdl.training._bank.members import Member
from skdl.training._bank.programs import reusable_shape
from skdl.training._bank.sizing import plan_steps, table_rows, val_batch_size
from skdl.training._bank.tables import SampleTable
from skdl.training._program.program import ProgramShape
from skdl.training._program.state import DeviceTable, RowRanges
from skdl.training._records import Job


@dataclass(frozen=True)
class LoadedGroup:
    """The members of a group, with the tables that hold their rows."""

    members: tuple[Member, ...]
    shape: ProgramShape  # of the program, for any number of members
    train: SampleTable
    validation: SampleTable  # empty where no job has validation rows

    def to_device(self) -> tuple[DeviceTable, DeviceTable | tuple]:
        """Copy both tables to the device."""
        validation: DeviceTable | tuple = ()
        if self.shape.n_val_rows:
            validation = self.validation.to_device(self.shape.n_val_rows)
        return self.train.to_device(self.shape.n_rows), validation


def load_group(group: Group, jobs: Sequence[Job], *, reuses: bool) -> LoadedGroup:
    """Gather the rows of a group's jobs, and decide how large its program must be."""
    train, validation = SampleTable(), SampleTable()
    sets = [train.add(job.train) for job in jobs]
    val_sets = [validation.add(job.validation) for job in jobs if job.validation]
    shape = _shape(group, jobs, train.n_rows, validation.n_rows)
    if reuses:
        shape = reusable_shape(shape)
    first_rows, first_val_rows = train.first_rows(), validation.first_rows()
    members = []
    for i, job in enumerate(jobs):
        numbers = [first_rows[sets[i]], job.train.n_samples, 0, 0]
        if job.validation:
            numbers[2:] = [first_val_rows[val_sets[i]], job.validation.n_samples]
        ranges = RowRanges(*map(np.int32, numbers))
        members.append(Member(group.places[i], job, ranges))
    return LoadedGroup(tuple(members), shape, train, validation)


def _shape(
    group: Group, jobs: Sequence[Job], n_rows: int, n_val_rows: int
) -> ProgramShape:
    """The smallest shape of the usual sizes that holds all rows."""
    signature = group.signature
    n_values = jobs[0].train.n_values
    n_samples = max(job.train.n_samples for job in jobs)
    most_val_rows = max(
        (j.validation.n_samples for j in jobs if j.validation), default=1
    )
    return ProgramShape(
        signature=signature,
        n_members=0,
        n_rows=table_rows(n_rows, n_values),
        n_steps=plan_steps(
            math.ceil(n_samples / signature.batch_size), signature.batch_size
        ),
        n_val_rows=table_rows(n_val_rows, n_values) if n_val_rows else 0,
        val_batch_size=(
            signature.batch_size
            if signature.objective.is_batchwise
            else val_batch_size(most_val_rows)
        ),
        is_padded=group.is_padded,
    )
