"""What a search may choose: a table of distributions, or a function of the trial.

Whatever the user passed becomes a `Space`, which asks Optuna for the values of a trial
and turns them into parameters of the estimator. Values that a study cannot hold
(tuples, estimators, functions) go by labels there.
"""

from __future__ import annotations

import difflib
import inspect
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    distribution_to_json,
)
from scipy import stats
from sklearn.base import BaseEstimator, clone

from skdl.exceptions import ParameterError, ParameterTypeError

SCIPY_TYPES = (type(stats.uniform()), type(stats.randint(0, 2)))
LOG_UNIFORM = ("loguniform", "reciprocal")
Storable = bool | int | float | str | None


@dataclass(frozen=True)
class Parameter:
    """One parameter of a table.

    Parameters
    ----------
    distribution : optuna.distributions.BaseDistribution
        As the study knows it.
    values : dict of str to object, default=None
        What the labels of a categorical distribution stand for; None where its
        choices are the values.
    """

    distribution: BaseDistribution
    values: Mapping[str, Any] | None = None

    def value(self, stored: Any) -> Any:
        """Turn what the study holds into the parameter's value.

        Parameters
        ----------
        stored : bool, int, float, str or None
            As suggested.

        Returns
        -------
        object
            The value, or what the label stands for.
        """
        return stored if self.values is None else self.values[stored]


@dataclass(frozen=True)
class TableSpace:
    """A distribution for each parameter.

    Parameters
    ----------
    parameters : dict of str to Parameter
        By name.
    """

    parameters: Mapping[str, Parameter]

    @property
    def fingerprint(self) -> str:
        """Text that is equal for equal spaces."""
        return json.dumps(
            {
                name: json.loads(distribution_to_json(parameter.distribution))
                for name, parameter in sorted(self.parameters.items())
            }
        )

    def suggest(self, trial: Any) -> dict[str, Any]:
        """Choose parameters.

        Parameters
        ----------
        trial : optuna.trial.BaseTrial
            Whom to ask; one that was asked before answers the same.

        Returns
        -------
        dict of str to object
            Parameters of the estimator.
        """
        return {
            name: parameter.value(_ask(trial, name, parameter.distribution))
            for name, parameter in self.parameters.items()
        }

    def grid(self) -> dict[str, list[Storable]]:
        """List the values of each parameter, as a study holds them.

        Returns
        -------
        dict of str to list
            By name.

        Raises
        ------
        ParameterError
            If a parameter has more than finitely many values.
        """
        return {
            name: _steps(name, parameter.distribution)
            for name, parameter in self.parameters.items()
        }


