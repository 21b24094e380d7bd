"""How many rows an array is padded to.

A compiled program has fixed shapes. Rows are padded to one of a few capacities, so that
folds of 455 and 456 rows share one program.
"""

from __future__ import annotations


def row_capacity(n_rows: int) -> int:
    """Round a number of rows up to one of a few sizes.

    Parameters
    ----------
    n_rows : int
        At least 1.

    Returns
    -------
    int
        A multiple of 16. There are eight sizes between a power of two and the next, so
        above 128 it is at most an eighth more than `n_rows`.

    Examples
    --------
    >>> row_capacity(455), row_capacity(456), row_capacity(60_000)
    (480, 480, 61440)
    """
    step = max(16, 1 << max(0, (n_rows - 1).bit_length() - 4))
    return -(-n_rows // step) * step
