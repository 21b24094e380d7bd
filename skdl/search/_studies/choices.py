"""The choices for one parameter: an Optuna or scipy distribution, or a list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from scipy import stats

from skdl.exceptions import ParameterError, ParameterTypeError
from skdl.search._studies.identity import text_of

SCIPY_TYPES = (type(stats.uniform()), type(stats.randint(0, 2)))
LOG_UNIFORM = ("loguniform", "reciprocal")
Storable = bool | int | float | str | None


@dataclass(frozen=True)
class Choices:
    """The values that a search may choose for one parameter."""

    distribution: BaseDistribution  # as the study stores it
    # the values by their labels in a categorical distribution; None if the study
    # stores the values themselves
    values: Mapping[str, Any] | None = None

    def value(self, stored: Any) -> Any:
        """Return the value of the parameter for a value in the study."""
        return stored if self.values is None else self.values[stored]


def read_choices(name: str, choices: Any) -> Choices:
    """Read and check the choices for one parameter."""
    if not isinstance(name, str):
        raise ParameterTypeError(
            "The parameter names in 'param_distributions' must be str. Got "
            f"{name!r} of type {type(name).__name__} instead."
        )
    if isinstance(choices, BaseDistribution):
        return Choices(choices)
    if isinstance(choices, SCIPY_TYPES):
        return Choices(_from_scipy(name, choices))
    if isinstance(choices, np.ndarray):
        choices = choices.tolist()
    if isinstance(choices, Sequence) and not isinstance(choices, str | bytes):
        return _from_list(name, list(choices))
    raise ParameterTypeError(
        f"The choices for {name!r} in 'param_distributions' must be an Optuna "
        "distribution, a frozen scipy distribution (uniform, loguniform or randint) "
        f"or a list. Got {choices!r} of type {type(choices).__name__} instead."
    )


def _from_scipy(name: str, frozen: Any) -> BaseDistribution:
    kind = frozen.dist.name
    low, high = frozen.support()
    if not low <= high:  # nan among them
        raise ParameterError(
            f"The scipy distribution {kind} for {name!r} has an empty range: {low} to "
            f"{high}. Note that uniform takes its lower end and its width."
        )
    loc = frozen.kwds.get("loc", frozen.args[2] if len(frozen.args) > 2 else 0)
    if kind == "randint":
        return IntDistribution(int(low), int(high))
    if kind == "uniform":
        return FloatDistribution(float(low), float(high))
    if kind in LOG_UNIFORM and loc == 0:
        return FloatDistribution(float(low), float(high), log=True)
    raise ParameterError(
        "The supported scipy distributions are uniform, randint and loguniform "
        f"(without loc). Got {kind} for {name!r}. Pass an Optuna distribution, such "
        "as optuna.distributions.FloatDistribution(0.1, 10.0, log=True), or a list."
    )


def _from_list(name: str, values: list[Any]) -> Choices:
    if not values:
        raise ParameterError(
            f"The list for {name!r} in 'param_distributions' is empty. "
            "Expected at least one value."
        )
    values = [
        value.item() if isinstance(value, np.generic) else value for value in values
    ]
    if all(map(_is_storable, values)) and not _are_mixed_up(values):
        return Choices(CategoricalDistribution(values))
    labels: dict[str, Any] = {}
    for value in values:
        label = text_of(value)
        if label in labels:
            label = f"{label} #{len(labels)}"
        labels[label] = value
    return Choices(CategoricalDistribution(list(labels)), labels)


def _is_storable(value: Any) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return value is None or isinstance(value, bool | Integral | Real | str)


def _are_mixed_up(values: list[Any]) -> bool:
    """Return whether values of different types are equal, such as 1, 1.0 and True."""
    return len(set(values)) < len({(type(value), value) for value in values})


def example(distribution: BaseDistribution) -> Storable:
    """Return one value of a distribution."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[0]
    return distribution.low  # type: ignore[attr-defined]


def grid_values(name: str, distribution: BaseDistribution) -> list[Storable]:
    """List all values of a distribution."""
    if isinstance(distribution, CategoricalDistribution):
        return list(distribution.choices)
    if isinstance(distribution, IntDistribution) and not distribution.log:
        return list(range(distribution.low, distribution.high + 1, distribution.step))
    if isinstance(distribution, FloatDistribution) and distribution.step is not None:
        low, high, step = distribution.low, distribution.high, distribution.step
        n_steps = round((high - low) / step)
        return [float(round(low + i * step, 12)) for i in range(n_steps + 1)]
    raise ParameterError(
        f"sampler='grid' needs a finite set of values for each parameter. Got "
        f"{distribution} for {name!r}. Pass a list, or a distribution with a step."
    )
