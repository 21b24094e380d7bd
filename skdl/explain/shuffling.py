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
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.utils.random import sample_without_replacement

from skdl.explain.perturbation import (
    copies_at_once,
    in_chunks,
    same_answers,
    split_copies,
    warn_that_rows_depend,
)
from skdl.explain.progress import Progress
from skdl.explain.rehearsal import Rehearsal
from skdl.explain.tables import Change, Table, stack, take_rows, values_at

Scores = dict[Any, float]  # by metric; that of a single one has the name None


@dataclass(frozen=True)
class Shuffling:
    """Everything that the scores of shuffled copies depend on.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X : ndarray or DataFrame of shape (n_samples, n_features)
        The rows.
    y, sample_weight : array-like of shape (n_samples,) or None
        For the scorer.
    scorer : callable
        A scorer of one score or several.
    seed : int
        Of the permutations.
    n_repeats : int
        How often a feature is shuffled.
    max_samples : int or float
        Rows to draw for the shuffled scores, or their share.
    """

    estimator: Any
    X: Table
    y: Any
    sample_weight: Any
    scorer: Any
    seed: int
    n_repeats: int
    max_samples: int | float

    @property
    def n_shuffled(self) -> int:
        """How many rows are shuffled and scored."""
        whole = isinstance(self.max_samples, int | np.integer)
        return int(self.max_samples if whole else self.max_samples * len(self.X))

    def score_rows_as_they_are(self) -> tuple[Scores, dict[str, Any]]:
        """Score all rows.

        Returns
        -------
        scores : dict
            By metric.
        answers : dict of str to ndarray
            What the estimator said about the rows, by method.
        """
        rehearsal = Rehearsal(self.estimator, self.X, (self.X,))
        found = self.score(rehearsal.stand_in(), self.X, self.y, self.sample_weight)
        return found, rehearsal.answers

    def score(self, estimator: Any, X: Table, y: Any, sample_weight: Any) -> Scores:
        """Score some rows.

        Parameters
        ----------
        estimator : estimator
            Who is scored, or who stands in for it.
        X : ndarray or DataFrame of shape (n_rows, n_features)
            The rows.
        y, sample_weight : array-like of shape (n_rows,) or None
            For the scorer.

        Returns
        -------
        scores : dict
            By metric.
        """
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        found = self.scorer(estimator, X, y, **weights)
        return found if isinstance(found, dict) else {None: found}

    def draw(self) -> tuple[np.ndarray | None, list[np.ndarray]]:
        """Draw the rows and their permutations, as scikit-learn does per feature.

        Returns
        -------
        rows : ndarray of int or None
            Positions of the rows to shuffle; None for all.
        permutations : list of ndarray of int
            One per repeat, of positions among these rows.
        """
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
    if isinstance(values, list):
        return [values[row] for row in rows]
    return values.iloc[rows] if hasattr(values, "iloc") else np.asarray(values)[rows]


def score_shuffled(
    shuffling: Shuffling,
    groups: list[tuple[int, ...]],
    known: dict[str, Any],
    *,
    n_jobs: int | None,
    memory_bound: int,
    bar: Progress,
) -> list[Scores]:
    """Score the rows with each group of columns shuffled.

    Parameters
    ----------
    shuffling : Shuffling
        What the scores depend on.
    groups : list of tuple of int
        The columns that are shuffled together.
    known : dict of str to ndarray
        What the estimator said about the rows as they are, by method.
    n_jobs : int or None
        Processes to deal the groups out to.
    memory_bound : int
        Bytes of all stacks together.
    bar : Progress
        Is told of each score, where one process does it all.

    Returns
    -------
    scores : list of dict
        In the order of groups, then repeats.
    """
    n_parts = min(effective_n_jobs(n_jobs), len(groups))
    if n_parts == 1:
        return _scores_of(shuffling, groups, known, memory_bound, bar)
    ends = np.linspace(0, len(groups), n_parts + 1).astype(int)
    found = Parallel(n_jobs=n_parts)(
        delayed(_scores_of)(
            shuffling, groups[start:end], known, memory_bound // n_parts
        )
        for start, end in pairwise(ends)
    )
    return [score for part in found for score in part]


def _scores_of(
    shuffling: Shuffling,
    groups: list[tuple[int, ...]],
    known: dict[str, Any],
    memory_bound: int,
    bar: Progress | None = None,
) -> list[Scores]:
    """Score the shuffled copies of some groups."""
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
    for number, chunk in enumerate(in_chunks(X, changes(), memory_bound=memory_bound)):
        if is_stacked and number == 0:
            is_stacked = _agree(shuffling.estimator, X, rows, chunk[:1], known)
        if is_stacked:
            stacked = stack(X, chunk)
            copies = split_copies(stacked, X, len(chunk))
            estimator = Rehearsal(shuffling.estimator, stacked, copies).stand_in()
        else:
            copies = (stack(X, [change]) for change in chunk)  # type: ignore[assignment]
            estimator = shuffling.estimator
        for copy in copies:
            scores.append(shuffling.score(estimator, copy, y, sample_weight))
            if bar is not None:
                bar.advance()
    return scores


def _agree(
    estimator: Any,
    X: Table,
    rows: np.ndarray | None,
    changes: list[Change],
    known: dict[str, Any],
) -> bool:
    """Try whether the estimator says the same about the rows within a stack."""
    stacked = stack(X, [{}, *changes])
    for method, answer in known.items():
        within = getattr(estimator, method)(stacked)
        for alone, part in zip(_as_list(answer), _as_list(within), strict=True):
            if not same_answers(_take(alone, rows), np.asarray(part)[: len(X)]):
                warn_that_rows_depend(estimator)
                return False
    return True


def _as_list(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]
