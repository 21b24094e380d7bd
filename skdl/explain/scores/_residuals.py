"""Residuals: how wrong a regressor is, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._checks import check_count
from skdl._record import Record
from skdl._responses import Response, output_of
from skdl.exceptions import ParameterError
from skdl.explain.scores._bins import equal_count_bins
from skdl.explain.scores._predictions import predictions_of

LEVELS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
N_BINS = 10


@dataclass(frozen=True, repr=False)
class Residuals(Record):
    """How wrong a regressor is: the targets minus the predictions.

    Parameters
    ----------
    output : str
        Name of the output.
    unit : str
        Unit of the target, empty if unknown.
    predicted, residuals : ndarray of shape (n_samples,)
        Predictions, and targets minus predictions, in units of the target.
    mean, standard_deviation : float
        Mean and standard deviation (with divisor n - 1) of the residuals.
    quantile_levels : tuple of float
        Shares of the rows.
    quantiles : ndarray of shape (n_levels,)
        The residuals that these shares of the rows do not exceed.
    largest : ndarray of int of shape (n_largest,)
        Positions of the rows with the largest absolute errors, the largest first.
    bin_predicted : ndarray of shape (n_bins,)
        Median prediction of each of at most ten bins of equal counts.
    bin_lows, bin_medians, bin_highs : ndarray of shape (n_bins,)
        Quantiles 0.1, 0.5 and 0.9 of the residuals of each bin. Where the median is far
        from 0, the regressor is biased; where they spread, it is less precise.
    """

    output: str
    unit: str
    predicted: np.ndarray
    residuals: np.ndarray
    mean: float
    standard_deviation: float
    quantile_levels: tuple[float, ...]
    quantiles: np.ndarray
    largest: np.ndarray
    bin_predicted: np.ndarray
    bin_lows: np.ndarray
    bin_medians: np.ndarray
    bin_highs: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """Return the rows with the largest errors as a table.

        Returns
        -------
        frame : DataFrame
            Columns "row" (position), "actual", "predicted" and "residual".
        """
        predicted, residuals = (
            self.predicted[self.largest],
            self.residuals[self.largest],
        )
        return pd.DataFrame(
            {
                "row": self.largest,
                "actual": predicted + residuals,
                "predicted": predicted,
                "residual": residuals,
            }
        )

    def quantile_frame(self) -> pd.DataFrame:
        """Return the quantiles as a table.

        Returns
        -------
        frame : DataFrame
            Columns "share" and "residual".
        """
        return pd.DataFrame(
            {"share": list(self.quantile_levels), "residual": self.quantiles}
        )


def residuals(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    output: str | int | None = None,
    n_largest: int = 10,
) -> Residuals:
    """Measure how wrong a regressor is, and for which rows most.

    Parameters
    ----------
    estimator : estimator
        A fitted regressor.
    X : array-like of shape (n_samples, n_features)
        Rows that the estimator was not fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Their targets.
    output : str, int or None, default=None
        Which of several outputs, by name ("prediction 0", ...) or position. None takes
        the first.
    n_largest : int, default=10
        Number of rows with the largest errors to return.

    Returns
    -------
    residuals : Residuals
        Targets minus predictions, their quantiles, and the rows with the largest.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ParameterError
        If the estimator is not a regressor, or a parameter is out of range.
    DataError
        If X and y do not match each other or the estimator, or there are fewer than two
        rows.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import LinearRegression
    >>> from skdl.explain import residuals
    >>> X, y = load_diabetes(return_X_y=True)
    >>> found = residuals(LinearRegression().fit(X[::2], y[::2]), X[1::2], y[1::2])
    >>> round(found.standard_deviation)
    53
    """
    n_largest = check_count(n_largest, name="n_largest", function="residuals")
    known = predictions_of(estimator, X, y, function="residuals")
    if known.task != "regression":
        raise ParameterError(
            "residuals needs a regressor. Got "
            f"{type(estimator).__name__}, a classifier. Use 'confusion' instead."
        )
    place = output_of(output, Response("predict", "regression", known.names))
    predicted = known.predicted[:, place]
    errors = known.truth[:, place] - predicted
    codes, lows, _ = equal_count_bins(predicted, N_BINS)
    bins = [np.flatnonzero(codes == code) for code in range(len(lows))]
    spread = [np.quantile(errors[rows], [0.1, 0.5, 0.9]) for rows in bins]
    return Residuals(
        output=known.names[place],
        unit=known.unit,
        predicted=predicted,
        residuals=errors,
        mean=float(errors.mean()),
        standard_deviation=float(errors.std(ddof=1)),
        quantile_levels=LEVELS,
        quantiles=np.quantile(errors, LEVELS),
        largest=np.argsort(-np.abs(errors), kind="stable")[:n_largest],
        bin_predicted=np.array([np.median(predicted[rows]) for rows in bins]),
        bin_lows=np.array([ends[0] for ends in spread]),
        bin_medians=np.array([ends[1] for ends in spread]),
        bin_highs=np.array([ends[2] for ends in spread]),
    )
