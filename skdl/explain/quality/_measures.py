"""The measures of an explanation, as a record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from skdl._record import Record
from skdl.data import percentile_interval
from skdl.exceptions import ParameterError
from skdl.explain.importance._permutation_importance import PermutationImportance
from skdl.explain.surrogates._surrogate import Surrogate

Aspect = Literal[
    "accuracy", "fidelity", "stability", "consistency", "comprehensibility"
]
MEASURED = "measured"


@dataclass(frozen=True)
class Measure:
    """One number about an explanation.

    Parameters
    ----------
    aspect : {"accuracy", "fidelity", "stability", "consistency", "comprehensibility"}
        Aspect of the explanation.
    measure : str
        What was measured.
    value : float or None
        The number; None if it could not be measured.
    low, high : float or None
        Middle 95 % over the random draws that the meaning names.
    meaning : str
        How to read it.
    status : str, default="measured"
        The reason if there is no number.
    """

    aspect: Aspect
    measure: str
    value: float | None
    low: float | None
    high: float | None
    meaning: str
    status: str = MEASURED

    @property
    def is_measured(self) -> bool:
        """Whether there is a number."""
        return self.value is not None


@dataclass(frozen=True, repr=False)
class ExplanationQuality(Record):
    """How good an explanation of an estimator is.

    Parameters
    ----------
    measures : tuple of Measure
        The numbers, aspect by aspect.
    curves : DataFrame
        Deletion and insertion: "n_features", the share of the variation that is lost
        when as many of the most important features are replaced by values of other
        rows ("deletion") or that is kept when all others are ("insertion"), and for
        features in random order the mean and the ends of the middle 90 %
        ("deletion_random", "deletion_low", "deletion_high", likewise "insertion").
        Without rows where they could not be measured.
    importance : PermutationImportance
        The explanation that was measured.
    surrogate : Surrogate or None
        The surrogate tree, if one could be fitted.
    n_samples : int
        Number of rows that all but the surrogate were measured on.
    n_features : int
        Number of features.
    """

    measures: tuple[Measure, ...]
    curves: pd.DataFrame
    importance: PermutationImportance
    surrogate: Surrogate | None
    n_samples: int
    n_features: int

    def __getitem__(self, measure: str) -> Measure:
        """Return a measure by its name."""
        for found in self.measures:
            if found.measure == measure:
                return found
        names = [each.measure for each in self.measures]
        raise ParameterError(f"There is no measure {measure!r}. There are {names}.")

    def to_frame(self) -> pd.DataFrame:
        """Return the measures as a table.

        Returns
        -------
        frame : DataFrame
            Columns "aspect", "measure", "value", "low", "high" (NaN where nothing
            could be measured), "meaning" and "status", which then gives the reason.
        """
        frame = pd.DataFrame([vars(measure) for measure in self.measures])
        return frame.astype({"value": float, "low": float, "high": float})


def measured(
    aspect: Aspect, measure: str, value: float, interval: Iterable[float], meaning: str
) -> Measure:
    """Make a measure of a number."""
    low, high = interval
    return Measure(aspect, measure, float(value), float(low), float(high), meaning)


def not_measured(aspect: Aspect, measure: str, meaning: str, reason: str) -> Measure:
    """Make a measure that could not be taken."""
    return Measure(
        aspect, measure, None, None, None, meaning, f"not measured: {reason}"
    )


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return how similarly two lists of importances order the features.

    >>> import numpy as np
    >>> from skdl.explain.quality._measures import rank_correlation
    >>> rank_correlation(np.array([3.0, 2.0, 1.0]), np.array([9.0, 0.5, 0.0]))
    1.0
    """
    # one, other: (n_features,)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    ranks = pd.Series(one).rank(), pd.Series(other).rank()
    return round(float(np.corrcoef(*ranks)[0, 1]), 12)


def top_of(n_features: int) -> int:
    """Return how many features count as the top ones."""
    return max(1, min(5, n_features // 2))


def top_overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Return which share of the top features two lists of importances have in common.

    >>> import numpy as np
    >>> from skdl.explain.quality._measures import top_overlap
    >>> top_overlap(np.array([4.0, 3, 2, 1]), np.array([4.0, 1, 3, 2]))
    0.5
    """
    # one, other: (n_features,)
    n_top = top_of(len(one))
    first = [set(np.argsort(-each, kind="stable")[:n_top]) for each in (one, other)]
    return len(first[0] & first[1]) / n_top


def compared(
    aspect: Aspect,
    under: str,
    pairs: list[tuple[np.ndarray, np.ndarray]],
    meaning: str,
) -> list[Measure]:
    """Measure how similar pairs of importances are."""
    # pairs: (n_features,)
    orders = "1: the same order, 0: no more alike than chance"
    n_features = len(pairs[0][0])
    n_top = top_of(n_features)
    common = f"share of the {n_top} most important in common"
    common += f", by chance {n_top / n_features:.2f}"
    found = []
    for name, meant, alike in (
        ("rank correlation", orders, rank_correlation),
        ("top overlap", common, top_overlap),
    ):
        values = np.array([alike(*pair) for pair in pairs])
        found.append(
            measured(
                aspect,
                f"{name}, {under}",
                values.mean(),
                percentile_interval(values),
                f"{meant}; {meaning}",
            )
        )
    return found


def n_features_for(importances: np.ndarray, share: float = 0.9) -> int:
    """Return how many features carry a share of the importance.

    >>> import numpy as np
    >>> from skdl.explain.quality._measures import n_features_for
    >>> n_features_for(np.array([0.1, -0.2, 0.8, 0.1]))
    2
    """
    # importances: (n_features,)
    falling = np.sort(np.clip(importances, 0, None))[::-1]
    carried = np.cumsum(falling) / falling.sum()
    return int(np.argmax(carried >= share - 1e-9)) + 1
