"""`OptunaSearchCV`: a search with cross-validation whose candidates Optuna chooses."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Self

import numpy as np
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, Trial
from sklearn.base import BaseEstimator, clone
from sklearn.callback import with_callbacks
from sklearn.utils import indexable

from skdl._compat.optuna import quiet_log
from skdl._compat.sklearn import (
    BaseSearchCV,
    best_index,
    check_method_params,
    check_refit,
    cv_results,
    fit_context,
    metrics_of,
    routed_params,
    scorers_of,
)
from skdl._fusing import fused_if
from skdl.exceptions import DataError
from skdl.search._studies import results
from skdl.search._studies.planning import SearchPlan, make_plan
from skdl.search._studies.pruning import PrunerName
from skdl.search._studies.running import run
from skdl.search._studies.samplers import SamplerName
from skdl.search._studies.shared_study import open_study
from skdl.search._studies.spaces import read
from skdl.search._studies.storages import opened


class OptunaSearchCV(BaseSearchCV):
    """Search for parameters with cross-validation, candidates chosen by Optuna.

    Trials are asked for in batches. The folds of all trials of a batch of skdl's
    networks train together, inside a pipeline too, and with a pruner the folds of a
    trial stop together when it does worse than others. A search with a storage goes on
    where it was after it was killed, and any number of processes and machines may share
    it.

    Parameters
    ----------
    estimator : estimator
        Whose parameters to search; any estimator of scikit-learn's kind.
    param_distributions : dict or callable
        For each parameter a distribution of Optuna, a frozen distribution of scipy
        (``uniform``, ``loguniform``, ``randint``) or a list. Or a function from an
        `optuna.trial.Trial` to a dict of parameters, for spaces where one choice opens
        others. `skdl.search.suggest_space` has a space for skdl's networks.
    n_trials : int or None, default=30
        Number of candidates, those of earlier runs and of other machines with the same
        study included. None tries the whole grid with ``sampler="grid"``; else it
        needs a ``timeout``.
    timeout : float or None, default=None
        Seconds after which no further batch begins.
    sampler : {"tpe", "gp", "cmaes", "nsga2", "ga", "random", "grid", "qmc"} or \
            optuna.samplers.BaseSampler, default="tpe"
        Who chooses: a tree of Parzen estimators [1]_, a Gaussian process (extra
        ``gp``), evolution of a covariance matrix (extra ``cmaes``), a genetic algorithm
        [2]_ ("nsga2", also as "ga"), or none of them.
    pruner : {"median", "successive_halving", "hyperband", "wilcoxon"}, \
            optuna.pruners.BasePruner or None, default=None
        Who ends trials before their last epoch; needs a network with validation rows.
    storage : str, path, optuna.storages.BaseStorage or None, default=None
        Where the study is kept: the URL of a database, a path that ends in ``.db``,
        ``.sqlite`` or ``.sqlite3``, any other path for a journal file, or None for
        memory.
    study_name : str or None, default=None
        Name of the study in the storage; needed if there is a storage.
    scoring : str, callable, list, tuple, dict or None, default=None
        As in `sklearn.model_selection.GridSearchCV`. Of several metrics the one that
        ``refit`` names is maximised; all of them if it names none.
    refit : bool, str or callable, default=True
        As in `sklearn.model_selection.GridSearchCV`.
    cv : int, cross-validation generator, iterable or None, default=None
        As in `sklearn.model_selection.GridSearchCV`: None is 5 folds.
    n_jobs : int or None, default=None
        How many fits compute at once. Networks train together however many.
    batch_size : int, default=8
        Trials that are asked for at a time. Their results are known to the sampler
        when all have ended, so fewer search better and more train faster.
    error_score : "raise" or float, default=np.nan
        Score of a fold whose fit fails. "raise" raises the error, after the other
        trials of the batch have been written down.
    return_train_score : bool, default=False
        Whether to score the training rows too.
    random_state : int, RandomState instance or None, default=None
        Seed of a sampler that is passed by name. An int makes the candidates those of
        an uninterrupted run after a restart.
    verbose : int, default=0
        1 prints a line for each batch, more prints each fit as scikit-learn does.
    pre_dispatch : int or str, default="2*n_jobs"
        As in `sklearn.model_selection.GridSearchCV`.

    Attributes
    ----------
    study_ : optuna.Study
        The study, for Optuna's plots and dashboard. Set before the first fit.
    cv_results_ : dict of str to ndarray
        As in scikit-learn's searches, with ``trial_number``, ``state`` ("COMPLETE",
        "PRUNED" or "FAIL") and ``error``, the first error of a fold.
        The scores of a pruned trial are nan.
    best_trials_ : list of optuna.trial.FrozenTrial
        The best trial, or several that are equally good; of several objectives all
        that no other is better than in every one (the Pareto front).
    best_estimator_ : estimator
        Fitted on all rows with the best parameters; only with ``refit``.
    best_score_ : float
        Mean score of the best candidate.
    best_params_ : dict
        Parameters of the best candidate.
    best_index_ : int
        Its place in ``cv_results_``.
    scorer_ : callable or dict of callable
        What scores.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds of the last fit; only with ``refit``.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        Of the best estimator, if it is a classifier.
    n_features_in_ : int
        Of the best estimator.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Of the best estimator, if it has any.

    See Also
    --------
    sklearn.model_selection.GridSearchCV : All candidates of a grid.
    skdl.search.suggest_space : A space for skdl's networks.

    Notes
    -----
    A pruner hears after each epoch of the mean over folds of the lowest validation
    loss so far. These rows are held out of each fold's training rows, by
    ``early_stopping`` of the network; the rows that a fold is scored on take no part.
    Of an estimator with several networks it hears of the first that trains.
    A function may turn a combination down: it raises `optuna.TrialPruned`.

    Results are the same after a kill and a restart for samplers by name, an integer
    ``random_state`` and one worker. The decisions of "successive_halving" and
    "hyperband" depend on the order in which trials that train together report.

    References
    ----------
    .. [1] Bergstra, Bardenet, Bengio and Kegl (2011). Algorithms for hyper-parameter
       optimization. NeurIPS.
    .. [2] Deb, Pratap, Agarwal and Meyarivan (2002). A fast and elitist multiobjective
       genetic algorithm: NSGA-II. IEEE Transactions on Evolutionary Computation 6.
    .. [3] Akiba, Sano, Yanase, Ohta and Koyama (2019). Optuna: a next-generation
       hyperparameter optimization framework. KDD.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> import skdl
    >>> search = skdl.OptunaSearchCV(
    ...     LogisticRegression(max_iter=1000), {"C": loguniform(0.01, 100)},
    ...     n_trials=8, random_state=0,
    ... )
    >>> search = search.fit(*load_iris(return_X_y=True))
    >>> f"{search.best_score_:.2f}"
    '0.98'
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        param_distributions: Mapping[str, Any] | Callable[[Trial], dict[str, Any]],
        *,
        n_trials: int | None = 30,
        timeout: float | None = None,
        sampler: SamplerName | BaseSampler = "tpe",
        pruner: PrunerName | BasePruner | None = None,
        storage: str | os.PathLike | BaseStorage | None = None,
        study_name: str | None = None,
        scoring: str | Callable | Iterable[str] | Mapping[str, Any] | None = None,
        refit: bool | str | Callable = True,
        cv: Any = None,
        n_jobs: int | None = None,
        batch_size: int = 8,
        error_score: float | Literal["raise"] = np.nan,
        return_train_score: bool = False,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
    ) -> None:
        super().__init__(
            estimator,
            scoring=scoring,
            refit=refit,
            cv=cv,
            n_jobs=n_jobs,
            error_score=error_score,
            return_train_score=return_train_score,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
        )
        self.param_distributions = param_distributions
        self.n_trials = n_trials
        self.timeout = timeout
        self.sampler = sampler
        self.pruner = pruner
        self.storage = storage
        self.study_name = study_name
        self.batch_size = batch_size
        self.random_state = random_state

    @with_callbacks
    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Search, and fit the best candidate on all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets.
        **params : dict of str to object
            FitArguments to the estimator, the scorer and the splitter as scikit-learn's
            searches do: ``sample_weight`` and ``groups``, and with metadata routing
            whatever was requested.

        Returns
        -------
        self : OptunaSearchCV
            The fitted search.

        Raises
        ------
        ParameterError
            If a parameter, the space among them, cannot be used.
        ParameterTypeError
            If a parameter has a wrong type.
        StorageError
            If the storage cannot be reached.
        StudyError
            If the study was made for another search.
        DataError
            If every fit failed.

        Warns
        -----
        sklearn.exceptions.FitFailedWarning
            If some fits failed.
        """
        began = time.monotonic()
        X, y = indexable(X, y)
        params = check_method_params(X, params=params)
        routed = routed_params(self, params)
        scorers, refit_metric = scorers_of(self)
        plan = make_plan(self, X, y, params, routed, scorers)
        weights = params.get("sample_weight")
        metadata = None if weights is None else {"sample_weight": weights}
        root = fit_context(self, max_subtasks=1 + (self.refit is not False))
        passed = {"X": X, "y": y, "metadata": metadata}
        root.call_on_fit_task_begin(estimator=self, **passed)
        n_fits = self.batch_size * plan.folds.n_splits
        with quiet_log(), fused_if(plan.trains_networks, n_fits=n_fits):
            trials = self._run(plan, root, began)
            self._adopt(plan, trials, refit_metric)
            self.scorer_ = metrics_of(scorers) or scorers
            if self.refit:
                self._refit(root, passed, routed.estimator.fit)
        root.call_on_fit_task_end(estimator=self, **passed)
        return self

    def _run(self, plan: SearchPlan, root: Any, began: float) -> list[FrozenTrial]:
        """Open the study, and evaluate trials until there are enough."""
        self.n_splits_ = plan.folds.n_splits
        seconds = math.inf if self.timeout is None else self.timeout
        with opened(self.storage) as storage:
            self.study_ = open_study(
                storage,
                self.study_name,
                sampler=plan.sampler,
                pruner=plan.pruner,
                identity=plan.identity,
            )
            trials = run(
                plan,
                self.study_,
                batch_size=self.batch_size,
                ends_at=began + seconds,
                context=root,
                verbose=self.verbose,
            )
            self.best_trials_ = results.best_trials(trials)
        if not trials:
            raise DataError(
                "No trial has ended, so there is nothing to choose from. Got "
                f"n_trials={self.n_trials} and timeout={self.timeout}. Allow more time."
            )
        return trials

    def _adopt(
        self, plan: SearchPlan, trials: list[FrozenTrial], refit_metric: Any
    ) -> None:
        """Set what is known of the candidates."""
        fits = results.fits_of(
            trials, self.error_score, with_train_scores=self.return_train_score
        )
        results.report_failures(fits, self.error_score)
        results.check_completed(trials)
        with warnings.catch_warnings():
            # Of scores that are not finite, those of pruned trials among them.
            warnings.simplefilter("ignore", UserWarning)
            table = cv_results(
                self,
                [read(plan.space, trial) for trial in trials],
                self.n_splits_,
                fits,
                results.more_results(trials),
            )
        results.warn_of_scores(table)
        self.cv_results_ = table
        self.multimetric_ = isinstance(fits[0]["test_scores"], dict)
        if callable(self.scoring) and self.multimetric_:
            check_refit(self, fits[0]["test_scores"])
            refit_metric = self.refit
        if self.refit or not self.multimetric_:
            best = best_index(self, refit_metric, table)
            self.best_index_ = best
            self.best_params_ = table["params"][best]
            if not callable(self.refit):
                self.best_score_ = table[f"mean_test_{refit_metric}"][best]

    def _refit(self, root: Any, passed: dict[str, Any], fit_params: Any) -> None:
        """Fit the best candidate on all rows."""
        best = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
        context = root.subcontext(task_name="refit-with-best-params")
        X, y = passed["X"], passed["y"]
        with context.propagate_callback_context(best):
            context.call_on_fit_task_begin(estimator=self, **passed)
            began = time.time()
            best.fit(*([X] if y is None else [X, y]), **fit_params)
            self.refit_time_ = time.time() - began
        self.best_estimator_ = best
        if hasattr(best, "feature_names_in_"):
            self.feature_names_in_ = best.feature_names_in_
        context.call_on_fit_task_end(estimator=self, **passed)
