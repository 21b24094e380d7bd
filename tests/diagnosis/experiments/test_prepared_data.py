"""A network and its rows: what is held out, and what cannot be."""

import itertools
import threading
import time
import warnings

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skdl import MLPClassifier, MLPRegressor
from skdl.diagnosis.experiments._prepared_data import (
    PreparedData,
    prepare,
    train_variants,
)
from skdl.exceptions import DataError, DivergenceWarning, ParameterError

X = np.arange(40.0).reshape(20, 2)
LABELS = np.array(["a"] * 15 + ["b"] * 5)


def test_steps_are_fitted_on_the_training_rows_alone():
    inner = make_pipeline(StandardScaler(with_std=False), MLPClassifier())
    subject = prepare(
        make_pipeline(FunctionTransformer(np.negative), inner),
        X,
        LABELS,
        function="f",
        random_state=0,
    )

    assert subject.X_train.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert sorted(subject.y_val) == ["a"] * 3 + ["b"]
    rows = np.sort([*subject.X_train[:, 0], *subject.X_val[:, 0]])
    np.testing.assert_allclose(rows - rows[0], X[:, 0])
    np.testing.assert_allclose(subject.transform(X)[::-1, 0], rows)
    assert subject.prefix == "pipeline__mlpclassifier__"
    assert subject.outer({"epochs": 3}) == {"pipeline__mlpclassifier__epochs": 3}


def test_no_rows_are_held_out_where_some_are_given():
    subject = prepare(
        MLPRegressor(), X[:15], X[:15, 0], function="f", X_val=X[15:], y_val=X[15:, 0]
    )

    assert (len(subject.X_train), len(subject.X_val)) == (15, 5)


class FirstInFirstOut(BaseEstimator):
    """Two fits in two threads: the one that begins first ends first, and warns."""

    both, counter = threading.Barrier(2), itertools.count()

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y, X_val=None, y_val=None):
        place = next(self.counter) % 2
        self.both.wait(timeout=60)
        time.sleep(0.1 * place)
        warnings.warn("it diverged", DivergenceWarning, stacklevel=1)
        return self


def test_threads_leave_the_filters_of_warnings_as_they_were():
    subject = PreparedData(FirstInFirstOut(), "", X, LABELS, None, None)
    before = list(warnings.filters)

    with parallel_config(backend="threading", n_jobs=2):
        found = train_variants(
            subject, [{"random_state": seed} for seed in (1, 2)], description="two"
        )

    assert [network.random_state for network in found] == [1, 2]
    assert warnings.filters == before


def test_errors():
    with pytest.raises(DataError, match="f needs y, one target per row of X"):
        prepare(MLPRegressor(), X, None, function="f")
    with pytest.raises(DataError, match=r"f needs X_val and y_val .* Got no X_val"):
        prepare(MLPRegressor(), X, X[:, 0], function="f", y_val=X[:, 0])
    for X_val in (None, X):
        with pytest.raises(DataError, match=r"X has 20 rows and y has 19\."):
            prepare(
                MLPRegressor(), X, X[:19, 0], function="f", X_val=X_val, y_val=X_val
            )
    with pytest.raises(DataError, match=r"X_val has 20 rows and y_val has 3\."):
        prepare(MLPRegressor(), X, X[:, 0], function="f", X_val=X, y_val=X[:3, 0])
    with pytest.raises(ParameterError, match=r"of f must .*Got the class MLPClassifie"):
        prepare(MLPClassifier, X, LABELS, function="f")