@dataclass(frozen=True)
class FunctionSpace:
    """A function that asks a trial for values, and may ask for more by what it got.

    Parameters
    ----------
    function : callable
        From an `optuna.trial.Trial` to a dict of parameters.
    """

    function: Callable[[Any], dict[str, Any]]
    _owner: Any = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Text that does not depend on what the function does."""
        return "a function of the trial"

    def suggest(self, trial: Any) -> dict[str, Any]:
        """Choose parameters.

        Parameters
        ----------
        trial : optuna.trial.BaseTrial
            Whom to ask; one that was asked before answers the same.

        Returns
        -------
        dict of str to object
            Parameters of the estimator.

        Raises
        ------
        ParameterTypeError
            If the function returns no dict.
        ParameterError
            If it returns an unknown parameter, or none.
        """
        chosen = self.function(trial)
        if not isinstance(chosen, dict):
            raise ParameterTypeError(
                "A function passed as 'param_distributions' must return a dict of "
                "parameters and their values. Got "
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
        """Refuse: what a function may return is not known."""
        raise ParameterError(
            "sampler='grid' needs a dict of lists, as a function of the trial cannot "
            "be listed. Pass a dict, or another sampler "
            "(optuna.samplers.BruteForceSampler() tries all that a function asks for)."
        )


Space = TableSpace | FunctionSpace


def read_space(param_distributions: Any, estimator: BaseEstimator) -> Space:
    """Read and check what a search may choose.

    Parameters
    ----------
    param_distributions : dict or callable
        As for `skdl.OptunaSearchCV`.
    estimator : estimator
        Whose parameters are chosen.

    Returns
    -------
    TableSpace or FunctionSpace
        Checked; a function has been tried once.

    Raises
    ------
    ParameterError
        If the space is empty, or a parameter is unknown or has nothing to choose from.
    ParameterTypeError
        If the space, or one of its distributions, is of another type.
    """
    if callable(param_distributions):
        space = FunctionSpace(param_distributions, estimator)
        # A study of no consequence, so that errors come before anything trains.
        sampler = optuna.samplers.RandomSampler(seed=0)
        space.suggest(optuna.create_study(sampler=sampler).ask())
        return space
    if not isinstance(param_distributions, Mapping):
        raise ParameterTypeError(
            "The 'param_distributions' parameter of OptunaSearchCV must be a dict from "
            "names of parameters to distributions or lists, or a function of the "
            f"trial. Got {param_distributions!r} of type "
            f"{type(param_distributions).__name__} instead."
        )
    if not param_distributions:
        raise ParameterError(
            "The 'param_distributions' parameter of OptunaSearchCV must name at least "
            "one parameter. Got an empty dict. skdl.search.suggest_space(estimator) "
            "has a space for skdl's networks."
        )
    parameters = {}
    for name, choices in param_distributions.items():
        parameter = _parameter(name, choices)
        example = parameter.value(_example(parameter.distribution))
        _check_name(estimator, name, example, others=param_distributions)
        parameters[name] = parameter
    return TableSpace(parameters)


def _check_name(
    estimator: BaseEstimator, name: str, value: Any, *, others: Mapping[str, Any]
) -> None:
    """Raise if an estimator has no such parameter, and name those nearest to it."""
    known = estimator.get_params(deep=True)
    prefixes = [
        name[:place] for place in range(len(name)) if name.startswith("__", place)
    ]
    if name in known or any(prefix in others for prefix in prefixes):
        return
    try:
        clone(estimator).set_params(**{name: value})  # some take more than they list
    except (ValueError, TypeError, AttributeError) as error:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        near += [
            other
            for other in known
            if other.endswith(f"__{name}") and other not in near
        ]
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ParameterError(
            f"{type(estimator).__name__} has no parameter {name!r} to search over."
            f"{hint} estimator.get_params() lists them all."
        ) from error


def _parameter(name: str, choices: Any) -> Parameter:
    """Turn what the user passed for one parameter into a distribution."""
    if not isinstance(name, str):
        raise ParameterTypeError(
            "The names in 'param_distributions' must be str. Got "
            f"{name!r} of type {type(name).__name__} instead."
        )
    if isinstance(choices, BaseDistribution):
        return Parameter(choices)
    if isinstance(choices, SCIPY_TYPES):
        return Parameter(_from_scipy(name, choices))
    if isinstance(choices, np.ndarray):
        choices = choices.tolist()
    if isinstance(choices, Sequence) and not isinstance(choices, str | bytes):
        return _from_list(name, list(choices))
    raise ParameterTypeError(
        f"What 'param_distributions' has for {name!r} must be a distribution of "
        "Optuna, a frozen distribution of scipy.stats (uniform, loguniform or randint) "
        f"or a list. Got {choices!r} of type {type(choices).__name__} instead."
    )


def _from_scipy(name: str, frozen: Any) -> BaseDistribution:
    kind = frozen.dist.name
    low, high = frozen.support()
    loc = frozen.kwds.get("loc", frozen.args[2] if len(frozen.args) > 2 else 0)
    if kind == "randint":
        return IntDistribution(int(low), int(high))
    if kind == "uniform":
        return FloatDistribution(float(low), float(high))
    if kind in LOG_UNIFORM and loc == 0:
        return FloatDistribution(float(low), float(high), log=True)
    raise ParameterError(
        f"Of scipy's distributions a search takes uniform, randint and loguniform "
        f"(without loc). Got {kind} for {name!r}. Pass a distribution of Optuna, such "
        "as optuna.distributions.FloatDistribution(0.1, 10.0, log=True), or a list."
    )


def _from_list(name: str, values: list[Any]) -> Parameter:
    if not values:
        raise ParameterError(
            f"The list for {name!r} in 'param_distributions' is empty. "
            "Expected at least one value."
        )
    values = [
        value.item() if isinstance(value, np.generic) else value for value in values
    ]
    if all(_is_storable(value) for value in values):
        return Parameter(CategoricalDistribution(values))
    labels: dict[str, Any] = {}
    for value in values:
        label = _label(value)
        if label in labels:
            label = f"{label} #{len(labels)}"
        labels[label] = value
    return Parameter(CategoricalDistribution(list(labels)), labels)


def _is_storable(value: Any) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return value is None or isinstance(value, bool | Integral | Real | str)


def _label(value: Any) -> str:
    """Name a value; the same in every process."""
    if inspect.isroutine(value) or inspect.isclass(value):
        return str(getattr(value, "__qualname__", type(value).__name__))
    if isinstance(value, BaseEstimator):
        return " ".join(repr(value).split())
    text = repr(value)
    return type(value).__name__ if " at 0x" in text else text


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


def _example(distribution: BaseDistribution) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[0]
    return distribution.low  # type: ignore[attr-defined]


def _steps(name: str, distribution: BaseDistribution) -> list[Storable]:
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    if isinstance(distribution, IntDistribution) and not distribution.log:
        return list(range(distribution.low, distribution.high + 1, distribution.step))
    if isinstance(distribution, FloatDistribution) and distribution.step is not None:
        low, high, step = distribution.low, distribution.high, distribution.step
        n_steps = round((high - low) / step)
        return [float(round(low + i * step, 12)) for i in range(n_steps + 1)]
    raise ParameterError(
        f"sampler='grid' needs the values of each parameter. Got {distribution} for "
        f"{name!r}. Pass a list, or a distribution with a step."
    )
