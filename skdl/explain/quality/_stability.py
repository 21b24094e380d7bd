"""Whether importances stay the same after small changes of the rows.

Resampled rows need no further predictions: each shuffled copy of the rows is predicted
once, and each resample scores its part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import check_scoring

from skdl._progress import Progress
from skdl._responses import Response
from skdl._tables import (
    Change,
    Table,
    cells,
    column,
    is_number,
    stack,
    take_rows,
    values_at,
)
from skdl.explain._predicting.perturbation import (
    in_chunks,
    same_answers,
    split_copies,
    warn_that_rows_depend,
)
from skdl.explain._predicting.precomputed_estimator import (
    PrecomputedEstimator,
    answer_of,
)
from skdl.explain.importance._permutation_importance import (
    PermutationImportance,
    permutation_importance,
)
from skdl.explain.importance._shuffling import Shuffling


@dataclass(frozen=True)
class ImportanceSettings:
    """How importances are measured."""

    scoring: Any  # the score; None is the estimator's own
    n_repeats: int  # how often a feature is shuffled
    # of the permutations: the same for every model and every change of the rows
    seed: int
    memory_bound: int  # bytes that copies of the rows may take

    def importance_of(self, estimator: Any, X: Table, y: Any) -> PermutationImportance:
        """Measure the importances."""
        # X: (n_samples, n_features); y: (n_samples,)
        found = permutation_importance(
            estimator,
            X,
            y,
            scoring=self.scoring,
            n_repeats=self.n_repeats,
            random_state=self.seed,
            correlation_threshold=None,
            memory_bound=self.memory_bound,
            progress=False,
        )
        assert isinstance(found, PermutationImportance)  # it is one score
        return found

    def shuffling_of(self, estimator: Any, X: Table, y: Any) -> Shuffling:
        """Return the shuffles of :meth:`importance_of`."""
        # X: (n_samples, n_features); y: (n_samples,)
        drawn = np.random.RandomState(self.seed).randint(np.iinfo(np.int32).max + 1)
        scorer = check_scoring(estimator, scoring=self.scoring)
        return Shuffling(estimator, X, y, None, scorer, int(drawn), self.n_repeats, 1.0)


class _Resampled(PrecomputedEstimator):
    """Predictions for some rows of a copy, taken from those for all copies."""

    def draw(self, place: int, rows: np.ndarray) -> Table:
        """Return rows of a copy, for which the next predictions are."""
        self.place, self.rows = place, rows
        self.drawn = take_rows(self.copies[place], rows)
        return self.drawn

    def call(self, method: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a call of one of the estimator's methods."""
        if X is not self.drawn or args or kwargs:
            return getattr(self.estimator, method)(X, *args, **kwargs)
        if method not in self.answers:
            self.answers[method] = getattr(self.estimator, method)(self.stacked)
        n_samples = len(self.copies[self.place])
        predictions = answer_of(self.answers[method], self.place, n_samples)
        if isinstance(predictions, list):
            return [take_rows(part, self.rows) for part in predictions]
        return (
            predictions.iloc[self.rows]
            if hasattr(predictions, "iloc")
            else predictions[self.rows]
        )


def resample(
    y: np.ndarray, *, by_class: bool, generator: np.random.RandomState
) -> np.ndarray:
    """Draw as many rows with replacement."""
    # y: (n_samples,) -> (n_samples,)
    if not by_class or y.ndim > 1:
        return generator.randint(len(y), size=len(y))
    codes = pd.factorize(y)[0]
    drawn = np.empty(len(y), dtype=int)
    for code in np.unique(codes):
        own = np.flatnonzero(codes == code)
        drawn[own] = own[generator.randint(len(own), size=len(own))]
    return drawn


def halves(
    y: np.ndarray, *, by_class: bool, generator: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Split the rows into two halves."""
    # y: (n_samples,)
    mixed = generator.permutation(len(y))
    if by_class and y.ndim == 1:
        codes = pd.factorize(y)[0]
        mixed = mixed[np.argsort(codes[mixed], kind="stable")]
    return np.sort(mixed[::2]), np.sort(mixed[1::2])


def resampled_importances(
    shuffling: Shuffling,
    response: Response,
    draws: list[np.ndarray],
    *,
    memory_bound: int,
    bar: Progress,
) -> tuple[np.ndarray, np.ndarray]:
    """Measure scores and importances on some of the rows, several times."""
    # -> (n_draws,), (n_draws, n_features)
    X = shuffling.X
    y = shuffling.y
    _, permutations = shuffling.draw()

    def changes() -> Iterator[Change]:
        yield {}
        for place in range(X.shape[1]):
            for rows in permutations:
                yield {place: values_at(X, place, rows)}

    is_stacked = _predicts_rows_alone(shuffling.estimator, response, X)
    scores = []  # (n_copies, n_draws)
    for chunk in in_chunks(X, changes(), memory_bound=memory_bound):
        stacked = stack(X, chunk)
        known = _Resampled(
            shuffling.estimator, stacked, split_copies(stacked, X, len(chunk))
        )
        estimator = known.stand_in() if is_stacked else shuffling.estimator
        for place in range(len(chunk)):
            scores.append(
                [
                    shuffling.score(estimator, known.draw(place, rows), y[rows], None)[
                        None
                    ]
                    for rows in draws
                ]
            )
            bar.advance()
    found = np.array(scores, dtype=float)
    shuffled = found[1:].reshape(X.shape[1], -1, len(draws)).mean(axis=1)
    return found[0], (found[0] - shuffled).T


def _predicts_rows_alone(estimator: Any, response: Response, X: Table) -> bool:
    """Return whether predictions for a row do not depend on the other rows."""
    rows = np.arange(len(X) // 2)
    alone = response.of(estimator, take_rows(X, rows))
    if same_answers(alone, response.of(estimator, X)[rows]):
        return True
    warn_that_rows_depend(estimator)
    return False


def noisy(X: Table, noise: float, generator: np.random.RandomState) -> Table | None:
    """Return rows with a little noise on their numbers."""
    # X: (n_samples, n_features) -> (n_samples, n_features)
    change = {}
    for place in range(X.shape[1]):
        if not is_number(X, place):
            continue
        before = pd.Series(column(X, place))
        values = before.to_numpy(dtype=float, na_value=np.nan)
        known = values[~np.isnan(values)]
        if not len(known):
            continue
        after = values + noise * known.std() * generator.standard_normal(len(values))
        after = np.clip(after, known.min(), known.max())
        if (known == np.round(known)).all():
            after = np.round(after)
        changed = pd.Series(after, index=before.index).astype(before.dtype)
        change[place] = cells(changed)
    return stack(X, [change]) if change else None
