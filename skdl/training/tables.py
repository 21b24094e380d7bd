"""The rows of all members of a bank in one table, each distinct set stored once.

In a grid search, each fold's training rows come as often as there are candidates.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from skdl.data.samples import Samples
from skdl.training import backend
from skdl.training.state import Rows


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
        """Add a set, unless its rows are there.

        Parameters
        ----------
        samples : Samples
            The rows.

        Returns
        -------
        int
            Number of the set.
        """
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
        """Return where each set begins.

        Returns
        -------
        ndarray of shape (n_sets,), int32
            Row numbers.
        """
        counts = [0, *(known.n_samples for known in self._sets[:-1])]
        return np.cumsum(counts).astype(np.int32)

    def to_device(self, n_rows: int) -> Rows:
        """Copy all sets to the device.

        Parameters
        ----------
        n_rows : int
            Number of rows to pad to.

        Returns
        -------
        Rows
            Padded with rows of weight 0.
        """
        features = [known.features for known in self._sets]
        if self._sets[0].is_sparse:
            stacked = sparse.vstack(features, format="csr")
            on_device = backend.rows_to_device([stacked], n_rows)
        else:
            on_device = backend.rows_to_device(features, n_rows)
        targets, weights, keys = (
            backend.rows_to_device(
                [getattr(known, name) for known in self._sets], n_rows
            )
            for name in ("targets", "weights", "keys")
        )
        return Rows(on_device, targets, weights, keys)


def feature_bytes(samples: Samples) -> int:
    """Return the memory that the features of some samples take.

    Parameters
    ----------
    samples : Samples
        The rows.

    Returns
    -------
    int
        Bytes.
    """
    features: Any = samples.features
    if samples.is_sparse:
        return features.data.nbytes + features.indices.nbytes + features.indptr.nbytes
    return features.nbytes


def _fingerprint(samples: Samples) -> tuple:
    """What equal sets have in common, quick to read."""
    features = samples.features
    values = features.data if samples.is_sparse else features
    ends = (values[:1].tobytes(), values[-1:].tobytes())
    return (features.shape, values.shape, *ends)


def _are_equal(first: Samples, second: Samples) -> bool:
    are_keyed = first.keys.any() and second.keys.any()
    if are_keyed and not np.array_equal(first.keys, second.keys):
        return False  # a quick look: keys are a hash of the features
    pairs = [(first.targets, second.targets), (first.weights, second.weights)]
    if first.is_sparse:
        pairs += [
            (getattr(first.features, part), getattr(second.features, part))
            for part in ("indptr", "indices", "data")
        ]
    else:
        pairs.append((first.features, second.features))
    return all(a is b or np.array_equal(a, b) for a, b in pairs)
