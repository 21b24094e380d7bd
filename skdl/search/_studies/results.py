"""Results of folds, converted for the study and back for ``cv_results_``."""

from __future__ import annotations

import traceback
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState
from sklearn.exceptions import FitFailedWarning

from skdl.exceptions import DataError, ParameterError
from skdl.search._studies.shared_study import SPLITS, TrialResult

Fit = dict[str, Any]  # the result of scikit-learn's `fit_and_score`


@dataclass(frozen=True)
class Objectives:
    """The scores that a study maximises."""

    names: tuple[str, ...]  # names of the metrics; ("score",) for a single one

    def values(self, fits: Sequence[dict[str, Any]]) -> tuple[float, ...]:
        """Average the scores over the folds."""
        scores = [fit["test_scores"] for fit in fits]
        for score in scores:
            if isinstance(score, dict) and not set(self.names) <= set(score):
                raise ParameterError(
                    f"The scoring function returns the metrics {', '.join(score)}. "
                    f"Got {', '.join(self.names)} as the objective. Set 'refit' to one "
                    "of the metrics."
                )
        return tuple(
            float(np.mean([s[name] if isinstance(s, dict) else s for s in scores]))
            for name in self.names
        )


def result_of(
    fits: list[Fit | Exception],
    objectives: Objectives,
    *,
    is_pruned: bool,
    error_score: float | str,
) -> TrialResult:
    """Combine the fits of a trial into its result."""
    notes = [_failed(fit) if isinstance(fit, Exception) else fit for fit in fits]
    if is_pruned:
        notes = [_without_scores(note) for note in notes]
    splits = {
        name: [_plain(note.get(name)) for note in notes]
        for name in dict.fromkeys(name for note in notes for name in note)
    }
    values = objectives.values(_with_error_scores(notes, error_score))
    if is_pruned:
        return TrialResult(TrialState.PRUNED, None, splits)
    if np.isnan(values).any():
        return TrialResult(TrialState.FAIL, None, splits)
    return TrialResult(TrialState.COMPLETE, values, splits)


def rejected(n_splits: int) -> TrialResult:
    """Make the result of a trial that a function rejected."""
    nothing = {
        "fit_error": None,
        "test_scores": np.nan,
        "fit_time": 0.0,
        "score_time": 0.0,
    }
    splits = {name: [value] * n_splits for name, value in nothing.items()}
    return TrialResult(TrialState.PRUNED, None, splits)


def best_trials(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Find the trials that no other trial dominates."""
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    values = np.array([trial.values for trial in complete])

    def is_dominated(own: np.ndarray) -> bool:
        as_good, better = (values >= own).all(axis=1), (values > own).any(axis=1)
        return bool((as_good & better).any())

    return [t for t, own in zip(complete, values, strict=True) if not is_dominated(own)]


def check_completed(trials: Sequence[FrozenTrial]) -> None:
    """Raise if pruning left no complete trial."""
    states = Counter(trial.state for trial in trials)
    if states[TrialState.PRUNED] and not states[TrialState.COMPLETE]:
        raise DataError(
            f"No trial completed: {states[TrialState.PRUNED]} were pruned and "
            f"{states[TrialState.FAIL]} failed. Run more trials, or use a pruner that "
            "waits longer."
        )


def _failed(error: Exception) -> Fit:
    text = "".join(traceback.format_exception(error))
    return {
        "fit_error": text,
        "test_scores": np.nan,
        "fit_time": 0.0,
        "score_time": 0.0,
    }


def _without_scores(fit: Fit) -> Fit:
    def nothing(score: Any) -> Any:
        return dict.fromkeys(score, np.nan) if isinstance(score, dict) else np.nan

    names = {"test_scores", "train_scores"} & set(fit)
    return {**fit, **{name: nothing(fit[name]) for name in names}}


def _with_error_scores(fits: list[Fit], error_score: float | str) -> list[Fit]:
    """Give failed fits a score for each metric that the other fits have."""
    examples = [f["test_scores"] for f in fits if isinstance(f["test_scores"], dict)]
    if not examples:
        return fits
    number = np.nan if error_score == "raise" else error_score
    scores = dict.fromkeys(examples[0], number)
    return [
        {
            **fit,
            **{
                name: dict(scores)
                for name in ("test_scores", "train_scores")
                if fit.get(name) is not None and not isinstance(fit[name], dict)
            },
        }
        for fit in fits
    ]


def _plain(value: Any) -> Any:
    """Convert NumPy numbers for JSON."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def fits_of(
    trials: Sequence[FrozenTrial],
    error_score: float | str,
    *,
    with_train_scores: bool,
) -> list[Fit]:
    """Read the results of all folds of all trials."""
    fits: list[Fit] = []
    for trial in trials:
        splits = trial.user_attrs[SPLITS]
        folds = zip(*splits.values(), strict=True)
        fits += [dict(zip(splits, fold, strict=True)) for fold in folds]
    names = {name for fit in fits for name in fit}
    names |= {"train_scores"} if with_train_scores else set()
    fits = [{**dict.fromkeys(names), **fit} for fit in fits]
    fits = _with_error_scores(fits, error_score)
    for fit in fits:
        if with_train_scores and fit["train_scores"] is None:
            test = fit["test_scores"]
            is_several = isinstance(test, dict)
            fit["train_scores"] = dict.fromkeys(test, np.nan) if is_several else np.nan
    return fits


