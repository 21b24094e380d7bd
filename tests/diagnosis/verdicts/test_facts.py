"""What is known of a training by its parameters, and how they are called."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier
from sklearn.neural_network import MLPRegressor as ScikitLearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import ConvClassifier, KerasClassifier, MLPClassifier, MLPRegressor
from skdl.diagnosis.verdicts.facts import TrainingFacts, facts_of

CHANGES = {
    "learning_rate": 0.5,
    "epochs": 7,
    "hidden_layer_sizes": (3,),
    "early_stopping": True,
    "dropout": 0.2,
    "clip_norm": 1.0,
    "validation_fraction": 0.3,
}


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor, ConvClassifier])
def test_of_our_networks_all_is_known(kind):
    own = {"optimizer": "sgd", "learning_rate": 0.1, "epochs": 3}
    facts = facts_of(kind(hidden_layer_sizes=(5, 2), **own))

    assert facts.suggest(**CHANGES) == CHANGES
    assert facts.parameters["epochs"] == 3
    assert (facts.optimizer, facts.keeps_best) == ("sgd", False)
    assert facts.usual_rate == 0.01
    assert facts.rate_ratio == pytest.approx(10)
    assert facts.n_hidden_units == 2


@pytest.mark.parametrize("kind", [ScikitLearnClassifier, ScikitLearnRegressor])
def test_scikit_learns_networks_have_other_names(kind):
    network = kind(hidden_layer_sizes=7, early_stopping=True, learning_rate_init=0.01)
    facts = facts_of(network)

    assert facts.suggest(**CHANGES) == {
        "learning_rate_init": 0.5,
        "max_iter": 7,
        "hidden_layer_sizes": (3,),
        "early_stopping": True,
        "validation_fraction": 0.3,
    }
    assert (facts.optimizer, facts.keeps_best) == ("adam", True)
    assert facts.rate_ratio == pytest.approx(10)
    assert facts.parameters["hidden_layer_sizes"] == (7,)


def test_of_wrapped_models_what_was_routed_is_known():
    facts = facts_of(KerasClassifier(optimizer="Adam", optimizer__learning_rate=0.02))
    assert facts.suggest(**CHANGES) == {"optimizer__learning_rate": 0.5, "epochs": 7}
    assert facts.rate_ratio == pytest.approx(20)
    assert facts.n_hidden_units is None

    routed = facts_of(KerasClassifier(epochs=3, fit__epochs=5))
    assert routed.suggest(**CHANGES) == {"fit__epochs": 7}
    assert routed.parameters["epochs"] == 5
    assert routed.rate_ratio != routed.rate_ratio


def test_in_pipelines_names_have_their_prefix():
    inner = make_pipeline(StandardScaler(), MLPClassifier())
    outer = make_pipeline("passthrough", inner)

    assert facts_of(inner).suggest(epochs=7) == {"mlpclassifier__epochs": 7}
    suggestion = facts_of(outer).suggest(epochs=7)
    assert suggestion == {"pipeline__mlpclassifier__epochs": 7}
    assert outer.set_params(**suggestion)[-1][-1].epochs == 7


@pytest.mark.parametrize("source", [{"loss": [1.0]}, LogisticRegression(), None])
def test_of_anything_else_nothing_is_known(source):
    facts = facts_of(source)

    assert facts == TrainingFacts()
    assert facts.suggest(**CHANGES) == {}
    assert facts.rate_ratio != facts.rate_ratio
    assert facts.n_hidden_units is None


def test_without_hidden_layers_there_are_no_units():
    assert facts_of(MLPClassifier(())).n_hidden_units == 0
