"""Verdicts on training: divergence, learning rate, capacity and early stopping."""

from __future__ import annotations

from typing import Any

import numpy as np

from skdl.diagnosis.verdicts._measures import (
    CurveMeasures,
    is_by_heart,
    share_by_heart,
)
from skdl.diagnosis.verdicts._rule_input import RuleInput, RuleMatch
from skdl.diagnosis.verdicts._rules_of_data import MOST_LEFT

HIGH_RATE = 8.0  # times the usual one
FAR_TOO_HIGH_RATE = 100.0  # times the usual one: too high whatever the loss does
LOW_RATE = 0.1
MOST_ERRATIC = 0.04  # of the gain: rises of the training loss
VERY_ERRATIC = 0.15
MOST_VAL_ERRATIC = 0.25  # of the gain: rises of the validation loss
BAD_START = 1.5  # baselines: a first loss above this is a bad start
MOST_RISE = 0.07  # of the gain: from the lowest loss to the last
MUCH_LEFT = 0.1  # of a constant's squared error: more than details of single rows
LEAST_SLOPE = 0.03  # of the gain: decrease in the last fifth of the epochs
FEW_EPOCHS, MANY_EPOCHS = 10, 100
MOST_GAP = 0.3  # of the gain: between the curves of a network that is too small
FEW_UNITS = 4
LEAST_WIDTH = 64
STOP_EARLY = (
    "Stop early and keep the weights of the best epoch. Then try dropout, L2, a "
    "smaller network or more rows."
)


def diverged(run: RuleInput) -> RuleMatch | None:
    """A loss that is not finite."""
    if not run.curves.has_diverged:
        return None
    rate = run.facts.parameters.get("learning_rate")
    epoch = min(run.curves.n_finite + 1, run.curves.n_epochs)
    # skdl's and scikit-learn's own networks reject rows with missing values.
    may_be_missing = np.isnan(run.curves.loss[0]) and run.facts.n_hidden_units is None
    return RuleMatch(
        numbers={"epoch": epoch, "rate_ratio": run.facts.rate_ratio},
        meaning=(
            f"In epoch {epoch} the loss or a weight overflowed"
            + (f" at a learning rate of {rate:g}." if rate else ".")
            + (
                " The data may also contain missing values (nan): they make the loss "
                "nan from the first epoch on, as here."
                if may_be_missing
                else ""
            )
        ),
        advice=(
            ("Look for nan in the features and targets. " if may_be_missing else "")
            + "Lower the learning rate, scale the features, and clip the norm of the "
            "gradients (Pascanu et al. 2013)."
        ),
        suggestion=run.facts.suggest(learning_rate=_lower_rate(run), clip_norm=1.0),
    )


def _lower_rate(run: RuleInput) -> float:
    """A tenth of the rate, or the usual rate if that is even lower."""
    tenth = float(run.facts.parameters.get("learning_rate", np.nan)) / 10
    return float(np.fmin(tenth, run.facts.usual_rate))


def high_learning_rate(run: RuleInput) -> RuleMatch | None:
    """Losses that jump, or never improve, at a high learning rate."""
    measures, ratio = run.measures, run.facts.rate_ratio
    if measures is None:
        return None
    start = float(run.curves.measured()[0][0])
    level = np.inf if run.baseline is None else run.baseline
    is_bad_start = start - level > (BAD_START - 1) * abs(level)
    is_erratic = (
        measures.erratic > MOST_ERRATIC or measures.val_erratic > MOST_VAL_ERRATIC
    )
    if ratio >= HIGH_RATE:
        suffers = (
            is_erratic
            or is_bad_start
            or measures.rise > MOST_RISE
            or run.residual_signal > MOST_LEFT
            or (measures.n_epochs > 1 and not measures.unit > 0)
        )
    elif np.isnan(ratio):
        suffers = measures.erratic > VERY_ERRATIC or (is_bad_start and is_erratic)
    else:
        suffers = ratio > 0.5 * HIGH_RATE and measures.erratic > VERY_ERRATIC
    is_guess = not suffers
    if is_guess and not (ratio >= FAR_TOO_HIGH_RATE and not run.has_validation):
        return None
    rate = run.facts.parameters.get("learning_rate")
    return RuleMatch(
        numbers={
            "learning_rate": np.nan if rate is None else float(rate),
            "rate_ratio": ratio,
            "erratic": measures.erratic,
            "val_erratic": measures.val_erratic,
            "rise": measures.rise,
            "residual_signal": run.residual_signal,
        },
        meaning=(
            f"The learning rate is {ratio:.4g} times the usual one. The training loss "
            "looks fine, but networks trained at such a rate rarely generalise well."
            if is_guess
            else "The steps are so large that they overshoot the minimum: "
            f"{_how_erratic(measures)}"
            + (
                "."
                if np.isnan(ratio)
                else f", at {ratio:.3g} times the usual learning rate."
            )
        ),
        advice=(
            "Lower the learning rate. Then sweep over learning rates "
            "(skdl.diagnosis.learning_rate_sweep), or let the rate decay "
            "(learning_rate_schedule='cosine')."
        ),
        suggestion=run.facts.suggest(learning_rate=_lower_rate(run)),
        severity="warning" if is_guess else None,
    )


