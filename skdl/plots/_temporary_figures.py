"""Figures that close when they are no longer needed."""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt


@contextmanager
def temporary_figures() -> Iterator[None]:
    """Close the figures made inside, so none is shown or stays in memory.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skdl.plots import temporary_figures
    >>> with temporary_figures():
    ...     figure = plt.figure("for a while")
    >>> plt.fignum_exists("for a while")
    False
    """
    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)
