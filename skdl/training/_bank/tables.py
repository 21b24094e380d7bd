"""Tables: the rows of all members of a bank, each distinct set stored once.

In a grid search, the training rows of a fold occur once per candidate.
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
        """Return the number of a set, and add it unless an equal one is there."""
        alike = self._known.setdefault(_fingerprint(samples), [])
        for i in alike:
            if _are_equal(self._sets[i], samples):
                # Keys of 0 are not used, so they can be replaced by others.
                if samples.keys.any():
                    self._sets[i] = replace(self._sets[i], keys=samples.keys)
                return i
        alike.append(len(self._sets))
        self._sets.append(samples)
        return alike[-1]

    def first_rows(self) -> np.ndarray:
        """Return the row number at which each set begins."""
        # -> (n_sets,)
        counts = [0, *(known.n_samples for known in self._sets[:-1])]
        return np.cumsum(counts).astype(np.int32)

    def to_device(self, n_rows: int) -> DeviceTable:
        """Copy all sets to the device, padded to a capacity."""

        def on_device(name: str) -> Any:
            return _stack([getattr(known, name) for known in self._sets], n_rows)

        return DeviceTable(*map(on_device, ("features", "targets", "weights", "keys")))


def _stack(sets: list[Any], n_rows: int) -> Any:
    """Copy the tables of all sets to the device, one below the other."""
    if isinstance(sets[0], tuple):
        return tuple(_stack(list(alike), n_rows) for alike in zip(*sets, strict=True))
    if sparse.issparse(sets[0]):
        sets = [sparse.vstack(sets, format="csr")]
    return backend.rows_to_device(sets, n_rows)


def _fingerprint(samples: Samples) -> tuple:
    """A quick summary that equal sets have in common."""
    tables = tables_of(samples.features)
    parts = [table.data if sparse.issparse(table) else table for table in tables]
    ends = [(p.shape, p[:1].tobytes(), p[-1:].tobytes()) for p in parts]
    return (samples.n_samples, tables[0].shape, *ends)


def _are_equal(first: Samples, second: Samples) -> bool:
    are_keyed = first.keys.any() and second.keys.any()
    if are_keyed and not np.array_equal(first.keys, second.keys):
        return False  # quicker than a look at the features, of which keys are a hash
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
