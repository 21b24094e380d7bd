"""Samplers by name, seeded so that a search can be taken up where it was left.

A sampler of Optuna draws from one stream of chance, whose place is lost when a process
ends. `SeededByTrial` gives each trial a stream of its own, so that a trial gets the
same parameters in whatever process, as far as it has seen the same trials before.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
TOGETHER = "together"  # the purpose of choosing parameters at once
CHOSEN = "skdl:chosen"  # what was chosen so
GENERATIONS = 6  # that an evolutionary search should see


@dataclass(frozen=True)
class Outlook:
    """What a sampler may want to know."""

    space: Space
    n_trials: int | None  # how many trials there will be

    @property
    def population_size(self) -> int:
        """Trials of a generation, so that there are several of them."""
        wanted = (self.n_trials or GENERATIONS * MAX_POPULATION) // GENERATIONS
        return int(np.clip(wanted, MIN_POPULATION, MAX_POPULATION))


class SeededByTrial(BaseSampler):
    """A sampler whose chance depends on the seed and the number of the trial alone."""

    def __init__(self, name: str, seed: int, population_size: int) -> None:
        self._name = name
        self._seed = seed
        self._population_size = population_size

    def _sampler(self, trial: FrozenTrial, purpose: str) -> BaseSampler:
        """A sampler for one purpose of one trial."""
        if self._name in SEQUENCES and purpose == TOGETHER:
            return MAKERS[self._name](self._seed, self._population_size)
        words = [self._seed, trial.number, zlib.crc32(purpose.encode())]
        (seed,) = np.random.SeedSequence(words).generate_state(1)
        return MAKERS[self._name](int(seed) % 2**31, self._population_size)

    def reseed_rng(self) -> None:
        """Do nothing: streams differ by trial already."""

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Find the parameters that are chosen together."""
        sampler = self._sampler(trial, TOGETHER)
        return sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],
    ) -> dict[str, Any]:
        """Choose the values of parameters together."""
        known = remembered(trial, CHOSEN)
        if known is not None:  # the trial was taken over in the midst of its choices
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
        """Let the sampler take note."""
        self._sampler(trial, "after").after_trial(study, trial, state, values)


class GridOrder(RandomSampler):
    """All combinations in the order of `sklearn.model_selection.ParameterGrid`.

    The number of a trial says which one it tries, so that any number of machines try
    each of them once. (Optuna's own asks for a running `Study.optimize` to stop it.) As
    Optuna's random one it chooses parameters one by one.
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
    with quiet_optuna():  # it is made for each trial
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
SEQUENCES = {"qmc"}  # whose trials must have one seed
NAMES = (*MAKERS, "grid")


def make_sampler(
    sampler: SamplerName | BaseSampler, *, seed: int, outlook: Outlook
) -> BaseSampler:
    """Make a sampler by its name, or take the user's."""
    if isinstance(sampler, BaseSampler):
        return sampler
    if not isinstance(sampler, str):
        raise ParameterTypeError(
            "The 'sampler' parameter of OptunaSearchCV must be one of "
            f"{', '.join(map(repr, NAMES))} or a sampler of optuna.samplers. Got "
            f"{sampler!r} of type {type(sampler).__name__} instead."
        )
    size = outlook.population_size
    if sampler == "grid":
        return GridOrder(outlook.space.grid())
    if sampler not in MAKERS:
        raise ParameterError(
            "The 'sampler' parameter of OptunaSearchCV must be one of "
            f"{', '.join(map(repr, NAMES))} or a sampler of optuna.samplers. Got "
            f"{sampler!r} instead."
        )
    MAKERS[sampler](seed, size)  # what it needs is missed before anything trains
    return SeededByTrial(sampler, seed, size)


def _require(package: str, *, sampler: str) -> None:
    import importlib.util

    if importlib.util.find_spec(package) is None:
        raise MissingDependencyError(
            f"sampler={sampler!r} needs the package '{package}', which is not "
            f'installed. Install it with: pip install "skdl[{sampler}]"'
        )
