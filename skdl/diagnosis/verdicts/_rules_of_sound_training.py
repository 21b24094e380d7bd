"""Verdicts when nothing looks wrong: a good fit, or one without validation."""

from __future__ import annotations

import numpy as np

from skdl.diagnosis.verdicts._rule_input import RuleInput, RuleMatch
from skdl.diagnosis.verdicts._rules_of_training import LEAST_SLOPE, LOW_RATE, MOST_RISE


def good_fit(run: RuleInput) -> RuleMatch | None:
    """None of the problems above, on curves that are informative enough."""
    measures = run.measures
    if measures is None or not run.has_validation or measures.n_epochs < 2:
        return None
    if not measures.gain > 0:
        return None
    best, n_epochs = run.curves.best_epoch, run.curves.n_epochs
    if run.facts.keeps_best:
        end = ", whose weights were kept"
    elif measures.rise > MOST_RISE:
        end = f" and ended at {run.curves.measured()[1][-1]:.3g}"
    else:
        end = " and stayed there"
    numbers = {
        "best_epoch": run.curves.best_epoch,
        "lowest_loss": run.lowest,
        "best_gap": measures.best_gap,
        "rise": measures.rise,
        "residual_signal": run.residual_signal,
    }
    if run.baseline is not None:
        numbers["baseline"] = run.baseline
    return RuleMatch(
        numbers=numbers,
        meaning=(
            f"The validation loss fell to {run.lowest:.3g} in epoch {best} of "
            f"{n_epochs}{end}.{_beside_baseline(run)}"
            + (
                " A forest finds no structure left in the errors."
                if np.isfinite(run.residual_signal)
                else " The curves cannot tell whether a larger network would do better."
            )
        ),
        advice="Compare with baselines (skdl.diagnosis.compare_baselines), then tune.",
    )


def _beside_baseline(run: RuleInput) -> str:
    """The gain as a share of the baseline's loss, if losses cannot be negative."""
    if run.baseline is None or not run.baseline > 0:
        return ""
    share = 1 - run.lowest / run.baseline
    return f" That is {share:.0%} less than the baseline's {run.baseline:.3g}."


def not_validated(run: RuleInput) -> RuleMatch | None:
    """A training loss that fell, without a validation loss."""
    measures, facts = run.measures, run.facts
    if measures is None or run.has_validation or measures.n_epochs < 2:
        return None
    if not measures.gain > 0:
        return None
    last = float(run.curves.measured()[0][-1])
    falls = measures.train_slope > LEAST_SLOPE
    return RuleMatch(
        numbers={
            "loss": last,
            "train_slope": measures.train_slope,
            "rate_ratio": facts.rate_ratio,
            "residual_signal": run.residual_signal,
        },
        meaning=(
            f"The training loss fell to {last:.3g} and "
            + (
                f"was still falling: {measures.train_slope:.0%} of its total decrease "
                "came in the last fifth of the epochs."
                if falls
                else "hardly changes any more."
            )
            + (
                f" The learning rate is {facts.rate_ratio:.2g} times the usual one."
                if facts.rate_ratio <= LOW_RATE
                else ""
            )
            + _beside_it(run)
        ),
        advice=(
            "Hold out rows: pass X_val and y_val to fit, or use early stopping."
            if run.curves.val_score is None
            else "Pass the held-out rows, or others, to diagnose as X_val and y_val."
        ),
        suggestion=(
            facts.suggest(early_stopping=True) if run.curves.val_score is None else {}
        ),
    )


def _beside_it(run: RuleInput) -> str:
    """What else is known about a training run without a validation loss."""
    evidence, scores = run.evidence, run.curves.val_score
    if evidence is not None:
        return (
            f" It is {evidence.val_loss:.3g} on the given validation rows and "
            f"{evidence.train_loss:.3g} on the training rows. Whether the validation "
            "loss rose during training, and when, is unknown."
        )
    if scores is not None:
        return (
            f" The score on the held-out rows was best, {np.nanmax(scores):.3g}, "
            f"in epoch {run.curves.best_epoch} of {run.curves.n_epochs}. Their loss "
            "was not recorded, and a score tells less."
        )
    return (
        " The training loss falls whether a network is too small, the right size or "
        "too large, so nothing more can be said without validation rows."
    )
