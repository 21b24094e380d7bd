"""The ranges of `HypergradientSearchCV`, read and checked before anything trains."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from scipy.stats import loguniform, uniform
from sklearn.base import BaseEstimator

from skdl._models import final_step, networks, parameter_prefix
from skdl._nearest_names import nearest_names
from skdl.estimators import MLPClassifier, MLPRegressor
from skdl.exceptions import ParameterError, ParameterTypeError
from skdl.training.hypergradients import TUNABLE, TunedRange

OWNER = "HypergradientSearchCV"

_WHY_NOT = {
    "dropout": "the loss is a step function of the rate",
    "momentum": "it lies between 0 and 1, and the search moves along logarithms",
}


@dataclass(frozen=True)
class ParameterRange:
    """Range of a parameter, and distribution of its starting values."""

    name: str
    low: float
    high: float
    start: Any  # a frozen scipy distribution

    @property
    def tuned(self) -> TunedRange:
        """The range, under the network's own name for the parameter."""
        return TunedRange(self.name.rpartition("__")[2], self.low, self.high)


@dataclass(frozen=True)
class TunedNetwork:
    """The network to tune, and its ranges."""

    # of its parameter names, such as "mlpclassifier__"; empty without a pipeline
    prefix: str
    network: Any
    ranges: tuple[ParameterRange, ...]


def read_ranges(estimator: BaseEstimator, param_ranges: Any) -> TunedNetwork:
    """Read the ranges, and find the network that they belong to.

    >>> from skdl import MLPRegressor
    >>> from skdl.search._tuned_ranges import read_ranges
    >>> read_ranges(MLPRegressor(), {"l2": (1e-6, 1.0)}).ranges[0].high
    1.0
    """
    if not isinstance(param_ranges, Mapping):
        raise ParameterTypeError(
            f"The 'param_ranges' parameter of {OWNER} must be a dict that maps "
            f"parameters to (low, high) or a distribution. Got {param_ranges!r} of "
            f"type {type(param_ranges).__name__} instead."
        )
    if not param_ranges:
        raise ParameterError(
            f"The 'param_ranges' parameter of {OWNER} must name at least "
            "one parameter. Got an empty dict instead. Pass e.g. "
            "{'learning_rate': (1e-4, 1e-1)}."
        )
    known = estimator.get_params(deep=True)
    prefixes = [_check_name(name, known, estimator) for name in param_ranges]
    if len(set(prefixes)) > 1:
        raise ParameterError(
            f"All parameters in 'param_ranges' of {OWNER} must belong to one network. "
            f"Got {sorted(param_ranges)}. Tune each network in a search of its own."
        )
    prefix = prefixes[0]
    others = sorted(set(networks(estimator)) - {prefix})
    if others:
        raise ParameterError(
            f"The 'estimator' parameter of {OWNER} must contain a single network. "
            f"Got others too: {', '.join(o.removesuffix('__') for o in others)}."
        )
    network = known[prefix.removesuffix("__")] if prefix else estimator
    ranges = tuple(_read_range(name, given) for name, given in param_ranges.items())
    _check_network(network, ranges)
    return TunedNetwork(prefix, network, ranges)


def _check_name(name: Any, known: Mapping[str, Any], estimator: Any) -> str:
    """Return the prefix of a parameter name, or raise if it cannot be tuned."""
    prefix, network = parameter_prefix(estimator), final_step(estimator)
    is_network = isinstance(network, MLPClassifier | MLPRegressor)
    tunable = [prefix + short for short in TUNABLE if is_network]
    if not tunable:
        raise ParameterError(
            f"The 'estimator' parameter of {OWNER} must be an MLPClassifier or "
            f"MLPRegressor of skdl, or a pipeline that ends in one. Got {estimator!r} "
            "instead. Use scikit-learn's searches for other estimators."
        )
    if name in tunable:
        return name[: len(name) - len(name.rpartition("__")[2])]
    if name not in known:
        near = nearest_names(name, tunable, n=3) or tunable
        raise ParameterError(
            f"The parameter {name!r} in 'param_ranges' of {OWNER} does not exist. "
            f"Nearest: {', '.join(map(repr, near))}."
        )
    why = _WHY_NOT.get(name.rpartition("__")[2])
    because = f": {why}" if why else ""
    raise ParameterError(
        f"The parameter {name!r} in 'param_ranges' of {OWNER} cannot be tuned by "
        f"gradients{because}. Expected {', '.join(map(repr, tunable))}. Search over "
        f"{name!r} with RandomizedSearchCV inside skdl.fuse()."
    )


def _read_range(name: str, given: Any) -> ParameterRange:
    """Read the bounds and the starting distribution of one parameter."""
    optuna_like = type(given).__name__ == "FloatDistribution"
    if optuna_like and given.step is None:
        low, high = given.low, given.high
        start = None if given.log else uniform(low, high - low)
    elif hasattr(given, "ppf") and hasattr(given, "support"):
        low, high = given.support()
        start = given
    elif (
        isinstance(given, tuple | list)
        and len(given) == 2
        and all(isinstance(v, Real) and not isinstance(v, bool) for v in given)
    ):
        low, high = given
        start = None
    else:
        raise ParameterTypeError(
            f"The range of {name!r} in 'param_ranges' of {OWNER} must be (low, high), "
            "a frozen scipy distribution with bounds, or Optuna's FloatDistribution "
            f"without step. Got {given!r} of type {type(given).__name__} instead."
        )
    if not 0 < low < high < math.inf:
        raise ParameterError(
            f"The range of {name!r} in 'param_ranges' of {OWNER} must have 0 < low < "
            f"high < inf, as the search moves on a log scale. Got ({low}, {high}) "
            "instead. To allow for no penalty, start the range at a very small value."
        )
    return ParameterRange(name, float(low), float(high), start or loguniform(low, high))


def _check_network(network: Any, ranges: tuple[ParameterRange, ...]) -> None:
    """Raise if the settings of the network do not allow tuning."""
    if network.learning_rate_schedule == "plateau":
        raise ParameterError(
            f"The 'learning_rate_schedule' parameter of an estimator in {OWNER} must "
            "not be 'plateau', which changes the learning rate while it is tuned. Use "
            "'constant', 'exponential' or 'cosine'."
        )
    by_gradient = [
        parameter.name
        for parameter in ranges
        if parameter.tuned.name not in ("learning_rate", "weight_decay")
    ]
    if network.optimizer == "lion" and by_gradient:
        raise ParameterError(
            f"The parameter {by_gradient[0]!r} in 'param_ranges' of {OWNER} cannot "
            "be tuned with optimizer='lion', which uses only the signs of gradients. "
            "Choose another optimizer, e.g. 'adam'."
        )


def draw_starts(
    ranges: tuple[ParameterRange, ...], n_starts: int, random: np.random.RandomState
) -> np.ndarray:
    """Draw starting points as a Latin hypercube."""
    # -> (n_starts, n_ranges)
    columns = []
    for parameter in ranges:
        shares = (
            random.permutation(n_starts) + random.uniform(size=n_starts)
        ) / n_starts
        columns.append(
            np.clip(parameter.start.ppf(shares), parameter.low, parameter.high)
        )
    return np.column_stack(columns)
