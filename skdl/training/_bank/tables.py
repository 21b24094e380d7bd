"""The rows of all members of a bank in one table, each distinct set stored once.

In a grid search, each fold's training rows come as often as there are candidates.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from skdl.data import Samples, tables_of
from skdl.training._backend import tensorflow as backend
from skdl.training._program.state import DeviceTable


class SampleTable:
    """Distinct sets of samples, one below the other."""

    def __init__(self) -> None:
        self._sets: list[Samples] = []
        self._known: dict[tuple, list[int]] = {}

    @property
    def n_rows(self) -> int:
        """Number of rows of all sets."""
        return sum(known.n_samples for known in self._sets)

    def add(self, samples: Samples) -> int:
        """Add a set, unless its rows are there."""
        alike = self._known.setdefault(_fingerprint(samples), [])
        for i in alike:
            if _are_equal(self._sets[i], samples):
                # Where nothing is drawn for a row its key is 0, and any will do.
                if samples.keys.any():
                    self._sets[i] = replace(self._sets[i], keys=samples.keys)
                return i
        alike.append(len(self._sets))
        self._sets.append(samples)
        return alike[-1]

    def first_rows(self) -> np.ndarray:
        """Return where each set begins."""
        # -> (n_sets,)
        counts = [0, *(known.n_samples for known in self._sets[:-1])]
        return np.cumsum(counts).astype(np.int32)

    def to_device(self, n_rows: int) -> DeviceTable:
        """Copy all sets to the device."""

        def on_device(name: str) -> Any:
            return _stack([getattr(known, name) for known in self._sets], n_rows)

        return DeviceTable(*map(on_device, ("features", "targets", "weights", "keys")))


def _stack(sets: list[Any], n_rows: int) -> Any:
    """Copy tables to the device, each one's sets below one another."""
    if isinstance(sets[0], tuple):
        return tuple(_stack(list(alike), n_rows) for alike in zip(*sets, strict=True))
    if sparse.issparse(sets[0]):
        sets = [sparse.vstack(sets, format="csr")]
    return backend.rows_to_device(sets, n_rows)


def _fingerprint(samples: Samples) -> tuple:
    """What equal sets have in common, quick to read."""
    tables = tables_of(samples.features)
    parts = [table.data if sparse.issparse(table) else table for table in tables]
    ends = [(p.shape, p[:1].tobytes(), p[-1:].tobytes()) for p in parts]
    return (samples.n_samples, tables[0].shape, *ends)


def _are_equal(first: Samples, second: Samples) -> bool:
    are_keyed = first.keys.any() and second.keys.any()
    if are_keyed and not np.array_equal(first.keys, second.keys):
        return False  # a quick look: keys are a hash of the features
    pairs = [(first.weights, second.weights)]
    for mine, theirs in (
        (first.targets, second.targets),
        (first.features, second.features),
    ):
        for a, b in zip(tables_of(mine), tables_of(theirs), strict=True):
            pairs += zip(_arrays(a), _arrays(b), strict=True)
    return all(a is b or np.array_equal(a, b) for a, b in pairs)


def _arrays(table: Any) -> tuple[np.ndarray, ...]:
    if sparse.issparse(table):
        return table.indptr, table.indices, table.data
    return (table,)
