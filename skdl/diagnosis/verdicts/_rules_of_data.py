"""Verdicts on the rows: copies, distribution shift, too few rows, nothing to learn."""

from __future__ import annotations

import math

import numpy as np

from skdl.diagnosis.verdicts._evidence import DataEvidence
from skdl.diagnosis.verdicts._leakage import MOST_ROWS
from skdl.diagnosis.verdicts._measures import is_by_heart
from skdl.diagnosis.verdicts._rule_input import RuleInput, RuleMatch

MOST_COPIES = 0.05  # of the validation rows, beyond what chance explains
MOST_SHIFT = 0.1  # area under the ROC curve above 0.5
SURE = 5.0  # standard errors; high because many rows and trees are examined
FEWEST_ROWS = 30  # with fewer rows, even the standard error is unreliable
MOST_ERROR = 0.4  # of the validation loss, and of the gain over a constant
MUCH_ERROR = 0.25  # of the gain: above it, a warning follows the verdict
LEAST_KNOWN = 0.25  # of the baseline: smaller gains count as this much
WANTED_ERROR = 0.1  # of the gain
MOST_HELD_OUT = 0.4  # of the rows
EQUAL = 2.0  # standard errors: closer losses count as equal
MOST_NOISE = 0.25  # of the gain: fluctuation of the validation curve alone
LEAST_GAIN = 0.05  # of the baseline's loss
NOTHING = 1e-3  # of the first loss
MOST_LEFT = 0.03  # of a constant's squared error: what may be left to learn


def too_alike(run: RuleInput) -> RuleMatch | None:
    """Copies of training rows among the validation rows."""
    evidence = run.evidence
    if evidence is None:
        return None
    # Both shares are estimates, so the error is that of their difference.
    share, expected = evidence.copies, evidence.copies_expected
    if not _exceeds(share, expected, run):
        share, expected = evidence.repeated, 0.0
        if not _exceeds(share, expected, run):
            return None
        meaning = (
            f"{share:.0%} of the validation rows have an exact copy among the training "
            "rows that is no coincidence: their values are too rare, or too many rows "
            "occur the same number of times."
        )
    else:
        meaning = (
            f"{share:.0%} of the validation rows have an exact or near copy among the "
            f"training rows. Only {expected:.0%} of the training rows have one."
        )
    return RuleMatch(
        numbers={
            "copies": evidence.copies,
            "copies_expected": evidence.copies_expected,
            "repeated": evidence.repeated,
            "n_val": evidence.n_val,
        },
        meaning=(
            f"{meaning} The validation loss therefore rewards memorising and says "
            "little about new rows."
        ),
        advice=(
            "Remove the copies, or split by groups so that all copies of a row are on "
            "the same side. Check whether rows were repeated, augmented or resampled "
            "before the split. To balance classes, oversample only the training rows, "
            "or use class_weight."
        ),
    )


def _exceeds(share: float, expected: float, run: RuleInput) -> bool:
    """Whether the validation share exceeds the training share beyond chance."""
    evidence = run.evidence
    if evidence is None:
        return False
    n_val, n_train = (min(n, MOST_ROWS) for n in (evidence.n_val, evidence.n_train))
    pooled = (share * n_val + expected * n_train) / (n_val + n_train)
    pooled = float(np.clip(pooled, 1 / n_val, 1.0))
    error = np.sqrt(pooled * (1 - pooled) * (1 / n_val + 1 / n_train))
    return bool(share - expected >= max(MOST_COPIES, SURE * error))


def unrepresentative(run: RuleInput) -> RuleMatch | None:
    """Validation rows that a classifier can tell apart from training rows."""
    evidence = run.evidence
    if evidence is None:
        return _parallel(run)
    beyond = evidence.shift - 0.5
    if beyond < max(MOST_SHIFT, SURE * evidence.shift_error):
        return None
    # The error of a difference of two means, assuming equal variances.
    ratio = evidence.n_val / evidence.n_train
    error = evidence.standard_error * np.sqrt(1 + ratio)
    is_harmless = abs(evidence.val_loss - evidence.train_loss) <= EQUAL * error
    return RuleMatch(
        numbers={
            "shift": evidence.shift,
            "shift_error": evidence.shift_error,
            "train_loss": evidence.train_loss,
            "val_loss": evidence.val_loss,
        },
        meaning=(
            "A forest tells validation and training rows apart with an area under the "
            f"ROC curve of {evidence.shift:.2f} (0.5 is chance): their distributions "
            f"differ. The loss is {evidence.train_loss:.3g} on the training rows and "
            f"{evidence.val_loss:.3g} on the validation rows. "
            + (
                "The two agree within their error, so there is no visible harm."
                if is_harmless
                else "No parameter closes a gap that is in the data."
            )
        ),
        advice=(
            "Find out what differs. Drop columns of dates, places or row numbers, "
            "unless new rows will differ in them too."
            if is_harmless
            else "Shuffle before splitting, stratify, or collect training rows like "
            "the validation rows. If the difference is intended (later dates, other "
            "places), treat the validation loss as an extrapolation."
        ),
        severity="note" if is_harmless else None,
    )


