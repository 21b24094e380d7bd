"""Candidates drawn from a suggested space fit their network."""

import optuna
import pytest
from sklearn.base import clone

import skdl
from skdl.search import suggest_space
from skdl.search._studies.spaces import read_space

NETWORKS = [
    skdl.MLPClassifier(),
    skdl.MLPRegressor(),
    skdl.ConvClassifier(),
    skdl.ConvRegressor(),
]


EVERYWHERE = {"learning_rate", "dropout", "l2", "batch_size", "batch_norm"}


@pytest.mark.parametrize(
    "network", NETWORKS, ids=lambda network: type(network).__name__
)
def test_every_choice_is_a_parameter_of_the_network(network):
    space = suggest_space(network)

    assert set(space) <= set(network.get_params())
    assert set(space) > EVERYWHERE
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(sampler=sampler)
    read = read_space(space, network)
    for _ in range(20):
        params = read.suggest(study.ask())
        assert (
            clone(network).set_params(**params).get_params().items() >= params.items()
        )


@pytest.mark.parametrize(
    "network", NETWORKS, ids=lambda network: type(network).__name__
)
def test_every_candidate_is_accepted_by_the_network(network):
    from skdl.estimators._parameters import check_parameters

    read = read_space(suggest_space(network), network)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))

    for _ in range(50):
        check_parameters(clone(network).set_params(**read.suggest(study.ask())))
