"""Calibration: whether predictions match, on average, what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._checks import check_count, check_share
from skdl._record import Record
from skdl.exceptions import ParameterError
from skdl.explain.scores._bins import equal_count_bins, means_by_code
from skdl.explain.scores._intervals import mean_interval, share_interval
from skdl.explain.scores._predictions import Predictions, predictions_of


@dataclass(frozen=True)
class CalibrationCurve:
    """Predictions and observations, by bins of the prediction.

    Parameters
    ----------
    output : str
        Name of the class, label or output.
    counts : ndarray of shape (n_bins,)
        Rows of each bin.
    predicted : ndarray of shape (n_bins,)
        Mean prediction of each bin: a probability, or a number in units of the target.
    observed, lows, highs : ndarray of shape (n_bins,)
        Share of rows of the class, or mean target, and the ends of its interval; NaN
        ends for the mean of a single row.
    error : float
        Mean over the rows of the distance between their bin's mean prediction and what
        was observed: the expected calibration error.
    error_by_chance : float
        Approximate error with these predictions and as many rows, if they were
        perfectly calibrated.
    """

    output: str
    counts: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    error: float
    error_by_chance: float


@dataclass(frozen=True, repr=False)
class Calibration(Record):
    """Whether predictions match, on average, what happens.

    Parameters
    ----------
    task : {"regression", "binary", "multiclass", "multilabel"}
        What is predicted.
    curves : tuple of CalibrationCurve
        One for the second of two classes, else one per class, label or output.
    confidence_level : float
        Share of such intervals that contain the truth.
    n_samples : int
        How many rows.
    unit : str
        Unit of the target of a regressor, empty if unknown.
    """

    task: str
    curves: tuple[CalibrationCurve, ...]
    confidence_level: float
    n_samples: int
    unit: str

    def to_frame(self) -> pd.DataFrame:
        """Return the curves as a table, one row per output and bin.

        Returns
        -------
        frame : DataFrame
            Columns "output", "n_samples", "predicted", "observed", "low" and "high".
        """
        frames = [
            pd.DataFrame(
                {
                    "output": curve.output,
                    "n_samples": curve.counts,
                    "predicted": curve.predicted,
                    "observed": curve.observed,
                    "low": curve.lows,
                    "high": curve.highs,
                }
            )
            for curve in self.curves
        ]
        return pd.concat(frames, ignore_index=True)

    def errors(self) -> pd.DataFrame:
        """Return the calibration errors as a table, one row per output.

        Returns
        -------
        frame : DataFrame
            Columns "output", "error" and "error_by_chance".
        """
        return pd.DataFrame(
            {
                "output": [curve.output for curve in self.curves],
                "error": [curve.error for curve in self.curves],
                "error_by_chance": [curve.error_by_chance for curve in self.curves],
            }
        )


def _curve(
    output: str, predicted: np.ndarray, actual: np.ndarray, n_bins: int, level: float
) -> CalibrationCurve:
    is_share = actual.dtype == bool
    codes, lows, _ = equal_count_bins(predicted, n_bins)
    n_found = len(lows)
    counts, means, _ = means_by_code(codes, predicted, n_found)
    _, observed, spread = means_by_code(codes, actual.astype(float), n_found)
    if is_share:
        ends = share_interval(observed, counts, level)
        variances = means_by_code(codes, predicted * (1 - predicted), n_found)[1]
    else:
        ends = mean_interval(observed, spread, counts, level)
        variances = means_by_code(codes, actual - predicted, n_found)[2]
    shares = counts / counts.sum()
    # The mean distance from 0 of a normal number is sqrt(2 / pi) of its deviation.
    by_chance = np.sqrt(2 / np.pi * np.maximum(variances, 0) / counts)
    return CalibrationCurve(
        output=output,
        counts=counts,
        predicted=means,
        observed=observed,
        lows=ends[0],
        highs=ends[1],
        error=float(shares @ np.abs(means - observed)),
        error_by_chance=float(shares @ by_chance),
    )


def _columns(known: Predictions) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return name, prediction and truth of each output."""
    if known.task == "regression":
        return list(zip(known.names, known.predicted.T, known.truth.T, strict=True))
    assert known.scores is not None
    if known.task == "multilabel":
        return list(zip(known.names, known.scores.T, known.truth.T, strict=True))
    if known.task == "binary":
        return [(known.names[1], known.scores[:, 0], known.truth == 1)]
    return [
        (name, known.scores[:, code], known.truth == code)
        for code, name in enumerate(known.names)
    ]


def calibration(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    n_bins: int = 10,
    confidence_level: float = 0.95,
) -> Calibration:
    """Compare predictions with what happened, by bins of the prediction.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier with ``predict_proba``, or a regressor.
    X : array-like of shape (n_samples, n_features)
        Rows that the estimator was not fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    n_bins : int, default=10
        Number of bins with equal counts; fewer if many predictions are equal.
    confidence_level : float, default=0.95
        Share of the intervals that contain the truth.

    Returns
    -------
    calibration : Calibration
        A curve for the second of two classes, else one per class (against the rest),
        label or output.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ParameterError
        If a parameter is out of range or a classifier has no probabilities.
    DataError
        If X and y do not match each other or the estimator, or there are fewer than two
        rows.

    Notes
    -----
    Intervals are Wilson's for shares and Student's for means, each for its bin alone.
    The expected calibration error [1]_ is above 0 by chance, more so with fewer rows
    per bin: compare it with `error_by_chance`.

    References
    ----------
    .. [1] Naeini, Cooper and Hauskrecht (2015). Obtaining Well Calibrated Probabilities
       Using Bayesian Binning. AAAI.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skdl.explain import calibration
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> found = calibration(GaussianNB().fit(X[::2], y[::2]), X[1::2], y[1::2])
    >>> found.errors().round(3)
      output  error  error_by_chance
    0      1  0.042            0.004
    """
    n_bins = check_count(n_bins, name="n_bins", function="calibration")
    level = check_share(
        confidence_level, name="confidence_level", function="calibration"
    )
    known = predictions_of(estimator, X, y, function="calibration")
    if known.task != "regression" and (
        known.scores is None or not known.is_probability
    ):
        raise ParameterError(
            f"calibration of the classifier {type(estimator).__name__} needs "
            "'predict_proba' of at least two classes, which it lacks. Wrap it in "
            "sklearn.calibration.CalibratedClassifierCV."
        )
    return Calibration(
        task=known.task,
        curves=tuple(_curve(*column, n_bins, level) for column in _columns(known)),
        confidence_level=level,
        n_samples=known.n_samples,
        unit=known.unit,
    )
