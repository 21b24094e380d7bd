"""Shuffled copies of the rows, and their scores.

The permutations are those of scikit-learn: every feature is shuffled by the same ones,
each one further than the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.random import sample_without_replacement

from skdl._progress import Progress
from skdl._tables import Change, Table, stack, take_rows, values_at
from skdl.explain._predicting.perturbation import (
    copies_at_once,
    in_chunks,
    split_copies,
    warn_that_rows_depend,
)
from skdl.explain._predicting.precomputed_estimator import (
    PrecomputedEstimator,
    is_per_output,
)

Scores = dict[Any, float]  # by metric; that of a single one has the name None


def targets_for(scoring: Any, estimator: Any, y: Any) -> Any:
    """Return the targets as an array where only scikit-learn's own metrics see them.

    A metric looks at a Series several times over: accuracy of 569 rows takes 0.8 ms of
    a Series and 0.4 ms of its array.
    """
    own = getattr(type(estimator), "score", None)
    is_known = isinstance(scoring, str | list | tuple) or (
        scoring is None and own in (ClassifierMixin.score, RegressorMixin.score)
    )
    is_plain = isinstance(y, pd.Series) and isinstance(y.dtype, np.dtype)
    return y.to_numpy() if is_known and is_plain and y.dtype.kind in "biuf" else y


@dataclass(frozen=True)
class Shuffling:
    """Everything that the scores of shuffled copies depend on."""

    estimator: Any
    X: Table  # (n_samples, n_features) The rows
    y: Any  # (n_samples,) For the scorer
    sample_weight: Any
    scorer: Any  # A scorer of one score or several
    seed: int
    n_repeats: int  # how often a feature is shuffled
    max_samples: int | float  # rows to draw for the shuffled scores, or their share

    @property
    def n_shuffled(self) -> int:
        """How many rows are shuffled and scored."""
        whole = isinstance(self.max_samples, int | np.integer)
        return int(self.max_samples if whole else self.max_samples * len(self.X))

    def score_rows_as_they_are(self) -> tuple[Scores, dict[str, Any]]:
        """Score all rows."""
        precomputed = PrecomputedEstimator(self.estimator, self.X, (self.X,))
        found = self.score(precomputed.stand_in(), self.X, self.y, self.sample_weight)
        return found, precomputed.answers

    def score(self, estimator: Any, X: Table, y: Any, sample_weight: Any) -> Scores:
        """Score some rows."""
        # X: (n_rows, n_features); y, sample_weight: (n_rows,)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        found = self.scorer(estimator, X, y, **weights)
        return found if isinstance(found, dict) else {None: found}

    def draw(self) -> tuple[np.ndarray | None, list[np.ndarray]]:
        """Draw the rows and their permutations, as scikit-learn does per feature."""
        generator = np.random.RandomState(self.seed)
        n_samples, rows = len(self.X), None
        if self.n_shuffled < n_samples:
            rows = sample_without_replacement(
                n_samples, self.n_shuffled, random_state=generator
            )
            n_samples = self.n_shuffled
        order = np.arange(n_samples)
        permutations, current = [], np.arange(n_samples)
        for _ in range(self.n_repeats):
            generator.shuffle(order)
            current = current[order]  # what was shuffled is shuffled further
            permutations.append(current)
        return rows, permutations


def _take(values: Any, rows: np.ndarray | None) -> Any:
    if rows is None or values is None:
        return values
    if is_per_output(values):
        return [part[rows] for part in values]
    if hasattr(values, "iloc"):
        return values.iloc[rows]
    return values[rows] if hasattr(values, "shape") else [values[row] for row in rows]


def score_shuffled(
    shuffling: Shuffling,
    groups: list[tuple[int, ...]],
    known: dict[str, Any],
    *,
    n_jobs: int | None,
    memory_bound: int,
    bar: Progress,
) -> list[Scores]:
    """Score the rows with each group of columns shuffled."""
    n_parts = min(effective_n_jobs(n_jobs), len(groups))
    if n_parts == 1:
        found = [_scores_of(shuffling, groups, known, memory_bound, bar)]
    else:
        found = []
        ends = np.linspace(0, len(groups), n_parts + 1).astype(int)
        for part in Parallel(n_jobs=n_parts, return_as="generator")(
            delayed(_scores_of)(
                shuffling, groups[start:end], known, memory_bound // n_parts
            )
            for start, end in pairwise(ends)
        ):
            found.append(part)
            bar.advance(len(part[0]))
    if any(rows_depend for _, rows_depend in found):
        warn_that_rows_depend(shuffling.estimator)
    return [score for scores, _ in found for score in scores]


def _scores_of(
    shuffling: Shuffling,
    groups: list[tuple[int, ...]],
    known: dict[str, Any],
    memory_bound: int,
    bar: Progress | None = None,
) -> tuple[list[Scores], bool]:
    """Score the shuffled copies of some groups; say whether rows depend on others."""
    rows, permutations = shuffling.draw()
    X = shuffling.X if rows is None else take_rows(shuffling.X, rows)
    y = _take(shuffling.y, rows)
    sample_weight = _take(shuffling.sample_weight, rows)

    def changes() -> Iterator[Change]:
        for columns in groups:
            for permutation in permutations:
                yield {place: values_at(X, place, permutation) for place in columns}

    scores: list[Scores] = []
    is_stacked = copies_at_once(X, memory_bound) > 1
    rows_depend = False
    chunks = in_chunks(X, changes(), memory_bound=memory_bound, n_reserved=2)
    for number, chunk in enumerate(chunks):
        estimator, copies = shuffling.estimator, []
        if is_stacked:
            is_first = number == 0
            held = [{}, *chunk, {}] if is_first else chunk
            stacked = stack(X, held)
            copies = split_copies(stacked, X, len(held))
            precomputed = PrecomputedEstimator(estimator, stacked, copies)
            if is_first:
                copies = copies[1:-1]
                alone = {name: _take(answer, rows) for name, answer in known.items()}
                rows_depend = not precomputed.agrees(alone)
                is_stacked = not rows_depend
        if is_stacked:
            estimator = precomputed.stand_in()
        else:
            copies = (stack(X, [change]) for change in chunk)  # type: ignore[assignment]
        for copy in copies:
            scores.append(shuffling.score(estimator, copy, y, sample_weight))
            if bar is not None:
                bar.advance()
    return scores, rows_depend