def _parallel(run: RuleInput) -> RuleMatch | None:
    """Without rows: a wide gap between two curves that both keep falling."""
    measures = run.measures
    if measures is None or not run.has_validation or measures.n_epochs < 5:
        return None
    both_fall = measures.gain > 0
    if not (both_fall and measures.best_gap > 1.0 and measures.rise < 0.1):
        return None
    return RuleMatch(
        numbers={"best_gap": measures.best_gap, "rise": measures.rise},
        meaning=(
            "The validation loss is above the training loss by "
            f"{measures.best_gap:.0%} of its total decrease, but does not rise. Such a "
            "gap without overfitting means that the two sets of rows differ, or that "
            "there are too few training rows."
        ),
        advice=(
            "Pass X and y to diagnose so that it can compare the rows. Shuffle before "
            "splitting, stratify, or get more training rows."
        ),
        severity="warning",
    )


def validation_too_small(run: RuleInput) -> RuleMatch | None:
    """Too few validation rows for any verdict on the curves."""
    if run.evidence is None:
        return _noisy(run)
    if run.evidence.n_val >= FEWEST_ROWS and not _is_by_chance(run.evidence, run):
        return None
    return _few_rows(
        run, "too noisy to say whether the network learnt anything, or when"
    )


def few_validation_rows(run: RuleInput) -> RuleMatch | None:
    """Enough rows for a verdict, but too few to compare good networks."""
    evidence = run.evidence
    if evidence is None or evidence.n_val < FEWEST_ROWS:
        return None
    if not _share_of_error(run) > MUCH_ERROR or _is_by_chance(evidence, run):
        return None
    return _few_rows(run, "too noisy to tell apart networks of similar quality")


def _is_by_chance(evidence: DataEvidence, run: RuleInput) -> bool:
    """Whether neither the loss nor the gain is known well.

    Both must be vague: when a network has memorised its rows, a few rows dominate the
    loss, but it is surely high; when a network is nearly perfect, the gain is certain.
    """
    is_vague = evidence.standard_error > MOST_ERROR * evidence.val_loss
    return is_vague and _share_of_error(run) > MOST_ERROR


def _share_of_error(run: RuleInput) -> float:
    """Standard error of the gain over a constant, as a share of it; nan if unknown.

    Both losses are of the same rows, so what makes rows hard for both cancels.
    """
    evidence = run.evidence
    if evidence is None:
        return np.nan
    gain = evidence.baseline - evidence.val_loss
    lowest = np.nan if run.measures is None else run.measures.gain
    unit = float(np.fmax(lowest, max(gain, LEAST_KNOWN * abs(evidence.baseline))))
    if gain < 0:
        unit = max(unit, evidence.val_loss)
    return evidence.gain_error / unit if unit > 0 else np.nan


def _few_rows(run: RuleInput, what: str) -> RuleMatch | None:
    evidence, measures = run.evidence, run.measures
    if evidence is None:
        return None
    share, n_rows = _share_of_error(run), evidence.n_train + evidence.n_val
    wanted = evidence.n_val * (share / WANTED_ERROR) ** 2
    wanted = max(100, math.ceil(round(wanted, 6)) if np.isfinite(wanted) else 0)
    now = float(run.facts.parameters.get("validation_fraction", 1))
    fraction = min(MOST_HELD_OUT, max(2 * now, math.ceil(20 * wanted / n_rows) / 20))
    is_to_be_had = wanted <= MOST_HELD_OUT * n_rows
    gain = evidence.baseline - evidence.val_loss
    known = (
        f"{abs(gain):.3g} {'below' if gain > 0 else 'above'} that of a constant "
        f"prediction, with a standard error of {evidence.gain_error:.2g}"
        if np.isfinite(share)
        else f"with a standard error of {evidence.standard_error:.2g}"
    )
    return RuleMatch(
        numbers={
            "n_val": evidence.n_val,
            "val_loss": evidence.val_loss,
            "standard_error": evidence.standard_error,
            "gain": gain,
            "gain_error": evidence.gain_error,
            "val_erratic": np.nan if measures is None else measures.val_erratic,
        },
        meaning=(
            f"{evidence.n_val} validation rows give a loss of {evidence.val_loss:.3g}, "
            f"{known}. That is {what}."
        ),
        advice=(
            f"Validate on at least {wanted} rows, or cross-validate and use the mean "
            "over the folds."
            if is_to_be_had
            else f"Cross-validate and use the mean over the folds: you would need "
            f"{wanted} validation rows, but there are only {n_rows} rows in total."
        ),
        suggestion=(
            run.facts.suggest(validation_fraction=fraction)
            if run.holds_out and is_to_be_had and fraction > now
            else {}
        ),
    )