def _how_erratic(measures: CurveMeasures) -> str:
    if not measures.unit > 0:
        return "the loss never fell below that of the first epoch"
    text = (
        f"the training loss fluctuates by {measures.erratic:.0%} of its total decrease"
    )
    if np.isnan(measures.val_erratic):
        return text
    return f"{text} and the validation loss by {measures.val_erratic:.0%}"


def overfit_capacity(run: RuleInput) -> RuleMatch | None:
    """A rising validation loss, and weights that are not those of the best epoch."""
    measures = run.measures
    if measures is None or run.facts.keeps_best:
        return None
    if not run.has_validation:
        return _learnt_by_heart(run)
    if not (measures.rise > MOST_RISE and measures.gap > measures.best_gap):
        return None
    is_known = run.evidence is not None and np.isfinite(run.evidence.baseline)
    error = run.evidence.standard_error if run.evidence and is_known else 0.0
    if measures.rise * measures.unit < error or run.residual_signal > MUCH_LEFT:
        return None
    return RuleMatch(
        numbers={
            "best_epoch": run.curves.best_epoch,
            "n_epochs": run.curves.n_epochs,
            "rise": measures.rise,
            "gap": measures.gap,
        },
        meaning=(
            f"The validation loss was lowest in epoch {run.curves.best_epoch} of "
            f"{run.curves.n_epochs} and has since risen by {measures.rise:.0%} of "
            + (
                "its total decrease"
                if measures.gain > 0
                else "the decrease of the training loss"
            )
            + ", while the training loss kept falling: the network has started to "
            "memorise single rows."
        ),
        advice=STOP_EARLY,
        suggestion=_less_of_it(run),
    )


def _less_of_it(run: RuleInput) -> dict[str, Any]:
    if run.facts.parameters.get("early_stopping") is False:
        return run.facts.suggest(early_stopping=True)
    return run.facts.suggest(dropout=0.3)


def _learnt_by_heart(run: RuleInput) -> RuleMatch | None:
    """Without a validation curve: a gain on training rows that others lack."""
    evidence = run.evidence
    if evidence is None or not is_by_heart(evidence):
        return None
    share = share_by_heart(evidence)
    return RuleMatch(
        numbers={
            "train_loss": evidence.train_loss,
            "val_loss": evidence.val_loss,
            "standard_error": evidence.standard_error,
            "baseline": evidence.baseline,
            "share_by_heart": share,
        },
        meaning=(
            f"The loss is {evidence.train_loss:.3g} on the training rows and "
            f"{evidence.val_loss:.3g} on the validation rows; a constant prediction "
            f"has {evidence.baseline:.3g}. "
            + (
                f"{share:.0%} of the improvement on the training rows is"
                if share <= 1
                else "All of the improvement on the training rows is"
            )
            + " missing on the validation rows: the network has memorised single rows."
        ),
        advice=STOP_EARLY,
        suggestion=_less_of_it(run),
    )


