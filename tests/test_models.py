"""Pipelines in pipelines: what they end in, what is before that, and its names."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier, NearestMeanClassifier
from skdl._models import (
    final_step,
    fresh_steps_before,
    is_network,
    parameter_prefix,
    prefixed,
    steps_before,
    transformed,
)

X = np.random.default_rng(0).normal(size=(30, 4)) * [1.0, 2.0, 3.0, 4.0]


class Witness(BaseEstimator):
    """Keeps what it is fitted to, and returns what it is to predict."""

    def __init__(self, size=1):
        self.size = size

    def fit(self, X, y=None):
        self.seen_ = X
        return self

    def predict(self, X):
        return X


@pytest.fixture
def nested():
    """Two steps, then a pipeline of a step and a pipeline of the last step alone."""
    inner = Pipeline([("pca", PCA(2)), ("end", Pipeline([("witness", Witness())]))])
    return Pipeline([("scale", StandardScaler()), ("no", "passthrough"), ("in", inner)])


def test_the_last_step_and_its_parameters(nested):
    assert final_step(nested) is nested[-1][-1][-1]
    assert parameter_prefix(nested) == "in__end__witness__"

    named = prefixed({"size": 3}, parameter_prefix(nested))
    assert named == {"in__end__witness__size": 3}
    assert final_step(nested.set_params(**named)).size == 3


def test_rows_are_transformed_as_the_pipeline_does_it(nested):
    nested.fit(X[:20])

    given = transformed(nested, X)

    np.testing.assert_array_equal(given, nested.predict(X))
    np.testing.assert_allclose(given[:20], final_step(nested).seen_)
    assert [list(part.named_steps) for part in steps_before(nested)] == [
        ["scale", "no"],
        ["pca"],
    ]
    assert steps_before(nested)[0][0] is nested[0]  # the fitted one


def test_fresh_steps_are_others_and_do_the_same(nested):
    nested.fit(X)
    fresh = fresh_steps_before(nested)

    assert fresh[0][0] is not nested[0]
    assert not hasattr(fresh[0][0], "mean_")
    np.testing.assert_allclose(fresh.fit_transform(X), final_step(nested).seen_)


def test_fresh_steps_have_no_memory(tmp_path):
    pipeline = make_pipeline(StandardScaler(), Witness(), memory=str(tmp_path))

    fresh_steps_before(pipeline).fit(X)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "estimator",
    [
        Witness(),
        Witness,
        None,
        {"loss": [1.0]},
        GridSearchCV(make_pipeline(StandardScaler(), LinearRegression()), {}),
    ],
)
def test_what_is_no_pipeline_is_its_own_last_step(estimator):
    assert final_step(estimator) is estimator
    assert parameter_prefix(estimator) == ""
    assert steps_before(estimator) == []
    assert fresh_steps_before(estimator) is None
    assert transformed(estimator, X) is X


def test_a_last_step_may_be_alone_or_missing():
    alone = make_pipeline(make_pipeline(Witness()))
    assert parameter_prefix(alone) == "pipeline__witness__"
    assert fresh_steps_before(alone) is None
    assert transformed(alone, X) is X

    missing = make_pipeline(StandardScaler(), "passthrough").fit(X)
    assert final_step(missing) == "passthrough"
    np.testing.assert_array_equal(transformed(missing, X), missing.transform(X))


def test_steps_that_pass_rows_on_are_steps():
    pipeline = make_pipeline("passthrough", Witness())
    assert transformed(pipeline, X) is X
    assert fresh_steps_before(pipeline).fit_transform(X) is X


def test_it_is_not_a_network():
    assert not is_network(NearestMeanClassifier())
    assert is_network(MLPClassifier())
