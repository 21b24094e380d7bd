"""All measures of one explanation: the permutation importances of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import numpy as np
from sklearn.utils import check_random_state

from skdl._checks import check_count, check_share
from skdl._progress import Progress
from skdl._responses import response_of
from skdl._tables import Table, as_table, feature_names_of, take_rows
from skdl.exceptions import DataError, ParameterError, ParameterTypeError
from skdl.explain._predicting.perturbation import MEMORY_BOUND
from skdl.explain.importance._feature_groups import columns_by_name
from skdl.explain.importance._permutation_importance import PermutationImportance
from skdl.explain.quality._aspects import (
    Question,
    across_refits,
    by_curves,
    by_surrogate,
    on_resampled_rows,
    under_noise,
)
from skdl.explain.quality._fidelity_curves import n_copies_of
from skdl.explain.quality._measures import Aspect, ExplanationQuality
from skdl.explain.quality._stability import ImportanceSettings

LEAST_ROWS = 10
ASPECTS = get_args(Aspect)
FUNCTION = "explanation_quality"


def _check(explanation: Any, scoring: Any, noise: Any, **counts: Any) -> None:
    least = {"n_models": 2}
    for name, count in counts.items():
        check_count(count, name=name, function=FUNCTION, least=least.get(name, 1))
    check_share(noise, name="noise", function=FUNCTION)
    if isinstance(scoring, list | tuple | set | Mapping):
        raise ParameterError(
            f"The 'scoring' parameter of {FUNCTION} must be one score. Got "
            f"{scoring!r}. Call it once per score."
        )
    if not isinstance(explanation, PermutationImportance | None):
        raise ParameterTypeError(
            f"The 'explanation' parameter of {FUNCTION} must be a "
            "PermutationImportance of one score, or None. Got "
            f"{type(explanation).__name__}."
        )


def _rows(X: Any, y: Any) -> tuple[Table, np.ndarray]:
    table = as_table(X)
    targets = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    if len(table) < LEAST_ROWS:
        raise DataError(
            f"The quality of an explanation needs at least {LEAST_ROWS} rows. Got "
            f"{len(table)}."
        )
    if targets.ndim == 0 or len(targets) != len(table):
        raise DataError(
            f"X has {len(table)} rows but y has {len(targets) if targets.ndim else 0}."
        )
    return table, targets


def _check_features(explanation: PermutationImportance | None, X: Table) -> None:
    names = tuple(columns_by_name(None, feature_names_of(X)))
    if explanation is not None and explanation.feature_names != names:
        raise ParameterError(
            f"The 'explanation' parameter of {FUNCTION} must be of all {len(names)} "
            f"features of X, one by one: {list(names[:8])}. Got importances of "
            f"{list(explanation.feature_names[:8])}. Compute them without 'groups'."
        )


def explanation_quality(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    scoring: str | Callable[..., Any] | None = None,
    explanation: PermutationImportance | None = None,
    n_repeats: int = 5,
    noise: float = 0.05,
    n_noisy: int = 5,
    n_resamples: int = 20,
    n_orders: int = 20,
    X_train: Any = None,
    y_train: Any = None,
    n_models: int = 5,
    max_samples: int = 1000,
    random_state: int | np.random.RandomState | None = None,
    memory_bound: int = MEMORY_BOUND,
    progress: bool | None = None,
) -> ExplanationQuality:
    """Measure how good permutation importances are as an explanation of a model.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor.
    X : array-like of shape (n_samples, n_features)
        At least 10 rows, preferably ones that the estimator was not fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    scoring : str, callable or None, default=None
        Score of the importances; None means the estimator's own.
    explanation : PermutationImportance or None, default=None
        Importances to measure, of all features, by the same score; None computes them.
    n_repeats : int, default=5
        How often features are shuffled, or replaced, per number.
    noise : float, default=0.05
        Standard deviation of the noise on numbers, as a share of that of the feature.
        Features stay within their range, whole numbers stay whole.
    n_noisy : int, default=5
        How often noise is drawn.
    n_resamples : int, default=20
        How often rows are resampled; half as often they are split into two halves that
        are compared. Both within the classes of a classifier.
    n_orders : int, default=20
        Number of random orders of the features to compare deletion and insertion with.
    X_train : array-like of shape (n_train, n_features) or None, default=None
        Rows to refit clones of the estimator to, for consistency. For a search, the
        best estimator is refitted.
    y_train : array-like of shape (n_train,) or None, default=None
        Their targets.
    n_models : int, default=5
        Number of clones to refit, each with other values of every "random_state"
        parameter.
    max_samples : int, default=1000
        Maximum number of rows to use; more are sampled. The surrogate uses all.
    random_state : int, RandomState instance or None, default=None
        Seed of everything random.
    memory_bound : int, default=268435456
        Bytes that changed copies of the rows may take, including what the estimator
        computes from them.
    progress : bool or None, default=None
        Whether to show a progress bar; None shows one on a terminal when the call takes
        more than two seconds.

    Returns
    -------
    quality : ExplanationQuality
        Numbers with intervals, or the reason why one could not be measured.

    Raises
    ------
    ParameterError
        If a parameter is invalid, or the explanation is not of the features of X.
    ParameterTypeError
        If the explanation is not a PermutationImportance.
    DataError
        If there are fewer than 10 rows, or not as many targets.

    Notes
    -----
    An interval is the middle 95 % over the draws that the meaning of the measure
    names; with few draws it reaches from the least to the greatest. No measure shows
    whether the importances are true of the world: an exact explanation of a bad model
    still explains a bad model, which is why the score comes first.

    References
    ----------
    .. [1] Petsiuk, Das, Saenko (2018). RISE: Randomized Input Sampling for Explanation
       of Black-box Models. BMVC.
    .. [2] Jansen (1999). Analysis of variance designs for model output. Computer
       Physics Communications 117.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdl.explain import explanation_quality
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = LogisticRegression(max_iter=1000).fit(X, y)
    >>> quality = explanation_quality(model, X, y, random_state=0)
    >>> quality["features for 90 % of the importance"].value
    2.0
    """
    counts = {"n_repeats": n_repeats, "n_noisy": n_noisy, "n_resamples": n_resamples}
    counts |= {"n_orders": n_orders, "n_models": n_models}
    _check(explanation, scoring, noise, **counts)
    check_count(max_samples, name="max_samples", function=FUNCTION, least=LEAST_ROWS)
    table, targets = _rows(X, y)
    _check_features(explanation, table)
    generator = check_random_state(random_state)
    seeds = generator.randint(np.iinfo(np.int32).max, size=2).tolist()
    response = response_of(estimator, table)
    of_all_rows, tree = by_surrogate(estimator, table, seeds[0])
    if len(table) > max_samples:
        rows = np.sort(generator.permutation(len(table))[:max_samples])
        table, targets = take_rows(table, rows), targets[rows]
    settings = ImportanceSettings(scoring, n_repeats, seeds[1], memory_bound)
    per_importance = table.shape[1] * n_repeats
    n_importances = 2 + n_noisy + (0 if X_train is None else n_models)
    n_copies = 1 + n_importances * per_importance
    n_copies += n_copies_of(table.shape[1], n_repeats, n_orders)
    with Progress("explanation quality", n_copies, shown=progress) as bar:
        if explanation is None:
            explanation = settings.importance_of(estimator, table, targets)
        bar.advance(per_importance)
        question = Question(
            estimator, response, table, targets, explanation, settings, generator, bar
        )
        resampled = on_resampled_rows(question, n_resamples=n_resamples)
        of_curves, curves = by_curves(question, n_orders=n_orders)
        of_noise = under_noise(question, noise=noise, n_draws=n_noisy)
        of_refits = across_refits(question, (X_train, y_train), n_models=n_models)
    found = [*resampled, *of_curves, *of_all_rows, *of_noise, *of_refits]
    return ExplanationQuality(
        # Aspect by aspect; within one, in the order of measuring.
        measures=tuple(sorted(found, key=lambda each: ASPECTS.index(each.aspect))),
        curves=curves,
        importance=explanation,
        surrogate=tree,
        n_samples=len(table),
        n_features=table.shape[1],
    )
