"""The records of attributions: of single rows, and of a group of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from skdl._record import Record
from skdl.exceptions import ParameterError

Method = Literal["shapley", "sampled_shapley", "integrated_gradients"]


@dataclass(frozen=True, repr=False)
class Attributions(Record):
    """How features share the difference between predictions and the mean prediction.

    For each row and output, ``base_values + values.sum(axis=1)`` is the prediction, up
    to `additivity_gap`.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_features, n_outputs)
        What each feature (or group of features) adds to the prediction, in units of
        the response.
    base_values : ndarray of shape (n_outputs,)
        The mean prediction of the background rows.
    predictions : ndarray of shape (n_samples, n_outputs)
        Predictions of the estimator for the rows.
    feature_names : tuple of str
        Names of the features or groups.
    output_names : tuple of str
        Names of the outputs: classes, or predictions.
    feature_values : DataFrame of shape (n_samples, n_features)
        The rows; the values of a group of features are joined into one text.
    response : str
        What the numbers are, such as "probability".
    method : {"shapley", "sampled_shapley", "integrated_gradients"}
        How they were computed: from all coalitions of features, from coalitions of
        sampled permutations, or from gradients along straight paths.
    additivity_gap : float
        The largest difference between a prediction and the sum.
    additivity_tolerance : float
        The largest difference without a warning.
    standard_errors : ndarray of shape (n_samples, n_features, n_outputs) or None
        Standard errors of sampled values, over the permutations; None if nothing was
        sampled.
    n_background : int
        Background rows that the base value and the attributions are averaged over.
    n_evaluations : int
        Coalitions of features that were evaluated; by integrated gradients the most
        points on a path.
    units : tuple of str, default=()
        Units of the features, empty if unknown.
    """

    values: np.ndarray
    base_values: np.ndarray
    predictions: np.ndarray
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]
    feature_values: pd.DataFrame
    response: str
    method: Method
    additivity_gap: float
    additivity_tolerance: float
    standard_errors: np.ndarray | None
    n_background: int
    n_evaluations: int
    units: tuple[str, ...] = ()

    @property
    def is_additive(self) -> bool:
        """Whether the attributions sum to the predictions within the tolerance."""
        return bool(self.additivity_gap <= self.additivity_tolerance)

    def aggregate(self, rows: Any = None) -> GroupAttributions:
        """Summarise the attributions of a group of rows.

        Parameters
        ----------
        rows : array-like of int or bool, default=None
            Positions of the rows, or a mask; None takes all.

        Returns
        -------
        group : GroupAttributions
            Mean absolute and mean attribution of each feature.

        Raises
        ------
        ParameterError
            If there is no such row, or none is left.
        """
        n_samples = len(self.values)
        chosen = np.arange(n_samples)
        if rows is not None:
            given = np.asarray(rows)
            try:
                chosen = np.atleast_1d(chosen[given])
            except IndexError:
                chosen = chosen[:0]
        if len(chosen) == 0:
            raise ParameterError(
                "The 'rows' parameter of aggregate must be positions among the "
                f"{n_samples} rows, or a mask of {n_samples} truth values, and leave a "
                f"row. Got {rows!r} instead."
            )
        values = self.values[chosen]
        return GroupAttributions(
            mean_absolute=np.abs(values).mean(axis=0),
            mean=values.mean(axis=0),
            base_values=self.base_values,
            mean_predictions=self.predictions[chosen].mean(axis=0),
            feature_names=self.feature_names,
            output_names=self.output_names,
            response=self.response,
            method=self.method,
            additivity_gap=self.additivity_gap,
            n_samples=len(chosen),
            n_background=self.n_background,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per sample, output and feature.

        Returns
        -------
        frame : DataFrame
            Columns "sample" (its position), "output", "feature", "value",
            "attribution" and, if sampled, "standard_error"; of each sample and output
            the largest attribution first.
        """
        n_samples, n_features, n_outputs = self.values.shape
        cells = self.feature_values.to_numpy(dtype=object)
        columns = {
            "sample": np.repeat(np.arange(n_samples), n_features * n_outputs),
            "output": np.tile(np.repeat(self.output_names, n_features), n_samples),
            "feature": np.tile(self.feature_names, n_samples * n_outputs),
            "value": np.repeat(cells[:, None], n_outputs, axis=1).ravel(),
            "attribution": self.values.transpose(0, 2, 1).ravel(),
        }
        if self.standard_errors is not None:
            errors = self.standard_errors.transpose(0, 2, 1).ravel()
            columns["standard_error"] = errors
        frame = pd.DataFrame(columns)
        size = -np.abs(self.values.transpose(0, 2, 1))
        order = np.argsort(size, axis=2, kind="stable").reshape(-1, n_features)
        starts = np.arange(len(order))[:, None] * n_features
        return frame.iloc[(order + starts).ravel()].reset_index(drop=True)


@dataclass(frozen=True, repr=False)
class GroupAttributions(Record):
    """What each feature adds to the predictions of a group of rows.

    Parameters
    ----------
    mean_absolute : ndarray of shape (n_features, n_outputs)
        Mean size of the attributions: how much a feature matters, whatever the sign.
    mean : ndarray of shape (n_features, n_outputs)
        Mean attribution: where a feature moves the predictions of the group. With the
        base values these sum to the mean predictions.
    base_values : ndarray of shape (n_outputs,)
        The mean prediction of the background rows.
    mean_predictions : ndarray of shape (n_outputs,)
        The mean prediction of the group.
    feature_names : tuple of str
        Names of the features or groups of features.
    output_names : tuple of str
        Names of the outputs.
    response : str
        What the numbers are, such as "probability".
    method : {"shapley", "sampled_shapley", "integrated_gradients"}
        How they were computed.
    additivity_gap : float
        The largest difference between a row's prediction and its sum.
    n_samples : int
        Rows of the group.
    n_background : int
        Background rows.
    """

    mean_absolute: np.ndarray
    mean: np.ndarray
    base_values: np.ndarray
    mean_predictions: np.ndarray
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]
    response: str
    method: Method
    additivity_gap: float
    n_samples: int
    n_background: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per output and feature, the largest first.

        Returns
        -------
        frame : DataFrame
            Columns "output", "feature", "mean_absolute" and "mean".
        """
        order = np.argsort(-self.mean_absolute, axis=0, kind="stable")
        parts = [
            pd.DataFrame(
                {
                    "output": name,
                    "feature": [self.feature_names[row] for row in order[:, place]],
                    "mean_absolute": self.mean_absolute[order[:, place], place],
                    "mean": self.mean[order[:, place], place],
                }
            )
            for place, name in enumerate(self.output_names)
        ]
        return pd.concat(parts, ignore_index=True)
