"""The plan of a search, made from its parameters before anything trains."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import joblib
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv

from skdl._compat.optuna import quiet_optuna
from skdl._compat.sklearn import metrics_of
from skdl._models import is_network, networks
from skdl._parallel import runs_in_this_process
from skdl.data import as_random_state
from skdl.exceptions import ParameterError, ParameterTypeError
from skdl.search._studies.evaluation import CrossValidation
from skdl.search._studies.identity import (
    Identity,
    rows_hash,
    scoring_text,
    settings_of,
)
from skdl.search._studies.pruning import make_pruner
from skdl.search._studies.results import Objectives
from skdl.search._studies.samplers import GridOrder, make_sampler
from skdl.search._studies.spaces import Space, read_space

VALIDATION_PARAMETERS = {"early_stopping", "validation_split"}


@dataclass(frozen=True)
class SearchPlan:
    """Everything that is decided before anything trains."""

    space: Space
    sampler: BaseSampler
    pruner: BasePruner | None
    n_trials: int | None
    objectives: Objectives
    cv: CrossValidation
    trains_networks: bool  # whether the estimator contains skdl's networks
    rows: str  # hash of the arguments of fit; empty without a storage

    @property
    def identity(self) -> Identity:
        """The properties that the study must match."""
        return Identity(
            estimator=type(self.cv.estimator).__name__,
            settings=settings_of(self.cv.estimator, self.space.names),
            space=self.space.fingerprint,
            objectives=self.objectives.names,
            scoring=scoring_text(self.cv.search.scoring),
            rows=self.rows,
            folds=joblib.hash(self.cv.splits),
        )


def make_plan(
    search: Any, X: Any, y: Any, params: dict[str, Any], routed: Any, scorers: Any
) -> SearchPlan:
    """Check the parameters of a search, and make a plan."""
    _check_numbers(search)
    with quiet_optuna():
        space = read_space(search.param_distributions, search.estimator)
    objectives = Objectives(_objectives(search, scorers))
    seed = int(as_random_state(search.random_state).randint(2**31 - 1))
    with quiet_optuna():
        sampler = make_sampler(
            search.sampler, space, seed=seed, n_trials=search.n_trials
        )
        pruner = make_pruner(search.pruner)
    trains_networks = _trains_networks(search, space)
    if pruner is not None:
        _check_pruning(search, space, objectives, trains_networks, params)
    return SearchPlan(
        space=space,
        sampler=sampler,
        pruner=pruner,
        n_trials=_n_trials(search, sampler),
        objectives=objectives,
        cv=_cross_validation(search, X, y, routed, scorers),
        trains_networks=trains_networks,
        rows="" if search.storage is None else _hash_all(X, y, params),
    )


def _hash_all(X: Any, y: Any, params: dict[str, Any]) -> str:
    return rows_hash(X, y, *(params[name] for name in sorted(params)))


def _cross_validation(
    search: Any, X: Any, y: Any, routed: Any, scorers: Any
) -> CrossValidation:
    cv = check_cv(search.cv, y, classifier=is_classifier(search.estimator))
    settings = {
        "scorer": scorers,
        "fit_params": routed.estimator.fit,
        "score_params": routed.scorer.score,
        "return_train_score": search.return_train_score,
        "return_n_test_samples": True,
        "return_times": True,
        "error_score": search.error_score,
        "verbose": search.verbose,
    }
    splits = list(cv.split(X, y, **routed.splitter.split))
    n_splits = cv.get_n_splits(X, y, **routed.splitter.split)
    if len(splits) != n_splits:
        raise ValueError(
            "cv.split and cv.get_n_splits return inconsistent results. Expected "
            f"{n_splits} splits, got {len(splits)}"
        )
    if not splits:
        raise ValueError("No fits were performed. Was the CV iterator empty?")
    return CrossValidation(search, clone(search.estimator), X, y, splits, settings)


def _objectives(search: Any, scorers: Any) -> tuple[str, ...]:
    several = metrics_of(scorers)
    may_be_several = several is not None or callable(search.scoring)
    if isinstance(search.refit, str) and may_be_several:
        return (search.refit,)
    return tuple(several or ("score",))


def _n_trials(search: Any, sampler: BaseSampler) -> int | None:
    if isinstance(sampler, GridOrder):
        return min(search.n_trials or len(sampler), len(sampler))
    if search.n_trials is None and search.timeout is None:
        raise ParameterError(
            "n_trials=None needs a 'timeout', or sampler='grid', which is finite. "
            "Got timeout=None."
        )
    return search.n_trials


def _trains_networks(search: Any, space: Space) -> bool:
    return any(map(is_network, space.values)) or bool(networks(search.estimator))


def _check_pruning(
    search: Any,
    space: Space,
    objectives: Objectives,
    trains_networks: bool,
    params: dict[str, Any],
) -> None:
    """Raise if the search cannot report validation losses to a pruner."""
    needs = f"pruner={search.pruner!r} needs"
    if len(objectives.names) > 1:
        raise ParameterError(
            f"{needs} one objective. Got {', '.join(objectives.names)}. Set 'refit' to "
            "one of them, or pass pruner=None."
        )
    if not trains_networks:
        raise ParameterError(
            f"{needs} one of skdl's networks, whose folds train together. Got "
            f"{type(search.estimator).__name__}. Pass pruner=None."
        )
    if not runs_in_this_process():
        raise ParameterError(
            f"{needs} all folds of a trial in one process. Got a joblib backend with "
            "worker processes. Remove the backend, or pass pruner=None."
        )
    if "X_val" in params:
        return
    for prefix, network in networks(search.estimator).items():
        settings = network.get_params(deep=False)
        names = sorted(VALIDATION_PARAMETERS & set(settings))
        if not any(
            settings[name] or f"{prefix}{name}" in space.names for name in names
        ):
            raise ParameterError(
                f"{needs} validation rows, held out of each fold's training "
                f"rows. Set {prefix}{names[0]} of the {type(network).__name__}, or "
                "pass pruner=None."
            )


def _check_numbers(search: Any) -> None:
    """Check the parameters that are numbers."""
    rules: dict[str, tuple[str, type, Callable[[Any], bool]]] = {
        "n_trials": ("an int of at least 1 or None", Integral, lambda n: n >= 1),
        "batch_size": ("an int of at least 1", Integral, lambda n: n >= 1),
        "timeout": (
            "a number above 0 (seconds) or None",
            Real,
            lambda n: n > 0 and not math.isnan(n),
        ),
    }
    for name, (expected, kind, is_right) in rules.items():
        value = getattr(search, name)
        if value is None and name != "batch_size":
            continue
        message = (
            f"The {name!r} parameter of OptunaSearchCV must be {expected}. "
            f"Got {value!r}"
        )
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ParameterTypeError(
                f"{message} of type {type(value).__name__} instead."
            )
        if not is_right(value):
            raise ParameterError(f"{message} instead.")
    error_score = search.error_score
    if error_score != "raise" and not isinstance(error_score, Real):
        raise ParameterError(
            "The 'error_score' parameter of OptunaSearchCV must be 'raise' or a "
            f"number. Got {error_score!r} instead."
        )
    if search.storage is not None and search.study_name is None:
        raise ParameterError(
            "A search with a storage needs a 'study_name', so that it can be found "
            "after an interruption and by other machines. Got study_name=None."
        )
