"""A study that several workers share: claiming trials and storing their results.

Optuna's storages number trials without gaps and let each trial finish only once. The
first `n_trials` numbers form the search. If a worker dies, another one reclaims its
trials, with the parameters that the study has already stored. So a search resumes after
a kill, and no trial counts twice.
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
SETTLE_SECONDS = 0.2  # until two workers that reclaim the same trial see each other
OUTAGE_SECONDS = 60.0  # how long to retry when the storage fails
RETRY_SECONDS = 1.0


def open_study(
    storage: BaseStorage,
    name: str | None,
    *,
    sampler: BaseSampler,
    pruner: BasePruner | None,
    identity: Identity,
) -> optuna.Study:
    """Create a study, or load the one of that name."""
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
        has_trials = bool(
            study.get_trials(deepcopy=False)
        )  # first, as others may begin
        known = study.user_attrs.get(SEARCH)
    except StorageInternalError as error:
        raise StorageError(
            f"The storage of the study {name!r} failed: {error.__cause__ or error}."
        ) from error
    if study.directions != directions:
        theirs = [direction.name.lower() for direction in study.directions]
        raise StudyError(
            f"The study {name!r} has the directions {theirs}, but this search "
            f"maximises {', '.join(identity.objectives)}. Choose another study_name."
        )
    if known is None and has_trials:
        raise StudyError(
            f"The study {name!r} has trials that OptunaSearchCV did not create, so "
            "their fold scores are missing. Choose another study_name."
        )
    differences = identity.differences(known) if known else []
    if differences:
        raise StudyError(
            f"The study {name!r} was created with {' and '.join(differences)}. Choose "
            "another study_name, or restore the original search."
        )
    if known is None:
        study.set_user_attr(SEARCH, identity.record)
    return study


@dataclass(frozen=True)
class TrialResult:
    """Result of a trial."""

    state: TrialState
    values: tuple[float, ...] | None  # the objectives; None unless complete
    # the results of scikit-learn's `fit_and_score` by name, one per fold; for JSON
    splits: dict[str, Any]


class SharedStudy:
    """The trials of a search, as one of its workers sees them."""

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
        self._unowned_since: dict[int, float] = {}
        self._stop = stop

    def trials(self) -> list[FrozenTrial]:
        """List the trials that belong to the search."""
        ours = [
            trial
            for trial in self.study.get_trials(deepcopy=False)
            if not trial.state.is_finished() or SPLITS in trial.user_attrs
        ]
        return ours[: self._n_trials]

    def finished(self) -> list[FrozenTrial]:
        """List the trials that have finished."""
        return [trial for trial in self.trials() if trial.state.is_finished()]

    def others_are_busy(self) -> bool:
        """Return whether other workers have running trials."""
        return any(trial.state is TrialState.RUNNING for trial in self.trials())

    def claim(self) -> list[Trial]:
        """Reclaim trials of dead workers, or ask for new ones.

        New trials come in the same batches as without an interruption.
        """
        mine = self._reclaim()
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
                # Another worker was faster. A later search may need the trial.
                put_back(trial)
                break
            trial.set_user_attr(OWNER, self._worker.name)
            mine.append(trial)
        return mine

    def _counts(self, trial: Trial) -> bool:
        if self._n_trials is None or trial.number < self._n_trials:
            return True
        return trial.number in {counted.number for counted in self.trials()}

    def _reclaim(self) -> list[Trial]:
        trials = self.trials()  # first, so that their workers are known to be alive
        alive = self._worker.others_alive()
        stale = [trial for trial in trials if self._is_stale(trial, alive)]
        reclaimed = []
        for frozen in stale[: self._batch_size]:
            trial = adopt_trial(self.study, frozen)
            with suppress(UpdateFinishedTrialError):  # its worker was only slow
                trial.set_user_attr(OWNER, self._worker.name)
                reclaimed.append(trial)
        if not reclaimed:
            return []
        time.sleep(SETTLE_SECONDS)
        owners = {trial.number: _owner(trial) for trial in self.trials()}
        return [t for t in reclaimed if owners.get(t.number) == self._worker.name]

    def _is_stale(self, trial: FrozenTrial, alive: set[str]) -> bool:
        """Return whether the worker of a running trial is dead."""
        if trial.state is not TrialState.RUNNING:
            return False
        owner = _owner(trial)
        if owner is not None:
            return owner not in alive
        # Its worker has not written its name yet, or was killed before it could.
        now = time.monotonic()
        since = self._unowned_since.setdefault(trial.number, now)
        return not alive or now - since > workers.GRACE_SECONDS

    def finish(self, trial: Trial, result: TrialResult) -> None:
        """Store the result of a trial, unless another worker already has."""
        until = time.monotonic() + OUTAGE_SECONDS
        while True:
            try:
                # If this worker counted as dead, another one may have finished it.
                with suppress(UpdateFinishedTrialError):
                    self._write(trial, result)
                return
            except StorageInternalError as error:
                if time.monotonic() > until:
                    raise StorageError(
                        f"The result of trial {trial.number} could not be stored for "
                        f"{OUTAGE_SECONDS:g} seconds: {error.__cause__ or error}. The "
                        "trial will run again when the search is restarted."
                    ) from error
                time.sleep(RETRY_SECONDS)

    def _write(self, trial: Trial, result: TrialResult) -> None:
        values: Sequence[float] | None = result.values
        trial.set_user_attr(SPLITS, result.splits)
        self.study.tell(trial, values, result.state, skip_if_finished=True)


def _owner(trial: FrozenTrial) -> str | None:
    return trial.user_attrs.get(OWNER)
