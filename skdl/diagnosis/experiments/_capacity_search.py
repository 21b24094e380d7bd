"""How large a network should be: start small and grow until that stops helping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from skdl._checks import check_count
from skdl._compat.sklearn import safe_indexing
from skdl._record import Record
from skdl.data import as_random_state
from skdl.diagnosis._networks import network_of
from skdl.diagnosis.experiments._folds import (
    draw_seeds,
    one_standard_error,
    split_rows,
    standard_errors,
)
from skdl.diagnosis.experiments._growth import Sizes, grow, network_name
from skdl.diagnosis.experiments._losses import (
    Metric,
    Scoring,
    has_diverged,
    metric_of,
    n_parameters,
    refuse_if_all_diverged,
    status_of,
)
from skdl.diagnosis.experiments._prepared_data import PreparedData, prepare, train_runs
from skdl.exceptions import ParameterError

FUNCTION = "capacity_search"


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class CapacitySearch(Record):
    """Networks of growing size, and which of them to choose.

    Parameters
    ----------
    networks : tuple of str
        The candidates in the order in which they were tried. "2 x 250" means two hidden
        layers of 250 units.
    hidden_layer_sizes : tuple of tuple of int
        The same as values of the parameter.
    next_steps : tuple of str
        The step after each candidate, in words.
    scores : ndarray of shape (n_candidates, n_folds, n_repeats)
        Loss or score on the rows of the fold; NaN if training diverged.
    mean_scores, standard_errors : ndarray of shape (n_candidates,)
        Mean over folds and repeats, and its standard error, computed from the means of
        the folds (for a single fold, from the repeats).
    n_parameters : ndarray of shape (n_candidates,)
        Number of trainable weights.
    statuses : tuple of str
        "trained", or how many trainings diverged.
    metric : str
        Name of the score or loss.
    greater_is_better : bool
        False for losses.
    best_index : int
        Index of the candidate with the best mean score.
    simplest_index : int
        Index of the candidate with the fewest parameters among those within one
        standard error of the best.
    limit : float
        Mean score of the best candidate, made worse by its standard error.
    best, simplest : dict of str to object
        Parameters of these candidates, ready for ``set_params`` of the given estimator.
        The notes choose the best one; as far as the folds can tell, the simplest is
        about as good.
    """

    networks: tuple[str, ...]
    hidden_layer_sizes: tuple[tuple[int, ...], ...]
    next_steps: tuple[str, ...]
    scores: np.ndarray
    mean_scores: np.ndarray
    standard_errors: np.ndarray
    n_parameters: np.ndarray
    statuses: tuple[str, ...]
    metric: str
    greater_is_better: bool
    best_index: int
    simplest_index: int
    limit: float
    best: dict[str, Any]
    simplest: dict[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Return the candidates as a table, in the order in which they were tried.

        Returns
        -------
        frame : DataFrame
            Columns "network", "hidden_layers", "units", "score" (the mean),
            "standard_error", "n_parameters", "next_step", "status" and "chosen"
            ("best", "simplest", both or nothing).
        """
        numbers = range(len(self.networks))
        chosen = {"best": self.best_index, "simplest": self.simplest_index}
        return pd.DataFrame(
            {
                "network": self.networks,
                "hidden_layers": [len(sizes) for sizes in self.hidden_layer_sizes],
                "units": [sizes[0] for sizes in self.hidden_layer_sizes],
                "score": self.mean_scores,
                "standard_error": self.standard_errors,
                "n_parameters": self.n_parameters,
                "next_step": self.next_steps,
                "status": self.statuses,
                "chosen": [
                    ", ".join(name for name, index in chosen.items() if index == number)
                    for number in numbers
                ],
            }
        )

    def __str__(self) -> str:
        """Return the best and the simplest candidate in one line."""
        choices = [
            f"{name} {self.networks[index]} ({self.mean_scores[index]:.4g})"
            for name, index in (
                ("best", self.best_index),
                ("simplest within one standard error", self.simplest_index),
            )
        ]
        return f"CapacitySearch by {self.metric}: {', '.join(choices)}"