def report_failures(fits: Sequence[Fit], error_score: float | str) -> None:
    """Warn about fits that failed, or raise if all of them did."""
    errors = Counter(fit["fit_error"] for fit in fits if fit["fit_error"])
    if not errors:
        return
    details = "\n".join(
        f"{'-' * 80}\n{count} fits failed with the following error:\n{error}"
        for error, count in errors.most_common()
    )
    if error_score == "raise":
        raise DataError(
            f"{errors.total()} fits failed in an earlier run of this search, or in "
            "another worker, and error_score='raise'. Set error_score to a number to "
            f"continue without them, or choose another study_name.\n{details}"
        )
    if errors.total() == len(fits):
        raise DataError(
            f"All the {len(fits)} fits failed. See the errors below; "
            f"error_score='raise' stops at the first one.\n{details}"
        )
    warnings.warn(
        f"{errors.total()} fits failed out of a total of {len(fits)}. Their score is "
        f"{error_score}; error_score='raise' stops at the first one.\n{details}",
        FitFailedWarning,
        stacklevel=3,
    )


def more_results(trials: Sequence[FrozenTrial]) -> dict[str, list]:
    """Return the columns that ``cv_results_`` has beyond scikit-learn's."""
    return {
        "trial_number": [trial.number for trial in trials],
        "state": [trial.state.name for trial in trials],
        "error": [_error(trial) for trial in trials],
    }


def _error(trial: FrozenTrial) -> str:
    splits = trial.user_attrs[SPLITS]
    for name in ("fit_error", "score_error"):
        for error in splits.get(name, ()):
            if error:
                return _message(error)
    return "a score is nan" if trial.state is TrialState.FAIL else ""


def _message(text: str) -> str:
    """Return the last part of a traceback, the error and its message, on one line."""
    lines = text.strip().splitlines()
    first = max(
        (i for i, line in enumerate(lines) if line.startswith("  File ")), default=-1
    )
    message = [line.strip() for line in lines[first + 1 :]]
    is_code = [line.startswith("    ") for line in lines[first + 1 :]]
    while is_code and is_code[0]:
        del message[0], is_code[0]
    return " ".join(message)


def warn_of_scores(results: dict[str, Any]) -> None:
    """Warn if candidates that were not pruned have scores that are not finite."""
    is_complete = np.asarray(results["state"]) != "PRUNED"
    for name in results:
        if not name.startswith(("mean_test_", "mean_train_")):
            continue
        means = results[name][is_complete]
        if not np.isfinite(means).all():
            warnings.warn(
                f"One or more of the {name.split('_')[1]} scores are non-finite: "
                f"{means}",
                UserWarning,
                stacklevel=3,
            )
