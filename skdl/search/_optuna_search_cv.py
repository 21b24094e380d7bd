"""`OptunaSearchCV`: a cross-validated search whose candidates Optuna chooses."""

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
from skdl._parallel import fused_if
from skdl.exceptions import DataError
from skdl.search._studies import results
from skdl.search._studies.planning import SearchPlan, make_plan
from skdl.search._studies.pruning import PrunerName
from skdl.search._studies.running import run
from skdl.search._studies.samplers import SamplerName
from skdl.search._studies.shared_study import open_study
from skdl.search._studies.spaces import read_params
from skdl.search._studies.storages import opened


class OptunaSearchCV(BaseSearchCV):
    """Cross-validated search over parameters that Optuna chooses.

    The search runs trials in batches. If skdl's networks are trained, alone or inside a
    pipeline, all folds of a batch train together; a pruner stops the folds of an
    unpromising trial early. A search with a storage resumes after an interruption, and
    any number of processes and machines can share it.

    Parameters
    ----------
    estimator : estimator
        The estimator to tune: any estimator with scikit-learn's interface.
    param_distributions : dict or callable
        The search space. A dict maps each parameter to an Optuna distribution, a
        frozen scipy distribution (``uniform``, ``loguniform``, ``randint``) or a list.
        For a conditional space, pass a function that takes an `optuna.trial.Trial` and
        returns a dict of parameters. `skdl.search.suggest_space` suggests a space for
        skdl's networks.
    n_trials : int or None, default=30
        Number of candidates, including those of earlier runs and of other machines
        with the same study. None tries the whole grid with ``sampler="grid"``; with
        any other sampler it needs a ``timeout``.
    timeout : float or None, default=None
        Time in seconds after which no new batch starts.
    sampler : {"tpe", "gp", "cmaes", "nsga2", "ga", "random", "grid", "qmc"} or \
            optuna.samplers.BaseSampler, default="tpe"
        Sampler that chooses the candidates: tree-structured Parzen estimator [1]_,
        Gaussian process (extra ``gp``), CMA-ES (extra ``cmaes``), genetic algorithm
        [2]_ ("nsga2" or "ga"), random search, grid search or a Sobol sequence ("qmc").
    pruner : {"median", "successive_halving", "hyperband", "wilcoxon"}, \
            optuna.pruners.BasePruner or None, default=None
        Pruner that stops unpromising trials early; needs a network with validation
        rows.
    storage : str, path, optuna.storages.BaseStorage or None, default=None
        Where to store the study: the URL of a database, a path to a SQLite file (one
        that ends in ``.db``, ``.sqlite`` or ``.sqlite3``), any other path for a journal
        file, or None for memory.
    study_name : str or None, default=None
        Name of the study; required with a storage.
    scoring : str, callable, list, tuple, dict or None, default=None
        As in `sklearn.model_selection.GridSearchCV`. With several metrics, the search
        maximises the one that ``refit`` names, or all of them if it names none.
    refit : bool, str or callable, default=True
        As in `sklearn.model_selection.GridSearchCV`.
    cv : int, cross-validation generator, iterable or None, default=None
        As in `sklearn.model_selection.GridSearchCV`; None means 5 folds.
    n_jobs : int or None, default=None
        Number of fits that run in parallel. skdl's networks train together in any
        case.
    batch_size : int, default=8
        Number of trials that run together. The sampler learns from a batch only after
        all of its trials have finished, so small batches search better and large ones
        train faster.
    error_score : "raise" or float, default=np.nan
        Score of a fold whose fit fails. "raise" raises the error after the other
        trials of the batch have been stored.
    return_train_score : bool, default=False
        Whether to compute scores on the training rows as well.
    random_state : int, RandomState instance or None, default=None
        Seed of a sampler passed by name. With an int, a resumed search tries the same
        candidates as an uninterrupted one.
    verbose : int, default=0
        1 prints one line per batch; higher values also print each fit, as scikit-learn
        does.
    pre_dispatch : int or str, default="2*n_jobs"
        As in `sklearn.model_selection.GridSearchCV`.

    Attributes
    ----------
    study_ : optuna.Study
        The study, for Optuna's plots and dashboard. It is available before the first
        trial finishes.
    cv_results_ : dict of str to ndarray
        As in scikit-learn's searches, plus ``trial_number``, ``state`` ("COMPLETE",
        "PRUNED" or "FAIL") and ``error``, the first error of a fold. The scores of a
        pruned trial are nan.
    best_trials_ : list of optuna.trial.FrozenTrial
        The best trial, or several in case of a tie. With several objectives, the
        Pareto front: the trials that no other trial dominates.
    best_estimator_ : estimator
        Estimator with the best parameters, fitted on all rows; only with ``refit``.
    best_score_ : float
        Mean score of the best candidate.
    best_params_ : dict
        Parameters of the best candidate.
    best_index_ : int
        Index of the best candidate in ``cv_results_``.
    scorer_ : callable or dict of callable
        The scorer, or one scorer per metric.
    n_splits_ : int
        Number of folds.
    refit_time_ : float
        Seconds that the refit took; only with ``refit``.
    multimetric_ : bool
        Whether there are several metrics.
    classes_ : ndarray of shape (n_classes,)
        Class labels of the best estimator, if it is a classifier.
    n_features_in_ : int
        Number of features seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if X has names.

    See Also
    --------
    sklearn.model_selection.GridSearchCV : Search over all candidates of a grid.
    skdl.search.suggest_space : Suggested search space for skdl's networks.

    Notes
    -----
    After each epoch, the pruner receives the lowest validation loss so far, averaged
    over the folds. The network's ``early_stopping`` holds these validation rows out of
    each fold's training rows; the test rows of a fold are never used. If the estimator
    contains several networks, the first one that trains is reported.
    A function passed as ``param_distributions`` can reject a combination by raising
    `optuna.TrialPruned`.

    A search that was killed and restarted gives the same results as an uninterrupted
    one if it has a sampler passed by name, an integer ``random_state`` and one worker.
    The decisions of "successive_halving" and "hyperband" depend on the order in which
    trials that train together report.

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
        """Run the search, and fit the best candidate on all rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets.
        **params : dict of str to object
            Metadata for the estimator, the scorer and the splitter, as in
            scikit-learn's searches: ``sample_weight`` and ``groups``, or with metadata
            routing whatever they request.

        Returns
        -------
        self : OptunaSearchCV
            The fitted search.

        Raises
        ------
        ParameterError
            If a parameter or the search space has an invalid value.
        ParameterTypeError
            If a parameter has the wrong type.
        StorageError
            If the storage cannot be reached.
        StudyError
            If the study belongs to a different search.
        DataError
            If all fits failed, or no trial completed.

        Warns
        -----
        sklearn.exceptions.FitFailedWarning
            If some of the fits failed.
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
        arguments = {"X": X, "y": y, "metadata": metadata}
        root.call_on_fit_task_begin(estimator=self, **arguments)
        n_fits = self.batch_size * plan.cv.n_splits
        with quiet_log(), fused_if(plan.trains_networks, n_fits=n_fits):
            trials = self._run(plan, root, began)
            self._adopt(plan, trials, refit_metric)
            self.scorer_ = metrics_of(scorers) or scorers
            if self.refit:
                self._refit(root, arguments, routed.estimator.fit)
        root.call_on_fit_task_end(estimator=self, **arguments)
        return self

    def _run(self, plan: SearchPlan, root: Any, began: float) -> list[FrozenTrial]:
        """Open the study, and run trials until there are enough."""
        self.n_splits_ = plan.cv.n_splits
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
                "No trial finished in time. Got "
                f"n_trials={self.n_trials} and timeout={self.timeout}. Allow more time."
            )
        return trials

    def _adopt(
        self, plan: SearchPlan, trials: list[FrozenTrial], refit_metric: Any
    ) -> None:
        """Set the attributes that describe the candidates."""
        fits = results.fits_of(
            trials, self.error_score, with_train_scores=self.return_train_score
        )
        results.report_failures(fits, self.error_score)
        results.check_completed(trials)
        with warnings.catch_warnings():
            # The scores of pruned trials are nan, of which it warns.
            warnings.simplefilter("ignore", UserWarning)
            table = cv_results(
                self,
                [read_params(plan.space, trial) for trial in trials],
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

    def _refit(self, root: Any, arguments: dict[str, Any], fit_params: Any) -> None:
        """Fit the best candidate on all rows."""
        best = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
        context = root.subcontext(task_name="refit-with-best-params")
        X, y = arguments["X"], arguments["y"]
        with context.propagate_callback_context(best):
            context.call_on_fit_task_begin(estimator=self, **arguments)
            began = time.time()
            best.fit(*([X] if y is None else [X, y]), **fit_params)
            self.refit_time_ = time.time() - began
        self.best_estimator_ = best
        if hasattr(best, "feature_names_in_"):
            self.feature_names_in_ = best.feature_names_in_
        context.call_on_fit_task_end(estimator=self, **arguments)