class _Trials:
    """Trains candidates on demand and keeps their results."""

    def __init__(
        self,
        folds: Sequence[PreparedData],
        seeds: Sequence[Sequence[int]],
        metric: Metric,
        progress: bool | None,
    ) -> None:
        self.folds = folds
        self.seeds = seeds
        self.metric = metric
        self.progress = progress
        self.scores: dict[Sizes, np.ndarray] = {}
        self.n_parameters: dict[Sizes, int] = {}
        self.statuses: dict[Sizes, str] = {}

    def __call__(self, candidates: list[Sizes]) -> list[float]:
        """Train candidates together and return the mean loss of each."""
        runs = [
            (
                data,
                {
                    "hidden_layer_sizes": sizes,
                    "random_state": seed,
                    **data.keeping_best(),
                },
            )
            for sizes in candidates
            for data, seeds in zip(self.folds, self.seeds, strict=True)
            for seed in seeds
        ]
        names = dict.fromkeys(
            (network_name(candidates[0]), network_name(candidates[-1]))
        )
        networks = train_runs(
            runs, description=f"training {' to '.join(names)}", progress=self.progress
        )
        scores = np.array(
            [
                self.metric.of_run(network, data.X_val, data.y_val)
                for network, (data, _) in zip(networks, runs, strict=True)
            ]
        ).reshape(len(candidates), len(self.folds), -1)
        n_each = len(networks) // len(candidates)
        for number, sizes in enumerate(candidates):
            own = networks[number * n_each : (number + 1) * n_each]
            self.scores[sizes] = scores[number]
            self.n_parameters[sizes] = n_parameters(own[0])
            self.statuses[sizes] = status_of([has_diverged(network) for network in own])
        sign = -1.0 if self.metric.greater_is_better else 1.0
        return [sign * score for score in scores.mean(axis=(1, 2))]


def _checked_units(units: Any) -> list[int]:
    try:
        given = list(units)
    except TypeError:
        given = []
    checked = [check_count(n, name="units", function=FUNCTION) for n in given]
    if not checked or checked != sorted(set(checked)):
        raise ParameterError(
            f"The 'units' parameter of {FUNCTION} must be widths in rising order, such "
            f"as (16, 32, 64). Got {units!r} instead."
        )
    return checked


def _checked_step_back(step_back: Any) -> float:
    is_number = isinstance(step_back, Real) and not isinstance(step_back, bool)
    if is_number and 0 < step_back <= 1:
        return float(step_back)
    raise ParameterError(
        f"The 'step_back' parameter of {FUNCTION} must be a number in (0, 1]. Got "
        f"{step_back!r} instead."
    )


