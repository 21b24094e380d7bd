"""`HypergradientSearchCV`: parameters of networks that follow the validation loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import get_tags, indexable
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params

from skdl._checks import Rule, either, integer, number
from skdl._fusing import fused_if
from skdl.data import as_random_state
from skdl.search._tuned_paths import end_of_restart, has_diverged, stack_paths
from skdl.search._tuned_ranges import OWNER, TunedNetwork, draw_starts, read_ranges
from skdl.training._fusion.tasks import planned_jobs
from skdl.training._hypergradients import TuningJob, TuningOutcome, tune

_NONE = Rule("None", lambda v: v is None, lambda _: True)
_COUNT = integer("an integer of 1 or more", lambda v: v >= 1)
_HORIZON = number("", lambda v: v >= 1)
_RULES = {
    "n_restarts": _COUNT,
    "tuning_epochs": either("an integer of 1 or more, or None", _COUNT, _NONE),
    "hyper_learning_rate": number("a number above 0", lambda v: v > 0),
    "horizon": Rule(
        "a number of 1 or more, or infinity",
        _HORIZON.is_type,
        lambda v: v == np.inf or _HORIZON.is_value(v),
    ),
    "validation_fraction": number("a number in (0, 1)", lambda v: 0 < v < 1),
}


@dataclass(frozen=True)
class _Passed:
    """What was passed to `fit`, and what is tuned."""

    X: Any
    y: Any
    params: Mapping[str, Any]
    tuned: TunedNetwork


class HypergradientSearchCV(BaseSearchCV):
    """Tune learning rate and penalties by gradients of the validation loss.

    From some starting points, networks are trained whose parameters change after each
    step, down the gradient of the loss on rows held out of the training rows. Where the
    parameters of each starting point end is a candidate, and the candidates are scored
    by cross-validation as in scikit-learn's searches. All networks train side by side.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Pipeline
        The network, or a pipeline that ends in one.
    param_ranges : dict
        What to tune: some of "learning_rate", "l1", "l2", "weight_decay" and
        "input_noise", in a pipeline with their prefix ("mlpclassifier__l2"). Each has a
        range: (low, high) with 0 < low, in which starting values are drawn evenly on a
        logarithmic scale; or a frozen distribution of scipy with such bounds, or an
        `optuna.distributions.FloatDistribution`, that starting values are drawn from.
    n_restarts : int, default=4
        Number of starting points, and of candidates.
    tuning_epochs : int, default=None
        Epochs to tune for. None takes those of the estimator.
    hyper_learning_rate : float, default=0.02
        Most that the logarithm of a parameter changes in a step: 0.02 is 2 %.
    horizon : float, default=100
        Number of steps over which the effect of a parameter is followed; older effects
        fade. 1 looks one step ahead, infinity follows all effects to the beginning.
    validation_fraction : float, default=0.2
        Share of each fold's training rows held out to tune on, in (0, 1). Rows passed
        to `fit` as ``X_val`` take their place.
    scoring : str, callable, list, tuple or dict, default=None
        How candidates are scored; None is the estimator's `score`.
    n_jobs : int, default=None
        How many fits compute at once where they do not train, such as preprocessing.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all rows; for several metrics the name of
        the one that decides, or a function from `cv_results_` to an index.
    cv : int, splitter or iterable, default=None
        The folds. None is 5.
    verbose : int, default=0
        Whether to print what is fitted.
    error_score : "raise" or float, default=np.nan
        Score of a candidate whose fit fails.
    return_train_score : bool, default=False
        Whether `cv_results_` has scores on the training rows.
    random_state : int, RandomState instance or None, default=None
        Source of the starting points; also of the networks that are tuned, where the
        estimator has none of its own.

    Attributes
    ----------
    hyperparameter_path_ : DataFrame
        One row per restart, split and step (from 0): the columns "restart", "split",
        "step", one per parameter with the value that the step was made with, and
        "val_loss", the loss behind the step on the rows that were held out, without
        penalties. `skdl.plots.hyperparameter_path` draws it.
    cv_results_ : dict of ndarray
        As in `sklearn.model_selection.GridSearchCV`, one candidate per restart; also
        "start_<parameter>", where it began, and "n_diverged_splits", how many of its
        tuned networks diverged.
    best_estimator_ : estimator
        The best candidate, fitted on all rows.
    best_score_ : float
        Its mean score over the folds.
    best_params_ : dict
        Its parameters.
    best_index_ : int
        Its place in `cv_results_`.
    scorer_ : callable or dict
        What scored the candidates.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds that the last fit took.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        Labels, of a classifier.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, if X had names.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : For all other parameters; inside
        `skdl.fuse` its networks train together too.
    skdl.plots.hyperparameter_path : Draws how the parameters moved.

    Notes
    -----
    A step of the optimizer leads from weights w and optimizer state s to F(w, s, h), h
    being the logarithms of the parameters. Along with w and s their derivatives Z by h
    are carried: ``Z' = (1 - 1 / horizon) * dF/d(w, s) Z + dF/dh``, exactly, second
    derivatives of the training loss included. The gradient of the validation loss L is
    ``dL/dw' Z'``. h moves by `hyper_learning_rate` times the moving mean of the
    gradient's sign, within its range: gradients span many powers of ten, and the first
    steps of a network with a large rate would outweigh all that follow. With horizon 1
    this looks as far as Luketina et al. (and, for the learning rate of plain gradient
    descent, Baydin et al., who take the gradient of the training loss); with an
    infinite one as the real-time method of Franceschi et al. Short horizons choose too
    small rates (Wu et al.) and penalties.

    Each fold has networks of its own, whose parameters never see the fold's test rows.
    A candidate is the geometric mean, over the folds and over the second half of the
    steps, of the values of its restart; folds whose network diverged are left out.
    Because this mean is made of all folds, `best_score_` is a little optimistic, as
    that of any search is: keep test rows apart. docs/hypergradient.md has the details
    and measures, random search beside it.

    A dropout rate cannot be tuned: its loss is a step function of it.

    References
    ----------
    Luketina, Berglund, Greff and Raiko (2016), "Scalable Gradient-Based Tuning of
    Continuous Regularization Hyperparameters". Franceschi, Donini, Frasconi and Pontil
    (2017), "Forward and Reverse Gradient-Based Hyperparameter Optimization". Baydin,
    Cornish, Martinez Rubio, Schmidt and Wood (2018), "Online Learning Rate Adaptation
    with Hypergradient Descent". Wu, Ren, Liao and Grosse (2018), "Understanding
    Short-Horizon Bias in Stochastic Meta-Optimization".

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> import skdl
    >>> X, y = make_regression(n_samples=60, n_features=3, random_state=0)
    >>> network = skdl.MLPRegressor((), epochs=10, random_state=0)
    >>> search = skdl.HypergradientSearchCV(
    ...     network, {"learning_rate": (1e-4, 0.1)}, n_restarts=2, cv=2, random_state=0
    ... )
    >>> list(search.fit(X, y).best_params_)
    ['learning_rate']
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        param_ranges: Mapping[str, Any],
        *,
        n_restarts: int = 4,
        tuning_epochs: int | None = None,
        hyper_learning_rate: float = 0.02,
        horizon: float = 100,
        validation_fraction: float = 0.2,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable = True,
        cv: Any = None,
        verbose: int = 0,
        error_score: Any = np.nan,
        return_train_score: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_ranges = param_ranges
        self.n_restarts = n_restarts
        self.tuning_epochs = tuning_epochs
        self.hyper_learning_rate = hyper_learning_rate
        self.horizon = horizon
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Tune, score the candidates, and fit the best one on all rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets.
        **params : dict of str to object
            FitArguments to the estimator, the scorer and the splitter as scikit-learn's
            searches do: ``sample_weight`` and ``groups``, and with metadata routing
            whatever was requested.

        Returns
        -------
        self : HypergradientSearchCV
            The fitted search.

        Raises
        ------
        ParameterError
            If a parameter is out of range, or a range cannot be tuned.
        ParameterTypeError
            If a parameter has a wrong type.

        Warns
        -----
        DivergenceWarning
            If all networks of a restart diverged; its candidate is where it began.
        """
        for name, rule in _RULES.items():
            rule.check(name, getattr(self, name), OWNER)
        tuned = read_ranges(self.estimator, self.param_ranges)
        self._passed = _Passed(X, y, params, tuned)  # for `_run_search`
        try:
            with fused_if(True):
                return super().fit(X, y, **params)
        finally:
            del self._passed

    def __sklearn_tags__(self) -> Any:
        """Say that targets may be what the network takes, several columns too."""
        tags = super().__sklearn_tags__()
        tags.target_tags = get_tags(self.estimator).target_tags
        return tags

    def _run_search(
        self, evaluate_candidates: Callable, *, callback_ctx: Any = None
    ) -> None:
        """Tune from each starting point, and have the results scored."""
        passed = self._passed
        X, y = indexable(passed.X, passed.y)
        params = _check_method_params(X, params=dict(passed.params))
        routed = self._get_routed_params_for_fit(params)
        folds = list(self._checked_cv_orig.split(X, y, **routed.splitter.split))
        random = as_random_state(self.random_state)
        starts = draw_starts(passed.tuned.ranges, self.n_restarts, random)
        seed = int(random.randint(2**31))
        jobs = []
        for train, _ in folds:
            X_train, y_train = _safe_split(self.estimator, X, y, train)
            own = _check_method_params(X, params=routed.estimator.fit, indices=train)
            start = dict(zip(self.param_ranges, starts[0], strict=True))
            jobs.append(self._plan(X_train, y_train, own, start, seed))
        outcomes = tune([job.starting_at(start) for start in starts for job in jobs])
        runs = [
            outcomes[i : i + len(folds)] for i in range(0, len(outcomes), len(folds))
        ]
        names = tuple(self.param_ranges)
        self.hyperparameter_path_ = stack_paths(runs, names)
        candidates = [
            end_of_restart(each, start, passed.tuned.ranges)
            for each, start in zip(runs, starts, strict=True)
        ]
        self._score(evaluate_candidates, candidates, starts, runs, folds, callback_ctx)

    def _plan(
        self, X: Any, y: Any, params: dict, start: dict[str, float], seed: int
    ) -> TuningJob:
        """Prepare the training rows of a fold, and the network that is to be tuned."""
        tuned = self._passed.tuned
        settings = {
            "early_stopping": True,  # so that rows are held out
            "validation_fraction": self.validation_fraction,
            "verbose": False,
        }
        if tuned.network.random_state is None:
            settings["random_state"] = seed
        estimator = clone(self.estimator).set_params(
            **start, **{tuned.prefix + name: value for name, value in settings.items()}
        )
        (job,) = planned_jobs(lambda: estimator.fit(X, y, **params))
        epochs = self.tuning_epochs or job.epochs
        job = replace(
            job,
            signature=replace(job.signature, keeps_best=False),
            stopping=None,
            epochs=epochs,
            on_epoch=None,
        )
        return TuningJob(
            job,
            tuple(parameter.tuned for parameter in tuned.ranges),
            hyper_learning_rate=self.hyper_learning_rate,
            memory=1.0 - 1.0 / self.horizon,
        )

    def _score(
        self,
        evaluate_candidates: Callable,
        candidates: list[dict[str, float]],
        starts: np.ndarray,
        runs: list[list[TuningOutcome]],
        folds: list,
        callback_ctx: Any,
    ) -> None:
        """Have the candidates scored on the folds that they were tuned on."""
        context = callback_ctx.subcontext(
            task_name="search",
            max_subtasks=len(candidates) * len(folds),
            sequential_subtasks=False,
        ).call_on_fit_task_begin(estimator=self)
        more = {
            f"start_{name}": column.tolist()
            for name, column in zip(self.param_ranges, starts.T, strict=True)
        }
        more["n_diverged_splits"] = [sum(map(has_diverged, run)) for run in runs]
        evaluate_candidates(
            candidates, cv=check_cv(folds), more_results=more, callback_ctx=context
        )
        context.call_on_fit_task_end(estimator=self)
