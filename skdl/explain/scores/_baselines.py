"""Baselines of scores: the same prediction for every row, or another estimator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from skdl.exceptions import ParameterError
from skdl.explain.scores._predictions import Predictions, as_truth, predictions_of


def dummy_predictions(known: Predictions, fitted_on: Predictions) -> Predictions:
    """Predict the commonest class with the class shares, or the mean, for every row."""
    truth = fitted_on.truth
    if known.task == "regression":
        predicted = np.broadcast_to(truth.mean(axis=0), known.truth.shape)
        return replace(known, predicted=predicted)
    if known.task == "multilabel":
        shares = truth.mean(axis=0)
        commonest: Any = shares > 0.5
    else:
        shares = np.bincount(truth, minlength=len(known.names)) / len(truth)
        commonest = np.argmax(shares)
        shares = shares[1:] if known.task == "binary" else shares
    return replace(
        known,
        predicted=np.broadcast_to(commonest, known.truth.shape),
        scores=np.broadcast_to(shares, (known.n_samples, len(shares))),
        is_probability=True,
        precision=float(np.finfo(float).eps),
    )


def baseline_predictions(
    baseline: Any, X: Any, y: Any, y_train: Any, known: Predictions
) -> tuple[Predictions | None, str]:
    """Return the predictions of a baseline."""
    if baseline is None:
        return None, ""
    if isinstance(baseline, str):
        if baseline != "dummy":
            raise ParameterError(
                "The 'baseline' parameter of performance must be 'dummy', a fitted "
                f"estimator or None. Got {baseline!r} instead."
            )
        words = "mean" if known.task == "regression" else "commonest class"
        words = "commonest value of each label" if known.task == "multilabel" else words
        if y_train is None:
            return dummy_predictions(known, known), f"{words}, of these rows"
        fitted_on = as_truth(y_train, known, name="y_train")
        return dummy_predictions(known, fitted_on), f"{words}, of y_train"
    other = predictions_of(baseline, X, y, function="performance")
    if other.task != known.task or other.classes != known.classes:
        raise ParameterError(
            "The 'baseline' parameter of performance must predict what the estimator "
            f"predicts, {known.task} of {list(known.names)}. Got {other.task} of "
            f"{list(other.names)}."
        )
    return other, type(baseline).__name__
