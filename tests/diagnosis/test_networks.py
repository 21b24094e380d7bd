"""The network at the end of an estimator, and what to do where there is none."""

from functools import partial

import pytest
from sklearn import neural_network
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier, MLPRegressor
from skdl.diagnosis._networks import network_of
from skdl.estimators.keras import KerasClassifier
from skdl.exceptions import ParameterError


def test_the_last_step_itself_is_found():
    network = MLPClassifier()

    assert network_of(network, function="f") is network
    nested = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), network))
    assert network_of(nested, function="f") is network


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (Ridge(), r"Got Ridge instead\.$"),
        (MLPClassifier, r"Got the class MLPClassifier instead\.$"),
        (KerasClassifier(), r"Got KerasClassifier instead\.$"),
        (None, r"Got NoneType instead\.$"),
        (
            neural_network.MLPClassifier(),
            r"Got sklearn\.neural_network\.MLPClassifier instead\. Use "
            r"skdl\.MLPClassifier\.$",
        ),
        (
            make_pipeline(StandardScaler(), neural_network.MLPRegressor()),
            r"Got sklearn\.neural_network\.MLPRegressor .* Use skdl\.MLPRegressor\.$",
        ),
        (
            TransformedTargetRegressor(MLPRegressor()),
            r"Got TransformedTargetRegressor instead\. Pass the network inside it, "
            r"'regressor', with y as its transformer returns it\.$",
        ),
        (
            TransformedTargetRegressor(make_pipeline(StandardScaler(), MLPRegressor())),
            r"'regressor', with y",
        ),
        (
            GridSearchCV(MLPRegressor(), {}),
            r"Got GridSearchCV instead\. Pass the network inside it, 'estimator'\.$",
        ),
        (
            StackingRegressor([("net", MLPRegressor())]),
            r"Got StackingRegressor instead\. Pass the network inside it, 'net'\.$",
        ),
        (
            TransformedTargetRegressor(neural_network.MLPRegressor()),
            r"Got TransformedTargetRegressor instead\.$",
        ),
    ],
)
def test_what_is_no_network_is_refused_with_a_way_on(estimator, message):
    with pytest.raises(ParameterError, match=f"of f must be one of .*{message}"):
        network_of(estimator, function="f")


@pytest.mark.parametrize(
    ("kind", "own", "fitted"),
    [
        (TransformedTargetRegressor, "regressor", "regressor_"),
        (partial(GridSearchCV, param_grid={}), "estimator", "best_estimator_"),
    ],
)
def test_of_what_is_fitted_the_fitted_network_is_named(kind, own, fitted):
    estimator = kind(MLPRegressor())
    setattr(estimator, fitted, MLPRegressor())

    message = rf"inside it, '{own}' \(fitted: '{fitted}'\)"
    with pytest.raises(ParameterError, match=message):
        network_of(estimator, function="f")
