"""A study that several processes may work on: who does which trial, and what came out.

Optuna's storages number trials without gaps and let each end only once. On that it
rests: the first `n_trials` numbers are the search, and a trial whose worker is gone is
taken over by another, with the parameters that the study already has. So a search goes
on after a kill where it was, and no trial counts twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState

from skdl._compat.optuna import StopRequest, adopt_trial, put_back
from skdl.exceptions import StorageError, StudyError
from skdl.search._studies import workers
from skdl.search._studies.identity import Identity
from skdl.search._studies.workers import Worker

SEARCH, OWNER, SPLITS = "skdl:search", "skdl:worker", "skdl:splits"
SETTLE_SECONDS = 0.2  # until two who take over the same trial see each other
OUTAGE_SECONDS = 60.0  # that a storage may fail for before results are given up
RETRY_SECONDS = 1.0


def open_study(
    storage: BaseStorage,
    name: str | None,
    *,
    sampler: BaseSampler,
    pruner: BasePruner | None,
    identity: Identity,
) -> optuna.Study:
    """Make a study, or find the one of that name."""
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
        has_trials = bool(study.get_trials(deepcopy=False))  # before: others may begin
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
    if known is None and has_trials:
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
    """How a trial ended."""

    state: TrialState
    values: tuple[float, ...] | None  # its objectives; None unless complete
    # what scikit-learn's searches note of each fold, by name; for JSON
    splits: dict[str, Any]


class SharedStudy:
    """The trials of a search, and this worker's part in them."""

    def __init__(
        self,
        study: optuna.Study,
        worker: Worker,
        stop: StopRequest,
        *,
        n_trials: int | None,
        batch_size: int,
    ) -> None:
        self.study = study
        self._worker = worker
        self._n_trials = n_trials
        self._batch_size = batch_size
        self._ownerless_since: dict[int, float] = {}
        self._stop = stop

    def trials(self) -> list[FrozenTrial]:
        """List the trials that count."""
        ours = [
            trial
            for trial in self.study.get_trials(deepcopy=False)
            if not trial.state.is_finished() or SPLITS in trial.user_attrs
        ]
        return ours[: self._n_trials]

    def finished(self) -> list[FrozenTrial]:
        """List the trials that have ended."""
        return [trial for trial in self.trials() if trial.state.is_finished()]

    def others_are_busy(self) -> bool:
        """Whether trials are under way in other workers."""
        return any(trial.state is TrialState.RUNNING for trial in self.trials())

    def claim(self) -> list[Trial]:
        """Take over trials whose workers are gone, or ask for new ones.

        New ones come in whole batches, as they would have without an interruption.
        """
        mine = self._take_over()
        begun = [t for t in self.trials() if t.state is not TrialState.WAITING]
        filled = len(begun) % self._batch_size
        n_new = self._batch_size - filled if filled or not mine else 0
        n_new = 0 if self._stop.is_set else n_new
        n_new = min(n_new, self._batch_size - len(mine))
        if self._n_trials is not None:
            n_new = min(n_new, self._n_trials - len(begun))
        for _ in range(n_new):
            trial = self.study.ask()
            if not self._counts(trial):
                # Another worker was faster. It waits, should n_trials grow.
                put_back(trial)
                break
            trial.set_user_attr(OWNER, self._worker.name)
            mine.append(trial)
        return mine

    def _counts(self, trial: Trial) -> bool:
        if self._n_trials is None or trial.number < self._n_trials:
            return True
        return trial.number in {counted.number for counted in self.trials()}

    def _take_over(self) -> list[Trial]:
        trials = self.trials()  # before: who has begun one is known to be alive
        alive = self._worker.others_alive()
        stale = [trial for trial in trials if self._is_stale(trial, alive)]
        taken = []
        for frozen in stale[: self._batch_size]:
            trial = adopt_trial(self.study, frozen)
            with suppress(UpdateFinishedTrialError):  # its worker was merely slow
                trial.set_user_attr(OWNER, self._worker.name)
                taken.append(trial)
        if not taken:
            return []
        time.sleep(SETTLE_SECONDS)
        owners = {trial.number: _owner(trial) for trial in self.trials()}
        return [t for t in taken if owners.get(t.number) == self._worker.name]

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
        """Write down how a trial has ended, unless another worker has."""
        until = time.monotonic() + OUTAGE_SECONDS
        while True:
            try:
                # Who was taken for dead, and finds it done, leaves it so.
                with suppress(UpdateFinishedTrialError):
                    self._write(trial, result)
                return
            except StorageInternalError as error:
                if time.monotonic() > until:
                    raise StorageError(
                        f"The result of trial {trial.number} could not be written for "
                        f"{OUTAGE_SECONDS:g} seconds: {error.__cause__ or error}. The "
                        "trial will be done again when the search is started again."
                    ) from error
                time.sleep(RETRY_SECONDS)

    def _write(self, trial: Trial, result: Result) -> None:
        values: Sequence[float] | None = result.values
        trial.set_user_attr(SPLITS, result.splits)
        self.study.tell(trial, values, result.state, skip_if_finished=True)


def _owner(trial: FrozenTrial) -> str | None:
    return trial.user_attrs.get(OWNER)
