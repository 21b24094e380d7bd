"""Which models end in a network whose gradients are those of its features."""

import re

import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    RobustScaler,
)

from skdl import (
    MLPRegressor,
    NearestMeanClassifier,
)
from skdl.explain.local._differentiable_network import differentiable_network


@pytest.mark.parametrize(
    "step",
    [MaxAbsScaler(), MinMaxScaler(), RobustScaler(), "passthrough", None],
)
def test_steps_that_only_scale(step):
    network = MLPRegressor()

    assert differentiable_network(Pipeline([("a", step), ("b", network)])) == (
        network,
        "",
    )


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (
            make_pipeline(PolynomialFeatures(), MLPRegressor()),
            r"step 'polynomialfeatures' \(PolynomialFeatures\) may do more than",
        ),
        (
            make_pipeline(MinMaxScaler(clip=True), MLPRegressor()),
            "the step 'minmaxscaler'",
        ),
        (
            TransformedTargetRegressor(MLPRegressor()),
            "TransformedTargetRegressor is not a network of skdl",
        ),
        (NearestMeanClassifier(), "NearestMeanClassifier is not a network of skdl"),
    ],
)
def test_others_are_not_followed(model, why):
    network, why_not = differentiable_network(model)

    assert network is None
    assert re.search(why, why_not)
