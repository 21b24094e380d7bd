"""Verdicts on the rows: copies, other populations, too few, nothing to learn."""

from __future__ import annotations

import math

import numpy as np

from skdl.diagnosis.verdicts._evidence import DataEvidence
from skdl.diagnosis.verdicts._leakage import MOST_ROWS
from skdl.diagnosis.verdicts._measures import is_by_heart
from skdl.diagnosis.verdicts._rule_input import RuleInput, RuleMatch

MOST_COPIES = 0.05  # of the validation rows, beyond what chance gives
MOST_SHIFT = 0.1  # of the area under the ROC curve, above 0.5
SURE = 5.0  # standard errors, as many rows and trees are looked at
FEWEST_ROWS = 30  # below, even the standard error is not known well
MOST_ERROR = 0.4  # of the validation loss, and of the gain over a constant
MUCH_ERROR = 0.25  # then it is said, behind the verdict
LEAST_KNOWN = 0.25  # of the baseline: a gain that is lower counts as this
WANTED_ERROR = 0.1  # of the gain
MOST_HELD_OUT = 0.4  # of the rows
EQUAL = 2.0  # standard errors: losses that lie nearer do not differ
MOST_NOISE = 0.25  # of the gain: ups and downs of the validation curve alone
LEAST_GAIN = 0.05  # of the baseline's loss
NOTHING = 1e-3  # of the first loss
MOST_LEFT = 0.03  # of a constant's squared errors: what may be left to learn


def too_alike(run: RuleInput) -> RuleMatch | None:
    """Copies of training rows among the validation rows."""
    evidence = run.evidence
    if evidence is None:
        return None
    # Both shares are counted: the error is that of the difference of two.
    share, expected = evidence.copies, evidence.copies_expected
    if not _exceeds(share, expected, run):
        share, expected = evidence.repeated, 0.0
        if not _exceeds(share, expected, run):
            return None
        meaning = (
            f"{share:.0%} of the validation rows have an exact copy among the training "
            "rows that is no coincidence, by how rare their values are or by how many "
            "rows occur as often."
        )
    else:
        meaning = (
            f"{share:.0%} of the validation rows have a copy, exact or nearly so, "
            f"among the training rows; of the training rows themselves {expected:.0%} "
            "have one."
        )
    return RuleMatch(
        numbers={
            "copies": evidence.copies,
            "copies_expected": evidence.copies_expected,
            "repeated": evidence.repeated,
            "n_val": evidence.n_val,
        },
        meaning=(
            f"{meaning} The validation loss measures memory and says little about new "
            "rows."
        ),
        advice=(
            "Remove the copies, or split so that all copies of a row are on one side "
            "(groups). Look for rows that were repeated, augmented or resampled "
            "before the split: oversample the training rows alone, or use class_weight."
        ),
    )


def _exceeds(share: float, expected: float, run: RuleInput) -> bool:
    """Whether a share of the validation rows is above one of the training rows."""
    evidence = run.evidence
    if evidence is None:
        return False
    n_val, n_train = (min(n, MOST_ROWS) for n in (evidence.n_val, evidence.n_train))
    pooled = (share * n_val + expected * n_train) / (n_val + n_train)
    pooled = float(np.clip(pooled, 1 / n_val, 1.0))
    error = np.sqrt(pooled * (1 - pooled) * (1 / n_val + 1 / n_train))
    return bool(share - expected >= max(MOST_COPIES, SURE * error))


def unrepresentative(run: RuleInput) -> RuleMatch | None:
    """Validation rows that can be told from training rows."""
    evidence = run.evidence
    if evidence is None:
        return _parallel(run)
    beyond = evidence.shift - 0.5
    if beyond < max(MOST_SHIFT, SURE * evidence.shift_error):
        return None
    # Of the difference of two means; rows of both parts vary alike.
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
            f"A forest tells validation from training rows with an area under the ROC "
            f"curve of {evidence.shift:.2f} (0.5 is chance): the two are of different "
            f"kinds. The loss is {evidence.train_loss:.3g} on the training rows and "
            f"{evidence.val_loss:.3g} on the validation rows, "
            + (
                "which is within its error: the difference does no harm that is seen."
                if is_harmless
                else "and no parameter closes a gap that is in the data."
            )
        ),
        advice=(
            "Look at what differs: a column of dates, places or row numbers is best "
            "left out, unless new rows will differ in it too."
            if is_harmless
            else "Shuffle before splitting, stratify, or collect training rows of the "
            "kind that is validated on. Where the difference is wanted (later dates, "
            "other places), read the validation loss as what it is: an extrapolation."
        ),
        severity="note" if is_harmless else None,
    )


