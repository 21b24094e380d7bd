"""Cross-validation of several candidates, as in scikit-learn's searches."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.utils.parallel import Parallel, delayed

from skdl._compat.sklearn import fit_and_score, has_callbacks, metrics_of
from skdl.search._studies.pruning import FoldObserver


class WatchedContext:
    """Callback context of a fit whose epochs an observer follows."""

    def __init__(self, context: Any, observer: FoldObserver) -> None:
        self._context = context
        self._observer = observer

    def __getattr__(self, name: str) -> Any:
        """Return the attribute of the context."""
        return getattr(self._context, name)

    @contextmanager
    def propagate_callback_context(self, sub_estimator: Any) -> Iterator[None]:
        """Make the estimator's tasks part of this one, and watch its training."""
        from skdl.training import watched  # networks have already imported it

        with (
            self._context.propagate_callback_context(sub_estimator),
            watched(self._observer),
        ):
            try:
                yield
            finally:
                self._observer.leave()


class RecordingScorer:
    """Scorer that records its error, of which scikit-learn only warns."""

    def __init__(self, scorer: Callable) -> None:
        self.error: str | None = None
        self._scorer = scorer

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Score, and record an error."""
        try:
            return self._scorer(*args, **kwargs)
        except Exception:
            self.error = traceback.format_exc()
            raise


def _fit_or_error(*args: Any, scorer: Any, **kwargs: Any) -> dict[str, Any] | Exception:
    """Fit and score, or return the error until the batch is stored."""
    recording = None if metrics_of(scorer) else RecordingScorer(scorer)
    try:
        fit = fit_and_score(*args, scorer=recording or scorer, **kwargs)
    except Exception as error:  # noqa: BLE001  raised by the search
        return error
    return {**fit, "score_error": recording and recording.error}


@dataclass(frozen=True)
class CrossValidation:
    """The data, folds and settings that all fits of a search share."""

    search: Any  # for scikit-learn's callbacks
    estimator: BaseEstimator
    X: Any
    y: Any
    # training and test indices of each fold
    splits: list[tuple[Any, Any]]
    settings: dict[str, Any]  # further arguments of `fit_and_score`

    @property
    def n_splits(self) -> int:
        """Number of folds."""
        return len(self.splits)

    def evaluate(
        self,
        candidates: Sequence[dict[str, Any]],
        *,
        contexts: Sequence[Any],
        observers: Sequence[FoldObserver | None],
    ) -> list[list[dict[str, Any] | Exception]]:
        """Fit and score each candidate on each fold."""
        n_splits = self.n_splits
        tasks = product(enumerate(candidates), enumerate(self.splits))
        # Only callbacks need the search, which is large, as it holds all trials.
        caller = self.search if has_callbacks(self.search) else None
        parallel = Parallel(
            n_jobs=self.search.n_jobs, pre_dispatch=self.search.pre_dispatch
        )
        fits = parallel(
            delayed(_fit_or_error)(
                clone(self.estimator),
                self.X,
                self.y,
                train=train,
                test=test,
                parameters=parameters,
                split_progress=(split, n_splits),
                candidate_progress=(number, len(candidates)),
                caller=caller,
                callback_ctx=WatchedContext(context, observer) if observer else context,
                **self.settings,
            )
            for (
                (number, parameters),
                (split, (train, test)),
            ), context, observer in zip(tasks, contexts, observers, strict=True)
        )
        return [
            fits[first : first + n_splits] for first in range(0, len(fits), n_splits)
        ]
