"""The space that is suggested where nobody has said what to search over."""

import pytest
from optuna.distributions import BaseDistribution
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl import OptunaSearchCV
from skdl.exceptions import ParameterError
from skdl.search import suggest_space

NETWORKS = [
    skdl.MLPClassifier(),
    skdl.MLPRegressor(),
    skdl.ConvClassifier(),
    skdl.ConvRegressor(),
]
EVERYWHERE = {"learning_rate", "dropout", "l2", "batch_size", "batch_norm"}


def test_dense_and_convolutional_networks_differ():
    dense, convolutional = (set(suggest_space(NETWORKS[i])) for i in (0, 2))

    assert dense - EVERYWHERE == {"hidden_layer_sizes"}
    assert convolutional - EVERYWHERE == {"filters", "kernel_size"}


@pytest.mark.parametrize(
    ("optimizer", "lowest", "highest"),
    [
        ("adam", 1e-4, 3e-2),
        ("adamw", 1e-4, 3e-2),
        ("sgd", 1e-3, 1.0),
        ("adagrad", 1e-3, 1.0),
        ("adadelta", 1e-2, 10.0),
    ],
)
def test_the_learning_rate_follows_the_optimizer(optimizer, lowest, highest):
    space = suggest_space(skdl.MLPClassifier(optimizer=optimizer))

    rate = space["learning_rate"]
    assert (rate.low, rate.high, rate.log) == (lowest, highest, True)


@pytest.mark.parametrize(
    "network", NETWORKS, ids=lambda network: type(network).__name__
)
def test_the_defaults_of_the_network_are_within_reach(network):
    space, defaults = suggest_space(network), network.get_params()

    rate = space["learning_rate"]
    assert rate.low <= defaults["learning_rate"] <= rate.high
    assert defaults["batch_norm"] in space["batch_norm"]
    assert space["dropout"].low <= defaults["dropout"] <= space["dropout"].high


def test_a_network_in_a_pipeline_has_a_prefix():
    network = skdl.MLPClassifier()

    space = suggest_space(make_pipeline(StandardScaler(), network))

    assert space == {
        f"mlpclassifier__{name}": choices
        for name, choices in suggest_space(network).items()
    }


def test_every_network_has_a_space():
    voting = VotingClassifier(
        [("a", NETWORKS[0]), ("b", skdl.MLPClassifier(optimizer="sgd"))]
    )

    space = suggest_space(voting)

    assert {name.split("__")[0] for name in space} == {"a", "b"}
    assert space["a__learning_rate"] != space["b__learning_rate"]


def test_a_network_two_levels_down():
    model = TransformedTargetRegressor(make_pipeline(StandardScaler(), NETWORKS[1]))

    names = set(suggest_space(model))

    assert "regressor__mlpregressor__learning_rate" in names
    assert all(name.startswith("regressor__mlpregressor__") for name in names)


def test_it_may_be_changed():
    space = suggest_space(NETWORKS[0])
    space["batch_size"].append(7)
    space["hidden_layer_sizes"].clear()

    again = suggest_space(NETWORKS[0])

    assert 7 not in again["batch_size"]
    assert again["hidden_layer_sizes"]


def test_the_network_is_left_as_it_is():
    network = skdl.MLPClassifier()
    before = network.get_params()

    suggest_space(network)

    assert network.get_params() == before


def test_all_but_lists_are_distributions_of_optuna():
    for network in NETWORKS:
        for choices in suggest_space(network).values():
            assert isinstance(choices, list | BaseDistribution)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ],
)
def test_without_a_network_there_is_no_suggestion(estimator):
    name = type(estimator).__name__
    with pytest.raises(
        ParameterError, match=rf"MLPClassifier, .* Got {name}. Write a dict of dist"
    ):
        suggest_space(estimator)


def test_a_search_with_it_is_an_estimator():
    search = OptunaSearchCV(NETWORKS[0], suggest_space(NETWORKS[0]))

    assert clone(search).get_params().keys() == search.get_params().keys()
