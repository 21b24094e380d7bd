"""Which learning rates to try by default, and which to recommend given their losses.

There are three rules, on arrays. Rates are in increasing order. A loss that is not
finite means that a run diverged, and is ignored.

1. A rate is *erratic* if its training loss rises again, after the first tenth of the
   epochs, by more than `RISE_SHARE` of the lowest validation loss of all rates; or if
   in any epoch it is more than `BLOW_UP` times what it was in the first epoch of the
   lowest rate, which starts with the same weights. The second condition finds networks
   whose ReLU units all died: they predict a constant, whose validation loss may well be
   the lowest of all.
2. Validation losses are *smoothed* by running medians of three neighbouring rates
   (Tukey 1977). So neither a spike nor a lucky run decides, and the cliff beyond which
   training fails does not blur into the rates before it.
3. *Recommended* are the neighbours of the best rate whose smoothed loss is higher by at
   most the standard error of the paired difference over the repeats. That error is
   limited to between `LEAST_TOLERATED` and `MOST_TOLERATED` of what the best rate
   gained since the first epoch of the lowest rate (or of its loss, if that is less), so
   that noise does not make a rate look good. Other rates, such as those that are far
   too low, play no part.

In 24 sweeps (breast cancer, diabetes, Titanic, wages, wine and 2000 hours of bikes,
scaled, one hidden layer of 32, Adam and SGD, three repeats, 2026-11) the mean loss of
the worst recommended rate was above that of the best by at most 4 % of the gain, and by
2 % in the median. An earlier rule, a tenth of the way to the highest loss of all rates,
reached 11 % because it allowed rates that were still learning. These sweeps were used
to choose the rule.

References
----------
Tukey (1977). Exploratory Data Analysis.
Breiman, Friedman, Olshen and Stone (1984). Classification and Regression Trees: the
rule of one standard error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skdl.diagnosis._usual_rates import rates_around

EARLY_SHARE = 0.1  # of the epochs, in which a rise does not mean too high a rate
RISE_SHARE = 0.5  # of the lowest validation loss
BLOW_UP = 4.0  # times the loss of the first epoch at the lowest rate
NEIGHBOUR_DECADES = 1.0  # how far away a rate may be to be a neighbour
LEAST_TOLERATED, MOST_TOLERATED = 0.02, 0.05  # of what the best rate gained
# Default rates: number of grid places below and above the usual one, two per power of
# ten. Those of "adadelta" are a power of ten lower; otherwise its default in Keras,
# 0.001, would be the lowest.
PLACES = (6, 6)
OTHER_PLACES = {"adadelta": (8, 4)}


def default_rates(optimizer: str) -> np.ndarray:
    """Return the default rates of a sweep.

    >>> from skdl.diagnosis.experiments._sweep_rules import default_rates
    >>> default_rates("adam")[[0, 1, 2, 6, 12]].tolist()
    [1e-06, 3e-06, 1e-05, 0.001, 1.0]
    """
    # -> (13,)
    places = OTHER_PLACES.get(optimizer, PLACES)
    return np.array(rates_around(optimizer, *places))


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class RateRanking:
    """The results of the rules."""

    # (n_rates,) Validation losses, smoothed over neighbouring rates; nan where a run
    # diverged or is erratic, which does not affect the others
    smoothed: np.ndarray
    erratic: np.ndarray  # (n_rates,) Whether the training loss rises again, or blew up
    best: int | None  # place of the best rate; None if all diverged or are erratic
    low: int | None  # places of the lowest and the highest recommended rate
    high: int | None


def smooth_over_rates(rates: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Take running medians of three neighbouring rates.

    >>> import numpy as np
    >>> from skdl.diagnosis.experiments._sweep_rules import smooth_over_rates
    >>> rates = np.array([0.01, 0.03, 0.1, 0.3, 1.0])
    >>> losses = np.array([0.7, 9.0, 0.6, 0.5, np.nan])
    >>> smooth_over_rates(rates, losses).tolist()
    [0.7, 0.7, 0.6, 0.5, nan]
    """
    # rates: (n_rates,); losses: (n_rates,) -> (n_rates,)
    smoothed = np.where(np.isfinite(losses), losses, np.nan)
    places = np.flatnonzero(np.isfinite(losses))
    exponents = np.log10(rates)
    for before, place, after in zip(places, places[1:], places[2:], strict=False):
        gaps = np.diff(exponents[[before, place, after]])
        if (gaps <= NEIGHBOUR_DECADES + 1e-9).all():  # a decade up to rounding
            smoothed[place] = np.median(losses[[before, place, after]])
    return smoothed


