"""The learning-rate range test: train one network with a rate that keeps rising."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from skdl._checks import check_count
from skdl._progress import Progress
from skdl._record import Record
from skdl.data import as_random_state
from skdl.diagnosis.experiments._folds import draw_seeds
from skdl.diagnosis.experiments._prepared_data import PreparedData, prepare
from skdl.diagnosis.experiments._range_test_rules import (
    SAFETY,
    find_fall,
    is_too_high,
    n_early,
    smooth_over_steps,
)
from skdl.exceptions import ParameterError

FUNCTION = "learning_rate_range_test"


class RangeTestEnd(enum.Enum):
    """How a range test ended, in words."""

    ALL_TRIED = "all rates were tried"
    TOO_HIGH = "the smoothed loss rose above four times its lowest"
    DIVERGED = "diverged: the loss or a weight grew beyond all bounds"


@dataclass(frozen=True, eq=False, repr=False)  # arrays are not equal or unequal
class LearningRateRangeTest(Record):
    """Losses of one network at rising learning rates.

    Parameters
    ----------
    rates : ndarray of shape (n_steps,)
        Learning rate of each step.
    losses : ndarray of shape (n_steps,)
        Training loss of each step's batch, before the step; not finite where training
        diverged.
    smoothed_losses : ndarray of shape (n_steps,)
        The same, smoothed over the steps; nan where training diverged.
    n_early : int
        How many of the first steps are ignored.
    status : str
        How the test ended, in words.
    lowest_rate : float or None
        The rate at which the smoothed loss is lowest; None if the loss did not fall by
        more than its noise.
    steepest_rate : float or None
        The rate at which the smoothed loss falls fastest.
    tenth_rate : float or None
        A tenth of `lowest_rate`.
    best_rate : float or None
        The suggested rate.
    best : dict of str to float or None
        The suggested rate, ready for ``set_params`` of the given estimator.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed_losses: np.ndarray
    n_early: int
    status: str
    lowest_rate: float | None
    steepest_rate: float | None
    tenth_rate: float | None
    best_rate: float | None
    best: dict[str, float] | None

    def to_frame(self) -> pd.DataFrame:
        """Return the losses as a table, one row per step.

        Returns
        -------
        frame : DataFrame
            Columns "step" (from 1), "learning_rate", "loss" and "smoothed_loss".
        """
        return pd.DataFrame(
            {
                "step": np.arange(1, len(self.rates) + 1),
                "learning_rate": self.rates,
                "loss": self.losses,
                "smoothed_loss": self.smoothed_losses,
            }
        )

    def __str__(self) -> str:
        """Return the suggestion in one line."""
        name, last = type(self).__name__, self.rates[-1]
        if self.best_rate is None:
            return (
                f"{name}: the loss did not fall by more than its noise between "
                f"{self.rates[0]:g} and {last:g}; {self.status}. Try other rates, "
                "scale the features, or use larger batches"
            )
        return (
            f"{name}: best {self.best_rate:.2g} (steepest fall at "
            f"{self.steepest_rate:.2g}, lowest loss at {self.lowest_rate:.2g}); "
            f"{self.status}"
        )


def _check_number(value: Any, name: str, sentence: str, *, low: float) -> float:
    is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if is_number and low < value < np.inf:
        return float(value)
    raise ParameterError(
        f"The '{name}' parameter of {FUNCTION} must be {sentence}. Got {value!r} "
        "instead."
    )


def _check_smoothing(value: Any) -> float:
    is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if is_number and 0 <= value < 1:
        return float(value)
    raise ParameterError(
        f"The 'smoothing' parameter of {FUNCTION} must be a number in [0, 1). Got "
        f"{value!r} instead."
    )


def _losses_of_steps(
    data: PreparedData,
    rates: Sequence[float],
    random: np.random.RandomState,
) -> Iterator[tuple[float, bool]]:
    """Take one step per rate, and yield its loss and whether training diverged."""
    from skdl.estimators import train_steps  # loads TensorFlow
    from skdl.training import Status

    (seed,) = draw_seeds((1,), random)
    network: Any = data.network.set_params(
        learning_rate_schedule="constant", early_stopping=False, random_state=seed
    )
    for outcome in train_steps(
        network, data.X_train, data.y_train, learning_rates=rates, random=random
    ):
        yield float(outcome.history[-1, 0]), outcome.status is Status.DIVERGED


