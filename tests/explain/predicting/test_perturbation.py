"""Copies of the rows go through few large calls, in bounded memory, rightly."""

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl.explain import partial_dependence, permutation_importance
from skdl.explain._predicting.perturbation import (
    COPIES_OF_A_ROW,
    copies_at_once,
    in_chunks,
    same_answers,
)


class Counting(LogisticRegression):
    """Notes the method and the number of rows of each call, in a list of its own."""

    calls = []  # noqa: RUF012  of all clones together

    def predict(self, X):
        self.calls.append(("predict", len(X)))
        return super().predict(X)

    def predict_proba(self, X):
        self.calls.append(("predict_proba", len(X)))
        return super().predict_proba(X)


@pytest.fixture
def counting(numbers):
    X, y = numbers
    estimator = Counting().fit(X, y > 0)
    Counting.calls.clear()
    return estimator, X, y > 0


def quiet(*arguments, **parameters):
    return permutation_importance(
        *arguments, correlation_threshold=None, random_state=0, **parameters
    )


def test_one_call_for_the_rows_and_one_for_all_copies(counting):
    quiet(*counting, n_repeats=10)

    # 4 features, 10 repeats, and the rows as they are at both ends
    assert Counting.calls == [("predict", 60), ("predict", 42 * 60)]


def test_scores_share_calls(counting):
    quiet(*counting, scoring=["accuracy", "f1", "roc_auc", "neg_log_loss"])

    assert sorted(Counting.calls) == [
        (method, n_rows)
        for method in ("predict", "predict_proba")
        for n_rows in (60, 22 * 60)
    ]


def test_a_pipeline_and_a_search_are_asked_as_rarely(counting):
    _, X, y = counting
    pipeline = make_pipeline(StandardScaler(), Counting())
    search = GridSearchCV(pipeline, {"counting__C": [1.0]}, cv=2).fit(X, y)
    for estimator in search, search.best_estimator_:
        Counting.calls.clear()
        quiet(estimator, X, y)
        assert Counting.calls == [("predict", 60), ("predict", 22 * 60)]


def test_partial_dependence_is_two_calls(counting):
    estimator, X, _ = counting

    partial_dependence(estimator, X, [0, 1], grid_resolution=5)

    large = [call for call in Counting.calls if call[1] > 2]
    assert large == [("predict_proba", 60), ("predict_proba", 27 * 60)]
    assert len(Counting.calls) <= 6


@pytest.mark.parametrize("memory_bound", [1, 60 * 4 * 8 * COPIES_OF_A_ROW * 3, 2**30])
@pytest.mark.parametrize("table", [np.asarray, pd.DataFrame])
def test_memory_does_not_change_numbers(counting, memory_bound, table):
    estimator, X, y = counting
    X = table(X)
    estimator = LogisticRegression().fit(X, y)

    bounded = quiet(estimator, X, y, memory_bound=memory_bound, scoring="neg_log_loss")
    default = quiet(estimator, X, y, scoring="neg_log_loss")
    np.testing.assert_allclose(bounded.importances, default.importances, atol=1e-12)

    parameters = {"grid_resolution": 7, "kind": "both"}
    bounded = partial_dependence(
        estimator, X, [0], memory_bound=memory_bound, **parameters
    )
    default = partial_dependence(estimator, X, [0], **parameters)
    np.testing.assert_allclose(bounded.average, default.average, atol=1e-12)
    np.testing.assert_allclose(bounded.individual, default.individual, atol=1e-12)
    np.testing.assert_allclose(bounded.deviation, default.deviation, atol=1e-12)


def test_a_small_bound_is_one_copy_at_a_time(counting):
    estimator, X, y = counting

    quiet(estimator, X, y, memory_bound=1)
    assert Counting.calls == [("predict", 60)] * 21
    Counting.calls.clear()
    partial_dependence(estimator, X, [0], grid_resolution=9, memory_bound=1)
    assert max(n_rows for _, n_rows in Counting.calls) == 60


class Told(RegressorMixin, BaseEstimator):
    """Keeps the largest number of rows that it was asked about at once."""

    def fit(self, X, y):
        self.most_ = [0]
        return self

    def predict(self, X):
        self.most_[0] = max(self.most_[0], len(X))
        return np.asarray(X)[:, 0]


@pytest.mark.parametrize("table", [np.asarray, pd.DataFrame])
def test_memory_stays_in_bounds(table):
    X = table(np.random.default_rng(0).normal(size=(2_000, 50)))
    y = np.zeros(2_000)
    estimator = Told().fit(X, y)
    bound = 24 * 2**20  # the rows take 0.8 MB, all copies 200 MB
    for ask in (
        lambda: quiet(estimator, X, y, memory_bound=bound),
        lambda: partial_dependence(
            estimator, X, [0, 1], grid_resolution=20, memory_bound=bound
        ),
    ):
        tracemalloc.start()
        try:
            ask()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert 10_000 <= estimator.most_[0] <= 20_000
        assert peak < bound


def test_a_grid_of_two_features_takes_no_more_memory_than_it_says():
    # Planning used to hold a byte per row, point and class: 36 MB here.
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(2_000, 3)), generator.integers(0, 20, 2_000)
    estimator = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5, tol=9))
    estimator.fit(X, y)
    tracemalloc.start()
    try:
        partial_dependence(estimator, X, [0, 1], grid_resolution=30, memory_bound=2**20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 10 * 2**20


@settings(max_examples=40)
@given(
    n_rows=st.integers(1, 40),
    n_columns=st.integers(1, 6),
    n_changes=st.integers(0, 50),
    n_reserved=st.integers(0, 3),
    memory_bound=st.integers(1, 20_000),
)
def test_chunks_hold_all_changes_in_order(
    n_rows, n_columns, n_changes, n_reserved, memory_bound
):
    X = np.zeros((n_rows, n_columns))
    changes = [{0: place} for place in range(n_changes)]

    chunks = list(
        in_chunks(X, iter(changes), memory_bound=memory_bound, n_reserved=n_reserved)
    )

    assert [change for chunk in chunks for change in chunk] == changes
    most = copies_at_once(X, memory_bound)
    assert all(1 <= len(chunk) <= most for chunk in chunks)
    bytes_taken = most * X.nbytes * COPIES_OF_A_ROW
    assert bytes_taken <= memory_bound or most == 1


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-9], True),
        ([1.0, 2.0], [1.0, 2.1], False),
        ([1.0, 2.0], [1.0], False),
        ([np.nan, 2.0], [np.nan, 2.0], True),
        ([np.nan, 2.0], [1.0, 2.0], False),
        ([np.nan, np.nan], [np.nan, np.nan], True),
        ([np.inf, 1.0], [np.inf, 1.0], True),
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["a", "a"], False),
        ([np.eye(2), np.eye(2)], [np.eye(2), np.eye(2)], True),
        ([np.eye(2), np.eye(2)], [np.eye(2), -np.eye(2)], False),
    ],
)
def test_answers_that_are_the_same(one, other, agree):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same_answers(one, other) is agree