def _noisy(run: RuleInput) -> RuleMatch | None:
    """Without rows: a noisy validation curve beside a smooth training curve."""
    measures = run.measures
    if measures is None or not run.has_validation or measures.rise > MOST_NOISE:
        return None
    if not measures.gain > 0:
        return None
    if not (measures.val_erratic > MOST_NOISE and measures.erratic < MOST_NOISE / 10):
        return None
    return RuleMatch(
        numbers={
            "val_erratic": measures.val_erratic,
            "erratic": measures.erratic,
        },
        meaning=(
            "The validation loss fluctuates by "
            f"{measures.val_erratic:.0%} of its total decrease, but the training loss "
            "is smooth: there are few validation rows, or a few of them dominate."
        ),
        advice=(
            "Validate on more rows, or cross-validate. Pass X and y for a more certain "
            "verdict."
        ),
        severity="warning",
    )


def no_better_than_baseline(run: RuleInput) -> RuleMatch | None:
    """No epoch beats the baseline, and nothing is left to learn."""
    if run.measures is None:
        return None
    if run.baseline is None or np.isnan(run.reached):
        return _never_fell(run)
    evidence = run.evidence
    if evidence is not None and not run.has_validation and is_by_heart(evidence):
        return None  # how low it was before is unknown
    gain = run.baseline - run.reached
    if gain > LEAST_GAIN * abs(run.baseline):
        return None
    if evidence is not None and evidence.residual_signal > MOST_LEFT:
        return None  # there is something to learn, so the training rules apply
    return RuleMatch(
        numbers={
            "baseline": run.baseline,
            "lowest_loss": run.reached,
            "residual_signal": run.residual_signal,
        },
        meaning=(
            f"The lowest validation loss is {run.reached:.3g}; the baseline's is "
            f"{run.baseline:.3g}."
            + (
                " A forest fitted to the errors finds nothing in the features that the "
                "network missed."
                if evidence is not None and np.isfinite(evidence.residual_signal)
                else ""
            )
        ),
        advice=(
            "Check the data first: do features and targets belong to the same rows, "
            "are the targets shuffled or constant, are the features scaled? A larger "
            "network will not help."
        ),
    )


def _never_fell(run: RuleInput) -> RuleMatch | None:
    """Without a baseline: a validation loss, or both losses, that never fell.

    If both fell a little, the first epoch may have found all there is to find.
    """
    measures, first = run.measures, run.first
    if measures is None or measures.n_epochs < 5:
        return None
    loss, _ = run.curves.measured()
    train_gain = float(loss[0] - loss.min())
    bound = LEAST_GAIN * abs(first)
    if measures.gain > bound or measures.slope > LEAST_GAIN:
        return None
    is_stuck = train_gain < NOTHING * abs(first)
    if run.has_validation and not is_stuck and train_gain - measures.gain < bound / 2:
        return None
    return RuleMatch(
        numbers={
            "first_loss": first,
            "lowest_loss": run.lowest,
            "train_gain": train_gain,
        },
        meaning=(
            f"The {'validation' if run.has_validation else 'training'} loss was "
            f"{first:.3g} after the first epoch and {run.lowest:.3g} at best"
            + (
                ": the network learnt nothing."
                if is_stuck or not run.has_validation
                else f", while the training loss fell by {train_gain:.2g}: what the "
                "network learnt does not carry over to other rows."
            )
        ),
        advice=(
            "Pass X and y, or a baseline, to diagnose for a comparison. Check the "
            "data, then the learning rate."
        ),
        severity="warning",
    )
