"""Verdicts where nothing is seen to be wrong: a good fit, or one not validated."""

from __future__ import annotations

import numpy as np

from skdl.diagnosis.verdicts._rule_input import RuleInput, RuleMatch
from skdl.diagnosis.verdicts._rules_of_training import LEAST_SLOPE, LOW_RATE, MOST_RISE


def good_fit(run: RuleInput) -> RuleMatch | None:
    """Nothing of the above, on curves that say enough."""
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
                " Nothing is left that a forest could predict of the errors."
                if np.isfinite(run.residual_signal)
                else " Whether a larger network would do better, curves do not tell."
            )
        ),
        advice="Compare with baselines (skdl.diagnosis.compare_baselines), then tune.",
    )


def _beside_baseline(run: RuleInput) -> str:
    """What share of the baseline's loss was gained, where losses have a zero."""
    if run.baseline is None or not run.baseline > 0:
        return ""
    share = 1 - run.lowest / run.baseline
    return f" That is {share:.0%} less than the baseline's {run.baseline:.3g}."


def not_validated(run: RuleInput) -> RuleMatch | None:
    """A training loss that fell, and no validation loss beside it."""
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
                "still falls: the last fifth of the epochs brought "
                f"{measures.train_slope:.0%} of all that was gained."
                if falls
                else "no longer changes much."
            )
            + (
                f" The learning rate is {facts.rate_ratio:.2g} times the usual one."
                if facts.rate_ratio <= LOW_RATE
                else ""
            )
            + _beside_it(run)
        ),
        advice=(
            "Hold rows out: pass X_val and y_val to fit, or stop early."
            if run.curves.val_score is None
            else "Pass the rows held out, or others, as X_val and y_val of diagnose."
        ),
        suggestion=(
            facts.suggest(early_stopping=True) if run.curves.val_score is None else {}
        ),
    )


def _beside_it(run: RuleInput) -> str:
    """What else is known of a training without a validation loss."""
    evidence, scores = run.evidence, run.curves.val_score
    if evidence is not None:
        return (
            f" On the validation rows given it is {evidence.val_loss:.3g}, on the "
            f"training rows {evidence.train_loss:.3g}; when the one began to rise, and "
            "whether it did, is not known."
        )
    if scores is not None:
        return (
            f" The score on rows that were held out was best, {np.nanmax(scores):.3g}, "
            f"in epoch {run.curves.best_epoch} of {run.curves.n_epochs}; their loss "
            "was not kept, and a score says less."
        )
    return (
        " It does so in networks too small, of the right size, and too large: without "
        "validation rows that is all that can be said."
    )
