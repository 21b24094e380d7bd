"""Row plans: which rows each training step reads."""

from __future__ import annotations

import numpy as np

PADDING = -1  # in a row plan: no row


def batch_plan(
    n_samples: int,
    *,
    batch_size: int,
    shuffle: bool,
    random: np.random.Generator,
) -> np.ndarray:
    """Assign the rows of one epoch to batches.

    Parameters
    ----------
    n_samples : int
        Number of rows; each is read once.
    batch_size : int
        Rows per step; the last batch is padded.
    shuffle : bool
        Whether to visit the rows in random order.
    random : numpy.random.Generator
        Source of the order. Each shuffled epoch draws one permutation.

    Returns
    -------
    ndarray of shape (n_steps, batch_size), int32
        Row numbers, with `PADDING` behind the last row.

    Examples
    --------
    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> batch_plan(5, batch_size=3, shuffle=False, random=random)
    array([[ 0,  1,  2],
           [ 3,  4, -1]], dtype=int32)
    """
    n_steps = -(-n_samples // batch_size)
    plan = np.full(n_steps * batch_size, PADDING, dtype=np.int32)
    plan[:n_samples] = random.permutation(n_samples) if shuffle else range(n_samples)
    return plan.reshape(n_steps, batch_size)
