"""Confusion: which classes are confused with which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skdl._record import Record
from skdl.exceptions import ParameterError
from skdl.explain.scores._metrics import ratio
from skdl.explain.scores._predictions import predictions_of

PRESENCE = ("absent", "present")


@dataclass(frozen=True, repr=False)
class Confusion(Record):
    """How often rows of each class are predicted to be of each class.

    Parameters
    ----------
    task : {"binary", "multiclass", "multilabel"}
        What is predicted.
    labels : tuple of str
        Names of the classes, or of the labels of a multilabel task.
    matrix : ndarray of int of shape (n_classes, n_classes) or (n_labels, 2, 2)
        Number of rows by true and predicted class. A multilabel task has a matrix per
        label, for its absence and presence.
    normalized : ndarray of the same shape
        Share of the rows of the true class; NaN for a class without rows.
    n_samples : int
        How many rows.
    """

    task: str
    labels: tuple[str, ...]
    matrix: np.ndarray
    normalized: np.ndarray
    n_samples: int

    def to_frame(self) -> pd.DataFrame:
        """Return the matrix as a table, one row per pair of true and predicted class.

        Returns
        -------
        frame : DataFrame
            Columns "true", "predicted", "n_samples" and "share" (of the rows of the
            true class); before them "label" for a multilabel task, whose classes are
            "absent" and "present".
        """
        names = PRESENCE if self.task == "multilabel" else self.labels
        places = np.indices(self.matrix.shape).reshape(self.matrix.ndim, -1)
        columns: dict[str, Any] = {}
        if self.task == "multilabel":
            columns["label"] = [self.labels[place] for place in places[0]]
        columns["true"] = [names[place] for place in places[-2]]
        columns["predicted"] = [names[place] for place in places[-1]]
        columns["n_samples"] = self.matrix.ravel()
        columns["share"] = self.normalized.ravel()
        return pd.DataFrame(columns)

    def most_confused(self, n_pairs: int = 10) -> pd.DataFrame:
        """Return the commonest mistakes.

        Parameters
        ----------
        n_pairs : int, default=10
            Maximum number of pairs.

        Returns
        -------
        frame : DataFrame
            The rows of :meth:`to_frame` that are mistakes and occur, commonest first.
        """
        table = self.to_frame()
        is_mistake = (table["true"] != table["predicted"]) & (table["n_samples"] > 0)
        return (
            table[is_mistake]
            .sort_values(
                ["n_samples", "share"],
                ascending=False,
                kind="stable",
                ignore_index=True,
            )
            .head(n_pairs)
        )


def confusion(estimator: Any, X: Any, y: Any) -> Confusion:
    """Count how often rows of each class are predicted to be of each class.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier.
    X : array-like of shape (n_samples, n_features)
        Rows that the estimator was not fitted on.
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Their classes.

    Returns
    -------
    confusion : Confusion
        Counts, and shares of the rows of the true class.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ParameterError
        If the estimator is not a classifier.
    DataError
        If X and y do not match each other or the estimator, or there are fewer than two
        rows.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.explain import confusion
    >>> X, y = load_iris(return_X_y=True)
    >>> tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X[::2], y[::2])
    >>> confusion(tree, X[1::2], y[1::2]).matrix.tolist()
    [[25, 0, 0], [0, 24, 1], [0, 3, 22]]
    """
    known = predictions_of(estimator, X, y, function="confusion")
    if known.task == "regression":
        raise ParameterError(
            "confusion needs a classifier. Got "
            f"{type(estimator).__name__}, a regressor. Use 'residuals' instead."
        )
    truth, predicted = known.truth.astype(int), known.predicted.astype(int)
    if known.task == "multilabel":
        n_labels = len(known.names)
        cells = np.arange(n_labels) * 4 + truth * 2 + predicted
        shape: tuple[int, ...] = (n_labels, 2, 2)
    else:
        cells = truth * len(known.names) + predicted
        shape = (len(known.names),) * 2
    matrix = np.bincount(cells.ravel(), minlength=int(np.prod(shape))).reshape(shape)
    return Confusion(
        task=known.task,
        labels=known.names,
        matrix=matrix,
        normalized=ratio(matrix.astype(float), matrix.sum(axis=-1, keepdims=True)),
        n_samples=known.n_samples,
    )
