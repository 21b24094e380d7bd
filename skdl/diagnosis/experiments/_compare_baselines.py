"""Compare an estimator with baselines: is it worth its cost?"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

from skdl._checks import check_count, check_share
from skdl._compat.sklearn import num_samples, safe_indexing
from skdl._models import final_step, fresh_steps_before, networks
from skdl._parallel import fused_if
from skdl._progress import Progress
from skdl.data import as_random_state, score_name
from skdl.diagnosis.experiments._baseline_comparison import BaselineComparison
from skdl.diagnosis.experiments._default_baselines import default_baselines
from skdl.diagnosis.experiments._fold_intervals import corrected_interval
from skdl.diagnosis.experiments._folds import Splits, draw_seeds, split_rows
from skdl.diagnosis.experiments._losses import check_scoring, has_diverged
from skdl.diagnosis.experiments._scored_model import ScoredModel
from skdl.exceptions import DataError, DivergenceWarning, ParameterError

FUNCTION = "compare_baselines"
Scorer = Callable[[Any, Any, Any], float]
REPEATED_BELOW = 2000  # rows: folds are then cheap, and their scores vary
N_REPEATS_OF_FEW = 3
# Threads of OpenMP and BLAS wait for one another: on a busy machine with 2 cores,
# boosting took 12 s for 891 rows, but 0.3 s in one thread (scikit-learn 1.9.1,
# 2026-11).
ONE_THREAD_BELOW = 10_000  # rows


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class _FoldScores:
    """Scores of one model before the comparison."""

    scores: np.ndarray
    seconds: float
    n_diverged: int


def _check_estimator(estimator: Any) -> None:
    has_methods = not isinstance(estimator, type) and all(
        hasattr(estimator, name) for name in ("fit", "predict", "get_params")
    )
    if has_methods and (is_classifier(estimator) or is_regressor(estimator)):
        return
    raise ParameterError(
        f"The 'estimator' parameter of {FUNCTION} must be a classifier or a regressor "
        "like scikit-learn's, with 'fit', 'predict' and 'get_params'. Got "
        f"{type(estimator).__name__} instead."
    )


def _splits(
    estimator: Any, X: Any, y: Any, *, cv: Any, n_repeats: int | None, seed: int
) -> Splits:
    """The folds, the same for every model."""
    if not isinstance(cv, int | np.integer):
        if n_repeats is not None:
            raise ParameterError(
                f"The 'n_repeats' parameter of {FUNCTION} needs a number as 'cv'. Got "
                f"n_repeats={n_repeats!r} and cv={cv!r}. Pass a splitter that repeats."
            )
        n_repeats = 1
    elif n_repeats is None:
        n_repeats = N_REPEATS_OF_FEW if num_samples(X) < REPEATED_BELOW else 1
    splits = split_rows(
        estimator,
        X,
        y,
        cv=cv,
        function=FUNCTION,
        random_state=np.random.RandomState(seed),
        n_repeats=n_repeats,
    )
    if len(splits) < 2:
        raise ParameterError(
            f"The 'cv' parameter of {FUNCTION} must make at least 2 folds, because "
            f"intervals need them. Got {len(splits)}."
        )
    return splits


def _all_baselines(
    estimator: Any, extra: Any, X: Any, y: Any, *, classifies: bool, seed: int
) -> tuple[dict[str, Any], set[str]]:
    """The baselines by name, and the names of those that may fail."""
    if extra is not None and not isinstance(extra, Mapping):
        raise ParameterError(
            f"The 'baselines' parameter of {FUNCTION} must map names to estimators (or "
            f"to None, to leave one out). Got {extra!r} instead."
        )
    before = fresh_steps_before(estimator)
    found: dict[str, Any] = default_baselines(
        X, y, classifies=classifies, before=before, seed=seed
    )
    known = list(found)
    for name, model in (extra or {}).items():
        if model is None and name in known:
            del found[name]
            continue
        if model is None or not hasattr(model, "predict"):
            raise ParameterError(
                f"The 'baselines' parameter of {FUNCTION} must contain estimators with "
                f"'fit' and 'predict', or None for one of {known}. Got {model!r} for "
                f"{name!r}."
            )
        is_bare = before is not None and not isinstance(model, Pipeline)
        found[name] = make_pipeline(before, model) if is_bare else model
    return found, set(found) - set(extra or {})


def _score_fold(
    model: Any, seed: int, X: Any, y: Any, scorer: Scorer, split: tuple
) -> tuple[float, bool]:
    """The score of a fold, and whether a network diverged in it."""
    train, test = split
    fitted = clone(model).set_params(**_seeds(model, seed))
    fitted.fit(safe_indexing(X, train), safe_indexing(y, train))
    score = scorer(fitted, safe_indexing(X, test), safe_indexing(y, test))
    return float(score), has_diverged(final_step(fitted))


def _seeds(model: Any, seed: int) -> dict[str, int]:
    """A seed for each "random_state" that is None."""
    return {
        name: seed
        for name, value in model.get_params().items()
        if name.split("__")[-1] == "random_state" and value is None
    }


def _score(
    model: Any,
    X: Any,
    y: Any,
    scorer: Scorer,
    splits: Splits,
    *,
    name: str,
    seeds: Sequence[int],
) -> _FoldScores:
    n_threads = 1 if num_samples(X) < ONE_THREAD_BELOW else None
    since = time.perf_counter()
    with (
        fused_if(bool(networks(model)), n_fits=len(splits)),
        threadpool_limits(n_threads),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", DivergenceWarning)  # the record reports it
        found = Parallel()(
            delayed(_score_fold)(model, seed, X, y, scorer, split)
            for seed, split in zip(seeds, splits, strict=True)
        )
    seconds = (time.perf_counter() - since) / len(splits)
    scores = np.array([score for score, _ in found])
    if not np.isfinite(scores).all():
        fold = 1 + int(np.argmin(np.isfinite(scores)))
        raise DataError(
            f"{FUNCTION} needs a score for every fold. That of {name} is "
            f"{scores[fold - 1]} in fold {fold}. Use fewer folds, or another "
            "'scoring'."
        )
    return _FoldScores(scores, seconds, sum(diverged for _, diverged in found))


def _compared(
    name: str,
    folds: _FoldScores,
    ours: _FoldScores,
    *,
    test_to_train: float,
    level: float,
) -> ScoredModel:
    differences = ours.scores - folds.scores
    low, high = corrected_interval(
        folds.scores, test_to_train=test_to_train, level=level
    )
    difference_low, difference_high = corrected_interval(
        differences, test_to_train=test_to_train, level=level
    )
    return ScoredModel(
        name=name,
        scores=folds.scores,
        low=low,
        high=high,
        difference=float(differences.mean()),
        difference_low=difference_low,
        difference_high=difference_high,
        seconds=folds.seconds,
        n_diverged=folds.n_diverged,
    )


def compare_baselines(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    baselines: Mapping[str, Any] | None = None,
    cv: int | Iterable | Any = 5,
    n_repeats: int | None = None,
    scoring: str | Callable[..., float] | None = None,
    confidence_level: float = 0.95,
    random_state: int | np.random.RandomState | None = None,
    progress: bool | None = None,
) -> BaselineComparison:
    """Compare an estimator with simpler ones to see whether it is worth its cost.

    Parameters
    ----------
    estimator : estimator
        A classifier or regressor: a network, a pipeline that ends in one, or any other.
        It is not changed.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    baselines : mapping of str to estimator, or None, default=None
        More baselines by name. The name of a built-in baseline replaces it, or leaves
        it out if the value is None. A baseline that is not a Pipeline gets the input of
        the estimator's last step.
    cv : int, splitter or iterable of (train, test), default=5
        The folds. A number makes shuffled folds, stratified by class for classifiers.
    n_repeats : int or None, default=None
        How often to repeat the folds with a new shuffle. None means 3 for fewer than
        2000 rows, else 1.
    scoring : str, callable or None, default=None
        A scikit-learn scorer. None means accuracy for classifiers and R2 for
        regressors.
    confidence_level : float, default=0.95
        Confidence level of the intervals.
    random_state : int, RandomState or None, default=None
        Seed of the folds and the baselines, and of the estimator if its own
        ``random_state`` is None (a different seed for each fold).
    progress : bool or None, default=None
        Whether to show a progress bar. None shows one in a terminal if it takes more
        than two seconds.

    Returns
    -------
    comparison : BaselineComparison
        Scores, differences, run times and a verdict.

    Raises
    ------
    ParameterError
        If the estimator is neither a classifier nor a regressor, or a parameter is
        invalid.
    DataError
        If the rows cannot be split, a fold has no score, or no baseline can be fitted.

    Notes
    -----
    The baselines are a dummy (the most frequent class, or the mean), histogram gradient
    boosting, for labels also logistic regression and the nearest class mean by RMSE and
    by MAE, and for quantities also ridge regression (penalty chosen by leave-one-out).
    Nothing else is tuned. Nearest class means need one label per row. A baseline that
    cannot be fitted or scored, such as boosting on a sparse table, is listed in
    `left_out` with the reason. Below 10,000 rows OpenMP and BLAS run in one thread,
    because more threads would slow them down.

    If the estimator is a pipeline, all baselines get the input of its last step.
    Otherwise linear models and distances get standardised numbers, with gaps filled by
    medians, and one-hot encoded words; boosting gets unchanged numbers, and words as
    numbers. For linear models, sparse tables and images are divided by the largest
    value of each column. Distances between images use the raw pixels.

    Intervals are Student's, with the correction of Nadeau and Bengio [1]_ for folds
    that share training rows. The verdict is based on the paired difference to the best
    baseline: "better" or "worse" if its interval excludes 0. That baseline is the best
    of several on the same folds, so it looks slightly better than it is.

    References
    ----------
    .. [1] Nadeau and Bengio (2003). Inference for the Generalization Error. Machine
       Learning 52.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.diagnosis import compare_baselines
    >>> X, y = load_iris(return_X_y=True)
    >>> stump = DecisionTreeClassifier(max_depth=1, random_state=0)
    >>> comparison = compare_baselines(
    ...     stump, X, y, baselines={"gradient boosting": None}, random_state=0
    ... )
    >>> comparison.conclusion
    'worse'
    """
    _check_estimator(estimator)
    level = check_share(confidence_level, name="confidence_level", function=FUNCTION)
    if n_repeats is not None:
        n_repeats = check_count(n_repeats, name="n_repeats", function=FUNCTION)
    classifies = is_classifier(estimator)
    check_scoring(scoring, function=FUNCTION)
    if scoring is None:
        scoring = "accuracy" if classifies else "r2"
    seed = int(as_random_state(random_state).randint(2**31 - 1))
    splits = _splits(estimator, X, y, cv=cv, n_repeats=n_repeats, seed=seed)
    arguments: dict[str, Any] = {
        "scorer": get_scorer(scoring),
        "splits": splits,
        "seeds": draw_seeds((len(splits),), np.random.RandomState(seed)),
    }
    models, may_fail = _all_baselines(
        estimator, baselines, X, y, classifies=classifies, seed=seed
    )
    own_name = type(final_step(estimator)).__name__
    left_out: dict[str, str] = {}
    folds: dict[str, _FoldScores] = {}
    n_fits = len(splits) * (1 + len(models))
    with Progress("comparing with baselines", n_fits, shown=progress) as bar:
        ours = _score(estimator, X, y, name=own_name, **arguments)
        bar.advance(len(splits))
        for name, model in models.items():
            try:
                folds[name] = _score(model, X, y, name=name, **arguments)
            except (AttributeError, TypeError, ValueError) as error:
                if name not in may_fail:
                    raise
                left_out[name] = str(error)
            bar.advance(len(splits))
    if not folds:
        raise DataError(
            f"{FUNCTION} needs a baseline to compare with, but none could be fitted: "
            f"{left_out}. Pass one of your own as 'baselines'."
        )
    ratio = float(np.mean([len(test) / len(train) for train, test in splits]))
    compared = [
        _compared(name, found, ours, test_to_train=ratio, level=level)
        for name, found in folds.items()
    ]
    return BaselineComparison(
        estimator=_compared(own_name, ours, ours, test_to_train=ratio, level=level),
        baselines=tuple(sorted(compared, key=lambda model: -model.score)),
        metric=score_name(scoring),
        confidence_level=level,
        n_samples=num_samples(X),
        n_folds=len(splits),
        left_out=left_out,
    )
