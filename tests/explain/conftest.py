"""What the tests of explanations share: data, and a comparison with scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skdl.explain import partial_dependence, permutation_importance


def assert_equal_bunches(ours, theirs, *, atol=1e-9):
    """Read one result of ours as scikit-learn's is read, and compare."""
    assert ours["importances"].shape == theirs["importances"].shape
    for key in theirs:
        np.testing.assert_allclose(ours[key], theirs[key], rtol=0, atol=atol)
        np.testing.assert_array_equal(getattr(ours, key), ours[key])


def compare_importances(estimator, X, y, *, atol=1e-9, ours=None, **parameters):
    """Call both functions with the same parameters, compare, and return ours.

    `ours` has the parameters that scikit-learn's function does not know.
    """
    parameters = {"n_repeats": 3, "random_state": 7} | parameters
    ours = {"correlation_threshold": None} | (ours or {})
    theirs = inspection.permutation_importance(estimator, X, y, **parameters)
    result = permutation_importance(estimator, X, y, **parameters, **ours)
    if "importances" in theirs:
        assert_equal_bunches(result, theirs, atol=atol)
        return result
    assert list(result) == list(theirs)
    for metric in theirs:
        assert_equal_bunches(result[metric], theirs[metric], atol=atol)
    return result


def compare_dependences(estimator, X, features, **parameters):
    """Call both functions with the same parameters, compare, and return ours."""
    parameters = {"grid_resolution": 6} | parameters
    theirs = inspection.partial_dependence(estimator, X, features, **parameters)
    ours = partial_dependence(estimator, X, features, **parameters)
    assert list(ours) == list(theirs)
    assert len(ours["grid_values"]) == len(theirs["grid_values"])
    for one, other in zip(ours["grid_values"], theirs["grid_values"], strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    for key in {"average", "individual"} & set(theirs):
        assert ours[key].shape == theirs[key].shape
        np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-9, atol=1e-9)
    return ours


@pytest.fixture(scope="session")
def compare_curves():
    """A function that compares our partial dependence with scikit-learn's."""
    return compare_dependences


@pytest.fixture(scope="session")
def compare():
    """A function that compares our permutation importance with scikit-learn's."""
    return compare_importances


@pytest.fixture(scope="session")
def numbers():
    """A table of numbers, two of which matter, and a continuous target."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 4))
    return X, 3 * X[:, 0] - X[:, 2] + 0.1 * generator.normal(size=60)


@pytest.fixture(scope="session")
def classes(numbers):
    """The table of numbers with three classes."""
    X, y = numbers
    return X, np.digitize(y, [-1.5, 1.5])


@pytest.fixture
def titanic(data_file):
    """Words, truth values, numbers and missing values; who survived."""
    frame = pd.read_csv(data_file("titanic_seaborn.csv.gz")).iloc[::4]
    return frame[["sex", "age", "fare", "embarked", "deck", "alone"]], frame["survived"]


@pytest.fixture
def titanic_forest(titanic):
    """A Pipeline with a ColumnTransformer, fitted on the Titanic's rows."""
    X, y = titanic
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = make_column_transformer(
        (words, ["sex", "embarked", "deck"]),
        (SimpleImputer(), ["age", "fare"]),
        remainder="passthrough",
    )
    forest = RandomForestClassifier(n_estimators=5, max_depth=4, random_state=0)
    return make_pipeline(columns, forest).fit(X, y)
