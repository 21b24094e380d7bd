"""The candidates of a fitted search, read from ``cv_results_``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skdl.exceptions import ParameterError

# Columns of `candidate_table`, which no short parameter name may equal.
MEASURED_COLUMNS = ("rank", "mean_test_score", "std_test_score", "mean_fit_time")


@dataclass(frozen=True)
class Candidates:
    """Candidates of a search and their scores.

    Parameters
    ----------
    metric : str
        Name of the metric in ``cv_results_``: "score" for a search of one metric.
    labels : dict of str to str
        The shortest unique form of each parameter name.
    parameters : tuple of dict
        The parameters of each candidate, in the order of ``cv_results_``.
    mean_scores, std_scores : ndarray of shape (n_candidates,)
        Mean and standard deviation of the test scores over the folds. NaN for
        candidates that failed.
    mean_fit_times : ndarray of shape (n_candidates,)
        Mean time of a fit, in seconds.
    rungs : ndarray of shape (n_candidates,)
        The iteration of successive halving in which the candidate was scored; 0 for
        any other search.
    """

    metric: str
    labels: dict[str, str]
    parameters: tuple[dict[str, Any], ...]
    mean_scores: np.ndarray
    std_scores: np.ndarray
    mean_fit_times: np.ndarray
    rungs: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of the parameters that the search varied."""
        return tuple(self.labels)


def short_names(
    names: Sequence[str], *, reserved: Sequence[str] = ()
) -> dict[str, str]:
    """Drop the ``step__`` prefixes of parameter names unless that is ambiguous.

    >>> from skdl.search._read_candidates import short_names
    >>> short_names(["mlp__dropout", "mlp__l2", "scale__l2"])
    {'mlp__dropout': 'dropout', 'mlp__l2': 'mlp__l2', 'scale__l2': 'scale__l2'}
    """

    def endings(name: str) -> list[str]:
        parts = name.split("__")
        return ["__".join(parts[start:]) for start in range(len(parts))][::-1]

    taken = {other: set(endings(other)) for other in names}
    short = {}
    for name in names:
        rivals = [taken[other] for other in names if other != name]
        free = [
            ending
            for ending in endings(name)
            if ending not in reserved and not any(ending in rival for rival in rivals)
        ]
        short[name] = free[0] if free else name
    return short


def _chosen_metric(search: Any, results: Mapping[str, Any], metric: str | None) -> str:
    known = [
        key.removeprefix("mean_test_") for key in results if key.startswith("mean_test")
    ]
    if metric is None and known == ["score"]:
        return "score"
    refit = getattr(search, "refit", None)
    chosen = metric if metric is not None else refit
    if not isinstance(chosen, str) or chosen not in known:
        got = "no metric" if metric is None else repr(metric)
        raise ParameterError(
            f"The search has the metrics {known} and 'metric' must name one of them. "
            f"Got {got} and refit={refit!r}. Pass e.g. metric={known[0]!r}."
        )
    return chosen


def read_candidates(search: Any, *, metric: str | None = None) -> Candidates:
    """Read the candidates of a fitted search.

    Parameters
    ----------
    search : estimator
        A fitted search, or any object with scikit-learn's ``cv_results_``.
    metric : str or None, default=None
        The metric to use if the search has several. None means the one that ``refit``
        names.

    Returns
    -------
    candidates : Candidates
        The candidates, in the order of ``cv_results_``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If ``search`` has no ``cv_results_``.
    ParameterError
        If the metric is unknown, or neither ``metric`` nor ``refit`` names one.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.search import read_candidates
    >>> tree = DecisionTreeClassifier(random_state=0)
    >>> search = GridSearchCV(tree, {"max_depth": [1, 2]})
    >>> candidates = read_candidates(search.fit(*load_iris(return_X_y=True)))
    >>> candidates.mean_scores.round(2).tolist()
    [0.67, 0.93]
    """
    check_is_fitted(search, "cv_results_")
    results = search.cv_results_
    metric = _chosen_metric(search, results, metric)
    n_candidates = len(results["params"])
    return Candidates(
        metric=metric,
        labels=short_names(
            [key.removeprefix("param_") for key in results if key.startswith("param_")],
            reserved=MEASURED_COLUMNS,
        ),
        parameters=tuple(dict(params) for params in results["params"]),
        mean_scores=np.asarray(results[f"mean_test_{metric}"], dtype=float),
        std_scores=np.asarray(results[f"std_test_{metric}"], dtype=float),
        mean_fit_times=np.asarray(results["mean_fit_time"], dtype=float),
        rungs=np.asarray(results.get("iter", np.zeros(n_candidates)), dtype=int),
    )
