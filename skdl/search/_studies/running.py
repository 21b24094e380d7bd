"""The loop of a search: claim trials, fit their folds together, store the results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, Trial, TrialState

from skdl._compat.optuna import read_trial, stop_requests
from skdl.search._studies.planning import SearchPlan
from skdl.search._studies.pruning import FoldObserver, FoldReports, fold_observers
from skdl.search._studies.results import rejected, result_of
from skdl.search._studies.shared_study import SharedStudy
from skdl.search._studies.spaces import read_params
from skdl.search._studies.workers import Worker

POLL_SECONDS = 0.5  # between checks for the results of other workers


def run(
    plan: SearchPlan,
    study: optuna.Study,
    *,
    batch_size: int,
    ends_at: float,
    context: Any,
    verbose: int,
) -> list[FrozenTrial]:
    """Run trials until there are enough, counting those of other workers."""
    n_splits = plan.cv.n_splits
    task = context.subcontext(
        task_name="search",
        max_subtasks=plan.n_trials and plan.n_trials * n_splits,
        sequential_subtasks=False,
    )
    task.call_on_fit_task_begin(estimator=plan.cv.search)
    with Worker(study) as worker, stop_requests(study) as stop:
        shared = SharedStudy(
            study, worker, stop, n_trials=plan.n_trials, batch_size=batch_size
        )
        while time.monotonic() < ends_at:
            claimed = shared.claim()
            if claimed:
                _evaluate(claimed, shared, plan, task)
                if verbose:
                    print(_line(shared, plan))
            elif shared.others_are_busy():
                time.sleep(POLL_SECONDS)
            else:
                break
        finished = shared.finished()
    task.call_on_fit_task_end(estimator=plan.cv.search)
    return finished


def _evaluate(
    trials: list[Trial], shared: SharedStudy, plan: SearchPlan, task: Any
) -> None:
    """Fit and score the folds of some trials, and store the results."""
    n_splits = plan.cv.n_splits
    chosen = {trial: _choose(trial, plan) for trial in trials}
    for trial in trials:
        if not chosen[trial]:
            shared.finish(trial, rejected(n_splits))
    trials = [trial for trial in trials if chosen[trial]]
    candidates = [chosen[trial] for trial in trials]
    contexts = [
        task.subcontext(
            task_name="candidate-split-evaluation",
            task_id=trial.number * n_splits + split,
        )
        for trial in trials
        for split in range(n_splits)
    ]
    reports: list[FoldReports] = []
    observers: Sequence[FoldObserver | None] = [None] * len(contexts)
    if plan.pruner is not None:
        reports = [FoldReports(trial, n_splits) for trial in trials]
        observers = fold_observers(reports, n_splits)
    all_fits = plan.cv.evaluate(candidates, contexts=contexts, observers=observers)
    lost = {report.trial: report.error for report in reports if report.error}
    pruned = {report.trial for report in reports if report.is_pruned}
    for trial, fits in zip(trials, all_fits, strict=True):
        if trial in lost:  # whether to prune it is unknown
            continue
        result = result_of(
            fits,
            plan.objectives,
            is_pruned=trial in pruned,
            error_score=plan.cv.settings["error_score"],
        )
        shared.finish(trial, result)
    errors = [fit for fits in all_fits for fit in fits if isinstance(fit, Exception)]
    for error in [*lost.values(), *errors]:
        if not isinstance(error, UpdateFinishedTrialError):
            raise error


def _choose(trial: Trial, plan: SearchPlan) -> dict[str, Any]:
    """Choose the parameters of a trial, and read them back from the storage."""
    chosen = read_params(plan.space, trial)
    return chosen and read_params(plan.space, read_trial(trial))


def _line(shared: SharedStudy, plan: SearchPlan) -> str:
    """Make a progress line such as "trial 16/30  best 0.953 (trial 4)"."""
    finished = shared.finished()
    parts = [f"trial {len(finished)}" + (f"/{plan.n_trials}" if plan.n_trials else "")]
    scores = {
        trial.number: trial.values[0]
        for trial in finished
        if trial.state is TrialState.COMPLETE
    }
    if scores and len(plan.objectives.names) == 1:
        best = max(scores, key=scores.__getitem__)
        parts.append(f"best {scores[best]:.4g} (trial {best})")
    for state in (TrialState.PRUNED, TrialState.FAIL):
        count = sum(trial.state is state for trial in finished)
        if count:
            parts.append(f"{count} {state.name.lower()}")
    return "  ".join(parts)
