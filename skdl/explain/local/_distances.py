"""How far rows are apart, whatever they hold: each feature in steps of its own size.

The step between two numbers is their difference over the median absolute deviation of
the feature; between two different words it is 1, and between a value and a gap too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._tables import Table, column, is_number

CELLS_AT_ONCE = 2**22


@dataclass(frozen=True)
class CodedRows:
    """Rows as numbers whose differences are steps."""

    # (n_samples, n_features) Numbers in units of a step; the number of a word; NaN for
    # a gap
    codes: np.ndarray
    is_number: np.ndarray  # (n_features,) Whether a feature holds numbers

    @classmethod
    def of(cls, X: Table, *, first: int = 0) -> CodedRows:
        """Read the rows of a table.

        >>> import numpy as np
        >>> from skdl.explain.local._distances import CodedRows
        >>> rows = CodedRows.of(np.array([[0.0], [1.0], [2.0], [6.0]]))
        >>> rows.steps([0], [3]).tolist()
        [[6.0]]
        """
        # X: (n_samples, n_features)
        numbers = np.array([is_number(X, place) for place in range(X.shape[1])])
        columns = []
        for place, holds_numbers in enumerate(numbers):
            values = column(X, place)
            if not holds_numbers:
                codes, _ = pd.factorize(np.asarray(values, dtype=object))
                columns.append(np.where(codes < 0, np.nan, codes))
                continue
            values = _as_floats(values)
            columns.append(values / _step_of(values[first:]))
        return cls(np.column_stack(columns), numbers)

    def steps(self, some: Any, others: Any) -> np.ndarray:
        """Return the steps between rows, feature by feature."""
        # -> (..., n_features)
        return self.between(self.codes[some], self.codes[others])

    def between(self, some: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return the steps between rows that are coded."""
        # some, others: (..., n_features) -> (..., n_features)
        difference = np.abs(some - others)
        steps = np.where(self.is_number, difference, difference > 0)
        is_gap, is_other_gap = np.isnan(some), np.isnan(others)
        steps = np.where(is_gap | is_other_gap, 1.0, steps)
        return np.where(is_gap & is_other_gap, 0.0, steps)

    def nearest(self, some: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return how far each row is from the nearest of others."""
        # some: (n_some, n_features) -> (n_some,)
        distances = np.full(len(some), np.inf)
        n_rows = max(1, CELLS_AT_ONCE // max(1, len(some) * some.shape[1]))
        for start in range(0, len(others), n_rows):
            block = self.codes[others[start : start + n_rows]]
            apart = self.between(some[:, np.newaxis], block).sum(axis=2)
            distances = np.minimum(distances, apart.min(axis=1))
        return distances

    def typical(self, rows: np.ndarray, n_tried: int = 200) -> float:
        """Return how far a row is from the nearest other one, as a rule."""
        if len(rows) < 2:
            return float("nan")
        places = np.unique(np.linspace(0, len(rows) - 1, n_tried).astype(int))
        found = [
            self.nearest(self.codes[rows[[place]]], np.delete(rows, place))[0]
            for place in places
        ]
        return float(np.median(found))


def _as_floats(values: Any) -> np.ndarray:
    if isinstance(values, pd.Series):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(values, dtype=float)


def _step_of(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return 1.0
    deviation = float(np.median(np.abs(known - np.median(known))))
    return deviation or float(np.ptp(known)) or 1.0
