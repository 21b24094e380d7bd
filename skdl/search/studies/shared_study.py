"""A study that several processes may work on: who does which trial, and what came out.

Optuna's storages number trials without gaps and let each end only once. On that it
rests: the first `n_trials` numbers are the search, and a trial whose worker is gone is
taken over by another, with the parameters that the study already has. So a search goes
on after a kill where it was, and no trial counts twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState

from skdl.exceptions import StorageError, StudyError
from skdl.search.studies import workers
from skdl.search.studies.identity import Identity
from skdl.search.studies.workers import Worker

SEARCH, OWNER, SPLITS = "skdl:search", "skdl:worker", "skdl:splits"
NOBODY = ""
SETTLE_SECONDS = 0.2  # until two who take over the same trial see each other


def open_study(
    storage: BaseStorage,
    name: str | None,
    *,
    sampler: BaseSampler,
    pruner: BasePruner | None,
    identity: Identity,
) -> optuna.Study:
    """Make a study, or find the one of that name.

    Parameters
    ----------
    storage : optuna.storages.BaseStorage
        Where it is kept.
    name : str or None
        Its name; None makes a new one.
    sampler : optuna.samplers.BaseSampler
        Chooses parameters.
    pruner : optuna.pruners.BasePruner or None
        Ends trials early.
    identity : Identity
        Of the search.

    Returns
    -------
    optuna.Study
        That all objectives are maximised in.

    Raises
    ------
    StudyError
        If the study was made for another search.
    StorageError
        If the storage fails.
    """
    directions = [StudyDirection.MAXIMIZE] * len(identity.objectives)
    try:
        study = optuna.create_study(
            storage=storage,
            study_name=name,
            sampler=sampler,
            pruner=pruner or optuna.pruners.NopPruner(),
            directions=directions,
            load_if_exists=True,
        )
        known = study.user_attrs.get(SEARCH)
    except StorageInternalError as error:
        raise StorageError(
            f"The storage of the study {name!r} failed: {error.__cause__ or error}."
        ) from error
    if study.directions != directions:
        theirs = [direction.name.lower() for direction in study.directions]
        raise StudyError(
            f"The study {name!r} has the directions {theirs}; this search maximises "
            f"{', '.join(identity.objectives)}, as scores of scikit-learn are better "
            "when greater. Choose another study_name."
        )
    if known is None and study.get_trials(deepcopy=False):
        raise StudyError(
            f"The study {name!r} has trials that are not of an OptunaSearchCV, so "
            "there are no scores of folds to go on with. Choose another study_name."
        )
    differences = identity.differences(known) if known else []
    if differences:
        raise StudyError(
            f"The study {name!r} was made for {' and '.join(differences)}. Choose "
            "another study_name, or pass what it was made for."
        )
    if known is None:
        study.set_user_attr(SEARCH, identity.record)
    return study


@dataclass(frozen=True)
class Result:
    """How a trial ended.

    Parameters
    ----------
    state : optuna.trial.TrialState
        COMPLETE, PRUNED or FAIL.
    values : tuple of float or None
        Its objectives; None unless complete.
    splits : dict
        What scikit-learn's searches note of each fold, by name; for JSON.
    """

    state: TrialState
    values: tuple[float, ...] | None
    splits: dict[str, Any]


class SharedStudy:
    """The trials of a search, and this worker's part in them.

    Parameters
    ----------
    study : optuna.Study
        As by `open_study`.
    worker : Worker
        Alive.
    n_trials : int or None
        How many trials count; None is without end.
    batch_size : int
        Trials to ask for at a time.
    """

    def __init__(
        self,
        study: optuna.Study,
        worker: Worker,
        *,
        n_trials: int | None,
        batch_size: int,
    ) -> None:
        self.study = study
        self._worker = worker
        self._n_trials = n_trials
        self._batch_size = batch_size
        self._ownerless_since: dict[int, float] = {}
        self._mine: list[Trial] = []
        self._is_stopped = False

    def stop(self) -> None:
        """Ask for no more trials: the sampler has no others."""
        self._is_stopped = True

    def trials(self) -> list[FrozenTrial]:
        """List the trials that count.

        Returns
        -------
        list of optuna.trial.FrozenTrial
            In order of their numbers.
        """
        ours = [
            trial
            for trial in self.study.get_trials(deepcopy=False)
            if not trial.state.is_finished() or SPLITS in trial.user_attrs
        ]
        return ours[: self._n_trials]

    def finished(self) -> list[FrozenTrial]:
        """List the trials that have ended.

        Returns
        -------
        list of optuna.trial.FrozenTrial
            In order of their numbers.
        """
        return [trial for trial in self.trials() if trial.state.is_finished()]

    def others_are_busy(self) -> bool:
        """Whether trials are under way in other workers."""
        return any(trial.state is TrialState.RUNNING for trial in self.trials())

    def claim(self) -> list[Trial]:
        """Take over trials whose workers are gone, or ask for new ones.

        New ones come in whole batches, as they would have without an interruption.

        Returns
        -------
        list of optuna.trial.Trial
            For this worker to evaluate; new ones have no parameters yet.
        """
        self._mine = self._take_over()
        begun = [t for t in self.trials() if t.state is not TrialState.WAITING]
        filled = len(begun) % self._batch_size
        n_new = self._batch_size - filled if filled or not self._mine else 0
        n_new = 0 if self._is_stopped else n_new
        n_new = min(n_new, self._batch_size - len(self._mine))
        if self._n_trials is not None:
            n_new = min(n_new, self._n_trials - len(begun))
        for _ in range(n_new):
            trial = self.study.ask()
            if not self._counts(trial):
                # Another worker was faster. It waits, should n_trials grow.
                self._storage.set_trial_state_values(
                    trial._trial_id, TrialState.WAITING
                )
                break
            trial.set_user_attr(OWNER, self._worker.name)
            self._mine.append(trial)
        return list(self._mine)

    @property
    def _storage(self) -> BaseStorage:
        return self.study._storage

    def _counts(self, trial: Trial) -> bool:
        numbers = {counted.number for counted in self.trials()}
        return trial.number in numbers

    def _take_over(self) -> list[Trial]:
        alive = self._worker.others_alive()
        stale = [trial for trial in self.trials() if self._is_stale(trial, alive)]
        stale = stale[: self._batch_size]
        taken = [Trial(self.study, trial._trial_id) for trial in stale]
        for trial in taken:
            trial.set_user_attr(OWNER, self._worker.name)
        if not (taken and alive):
            return taken
        time.sleep(SETTLE_SECONDS)
        owners = {trial.number: _owner(trial) for trial in self.trials()}
        return [t for t in taken if owners[t.number] == self._worker.name]

    def _is_stale(self, trial: FrozenTrial, alive: set[str]) -> bool:
        """Whether nobody works on a trial that was begun."""
        if trial.state is not TrialState.RUNNING:
            return False
        owner = _owner(trial)
        if owner is not None:
            return owner not in alive
        # Its worker has had no time to say so, or was killed before.
        now = time.monotonic()
        since = self._ownerless_since.setdefault(trial.number, now)
        return not alive or now - since > workers.GRACE_SECONDS

    def finish(self, trial: Trial, result: Result) -> None:
        """Write down how a trial has ended, unless another worker has.

        Parameters
        ----------
        trial : optuna.trial.Trial
            That was claimed.
        result : Result
            How it went.
        """
        self._mine = [mine for mine in self._mine if mine.number != trial.number]
        values: Sequence[float] | None = result.values
        try:
            trial.set_user_attr(SPLITS, result.splits)
            self.study.tell(trial, values, result.state, skip_if_finished=True)
        except UpdateFinishedTrialError:
            pass  # this worker was taken for dead, and another was faster

    def release(self) -> None:
        """Leave the trials that were claimed and not finished to others."""
        for trial in self._mine:
            trial.set_user_attr(OWNER, NOBODY)
        self._mine = []


def _owner(trial: FrozenTrial) -> str | None:
    return trial.user_attrs.get(OWNER)