def capacity_search(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    units: Sequence[int] = (16, 32, 64, 128, 256),
    max_layers: int = 4,
    step_back: float = 0.8,
    cv: Any = 5,
    n_repeats: int = 1,
    scoring: Scoring = None,
    random_state: int | np.random.RandomState | None = None,
    progress: bool | None = None,
) -> CapacitySearch:
    """Grow a network until its validation score stops improving, then step back.

    The search first tries one hidden layer of each width. At the best width it adds
    layers one by one until the mean score stops improving, and then tries the last
    network with fewer units.

    Parameters
    ----------
    estimator : estimator
        One of skdl's networks, or a pipeline that ends in one; the steps before it are
        fitted to the training rows of each fold. In convolutional networks, only the
        dense layers grow.
    X : array-like of shape (n_samples, n_features)
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    units : sequence of int, default=(16, 32, 64, 128, 256)
        Widths to try with one hidden layer, in rising order.
    max_layers : int, default=4
        Maximum number of hidden layers.
    step_back : float, default=0.8
        Units of the last candidate, as a share of those of the one before. 1 means no
        step back.
    cv : int, splitter or iterable of (train, test), default=5
        Folds to score on: their number (shuffled, and stratified by class), or as in
        scikit-learn. A single split is allowed.
    n_repeats : int, default=1
        Number of networks per candidate and fold, each with a different seed.
    scoring : str, callable or None, default=None
        A scikit-learn score; greater is better. None means the loss without penalties;
        lower is better: log loss for labels, mean squared error in units of y for
        quantities, or mean absolute error if the network's ``loss`` is another.
    random_state : int, RandomState instance or None, default=None
        Seed of the folds and of the networks' seeds, which are the same for all
        candidates. The estimator's own ``random_state`` is ignored.
    progress : bool or None, default=None
        Whether to show a progress bar for each stage. None shows one in a terminal if
        it takes more than two seconds.

    Returns
    -------
    search : CapacitySearch
        The candidates with their scores and next steps, the best one, and the simplest
        one within a standard error of it.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks, a parameter is out of
        range, or no candidate can be trained in all folds.
    DataError
        If y is None, or the rows cannot be split.

    Notes
    -----
    A network is scored with the weights of the epoch with the lowest validation loss,
    as with ``early_stopping=True``: with the estimator's patience, or over all epochs
    if it does not stop early. The same rows choose the epoch and the candidate, so the
    scores are optimistic. To report a score, set test rows aside.

    All folds and repeats of a candidate, and all widths, train together. Unlike the
    notes, the search does not stop at the first width without improvement: it tries
    them all, and makes the best one deeper.

    A candidate is within one standard error of the best if its mean score is worse by
    at most the standard error of the best mean. That error includes differences between
    folds, which are the same for all candidates, so the rule favours small networks. A
    single fold without repeats has no standard error; then the simplest candidate is
    the best one.

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984), "Classification and Regression Trees",
    section 3.4.3. Hastie, Tibshirani and Friedman (2009), "The Elements of Statistical
    Learning", 2nd edition, section 7.10.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from skdl import MLPClassifier
    >>> from skdl.diagnosis import capacity_search
    >>> X, y = make_moons(n_samples=150, noise=0.2, random_state=0)
    >>> network = MLPClassifier(epochs=20, learning_rate=0.02)
    >>> search = capacity_search(
    ...     network, X, y, units=(1, 8), max_layers=1, cv=3, random_state=0
    ... )
    >>> search.to_frame()[["network", "next_step"]].values.tolist()
    [['1 x 1', 'increase units'], ['1 x 8', 'done']]
    >>> search.best
    {'hidden_layer_sizes': (8,)}
    """
    network = network_of(estimator, function=FUNCTION)
    metric = metric_of(network, scoring, function=FUNCTION)
    widths = _checked_units(units)
    n_layers = check_count(max_layers, name="max_layers", function=FUNCTION)
    share = _checked_step_back(step_back)
    n_repeats = check_count(n_repeats, name="n_repeats", function=FUNCTION)
    random = as_random_state(random_state)
    folds = [
        prepare(
            estimator,
            safe_indexing(X, train),
            safe_indexing(y, train),
            X_val=safe_indexing(X, test),
            y_val=safe_indexing(y, test),
            function=FUNCTION,
        )
        for train, test in split_rows(
            network, X, y, cv=cv, function=FUNCTION, random_state=random
        )
    ]
    seeds = draw_seeds((len(folds), n_repeats), random)
    trials = _Trials(folds, seeds, metric, progress)
    visits = grow(trials, units=widths, max_layers=n_layers, step_back=share)
    visited = tuple(visit.hidden_layer_sizes for visit in visits)
    scores = np.array([trials.scores[sizes] for sizes in visited])
    refuse_if_all_diverged(scores.mean(axis=(1, 2)), function=FUNCTION, network=network)
    return _record(
        folds[0],
        visited,
        scores,
        metric,
        next_steps=tuple(visit.next_step for visit in visits),
        n_parameters=np.array([trials.n_parameters[sizes] for sizes in visited]),
        statuses=tuple(trials.statuses[sizes] for sizes in visited),
    )


def _record(
    data: PreparedData,
    visited: tuple[Sizes, ...],
    scores: np.ndarray,
    metric: Metric,
    *,
    n_parameters: np.ndarray,
    **fields: Any,
) -> CapacitySearch:
    mean_scores = scores.mean(axis=(1, 2))
    errors = standard_errors(scores)
    sign = -1.0 if metric.greater_is_better else 1.0
    best, simplest, limit = one_standard_error(sign * mean_scores, errors, n_parameters)
    return CapacitySearch(
        networks=tuple(map(network_name, visited)),
        hidden_layer_sizes=visited,
        scores=scores,
        mean_scores=mean_scores,
        standard_errors=errors,
        n_parameters=n_parameters,
        metric=metric.name,
        greater_is_better=metric.greater_is_better,
        best_index=best,
        simplest_index=simplest,
        limit=sign * limit,
        best=data.outer({"hidden_layer_sizes": visited[best]}),
        simplest=data.outer({"hidden_layer_sizes": visited[simplest]}),
        **fields,
    )
