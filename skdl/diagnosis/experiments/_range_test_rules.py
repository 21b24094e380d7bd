"""How to read the losses of a learning-rate range test.

Rates rise by the same factor from step to step. The rules, on arrays:

1. A running median of three steps removes spikes, and an exponential mean with bias
   correction (Kingma and Ba 2015) smooths the rest.
2. The first tenth of the steps is ignored, because the mean covers too few losses.
3. The test ends when the smoothed loss exceeds `STOP_MULTIPLE` times its lowest value,
   as in common implementations.
4. Nothing is suggested unless the smoothed loss fell by more than `SIGNIFICANT`
   standard deviations of its noise.
5. The suggested rate is the lower of two: the one at which the smoothed loss falls
   fastest, by its slope over a twentieth of the steps to either side; and a tenth of
   the one at which it is lowest.

How well that works: in 57 tests (cancer, diabetes, digits, Titanic and wages, scaled,
one hidden layer of 64, batches of 32, SGD and Adam), training for 10 epochs at the
suggested rate reached a validation loss of at most 1.1 times the lowest of a sweep in
93 % of them, and 1.25 times at worst. The steepest fall alone gave 75 % and the tenth
alone 84 %, each with some rates that diverged. Smoothing by 0.9 instead of 0.8 gave
78 %, because it lags. The rules were chosen on these tests, so expect somewhat worse
results on new data.

References
----------
Smith (2017). Cyclical Learning Rates for Training Neural Networks.
Kingma and Ba (2015). Adam: A Method for Stochastic Optimization.
"""

from __future__ import annotations

import numpy as np

EARLY_SHARE = 0.1  # of the steps, which are ignored
STOP_MULTIPLE = 4.0  # times the lowest smoothed loss
SIGNIFICANT = 3.0  # standard deviations of the smoothed loss
SAFETY = 10.0  # the rate of the lowest loss is divided by
SLOPE_SHARE = 0.05  # of the steps, to either side


def n_early(n_steps: int) -> int:
    """Return how many of the first steps are ignored."""
    return int(EARLY_SHARE * n_steps)


def smooth_over_steps(losses: np.ndarray, smoothing: float) -> np.ndarray:
    """Take an exponential mean of running medians of three losses.

    >>> import numpy as np
    >>> from skdl.diagnosis.experiments._range_test_rules import smooth_over_steps
    >>> smooth_over_steps(np.array([2.0, 9.0, 2.0, 2.0, 1.0]), 0.5).round(3).tolist()
    [2.0, 2.0, 2.0, 2.0, 2.0]
    """
    # losses: (n_steps,) -> (n_steps,)
    medians = losses.astype(float)
    if len(losses) >= 3:
        windows = np.lib.stride_tricks.sliding_window_view(losses, 3)
        medians[1:-1] = np.median(windows, axis=1)
        medians[0], medians[-1] = medians[1], medians[-2]
    means, mean = np.empty(len(medians)), 0.0
    for step, value in enumerate(medians):
        mean = smoothing * mean + (1 - smoothing) * value
        means[step] = mean / (1 - smoothing ** (step + 1))
    return means


def is_too_high(smoothed: np.ndarray, first: int) -> bool:
    """Whether the smoothed loss has risen far above its lowest."""
    # smoothed: (n_steps,)
    counted = smoothed[first:]
    return len(counted) > 0 and bool(counted[-1] > STOP_MULTIPLE * counted.min())


def slopes(smoothed: np.ndarray, reach: int) -> np.ndarray:
    """Return how much a loss changes per step, over some steps.

    >>> import numpy as np
    >>> from skdl.diagnosis.experiments._range_test_rules import slopes
    >>> slopes(np.array([4.0, 4.0, 1.0, 0.0]), 1).tolist()
    [0.0, -1.5, -2.0, -1.0]
    """
    # smoothed: (n_steps,) -> (n_steps,)
    steps = np.arange(len(smoothed))
    before = np.maximum(steps - reach, 0)
    after = np.minimum(steps + reach, len(smoothed) - 1)
    return (smoothed[after] - smoothed[before]) / (after - before)


def find_fall(
    losses: np.ndarray, smoothed: np.ndarray, *, n_rates: int, smoothing: float
) -> tuple[int, int] | None:
    """Find where the smoothed loss falls fastest and where it is lowest."""
    # losses, smoothed: (n_steps,)
    first = n_early(n_rates)
    if len(smoothed) < first + 2:
        return None
    lowest = first + int(np.argmin(smoothed[first:]))
    if lowest == first:
        return None
    # A robust spread; differences have twice the variance.
    noise = 1.4826 * np.median(np.abs(np.diff(losses[: lowest + 1]))) / np.sqrt(2)
    # The variance of an exponential mean of independent losses.
    noise *= np.sqrt((1 - smoothing) / (1 + smoothing))
    if smoothed[first] - smoothed[lowest] <= SIGNIFICANT * noise:
        return None
    reach = max(1, int(SLOPE_SHARE * n_rates))
    falls = slopes(smoothed[first : lowest + 1], reach)
    return first + int(np.argmin(falls)), lowest
