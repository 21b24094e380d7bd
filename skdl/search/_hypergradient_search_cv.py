"""`HypergradientSearchCV`: tunes parameters by gradients of the validation loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import check_cv
from sklearn.utils import get_tags, indexable

from skdl._checks import Rule, either, integer, number
from skdl._compat.sklearn import (
    BaseSearchCV,
    check_method_params,
    routed_params,
    safe_split,
    splitter_of,
)
from skdl._parallel import fused_if
from skdl.data import as_random_state
from skdl.search._tuned_paths import end_of_restart, has_diverged, stack_paths
from skdl.search._tuned_ranges import OWNER, TunedNetwork, draw_starts, read_ranges
from skdl.training import planned_jobs
from skdl.training.hypergradients import TuningJob, TuningOutcome, tune

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
class _FitArguments:
    """The arguments of `fit`, and the network to tune."""

    X: Any
    y: Any
    params: Mapping[str, Any]
    tuned: TunedNetwork


class HypergradientSearchCV(BaseSearchCV):
    """Tune the learning rate and penalties by gradients of the validation loss.

    Networks are trained from several starting points. After each step, their parameters
    move down the gradient of the loss on rows held out of the training rows. The final
    parameters of each starting point become a candidate, and the candidates are scored
    by cross-validation as in scikit-learn's searches. All networks train together.

    Parameters
    ----------
    estimator : MLPClassifier, MLPRegressor or Pipeline
        The network, or a pipeline that ends in one.
    param_ranges : dict
        Parameters to tune and their ranges. Any of "learning_rate", "l1", "l2",
        "weight_decay" and "input_noise", with their prefix in a pipeline
        ("mlpclassifier__l2"). A range is a tuple (low, high) with 0 < low, from which
        starting values are drawn log-uniformly; or a frozen scipy distribution with
        such bounds or an `optuna.distributions.FloatDistribution`, from which starting
        values are drawn.
    n_restarts : int, default=4
        Number of starting points, which is also the number of candidates.
    tuning_epochs : int, default=None
        Number of epochs to tune for. None means the estimator's epochs.
    hyper_learning_rate : float, default=0.02
        Largest change of the logarithm of a parameter in one step: 0.02 means 2 %.
    horizon : float, default=100
        Number of steps over which the effect of a parameter is tracked; older effects
        fade. 1 looks one step ahead; infinity tracks all effects back to the first
        step.
    validation_fraction : float, default=0.2
        Fraction of each fold's training rows to hold out for tuning, in (0, 1). If
        ``X_val`` is passed to `fit`, those rows are used instead.
    scoring : str, callable, list, tuple or dict, default=None
        How to score the candidates; None means the estimator's `score`.
    n_jobs : int, default=None
        Number of jobs for the parts of a fit that are not training, such as
        preprocessing.
    refit : bool, str or callable, default=True
        Whether to fit the best candidate on all rows. With several metrics, the name of
        the metric to choose by, or a function that takes `cv_results_` and returns an
        index.
    cv : int, splitter or iterable, default=None
        How to split the rows; None means 5 folds.
    verbose : int, default=0
        Level of detail of the printed messages, as in scikit-learn's searches.
    error_score : "raise" or float, default=np.nan
        Score of a fold whose fit fails.
    return_train_score : bool, default=False
        Whether to compute scores on the training rows as well.
    random_state : int, RandomState instance or None, default=None
        Seed of the starting points. Also the seed of the tuned networks if the
        estimator has no `random_state` of its own.

    Attributes
    ----------
    hyperparameter_path_ : DataFrame
        One row per restart, split and step (from 0). The columns are "restart",
        "split", "step", one per parameter with its value in the step, and "val_loss",
        the loss on the held-out rows after the step, without penalties.
        `skdl.plots.hyperparameter_path` draws it.
    cv_results_ : dict of ndarray
        As in `sklearn.model_selection.GridSearchCV`, with one candidate per restart.
        Also has "start_<parameter>", the starting value, and "n_diverged_splits", the
        number of tuned networks that diverged.
    best_estimator_ : estimator
        Estimator with the best parameters, fitted on all rows.
    best_score_ : float
        Mean score of the best candidate.
    best_params_ : dict
        Parameters of the best candidate.
    best_index_ : int
        Index of the best candidate in `cv_results_`.
    scorer_ : callable or dict
        The scorer, or one scorer per metric.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds that the refit took.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        Class labels, if the estimator is a classifier.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if X has names.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : Search over any parameters; inside
        `skdl.fuse` its networks train together too.
    skdl.plots.hyperparameter_path : Plot the paths of the parameters.

    Notes
    -----
    Let h be the logarithms of the parameters. A step of the optimizer maps weights w
    and optimizer state s to F(w, s, h). The search also updates the derivatives Z of w
    and s with respect to h: ``Z' = (1 - 1 / horizon) * dF/d(w, s) Z + dF/dh``. This is
    exact and includes second derivatives of the training loss. The gradient of the
    validation loss L is ``dL/dw' Z'``. h moves by `hyper_learning_rate` times the
    moving average of the gradient's sign, within its range. Only the sign is used
    because gradients span many powers of ten, and the first steps of a network with a
    large learning rate would outweigh all later ones. A horizon of 1 corresponds to
    Luketina et al. (and, for the learning rate of plain gradient descent, to Baydin et
    al., who use the gradient of the training loss); an infinite horizon corresponds to
    the real-time method of Franceschi et al. Short horizons choose learning rates (Wu
    et al.) and penalties that are too small.

    Each fold has its own networks, whose parameters never see the fold's test rows. A
    candidate is the geometric mean of its restart's values, over the folds and over the
    second half of the steps. Folds whose network diverged are left out. Because this
    mean uses all folds, `best_score_` is slightly optimistic, as in any search: keep
    separate test rows. docs/hypergradient.md has the details and a comparison with
    random search.

    A dropout rate cannot be tuned, because the loss is a step function of it.

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

    _arguments: _FitArguments  # only on the copy that `fit` makes

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
        """Tune, score the candidates and fit the best one on all rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets.
        **params : dict of str to object
            Metadata for the estimator, the scorer and the splitter, as in
            scikit-learn's searches: ``sample_weight`` and ``groups``, or with metadata
            routing whatever they request.

        Returns
        -------
        self : HypergradientSearchCV
            The fitted search.

        Raises
        ------
        ParameterError
            If a parameter has an invalid value, or cannot be tuned.
        ParameterTypeError
            If a parameter has the wrong type.

        Warns
        -----
        DivergenceWarning
            If all networks of a restart diverged. Its starting point is then the
            candidate.
        """
        for name, rule in _RULES.items():
            rule.check(name, getattr(self, name), OWNER)
        tuned = read_ranges(self.estimator, self.param_ranges)
        # scikit-learn passes neither X nor y to `_run_search`, so a copy carries them.
        run = copy(self)
        run._arguments = _FitArguments(X, y, params, tuned)
        with fused_if(True):
            super(HypergradientSearchCV, run).fit(X, y, **params)
        del run._arguments
        self.__dict__.update(vars(run))
        return self

    def __sklearn_tags__(self) -> Any:
        """Accept the targets that the network accepts, several columns included."""
        tags = super().__sklearn_tags__()
        tags.target_tags = get_tags(self.estimator).target_tags
        return tags

    def _run_search(
        self, evaluate_candidates: Callable, *, callback_ctx: Any = None
    ) -> None:
        """Tune from each starting point, and score the resulting candidates."""
        arguments = self._arguments
        X, y = indexable(arguments.X, arguments.y)
        params = check_method_params(X, params=dict(arguments.params))
        routed = routed_params(self, params)
        folds = list(splitter_of(self).split(X, y, **routed.splitter.split))
        random = as_random_state(self.random_state)
        starts = draw_starts(arguments.tuned.ranges, self.n_restarts, random)
        seed = int(random.randint(2**31))
        jobs = []
        for train, _ in folds:
            X_train, y_train = safe_split(self.estimator, X, y, train)
            own = check_method_params(X, params=routed.estimator.fit, indices=train)
            start = dict(zip(self.param_ranges, starts[0], strict=True))
            jobs.append(self._plan(X_train, y_train, own, start, seed))
        outcomes = tune([job.starting_at(start) for start in starts for job in jobs])
        runs = [
            outcomes[i : i + len(folds)] for i in range(0, len(outcomes), len(folds))
        ]
        names = tuple(self.param_ranges)
        self.hyperparameter_path_ = stack_paths(runs, names)
        candidates = [
            end_of_restart(each, start, arguments.tuned.ranges)
            for each, start in zip(runs, starts, strict=True)
        ]
        self._score(evaluate_candidates, candidates, starts, runs, folds, callback_ctx)

    def _plan(
        self, X: Any, y: Any, params: dict, start: dict[str, float], seed: int
    ) -> TuningJob:
        """Prepare the training rows of a fold and the network to tune."""
        tuned = self._arguments.tuned
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
        """Score the candidates on the folds that they were tuned on."""
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
