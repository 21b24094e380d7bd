"""The loop of a search: claim trials, fit their folds together, note the results."""

from __future__ import annotations

import time
from typing import Any

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState

from skdl.search.studies.planning import SearchPlan
from skdl.search.studies.pruning import FoldReports, fold_observers
from skdl.search.studies.results import result_of, turned_down
from skdl.search.studies.shared_study import SharedStudy
from skdl.search.studies.spaces import read
from skdl.search.studies.workers import Worker

POLL_SECONDS = 0.5  # between looks at what other workers have done


def run(
    plan: SearchPlan,
    study: optuna.Study,
    *,
    batch_size: int,
    ends_at: float,
    context: Any,
    verbose: int,
) -> list[FrozenTrial]:
    """Evaluate trials until there are enough, by this worker and others.

    Parameters
    ----------
    plan : SearchPlan
        What to search.
    study : optuna.Study
        Where trials are written down.
    batch_size : int
        Trials to evaluate at a time.
    ends_at : float
        When no further batch begins, by `time.monotonic`.
    context : sklearn.callback.CallbackContext
        That the search is a subtask of.
    verbose : int
        Whether to print a line per batch.

    Returns
    -------
    list of optuna.trial.FrozenTrial
        All that have ended, in order of their numbers.
    """
    n_splits = plan.folds.n_splits
    task = context.subcontext(
        task_name="search",
        max_subtasks=plan.n_trials and plan.n_trials * n_splits,
        sequential_subtasks=False,
    )
    task.call_on_fit_task_begin(estimator=plan.folds.search)
    with Worker(study) as worker:
        shared = SharedStudy(
            study, worker, n_trials=plan.n_trials, batch_size=batch_size
        )
        study.stop = shared.stop  # type: ignore[method-assign]  # as samplers call it
        try:
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
        finally:
            del study.stop
            shared.release()
        finished = shared.finished()
    task.call_on_fit_task_end(estimator=plan.folds.search)
    return finished


def _evaluate(
    trials: list[Trial], shared: SharedStudy, plan: SearchPlan, task: Any
) -> None:
    """Fit and score the folds of some trials, and write down how they went."""
    n_splits = plan.folds.n_splits
    chosen = {trial: read(plan.space, trial) for trial in trials}
    for trial in trials:
        if not chosen[trial]:
            shared.finish(trial, turned_down(n_splits))
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
    reports = [FoldReports(trial, n_splits) for trial in trials]
    observers: list = [None] * len(contexts)
    if plan.pruner is not None:
        observers = fold_observers(reports, n_splits)
    all_fits = plan.folds.evaluate(candidates, contexts=contexts, observers=observers)
    for trial, fits, report in zip(trials, all_fits, reports, strict=True):
        result = result_of(
            fits,
            plan.objectives,
            is_pruned=report.is_pruned,
            error_score=plan.folds.settings["error_score"],
        )
        shared.finish(trial, result)
    for fit in (fit for fits in all_fits for fit in fits):
        if isinstance(fit, Exception):
            raise fit


def _line(shared: SharedStudy, plan: SearchPlan) -> str:
    """One line for the terminal, such as "trial 16/30  best 0.953 (trial 4)"."""
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
