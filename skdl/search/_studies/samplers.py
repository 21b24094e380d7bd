"""Samplers by name, seeded so that a search can resume.

Optuna's samplers have one random number generator, whose state is lost when the process
ends. `SeededByTrial` seeds each trial by its number, so that a trial gets the same
parameters in any process, provided that the same trials finished before it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from skdl._compat.optuna import quiet_optuna, remember, remembered
from skdl.exceptions import MissingDependencyError, ParameterError, ParameterTypeError
from skdl.search._studies.spaces import Space

SamplerName = Literal["tpe", "gp", "cmaes", "nsga2", "ga", "random", "grid", "qmc"]
MIN_POPULATION, MAX_POPULATION = 8, 50
GENERATIONS = 6  # of a genetic algorithm
TOGETHER = "together"  # the purpose of choosing several parameters jointly
CHOSEN = "skdl:chosen"  # where the trial stores them


def _population_size(n_trials: int | None) -> int:
    wanted = (n_trials or GENERATIONS * MAX_POPULATION) // GENERATIONS
    return int(np.clip(wanted, MIN_POPULATION, MAX_POPULATION))


class SeededByTrial(BaseSampler):
    """Sampler whose random numbers depend only on the seed and the trial's number."""

    def __init__(self, name: str, seed: int, population_size: int) -> None:
        self._name = name
        self._seed = seed
        self._population_size = population_size

    def _sampler(self, trial: FrozenTrial, purpose: str) -> BaseSampler:
        """Make the sampler for one purpose of one trial."""
        if self._name in SEQUENCES and purpose == TOGETHER:
            return MAKERS[self._name](self._seed, self._population_size)
        words = [self._seed, trial.number, zlib.crc32(purpose.encode())]
        (seed,) = np.random.SeedSequence(words).generate_state(1)
        return MAKERS[self._name](int(seed) % 2**31, self._population_size)

    def reseed_rng(self) -> None:
        """Do nothing, as each trial has its own seed."""

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Find the parameters to choose jointly."""
        sampler = self._sampler(trial, TOGETHER)
        return sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """Choose the values of several parameters jointly."""
        known = remembered(trial, CHOSEN)
        if known is not None:  # another worker had begun the trial
            return known
        sampler = self._sampler(trial, TOGETHER)
        chosen = sampler.sample_relative(study, trial, search_space)
        remember(study, trial, CHOSEN, chosen)
        return chosen

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Choose the value of one parameter."""
        sampler = self._sampler(trial, param_name)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Let the sampler prepare."""
        self._sampler(trial, "before").before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Let the sampler learn from the trial."""
        self._sampler(trial, "after").after_trial(study, trial, state, values)


class GridOrder(RandomSampler):
    """Grid search in the order of `sklearn.model_selection.ParameterGrid`.

    The number of a trial determines its combination, so that any number of machines try
    each combination once. Like the random sampler it chooses each parameter by itself.
    """

    def __init__(self, values: dict[str, list]) -> None:
        super().__init__()
        self._names = sorted(values)
        self._values = values
        self._shape = tuple(len(values[name]) for name in self._names)

    def __len__(self) -> int:
        """Count the combinations."""
        return int(np.prod(self._shape))

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Look up the value of one parameter."""
        places = np.unravel_index(trial.number % len(self), self._shape)
        return self._values[param_name][places[self._names.index(param_name)]]


def _tpe(seed: int, population_size: int) -> BaseSampler:
    return optuna.samplers.TPESampler(seed=seed)


def _gp(seed: int, population_size: int) -> BaseSampler:
    _require("torch", sampler="gp")
    return optuna.samplers.GPSampler(seed=seed, warn_independent_sampling=False)


def _cmaes(seed: int, population_size: int) -> BaseSampler:
    _require("cmaes", sampler="cmaes")
    return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)


def _nsga2(seed: int, population_size: int) -> BaseSampler:
    return optuna.samplers.NSGAIISampler(seed=seed, population_size=population_size)


def _random(seed: int, population_size: int) -> BaseSampler:
    return RandomSampler(seed=seed)


def _qmc(seed: int, population_size: int) -> BaseSampler:
    with quiet_optuna():  # it would warn in each trial
        return optuna.samplers.QMCSampler(
            scramble=True, seed=seed, warn_independent_sampling=False
        )


MAKERS: dict[str, Callable[[int, int], BaseSampler]] = {
    "tpe": _tpe,
    "gp": _gp,
    "cmaes": _cmaes,
    "nsga2": _nsga2,
    "ga": _nsga2,
    "random": _random,
    "qmc": _qmc,
}
SEQUENCES = {"qmc"}  # samplers whose trials must share one seed
NAMES = (*MAKERS, "grid")


def make_sampler(
    sampler: SamplerName | BaseSampler, space: Space, *, seed: int, n_trials: int | None
) -> BaseSampler:
    """Make a sampler by name, or return the one that was passed."""
    if isinstance(sampler, BaseSampler):
        return sampler
    if not isinstance(sampler, str):
        raise ParameterTypeError(
            "The 'sampler' parameter of OptunaSearchCV must be one of "
            f"{', '.join(map(repr, NAMES))} or a sampler of optuna.samplers. Got "
            f"{sampler!r} of type {type(sampler).__name__} instead."
        )
    if sampler == "grid":
        return GridOrder(space.grid())
    if sampler not in MAKERS:
        raise ParameterError(
            "The 'sampler' parameter of OptunaSearchCV must be one of "
            f"{', '.join(map(repr, NAMES))} or a sampler of optuna.samplers. Got "
            f"{sampler!r} instead."
        )
    size = _population_size(n_trials)
    MAKERS[sampler](seed, size)  # raises early if a package is missing
    return SeededByTrial(sampler, seed, size)


def _require(package: str, *, sampler: str) -> None:
    import importlib.util

    if importlib.util.find_spec(package) is None:
        raise MissingDependencyError(
            f"sampler={sampler!r} needs the package '{package}', which is not "
            f'installed. Install it with: pip install "skdl[{sampler}]"'
        )
