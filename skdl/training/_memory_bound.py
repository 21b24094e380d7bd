"""How much memory training may take."""

from __future__ import annotations

from skdl.training._backend import device

SHARE_OF_FREE_MEMORY = 0.25


def memory_bound(max_memory: int | None) -> int:
    """Return the bytes that banks may take.

    Parameters
    ----------
    max_memory : int or None
        A limit in bytes; None is a quarter of the free memory of the device.

    Returns
    -------
    int
        The limit in bytes.
    """
    if max_memory is not None:
        return max_memory
    return int(SHARE_OF_FREE_MEMORY * device.free_memory())
