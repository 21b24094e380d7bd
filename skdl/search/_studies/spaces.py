"""Search spaces: a table of distributions, or a function of the trial.

A `Space` asks Optuna for the values of a trial and turns them into parameters of the
estimator. A study cannot store tuples, estimators or functions, so it stores labels for
them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
    distribution_to_json,
)
from sklearn.base import BaseEstimator, clone

from skdl._compat.optuna import is_other_space
from skdl._nearest_names import nearest_names
from skdl.exceptions import ParameterError, ParameterTypeError, StudyError
from skdl.search._studies.choices import (
    Choices,
    Storable,
    example,
    grid_values,
    read_choices,
)


@dataclass(frozen=True)
class TableSpace:
    """A distribution for each parameter."""

    parameters: Mapping[str, Choices]

    @property
    def names(self) -> frozenset[str]:
        """Names of the parameters."""
        return frozenset(self.parameters)

    @property
    def values(self) -> list[Any]:
        """Values that a study cannot store, such as estimators."""
        labelled = [p.values for p in self.parameters.values() if p.values]
        return [value for values in labelled for value in values.values()]

    @property
    def fingerprint(self) -> str:
        """Text that is the same for equal spaces."""
        return json.dumps(
            {
                name: json.loads(distribution_to_json(parameter.distribution))
                for name, parameter in sorted(self.parameters.items())
            }
        )

    def suggest(self, trial: Any) -> dict[str, Any]:
        """Choose the parameters of a trial."""
        return {
            name: parameter.value(_ask(trial, name, parameter.distribution))
            for name, parameter in self.parameters.items()
        }

    def grid(self) -> dict[str, list[Storable]]:
        """List the values of each parameter, as a study stores them."""
        return {
            name: grid_values(name, parameter.distribution)
            for name, parameter in self.parameters.items()
        }


@dataclass(frozen=True)
class FunctionSpace:
    """Function from a trial to parameters, for conditional spaces."""

    # takes an `optuna.trial.Trial`, returns a dict of parameters
    function: Callable[[Any], dict[str, Any]]
    _owner: Any = field(repr=False)
    # the parameters that it returned in a test call
    tried: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Names of the parameters that the test call returned."""
        return frozenset(self.tried)

    @property
    def values(self) -> list[Any]:
        """Values that the test call returned."""
        return list(self.tried.values())

    def _try(self) -> FunctionSpace:
        """Call the function once on a throwaway study, so that errors come early."""
        sampler = optuna.samplers.RandomSampler(seed=0)
        trial = optuna.create_study(sampler=sampler).ask()
        return replace(self, tried=read_params(self, trial))

    @property
    def fingerprint(self) -> str:
        """Text that is the same for all functions, which cannot be compared."""
        return "a function of the trial"

    def suggest(self, trial: Any) -> dict[str, Any]:
        """Choose the parameters of a trial."""
        try:
            chosen = self.function(trial)
        except ValueError as error:
            if is_other_space(error):
                raise StudyError(
                    "The study belongs to another space: its trials have different "
                    f"choices for a parameter of the same name ({error}) Choose "
                    "another study_name."
                ) from error
            raise
        if not isinstance(chosen, dict):
            raise ParameterTypeError(
                "A function passed as 'param_distributions' must return a dict that "
                "maps parameters to values. Got "
                f"{chosen!r} of type {type(chosen).__name__} instead."
            )
        if not chosen:
            raise ParameterError(
                "A function passed as 'param_distributions' must return at least one "
                "parameter. Got an empty dict."
            )
        for name, value in chosen.items():
            _check_name(self._owner, name, value, others=chosen)
        return chosen

    def grid(self) -> dict[str, list[Storable]]:
        """Raise, as the values that a function may return are unknown."""
        raise ParameterError(
            "sampler='grid' needs a dict of lists, as the values of a function are "
            "unknown. Pass a dict, or optuna.samplers.BruteForceSampler(), which tries "
            "all combinations that a function suggests."
        )


Space = TableSpace | FunctionSpace


def read_params(space: Space, trial: Any) -> dict[str, Any]:
    """Return the parameters of a trial, or none if a function rejects it."""
    try:
        return space.suggest(trial)
    except optuna.TrialPruned:
        return {}


def read_space(param_distributions: Any, estimator: BaseEstimator) -> Space:
    """Read and check a search space."""
    if callable(param_distributions):
        return FunctionSpace(param_distributions, estimator)._try()
    if not isinstance(param_distributions, Mapping):
        raise ParameterTypeError(
            "The 'param_distributions' parameter of OptunaSearchCV must be a dict that "
            "maps parameters to distributions or lists, or a function of the trial. "
            f"Got {param_distributions!r} of type "
            f"{type(param_distributions).__name__} instead."
        )
    if not param_distributions:
        raise ParameterError(
            "The 'param_distributions' parameter of OptunaSearchCV must name at least "
            "one parameter. Got an empty dict. For skdl's networks, "
            "skdl.search.suggest_space(estimator) suggests a space."
        )
    parameters = {}
    for name, choices in param_distributions.items():
        parameter = read_choices(name, choices)
        value = parameter.value(example(parameter.distribution))
        _check_name(estimator, name, value, others=param_distributions)
        parameters[name] = parameter
    return TableSpace(parameters)


def _check_name(
    estimator: BaseEstimator, name: str, value: Any, *, others: Mapping[str, Any]
) -> None:
    """Raise if the estimator has no such parameter, and suggest similar names."""
    known = estimator.get_params(deep=True)
    prefixes = [
        name[:place] for place in range(len(name)) if name.startswith("__", place)
    ]
    if name in known or any(prefix in others for prefix in prefixes):
        return
    try:
        clone(estimator).set_params(**{name: value})  # some accept more than they list
    except (ValueError, TypeError, AttributeError) as error:
        near = [other for other in known if other.endswith(f"__{name}")]
        near += [o for o in nearest_names(name, known, n=3) if o not in near]
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ParameterError(
            f"{type(estimator).__name__} has no parameter {name!r} to search over."
            f"{hint} estimator.get_params() lists them all."
        ) from error


def _ask(trial: Any, name: str, distribution: BaseDistribution) -> Storable:
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    suggest = (
        trial.suggest_int
        if isinstance(distribution, IntDistribution)
        else trial.suggest_float
    )
    low, high = distribution.low, distribution.high  # type: ignore[attr-defined]
    step, log = distribution.step, distribution.log  # type: ignore[attr-defined]
    return suggest(name, low, high, step=step, log=log)
