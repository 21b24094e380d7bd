"""`NearestMeanClassifier`: the baseline that image classifiers have to beat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

import numpy as np
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import gen_batches
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from skdl._checks import word
from skdl.estimators._checks import check_weights

RULE = word(("rmse", "mae"))
CDIST_NAMES = {"rmse": "euclidean", "mae": "cityblock"}
BLOCK_BYTES = 2**25  # of rows to convert to float64 at a time


class NearestMeanClassifier(ClassifierMixin, BaseEstimator):
    """Predict the class whose mean is nearest.

    This is a baseline without hyperparameters to tune. A network that is no better has
    only learned where the classes lie.

    Parameters
    ----------
    metric : {"rmse", "mae"}, default="rmse"
        Distance between a row and the mean of a class: the root mean squared error or
        the mean absolute error over the features.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, sorted. Classes whose rows all have weight 0 are left out.
    means_ : ndarray of shape (n_classes, n_features)
        Weighted mean of the rows of each class.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if X has column names.

    See Also
    --------
    sklearn.neighbors.NearestCentroid : Uses medians for Manhattan distances.

    Notes
    -----
    Both metrics compare rows with the means of the classes. scikit-learn's
    NearestCentroid makes the same predictions as "rmse". For "manhattan" it uses
    medians, which minimise absolute errors, so its predictions differ from those of
    "mae".

    Ties go to the class that comes first. Features are used as they are, so scale them
    if their units differ.

    Sparse matrices are never made dense: the distance of a sparse row is that of an
    empty row, corrected for the stored values. Distances that are much smaller than the
    norm of the rows therefore have fewer accurate digits.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdl import NearestMeanClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = NearestMeanClassifier("mae").fit(X[:1000], y[:1000])
    >>> clf.means_.shape, round(clf.score(X[1000:], y[1000:]), 2)
    ((10, 64), 0.86)
    """

    def __init__(self, metric: Literal["rmse", "mae"] = "rmse") -> None:
        self.metric = metric

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Compute the mean of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Training rows.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the training rows, 0 or more. A weight of 2 is the same as
            passing the row twice. If None, all rows have weight 1.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If the metric is unknown, or if X, y or the weights are invalid.
        TypeError
            If the metric is not a string.
        """
        RULE.check("metric", self.metric, type(self).__name__)
        X, y = validate_data(self, X, y, accept_sparse="csr")
        check_classification_targets(y)
        weights = check_weights(sample_weight, X, np.dtype(np.float64))
        counts = weights > 0
        if not counts.all():
            X, y, weights = X[counts], y[counts], weights[counts]
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.means_ = _class_means(X, codes, weights, len(self.classes_))
        return self

    def distances(self, X: Any) -> np.ndarray:
        """Return the distance of each row from the mean of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Distances in units of the features, in the order of `classes_`.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        measure = _sparse_distances if sparse.issparse(X) else _dense_distances
        blocks = [measure(block, self.means_, self.metric) for block in _blocks(X)]
        return np.concatenate(blocks)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return a score per class that is higher the nearer its mean is.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            Negative distances. For two classes, how much nearer the second one is.
        """
        distances = self.distances(X)
        if len(self.classes_) == 2:
            return distances[:, 0] - distances[:, 1]
        return -distances

    def predict(self, X: Any) -> np.ndarray:
        """Predict labels.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        ndarray of shape (n_samples,)
            The class whose mean is nearest.
        """
        nearest = self.distances(X).argmin(axis=1)
        return self.classes_[nearest]

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags, with sparse tables accepted."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _blocks(X: Any) -> Iterator[Any]:
    """Yield blocks of rows as float64."""
    for rows in _batches(X):
        yield X[rows].astype(np.float64, copy=False)


def _batches(X: Any) -> Iterator[slice]:
    n_samples, n_features = X.shape
    n_values = X.nnz // n_samples if sparse.issparse(X) else n_features
    yield from gen_batches(n_samples, max(1, BLOCK_BYTES // (8 * max(1, n_values))))


def _class_means(
    X: Any, codes: np.ndarray, weights: np.ndarray, n_classes: int
) -> np.ndarray:
    sums = np.zeros((n_classes, X.shape[1]))
    for rows, block in zip(_batches(X), _blocks(X), strict=True):
        n_rows = block.shape[0]
        # (n_classes, n_rows): weights of rows, each in the line of its class
        shares = sparse.csc_array(
            (weights[rows], codes[rows], np.arange(n_rows + 1)),
            shape=(n_classes, n_rows),
        )
        sums += shares @ block
    return sums / np.bincount(codes, weights=weights)[:, None]


def _dense_distances(block: np.ndarray, means: np.ndarray, metric: str) -> np.ndarray:
    n_features = means.shape[1]
    scale = np.sqrt(n_features) if metric == "rmse" else n_features
    return cdist(block, means, CDIST_NAMES[metric]) / scale


def _sparse_distances(block: Any, means: np.ndarray, metric: str) -> np.ndarray:
    """Compute the distances of an empty row and correct them for the stored values."""
    cost = np.square if metric == "rmse" else np.abs
    n_rows = block.shape[0]
    row_of = np.repeat(np.arange(n_rows), np.diff(block.indptr))
    errors = np.empty((n_rows, len(means)))
    for column, mean in enumerate(means):
        expected = mean[block.indices]
        changes = cost(block.data - expected) - cost(expected)
        changed = np.bincount(row_of, weights=changes, minlength=n_rows)
        errors[:, column] = cost(mean).sum() + changed
    errors = np.maximum(errors, 0) / means.shape[1]  # rounding may go below 0
    return np.sqrt(errors) if metric == "rmse" else errors
