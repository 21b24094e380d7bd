"""Importance of the parameters of a fitted search.

Optuna's evaluators measure how much of the variation of the scores each parameter
explains. Numbers that span a wide range are read on a log scale. Values that are
neither numbers nor text, such as tuples of layer sizes, are categories named by their
``repr``.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from skdl.exceptions import DataError, ParameterError
from skdl.search._read_candidates import Candidates, read_candidates

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.importance import BaseImportanceEvaluator

# A parameter whose largest value is at least this many times its smallest is read as
# log10. The usual ranges of rates and penalties span more, those of counts less.
LOG_SPREAD = 50.0

Method = Literal["fanova", "ped_anova"]


@dataclass(frozen=True)
class ParameterImportance:
    """How much each parameter of a search affects the score.

    Parameters
    ----------
    parameters : tuple of str
        Full names of the parameters, most important first.
    labels : tuple of str
        The names without ``step__`` prefixes, unless that is ambiguous.
    importances : tuple of float
        Share of each parameter in the explained variation of the scores. They sum to
        1, or are all 0 if all candidates have the same score.
    scales : tuple of {"linear", "log", "categorical"}
        Scale on which the values of each parameter were read.
    omitted : dict of str to str
        Parameters without an importance, and the reason.
    method : {"fanova", "ped_anova"}
        The evaluator.
    metric : str
        The metric that the importances explain.
    n_candidates : int
        Number of candidates used.
    n_failed : int
        Number of candidates that were left out because their score is not finite.
    """

    parameters: tuple[str, ...]
    labels: tuple[str, ...]
    importances: tuple[float, ...]
    scales: tuple[str, ...]
    omitted: dict[str, str]
    method: Method
    metric: str
    n_candidates: int
    n_failed: int

    def to_frame(self) -> pd.DataFrame:
        """Return the importances as a table, most important parameter first.

        Returns
        -------
        frame : DataFrame
            Has the columns "parameter" (the short name), "importance" and "scale".
        """
        return pd.DataFrame(
            {
                "parameter": list(self.labels),
                "importance": list(self.importances),
                "scale": list(self.scales),
            }
        )


@dataclass(frozen=True)
class _Column:
    """Values of one parameter for Optuna, one per candidate."""

    values: tuple[float | str, ...]
    distribution: BaseDistribution
    scale: str


def parameter_importance(
    search: Any,
    *,
    method: Method = "fanova",
    metric: str | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> ParameterImportance:
    """Measure how much each parameter of a fitted search affects the score.

    Parameters
    ----------
    search : estimator
        A fitted search, or any object with scikit-learn's ``cv_results_``.
    method : {"fanova", "ped_anova"}, default="fanova"
        "fanova" explains the variation of all scores by each parameter alone [1]_.
        "ped_anova" finds the parameters that distinguish the best tenth of the
        candidates [2]_, so it needs many of them.
    metric : str or None, default=None
        The metric to use if the search has several. None means the one that ``refit``
        names.
    random_state : int, RandomState instance or None, default=None
        Seed of the random forest that "fanova" fits.

    Returns
    -------
    importance : ParameterImportance
        The importances, largest first.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If ``search`` has no ``cv_results_``.
    ParameterError
        If ``method`` or ``metric`` is unknown.
    DataError
        If fewer than two candidates have a finite score, or no parameter varies.

    Notes
    -----
    Only the effects of single parameters count, normalised to a sum of 1; interactions
    are left out. Twenty candidates give a rough order, not a measurement. For
    successive halving only the first iteration is used, as only there all candidates
    have the same resources.

    References
    ----------
    .. [1] Hutter, Hoos and Leyton-Brown (2014). An efficient approach for assessing
       hyperparameter importance. ICML.
    .. [2] Watanabe, Bansal and Hutter (2023). PED-ANOVA: efficiently quantifying
       hyperparameter importance in arbitrary subspaces. IJCAI.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.search import parameter_importance
    >>> grid = {"max_depth": [1, 2, 3], "min_samples_leaf": [1, 2]}
    >>> search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid)
    >>> search = search.fit(*load_iris(return_X_y=True))
    >>> parameter_importance(search, random_state=0).parameters
    ('max_depth', 'min_samples_leaf')
    """
    if method not in ("fanova", "ped_anova"):
        raise ParameterError(
            "The 'method' parameter of parameter_importance must be 'fanova' or "
            f"'ped_anova'. Got {method!r} instead."
        )
    candidates = read_candidates(search, metric=metric)
    first_rung = candidates.rungs == candidates.rungs.min()
    kept = np.flatnonzero(first_rung & np.isfinite(candidates.mean_scores))
    if len(kept) < 2:
        raise DataError(
            "Importances need at least 2 candidates with a finite score. Got "
            f"{len(kept)} of {first_rung.sum()}. Look at the warnings of the search "
            "(error_score='raise' shows the first error) or try more candidates."
        )
    columns, omitted = _read_columns(candidates, kept)
    if not columns:
        raise DataError(
            "Importances need a parameter that differs between the candidates. Got "
            f"{len(kept)} candidates and none: {omitted}. Search over more values."
        )
    scores = candidates.mean_scores[kept]
    shares = _shares(columns, scores, method=method, random_state=random_state)
    order = sorted(shares, key=lambda name: (-shares[name], name))
    return ParameterImportance(
        parameters=tuple(order),
        labels=tuple(candidates.labels[name] for name in order),
        importances=tuple(shares[name] for name in order),
        scales=tuple(columns[name].scale for name in order),
        omitted=omitted,
        method=method,
        metric=candidates.metric,
        n_candidates=len(kept),
        n_failed=int(first_rung.sum() - len(kept)),
    )


def _read_columns(
    candidates: Candidates, kept: np.ndarray
) -> tuple[dict[str, _Column], dict[str, str]]:
    """Turn each parameter into a column, or note why it has none."""
    columns: dict[str, _Column] = {}
    omitted: dict[str, str] = {}
    for name in candidates.names:
        chosen = [candidates.parameters[index] for index in kept]
        values = [parameters[name] for parameters in chosen if name in parameters]
        if len(values) < len(kept):
            omitted[name] = "not set in every candidate"
        elif len({repr(value) for value in values}) == 1:
            omitted[name] = "the same in every candidate"
        else:
            columns[name] = _column(values)
    return columns, omitted


def _column(values: Sequence[Any]) -> _Column:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if all(_is_number(value) for value in values):
        array = np.array(values, dtype=float)
        is_log = array.min() > 0 and array.max() / array.min() >= LOG_SPREAD
        # Optuna's evaluators weigh a range by its width, even if it is logarithmic, so
        # the logarithm is taken here.
        array = np.log10(array) if is_log else array
        low, high = float(array.min()), float(array.max())
        return _Column(
            values=tuple(float(value) for value in array),
            distribution=FloatDistribution(low, high),
            scale="log" if is_log else "linear",
        )
    words = tuple(
        value if isinstance(value, str) else _category(value) for value in values
    )
    return _Column(
        values=words,
        distribution=CategoricalDistribution(sorted(set(words))),
        scale="categorical",
    )


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    return is_real and math.isfinite(float(value))


def _category(value: Any) -> str:
    """Name a value that is not text; parentheses tell None from "None"."""
    return f"({value!r})"


def _shares(
    columns: dict[str, _Column],
    scores: np.ndarray,
    *,
    method: Method,
    random_state: Any,
) -> dict[str, float]:
    """Compute the importances, as shares of their sum."""
    if np.ptp(scores) == 0:
        return dict.fromkeys(columns, 0.0)
    import optuna

    from skdl._compat.optuna import quiet_optuna

    with quiet_optuna():
        study = optuna.create_study(direction="maximize")
        distributions = {name: column.distribution for name, column in columns.items()}
        for index, score in enumerate(scores):
            params = {name: column.values[index] for name, column in columns.items()}
            study.add_trial(
                optuna.create_trial(
                    params=params, distributions=distributions, value=float(score)
                )
            )
        raw = _evaluator(method, random_state).evaluate(study)
    total = sum(raw.values())
    return {name: float(raw[name] / total) if total > 0 else 0.0 for name in columns}


def _evaluator(method: Method, random_state: Any) -> BaseImportanceEvaluator:
    from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator

    if method == "ped_anova":
        return PedAnovaImportanceEvaluator()
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    return FanovaImportanceEvaluator(seed=seed)
