"""Rows in one table or in several, one for each input of a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def tables_of(rows: Any) -> tuple:
    """Return the tables that hold the values of some rows.

    Parameters
    ----------
    rows : ndarray or CSR array of shape (n_samples, ...), or tuple of ndarray
        One table, or a tuple of tables.

    Returns
    -------
    tuple
        The tables; one that stands alone is in a tuple of length 1.
    """
    return rows if isinstance(rows, tuple) else (rows,)


def map_tables(function: Callable[[Any], Any], rows: Any) -> Any:
    """Apply a function to each table."""
    # rows: (n_samples, ...)
    return tuple(map(function, rows)) if isinstance(rows, tuple) else function(rows)
