"""The sizes of a bank: rows, steps, members side by side.

A program is compiled for fixed sizes, and compiling takes a second or more. So sizes
are rounded up to a few values, generously where padding costs only memory. A model of
the time decides how many members train side by side: members share the start of each
kernel but not its arithmetic, so small networks gain by company and large ones do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skdl.data import row_capacity
from skdl.training._backend import device
from skdl.training._records import Job, Signature

WIDTHS = (1, 4, 16, 64)  # members side by side

# Small tables are padded to the same size. The padding of a table is never read, so it
# costs only memory, here at most 8 MB.
MIN_TABLE_ROWS, MIN_TABLE_VALUES = 4096, 1 << 20

# Ctrl-C takes effect between two calls of a program. 2**16 rows of a small network take
# a fraction of a second.
ROWS_PER_CALL, MIN_STEPS, MAX_STEPS = 1 << 16, 64, 1024

MAX_VAL_BATCH_SIZE = 1024  # bounds memory, changes no result

# Time to trace and compile a program of a few layers, for one member and for several.
COMPILE_SECONDS, COMPILE_MAPPED_SECONDS = 1.0, 1.4
CALL_SECONDS = 0.01  # to fill and empty the seats of one call


@dataclass(frozen=True)
class StepCost:
    """A model of the time of one step: a part per step and a part per member."""

    start: float  # seconds to start the kernels of a step
    # multiplications per second on small arrays, with everything they entail
    rate: float
    n_lanes: int  # lanes that run at once
    cache: float  # bytes of weights and optimizer state that stay in a lane's cache

    def seconds(self, n_members: int, multiplications: float) -> float:
        """Time of a step of some members side by side."""
        return self.start + n_members * multiplications / self.rate


def step_cost() -> StepCost:
    """Return the cost model of this machine."""
    if device.has_gpu():
        return StepCost(start=5e-4, rate=5e11, n_lanes=1, cache=np.inf)
    return StepCost(start=45e-6, rate=6e9, n_lanes=device.n_cores(), cache=2e6)


def multiplications(signature: Signature, n_weights: int) -> float:
    """Count the multiplications of one member's forward pass over a batch."""
    return float(signature.batch_size * n_weights)


def table_rows(n_rows: int, n_values: int) -> int:
    """Return the capacity of a table: its number of rows, rounded up."""
    least = min(MIN_TABLE_ROWS, MIN_TABLE_VALUES // max(1, n_values))
    return row_capacity(max(n_rows, least, 1))


def plan_steps(steps_per_epoch: int, batch_size: int) -> int:
    """Choose the number of steps in a row plan, at least one epoch."""
    usual = max(MIN_STEPS, min(MAX_STEPS, ROWS_PER_CALL // batch_size))
    return usual if steps_per_epoch <= usual else row_capacity(steps_per_epoch)


def val_batch_size(n_rows: int) -> int:
    """Choose the number of validation rows per batch."""
    return min(MAX_VAL_BATCH_SIZE, 1 << max(4, (n_rows - 1).bit_length()))


def member_bytes(job: Job) -> int:
    """Estimate the memory that a seated member takes."""
    arrays = (*job.weights.trainable, *job.weights.frozen)
    weights = sum(array.nbytes for array in arrays)
    itemsize = arrays[0].itemsize
    widths = job.train.n_values + sum(a.shape[-1] for a in arrays)
    return 7 * weights + 4 * job.signature.batch_size * widths * itemsize