def largest_rise(curve: np.ndarray) -> float:
    """Return the largest rise of a training loss above its previous minimum."""
    # curve: (n_epochs,)
    curve = curve[int(EARLY_SHARE * len(curve)) :]
    curve = curve[np.isfinite(curve)]
    if not len(curve):
        return 0.0
    return float(np.max(curve - np.minimum.accumulate(curve)))


def rank_rates(
    rates: np.ndarray, val_losses: np.ndarray, loss_curves: np.ndarray
) -> RateRanking:
    """Apply the rules."""
    # rates: (n_rates,); val_losses: (n_rates, n_repeats); loss_curves: (n_rates,
    # n_repeats, n_epochs)
    has_ended_well = np.isfinite(val_losses).all(axis=1)
    means = np.full(len(rates), np.nan)
    means[has_ended_well] = val_losses[has_ended_well].mean(axis=1)
    erratic = has_ended_well & _are_erratic(loss_curves, means)
    is_sound = has_ended_well & ~erratic
    smoothed = smooth_over_rates(rates, np.where(is_sound, means, np.nan))
    if not is_sound.any():
        return RateRanking(smoothed, erratic, None, None, None)
    sound = np.flatnonzero(is_sound)
    best = min(sound, key=lambda place: (smoothed[place], means[place]))
    # At the lowest sound rate, the first epoch changes the weights least.
    start = float(loss_curves[sound[0], :, 0].mean())
    tolerated = _tolerated(val_losses - val_losses[best], start, smoothed[best])
    is_good = is_sound & (smoothed - smoothed[best] <= tolerated)
    low = high = int(best)
    while low > 0 and is_good[low - 1]:
        low -= 1
    while high < len(rates) - 1 and is_good[high + 1]:
        high += 1
    return RateRanking(smoothed, erratic, int(best), low, high)


def _are_erratic(loss_curves: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Whether the training losses of each rate rise again, or blow up."""
    if not np.isfinite(means).any():
        return np.zeros(len(means), dtype=bool)
    rises = [np.median([largest_rise(run) for run in runs]) for runs in loss_curves]
    # The worst run decides, as for divergence; nan (no epoch left) is ignored.
    peaks = np.nanmax(loss_curves, axis=2, initial=0.0)  # (n_rates, n_repeats)
    starts = loss_curves[0, :, 0]  # nan, and so no blow-up, if the lowest diverged
    blows_up = (peaks > BLOW_UP * starts).any(axis=1)
    return (np.array(rises) > RISE_SHARE * np.nanmin(means)) | blows_up


def _tolerated(differences: np.ndarray, start: float, lowest: float) -> np.ndarray:
    """How much higher than the lowest a recommended loss may be."""
    # -> (n_rates,)
    n_repeats = differences.shape[1]
    errors = np.zeros(len(differences))
    if n_repeats > 1:
        has_all = np.isfinite(differences).all(axis=1)
        errors[has_all] = differences[has_all].std(axis=1, ddof=1) / np.sqrt(n_repeats)
    # With unscaled features, the loss of the first weights can be arbitrarily high.
    gain = max(0.0, min(start - lowest, lowest))
    return np.clip(errors, LEAST_TOLERATED * gain, MOST_TOLERATED * gain)