def _parallel(run: RuleInput) -> RuleMatch | None:
    """Without rows: a wide gap between curves that both fall, and neither turns."""
    measures = run.measures
    if measures is None or not run.has_validation or measures.n_epochs < 5:
        return None
    both_fall = measures.gain > 0
    if not (both_fall and measures.best_gap > 1.0 and measures.rise < 0.1):
        return None
    return RuleMatch(
        numbers={"best_gap": measures.best_gap, "rise": measures.rise},
        meaning=(
            "The validation loss lies above the training loss by "
            f"{measures.best_gap:.0%} of what it ever fell, and does not rise: a gap "
            "that is there without overfitting comes from rows of different kinds, or "
            "too few of them."
        ),
        advice=(
            "Pass X and y to diagnose, which then compares the rows. Shuffle before "
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
    return _few_rows(run, "whether anything was learnt, and when, is decided by chance")


def few_validation_rows(run: RuleInput) -> RuleMatch | None:
    """Rows enough for a verdict, and too few to compare good networks by."""
    evidence = run.evidence
    if evidence is None or evidence.n_val < FEWEST_ROWS:
        return None
    if not _share_of_error(run) > MUCH_ERROR or _is_by_chance(evidence, run):
        return None
    return _few_rows(run, "networks that are nearly as good cannot be told apart")


def _is_by_chance(evidence: DataEvidence, run: RuleInput) -> bool:
    """Whether neither the loss nor the gain is known.

    Of what has learnt single rows by heart few rows make the loss, yet it is known to
    be high; of a network that is nearly perfect the gain is known.
    """
    is_vague = evidence.standard_error > MOST_ERROR * evidence.val_loss
    return is_vague and _share_of_error(run) > MOST_ERROR


def _share_of_error(run: RuleInput) -> float:
    """Standard error of the gain over a constant, as a share of it; nan if not known.

    Both losses are of the same rows, so that what makes rows hard for both falls out.
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
        f"{abs(gain):.3g} {'below' if gain > 0 else 'above'} that of a constant, with "
        f"a standard error of {evidence.gain_error:.2g}"
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
            f"{known}: {what}."
        ),
        advice=(
            f"Validate on at least {wanted} rows, or cross-validate and look at the "
            "mean over the folds."
            if is_to_be_had
            else f"Cross-validate and look at the mean over the folds: it would take "
            f"{wanted} validation rows, and there are {n_rows} rows in all."
        ),
        suggestion=(
            run.facts.suggest(validation_fraction=fraction)
            if run.holds_out and is_to_be_had and fraction > now
            else {}
        ),
    )


def _noisy(run: RuleInput) -> RuleMatch | None:
    """Without rows: a validation curve that goes up and down, and a smooth other."""
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
            "The validation loss goes up and down by "
            f"{measures.val_erratic:.0%} of what it ever fell, while the training loss "
            "does not: the validation rows are few, or few of them decide."
        ),
        advice="Validate on more rows, or cross-validate. Pass X and y to be surer.",
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
        return None  # how low it was before is not known
    gain = run.baseline - run.reached
    if gain > LEAST_GAIN * abs(run.baseline):
        return None
    if evidence is not None and evidence.residual_signal > MOST_LEFT:
        return None  # there is something to learn: see the rules on training
    return RuleMatch(
        numbers={
            "baseline": run.baseline,
            "lowest_loss": run.reached,
            "residual_signal": run.residual_signal,
        },
        meaning=(
            f"The lowest validation loss is {run.reached:.3g}; the baseline has "
            f"{run.baseline:.3g}."
            + (
                " A forest fitted to the errors finds nothing in the features that the "
                "network has missed."
                if evidence is not None and np.isfinite(evidence.residual_signal)
                else ""
            )
        ),
        advice=(
            "Look at the data first: are features and targets of the same rows, are "
            "targets shuffled or constant, are features scaled? A larger network does "
            "not help."
        ),
    )


def _never_fell(run: RuleInput) -> RuleMatch | None:
    """Without a baseline: a loss that stays, while the training loss falls, or stays.

    Where both fall a little, the first epoch may have found all there is to find.
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
                ": nothing is learnt."
                if is_stuck or not run.has_validation
                else f", while the training loss fell by {train_gain:.2g}: what is "
                "learnt is of no use for other rows."
            )
        ),
        advice=(
            "Compare with a baseline (X and y, or baseline, of diagnose). Look at the "
            "data, then at the learning rate."
        ),
        severity="warning",
    )
