"""Baselines beside an estimator: does it earn its cost?"""

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
REPEATED_BELOW = 2000  # rows, of which folds are cheap and their scores vary
N_REPEATS_OF_FEW = 3
# Threads of OpenMP and BLAS wait for one another: on a busy machine of 2 cores boosting
# took 12 s for 891 rows, and 0.3 s in one thread (scikit-learn 1.9.1, 2026-11).
ONE_THREAD_BELOW = 10_000  # rows


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class _FoldScores:
    """Scores of one model, before they are compared."""

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
        "of scikit-learn's kind, with 'fit', 'predict' and 'get_params'. Got "
        f"{type(estimator).__name__} instead."
    )


def _splits(
    estimator: Any, X: Any, y: Any, *, cv: Any, n_repeats: int | None, seed: int
) -> Splits:
    """The folds, the same for every model."""
    if not isinstance(cv, int | np.integer):
        if n_repeats is not None:
            raise ParameterError(
                f"The 'n_repeats' parameter of {FUNCTION} goes with a number of folds. "
                f"Got n_repeats={n_repeats!r} and cv={cv!r}. Let the splitter repeat."
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
            f"The 'cv' parameter of {FUNCTION} must make at least 2 folds, or there is "
            f"no interval. Got {len(splits)}."
        )
    return splits


def _all_baselines(
    estimator: Any, extra: Any, X: Any, y: Any, *, classifies: bool, seed: int
) -> tuple[dict[str, Any], set[str]]:
    """The baselines by name, and the names of those that may fail."""
    if extra is not None and not isinstance(extra, Mapping):
        raise ParameterError(
            f"The 'baselines' parameter of {FUNCTION} must be a mapping of names to "
            f"estimators (or to None, to leave one out). Got {extra!r} instead."
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
                f"The 'baselines' parameter of {FUNCTION} must have estimators with "
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
    """A seed for each "random_state" that has none."""
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
        warnings.simplefilter("ignore", DivergenceWarning)  # the record names it
        found = Parallel()(
            delayed(_score_fold)(model, seed, X, y, scorer, split)
            for seed, split in zip(seeds, splits, strict=True)
        )
    seconds = (time.perf_counter() - since) / len(splits)
    scores = np.array([score for score, _ in found])
    if not np.isfinite(scores).all():
        fold = 1 + int(np.argmin(np.isfinite(scores)))
        raise DataError(
            f"{FUNCTION} needs a score of every fold. That of {name} is "
            f"{scores[fold - 1]} in fold {fold}. Take fewer folds, or another "
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
    """Compare an estimator with simpler ones, and say whether it earns its cost.

    Parameters
    ----------
    estimator : estimator
        A classifier or regressor: a network, a pipeline that ends in one, or any other.
        It is cloned.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Features.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    baselines : mapping of str to estimator, or None, default=None
        Further baselines by name; one of a name known takes its place, and None leaves
        that one out. One that is no pipeline itself gets what the last step of the
        estimator gets.
    cv : int, splitter or iterable of (train, test), default=5
        Folds. A number makes shuffled ones, stratified by class for classifiers.
    n_repeats : int or None, default=None
        How often a number of folds is drawn anew. None is 3 below 2000 rows, else 1.
    scoring : str, callable or None, default=None
        A scorer of scikit-learn. None is accuracy for classifiers and R2 for
        regressors.
    confidence_level : float, default=0.95
        The share of intervals that hold the true value.
    random_state : int, RandomState or None, default=None
        Source of the folds, of the baselines' chance, and of the estimator's where its
        own ``random_state`` is None: then each fold has another seed.
    progress : bool or None, default=None
        Whether to show a bar; None shows it on a terminal, after two seconds.

    Returns
    -------
    comparison : BaselineComparison
        Scores, differences, seconds, and a verdict.

    Raises
    ------
    ParameterError
        If the estimator is neither classifier nor regressor, or a parameter cannot be
        used.
    DataError
        If the rows cannot be split, a fold has no score, or no baseline can be used.

    Notes
    -----
    The baselines are a dummy (the commonest class, the mean), for labels the nearest
    class mean by RMSE and by MAE and logistic regression, for quantities ridge
    regression (penalty by leave-one-out), and gradient boosting (scikit-learn's of
    histograms). Nothing else is tuned. Nearest means are for one label per row. A
    baseline that cannot be fitted or scored, such as boosting on a sparse table, is
    named in `left_out` with the reason. Below 10,000 rows OpenMP and BLAS run in one
    thread, where more cost more than they bring.

    If the estimator is a pipeline, all baselines get what its steps before the last one
    give. If not, linear models and distances get numbers with gaps filled by medians
    and standardised, and words as columns of 0 and 1; boosting gets numbers as they are
    and words as numbers. Sparse tables and images are divided by the largest value of
    each column for linear models; distances between images are of pixels as they are.

    Intervals are Student's with the correction of Nadeau and Bengio [1]_ for folds that
    share training rows. The verdict is on the paired difference to the best baseline:
    better or worse if its interval is without 0. That baseline is the best of several
    on the same folds, which makes it look a little better than it is.

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
            f"{FUNCTION} needs a baseline to compare with. Got none that can be used: "
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
