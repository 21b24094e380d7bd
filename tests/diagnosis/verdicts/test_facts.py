"""What is known of a training by its parameters, and how they are called."""

import keras
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier
from sklearn.neural_network import MLPRegressor as ScikitLearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import ConvClassifier, KerasClassifier, MLPClassifier, MLPRegressor
from skdl.diagnosis.verdicts._facts import TrainingFacts, facts_of

CHANGES = {
    "learning_rate": 0.5,
    "epochs": 7,
    "hidden_layer_sizes": (3,),
    "early_stopping": True,
    "dropout": 0.2,
    "clip_norm": 1.0,
    "validation_fraction": 0.3,
    "batch_norm": True,
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


def test_scales_reach_the_first_layer_unless_something_stands_before_it():
    assert facts_of(MLPClassifier()).feels_scale
    assert facts_of(make_pipeline(StandardScaler(), MLPRegressor())).feels_scale
    assert facts_of(MLPClassifier(batch_norm="after")).feels_scale
    assert facts_of(ScikitLearnClassifier()).feels_scale
    for batch_norm in (True, "before"):
        facts = facts_of(MLPClassifier(batch_norm=batch_norm))
        assert (facts.feels_scale, facts.norms_first) == (True, True)
    assert not facts_of(MLPClassifier(batch_norm="after")).norms_first
    assert not facts_of(ConvClassifier()).feels_scale
    assert not facts_of(KerasClassifier()).feels_scale  # not known before it is fitted
    assert not facts_of({"loss": [1.0]}).feels_scale


@pytest.mark.parametrize(
    ("first", "feels"),
    [
        ([], True),
        ([keras.layers.Flatten(), keras.layers.Dropout(0.1)], True),
        ([keras.layers.Rescaling(0.1)], False),
        ([keras.layers.BatchNormalization()], False),
        ([keras.layers.Dense(3), keras.layers.BatchNormalization()], False),
    ],
)
def test_wrapped_models_are_known_by_their_layers(first, feels):
    last = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.layers.Input((2,)), *first, last])
    model.compile("sgd", "binary_crossentropy")
    network = KerasClassifier(model, epochs=1, verbose=0)
    network.fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])

    assert facts_of(network).feels_scale == feels


def test_columns_have_their_names():
    X = pd.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]})
    network = ScikitLearnClassifier(solver="sgd", max_iter=1, n_iter_no_change=1)
    with pytest.warns(ConvergenceWarning):
        network.fit(X, [0, 1])

    assert facts_of(network).feature_names == ("a", "b")
    assert facts_of(MLPClassifier()).feature_names == ()