def learning_rate_range_test(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    n_rates: int = 100,
    smoothing: float = 0.8,
    random_state: int | np.random.RandomState | None = None,
    progress: bool | None = None,
) -> LearningRateRangeTest:
    """Train one network while its learning rate rises, and find where the loss falls.

    Parameters
    ----------
    estimator : estimator
        MLPClassifier, MLPRegressor, ConvClassifier or ConvRegressor, or a pipeline that
        ends in one. It is not changed. Its learning rate and schedule are ignored.
    X : array-like or sparse matrix of shape (n_samples, n_features), or images
        Training rows; none are held out.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    low : float, default=1e-6
        The first rate.
    high : float, default=10.0
        The last rate.
    n_rates : int, default=100
        Number of steps, each with a different rate; 20 or more.
    smoothing : float, default=0.8
        Weight of the previous mean in the exponential mean of the losses, in [0, 1).
    random_state : int, RandomState or None, default=None
        Seed of the initial weights and the batches.
    progress : bool or None, default=None
        Whether to show a progress bar. None shows one in a terminal if it takes more
        than two seconds.

    Returns
    -------
    test : LearningRateRangeTest
        Losses by rate, and the suggested rate. ``best`` is None if the loss did not
        fall by more than its noise.

    Raises
    ------
    ParameterError
        If the estimator does not end in one of skdl's networks, or a parameter is
        invalid.

    See Also
    --------
    learning_rate_sweep : A fresh network per rate, compared on validation rows; slower.
    skdl.plots.learning_rate_range_test : Plots it.

    Notes
    -----
    This is the test of Smith [1]_, with one batch per step and rates that rise by the
    same factor from step to step. The loss of each batch is measured before its step.
    Losses are smoothed by a running median of three and an exponential mean with bias
    correction. The test ends when training diverges, or when the smoothed loss exceeds
    four times its lowest value. The first tenth of the steps is ignored.

    ``best_rate`` is the lower of ``steepest_rate``, where the smoothed loss falls
    fastest (over a twentieth of the steps to either side), and ``tenth_rate``. There is
    none if the smoothed loss fell by less than three standard deviations of its noise,
    which is estimated from the differences between successive losses.

    References
    ----------
    .. [1] Smith (2017). Cyclical Learning Rates for Training Neural Networks. IEEE
       Winter Conference on Applications of Computer Vision.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skdl import MLPClassifier
    >>> from skdl.diagnosis import learning_rate_range_test
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = make_pipeline(StandardScaler(), MLPClassifier((8,)))
    >>> test = learning_rate_range_test(clf, X, y, random_state=0)
    >>> test.best_rate < test.lowest_rate
    True
    >>> clf = clf.set_params(**test.best)
    """
    low = _check_number(low, "low", "a number above 0", low=0)
    high = _check_number(high, "high", f"a number above 'low' ({low:g})", low=low)
    n_rates = check_count(n_rates, name="n_rates", function=FUNCTION, least=20)
    smoothing = _check_smoothing(smoothing)
    data = prepare(estimator, X, y, function=FUNCTION, validation_fraction=None)
    random = as_random_state(random_state)
    rates = np.geomspace(low, high, n_rates)
    early, status = n_early(n_rates), RangeTestEnd.ALL_TRIED
    losses = list[float]()
    with Progress("learning rates", n_rates, shown=progress) as bar:
        for loss, has_diverged in _losses_of_steps(data, rates.tolist(), random):
            losses.append(loss)
            bar.advance()
            if has_diverged:
                status = RangeTestEnd.DIVERGED
                break
            smoothed = smooth_over_steps(np.array(losses), smoothing)
            if is_too_high(smoothed, early):
                status = RangeTestEnd.TOO_HIGH
                break
    return _record(data, rates, np.array(losses), smoothing, status)


def _record(
    data: PreparedData,
    rates: np.ndarray,
    losses: np.ndarray,
    smoothing: float,
    status: RangeTestEnd,
) -> LearningRateRangeTest:
    early, n_steps = n_early(len(rates)), len(losses)
    n_sound = n_steps - (status is RangeTestEnd.DIVERGED)
    smoothed = np.full(n_steps, np.nan)
    smoothed[:n_sound] = smooth_over_steps(losses[:n_sound], smoothing)
    fall = find_fall(
        losses[:n_sound], smoothed[:n_sound], n_rates=len(rates), smoothing=smoothing
    )
    lowest = steepest = tenth = best = None
    if fall is not None:
        steepest, lowest = (float(rates[place]) for place in fall)
        tenth = lowest / SAFETY
        best = min(steepest, tenth)
    return LearningRateRangeTest(
        rates=rates[:n_steps],
        losses=losses,
        smoothed_losses=smoothed,
        n_early=early,
        status=status.value,
        lowest_rate=lowest,
        steepest_rate=steepest,
        tenth_rate=tenth,
        best_rate=best,
        best=None if best is None else data.outer({"learning_rate": best}),
    )
