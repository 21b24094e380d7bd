"""Answers that depend on the other rows of the call are noticed, and are right."""

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skdl.exceptions import RowsDependWarning
from skdl.explain import partial_dependence, permutation_importance


def less_the_mean(X):
    return X - X.mean(axis=0)


def less_the_row_before(X):
    return np.diff(X, axis=0, prepend=X[:1])


def less_the_row_behind(X):
    return np.diff(X, axis=0, append=X[-1:])


def by_rank(X):
    return np.argsort(np.argsort(X, axis=0), axis=0).astype(float)


STEPS = [less_the_row_before, less_the_row_behind, by_rank]


@pytest.mark.parametrize("step", [*STEPS, less_the_mean], ids=lambda s: s.__name__)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_rows_that_depend_on_others(numbers, compare, step, n_jobs):
    X, y = numbers
    estimator = make_pipeline(FunctionTransformer(step), LinearRegression()).fit(X, y)

    if step is less_the_mean:  # shuffled rows have the same mean
        compare(estimator, X, y, n_jobs=n_jobs)
        return
    with pytest.warns(RowsDependWarning, match="for a row depend on") as caught:
        compare(estimator, X, y, n_jobs=n_jobs)
    assert [warning.filename for warning in caught] == [compare.__code__.co_filename]


@pytest.mark.parametrize("step", STEPS)
def test_rows_that_depend_on_others_in_a_search(numbers, compare, step):
    X, y = numbers
    pipeline = make_pipeline(FunctionTransformer(step), LinearRegression())
    search = GridSearchCV(pipeline, {"linearregression__positive": [False]}, cv=2)

    with pytest.warns(RowsDependWarning):
        compare(search.fit(X, y), X, y, max_samples=0.7)


@pytest.mark.parametrize("step", [*STEPS, less_the_mean], ids=lambda s: s.__name__)
def test_dependence_of_rows_that_depend_on_others(numbers, step):
    X, y = numbers
    estimator = make_pipeline(FunctionTransformer(step), LinearRegression()).fit(X, y)
    theirs = inspection.partial_dependence(
        estimator, X, [0], kind="both", grid_resolution=9
    )

    with pytest.warns(
        RowsDependWarning, match=r"^The predictions of Pipeline"
    ) as caught:
        ours = partial_dependence(estimator, X, [0], kind="both", grid_resolution=9)

    assert [warning.filename for warning in caught] == [__file__]
    np.testing.assert_allclose(ours.average, theirs.average, atol=1e-9)
    np.testing.assert_allclose(ours.individual, theirs.individual, atol=1e-9)


def test_a_batch_matters_for_one_feature_only(numbers, compare):
    # The first feature's copies show nothing; those of the others must.
    X, y = numbers

    def covariance(X):
        return X * np.cov(X[:, 1:3].T)[0, 1]

    step = FunctionTransformer(covariance)
    estimator = make_pipeline(step, LinearRegression()).fit(X, y)

    with pytest.warns(RowsDependWarning):
        compare(estimator, X, y)


def doubled_where_known(X):
    return X.assign(a=X["a"].dropna() * 2).fillna(0)


def without_repeats(X):
    return X[~X.index.duplicated()]


@pytest.mark.parametrize("step", [doubled_where_known, without_repeats])
def test_steps_that_take_no_repeating_labels_of_rows(numbers, compare, step):
    # In a stack the labels repeat, and pandas cannot align by them.
    X, y = numbers
    X = pd.DataFrame(X, columns=list("abcd")).mask(lambda X: X > 1.5)
    estimator = make_pipeline(FunctionTransformer(step), StandardScaler())
    estimator = make_pipeline(estimator, SimpleImputer(), LinearRegression()).fit(X, y)
    points = {"b": np.linspace(-1, 1, 5)}  # scikit-learn's own are nan where rows are
    theirs = inspection.partial_dependence(estimator, X, ["b"], custom_values=points)

    with pytest.warns(RowsDependWarning):
        compare(estimator, X, y)
    with pytest.warns(RowsDependWarning):
        ours = partial_dependence(estimator, X, ["b"], custom_values=points)

    np.testing.assert_allclose(ours.average, theirs.average, atol=1e-12)


def test_values_that_are_refused_are_refused_as_ever(numbers):
    X, y = numbers
    X = pd.DataFrame(X, columns=list("abcd"))
    estimator = LinearRegression().fit(X, y)

    with pytest.raises(ValueError, match="contains NaN"):
        partial_dependence(estimator, X, ["b"], custom_values={"b": [1.0, np.nan]})


def test_a_batch_of_one_copy_needs_no_warning(numbers, compare):
    X, y = numbers
    step = FunctionTransformer(by_rank)
    estimator = make_pipeline(step, LinearRegression()).fit(X, y)

    compare(estimator, X, y, ours={"memory_bound": 1})


class Vague(ClassifierMixin, BaseEstimator):
    """Says something else each time."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.generator_ = np.random.default_rng(0)
        return self

    def predict(self, X):
        return self.generator_.choice(self.classes_, len(X))


def test_an_estimator_of_moods_is_noticed(classes):
    X, y = classes

    with pytest.warns(RowsDependWarning, match="Vague"):
        permutation_importance(Vague().fit(X, y), X, y)
