"""Row plans: which rows each training step reads, and how arrays are padded.

A compiled program has fixed shapes. Rows are therefore padded to a few capacities,
so that folds of 455 and 456 rows share one program; a padded place is marked -1 and
weighs nothing.
"""

from __future__ import annotations

import numpy as np

PADDING = -1


def row_capacity(n_rows: int) -> int:
    """Round a number of rows up to one of few sizes.

    Parameters
    ----------
    n_rows : int
        At least 1.

    Returns
    -------
    int
        A multiple of 16, with eight sizes between a power of two and the next: at
        most an eighth more than `n_rows` above 128.

    Examples
    --------
    >>> row_capacity(455), row_capacity(456), row_capacity(60_000)
    (480, 480, 61440)
    """
    step = max(16, 1 << max(0, (n_rows - 1).bit_length() - 4))
    return -(-n_rows // step) * step


def batch_plan(
    n_samples: int,
    *,
    n_epochs: int,
    batch_size: int,
    capacity: int,
    n_rows: int,
    shuffle: bool,
    random: np.random.Generator,
) -> np.ndarray:
    """Lay out the rows of some epochs, batch by batch.

    Parameters
    ----------
    n_samples : int
        Number of rows to visit in each epoch.
    n_epochs : int
        Number of epochs to lay out.
    batch_size : int
        Rows per step; the last batch of an epoch is padded.
    capacity : int
        Number of rows the data is padded to, at least `n_samples`.
    n_rows : int
        Number of epochs the plan is padded to, at least `n_epochs`.
    shuffle : bool
        Whether each epoch has its own random order.
    random : numpy.random.Generator
        Source of the orders. One permutation is drawn per epoch, so that laying out
        epochs one by one or all at once gives the same orders.

    Returns
    -------
    ndarray of shape (n_rows, n_steps, batch_size), int32
        Row numbers, with -1 in padded places; n_steps is fixed by the capacity.
    """
    n_steps = -(-capacity // batch_size)
    plan = np.full((n_rows, n_steps * batch_size), PADDING, dtype=np.int32)
    for epoch in range(n_epochs):
        plan[epoch, :n_samples] = (
            random.permutation(n_samples) if shuffle else np.arange(n_samples)
        )
    return plan.reshape(n_rows, n_steps, batch_size)
