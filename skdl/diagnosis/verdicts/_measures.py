"""Numbers measured on learning curves, each by a small function of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skdl.diagnosis._curves import TrainingCurves
from skdl.diagnosis.verdicts._evidence import DataEvidence

MOST_BY_HEART = 0.5  # of the gain on training rows that validation rows may lack
SURE_OF_GAP = 3.0  # standard errors of the validation loss
LAST_SHARE = 0.2  # of the epochs: the end of a curve


@dataclass(frozen=True)
class CurveMeasures:
    """Measures of the learning curves.

    The gain is how far a loss fell to its lowest value: from the loss of a constant
    prediction if that is known, else from the first epoch. Shares are shares of the
    gain; if the watched loss gained nothing, of the training loss's gain.
    """

    n_epochs: int  # epochs with finite, measured losses
    gain: float  # how far the watched loss fell at most
    unit: float  # the denominator of the shares; 0 if neither loss gained anything
    # how far above its lowest the watched loss ended, as a share of the gain
    rise: float
    # how far the watched loss fell in the last fifth of the epochs, as a share of the
    # gain
    slope: float
    train_slope: float  # the same for the training loss
    # how far the validation loss is above the training loss at the end, as a share of
    # the gain; nan without validation rows
    gap: float
    best_gap: float  # the same at the epoch of the lowest validation loss
    # how erratic the training loss is after its first fifth: the sum of its rises over
    # the root of the number of steps, as a share of the training loss's gain
    erratic: float
    val_erratic: float  # the same for the validation loss; nan without one


def measure_curves(
    curves: TrainingCurves, baseline: float | None = None
) -> CurveMeasures:
    """Measure the curves of a training run as far as they are finite."""
    loss, watched = curves.measured()
    lowest = int(np.argmin(watched))
    first = watched[0] if baseline is None else max(baseline, watched[0])
    gain = float(first - watched[lowest])
    train_gain = float(max(loss[0], first) - loss.min())
    start = loss[0] if baseline is None else max(baseline, loss[0])
    unit = gain if gain > 0 else float(start - loss.min())
    has_val = curves.val_loss is not None
    return CurveMeasures(
        n_epochs=len(loss),
        gain=gain,
        unit=unit,
        rise=_share(_end(watched) - watched[lowest], unit),
        slope=_share(_fall_at_end(watched), unit),
        train_slope=_share(_fall_at_end(loss), train_gain),
        gap=_share(_end(watched) - _end(loss), unit) if has_val else np.nan,
        best_gap=_share(watched[lowest] - loss[lowest], unit) if has_val else np.nan,
        erratic=_share(_rises(loss), train_gain),
        val_erratic=_share(_rises(watched), unit) if has_val else np.nan,
    )


def share_by_heart(evidence: DataEvidence) -> float:
    """Return the share of the gain on training rows that validation rows lack."""
    gap = evidence.val_loss - evidence.train_loss
    return _share(gap, evidence.baseline - evidence.train_loss)


def is_by_heart(evidence: DataEvidence) -> bool:
    """Whether validation rows lack more of the gain than chance can explain."""
    gap = evidence.val_loss - evidence.train_loss
    is_sure = gap > SURE_OF_GAP * evidence.standard_error
    return is_sure and share_by_heart(evidence) > MOST_BY_HEART


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else np.nan


def _end(values: np.ndarray) -> float:
    """The final value of a curve: the median of its last tenth."""
    return float(np.median(values[-max(1, len(values) // 10) :]))


def _fall_at_end(values: np.ndarray) -> float:
    """How far a curve falls in its last fifth, by a straight line through it."""
    n_last = max(2, round(LAST_SHARE * len(values)))
    last = values[-n_last:]
    if len(last) < 2:
        return np.nan
    slope = np.polyfit(np.arange(len(last)), last, 1)[0]
    return float(-slope * (len(last) - 1))


def _rises(values: np.ndarray) -> float:
    """The sum of a curve's rises after its first fifth, over the root of the steps."""
    behind = values[len(values) // 5 :]
    steps = np.diff(behind)
    return float(np.maximum(steps, 0).sum() / np.sqrt(max(1, len(steps))))