def stopped_too_early(run: RuleInput) -> RuleMatch | None:
    """Losses that were still falling when training ended."""
    measures, facts = run.measures, run.facts
    if measures is None or "stopped early" in run.curves.status:
        return None
    if run.evidence is not None and run.residual_signal <= MOST_LEFT:
        return None
    if not run.has_validation and np.isnan(run.residual_signal):
        return None  # the training loss of an overfitting network falls too
    is_slow = facts.rate_ratio <= LOW_RATE
    # A noisy curve may fall at its end by chance.
    falls = measures.slope - np.nan_to_num(measures.val_erratic)
    steepest = float(np.fmax(falls, measures.train_slope - measures.erratic))
    is_falling = steepest > LEAST_SLOPE
    units = facts.n_hidden_units
    is_tiny = units is not None and units <= FEW_UNITS
    if is_tiny and measures.n_epochs >= MANY_EPOCHS and not is_slow:
        return None  # it falls slowly because it is too small
    is_short = measures.n_epochs < FEW_EPOCHS and run.residual_signal > MOST_LEFT
    if not (is_falling or is_short or (is_slow and run.residual_signal > MOST_LEFT)):
        return None
    n_epochs = run.curves.n_epochs
    if facts.rate_ratio <= 3 * LOW_RATE:
        suggestion = facts.suggest(learning_rate=facts.usual_rate)
        first = f"Raise the learning rate to {facts.usual_rate:g}, the usual value"
    else:
        more = n_epochs * (10 if n_epochs < FEW_EPOCHS else 4)
        suggestion = facts.suggest(epochs=more, early_stopping=True)
        first = f"Train for up to {more} epochs with early stopping"
    return RuleMatch(
        numbers={
            "n_epochs": n_epochs,
            "slope": measures.slope,
            "train_slope": measures.train_slope,
            "rate_ratio": facts.rate_ratio,
            "residual_signal": run.residual_signal,
        },
        meaning=(
            f"When training ended after {n_epochs} epochs, "
            + (
                f"the loss was still falling: {steepest:.0%} of its total decrease "
                "came in the last fifth of the epochs."
                if is_falling
                else "a forest could still find structure in the errors, worth "
                f"{run.residual_signal:.0%} of a constant's squared error"
                + (
                    f". The learning rate is {facts.rate_ratio:.2g} times the usual "
                    "one."
                    if is_slow
                    else "."
                )
            )
        ),
        advice=f"{first}. Then sweep over learning rates.",
        suggestion=suggestion,
    )


def underfit_capacity(run: RuleInput) -> RuleMatch | None:
    """Losses that have stopped falling with much left to learn."""
    measures, units = run.measures, run.facts.n_hidden_units
    if measures is None:
        return None
    if run.evidence is None:
        is_small = units is not None and units <= FEW_UNITS
        if not (is_small and measures.gap < MOST_GAP):
            return None
    elif not run.residual_signal > MOST_LEFT:
        return None
    sizes = run.facts.parameters.get("hidden_layer_sizes", ())
    wider = tuple(max(LEAST_WIDTH, 4 * size) for size in sizes) or (LEAST_WIDTH,)
    is_flat = measures.slope <= LEAST_SLOPE and not measures.train_slope > LEAST_SLOPE
    clauses = ["The losses have stopped falling"] if is_flat else []
    if run.evidence is not None:
        clauses.append(
            "a forest still finds structure in the errors, worth "
            f"{run.residual_signal:.0%} of a constant's squared error"
        )
    else:
        clauses.append(f"{'they' if is_flat else 'the losses'} are close together")
    joint = ", yet " if run.evidence is not None else ", and "
    meaning = joint.join(clauses)
    return RuleMatch(
        numbers={
            "residual_signal": run.residual_signal,
            "gap": measures.gap,
            "slope": measures.slope,
            "n_hidden_units": np.nan if units is None else units,
        },
        meaning=(
            f"{meaning[0].upper()}{meaning[1:]}: the network is too small for what is "
            "in the data."
        ),
        advice=(
            f"Make the network wider, {'' if units is None else f'{wider}, '}then "
            "deeper (skdl.diagnosis.capacity_search). Remove dropout and penalties."
        ),
        suggestion=run.facts.suggest(hidden_layer_sizes=wider, early_stopping=True),
        severity=None if run.evidence is not None else "warning",
    )
