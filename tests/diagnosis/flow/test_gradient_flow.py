"""A network is trained as `fit` trains it, looked at, and judged."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import StackingClassifier
from sklearn.feature_selection import SelectFromModel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl.diagnosis import GradientFlow, gradient_flow
from skdl.exceptions import ParameterError, ParameterTypeError

MOMENTS = ["first step", "epoch 1", "epoch 2", "end"]


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    X = pd.DataFrame(
        random.normal(size=(120, 5)).astype("float32"), columns=list("abcde")
    )
    return X, np.where(X["a"] + X["b"] > 0, "yes", "no")


@pytest.fixture(scope="module")
def vanished(data):
    network = skdl.MLPClassifier(
        (4,) * 9, activation="sigmoid", epochs=2, random_state=0
    )
    pipeline = make_pipeline(StandardScaler(), network)
    return pipeline, gradient_flow(pipeline, *data)


def test_sigmoid_layers_vanish_in_a_pipeline(vanished):
    pipeline, flow = vanished
    assert flow.findings[0].code == "vanishing_gradients"
    assert str(flow) == (
        "GradientFlow: vanishing_gradients (problem): gradients vanish before they "
        "reach all layers"
    )
    changed = pipeline.set_params(**flow.findings[0].suggestion)
    assert changed[-1].activation == "elu"


def test_the_table_of_the_layers(vanished):
    _, flow = vanished
    frame = flow.to_frame()
    assert frame["moment"].drop_duplicates().tolist() == MOMENTS
    assert frame["epoch"].drop_duplicates().tolist() == [0, 1, 2]
    assert len(frame) == 4 * 10
    first = flow.at("first step")
    assert first["layer"].tolist() == [f"hidden_{i}" for i in range(1, 10)] + [
        "outputs"
    ]
    assert (first["gradient_norm"].diff()[1:] > 0).all()
    assert first["saturated_share"].iloc[:-1].notna().all()
    assert frame["dead_share"].isna().all()
    assert flow.at("end")["gradient_norm"].isna().all()
    assert flow.n_epochs == 2


def test_the_record_shows_itself(vanished):
    _, flow = vanished
    assert flow.findings_frame()["code"].tolist() == ["vanishing_gradients"]
    page = flow._repr_html_()
    assert "hidden_9" in page
    assert "gradients vanish" in page
    assert "finished all epochs" in page
    values = json.loads(json.dumps(flow.to_dict()))
    assert values["record"] == "GradientFlow"
    assert "estimator" not in values


def test_the_clone_is_what_fit_makes(vanished, data):
    X, y = data
    pipeline, flow = vanished
    twin = make_pipeline(
        StandardScaler(),
        skdl.MLPClassifier((4,) * 9, activation="sigmoid", epochs=2, random_state=0),
    ).fit(X, y)
    np.testing.assert_allclose(
        flow.estimator.predict_proba(X), twin.predict_proba(X), rtol=1e-5
    )
    assert not hasattr(pipeline[-1], "history_")


def test_too_high_a_rate_is_recognised_and_named(data):
    X, _ = data
    network = skdl.MLPRegressor(
        (6, 6), optimizer="sgd", learning_rate=1e12, epochs=2, random_state=0
    )
    flow = gradient_flow(network, X, X["a"] * 3)
    codes = {finding.code for finding in flow.findings}
    assert codes & {"exploding_gradients", "dying_units"}
    assert flow.status == flow.estimator.status_
    assert flow.findings[0].suggestion["learning_rate"] < 1e10
    assert np.isfinite(flow.at("first step")["gradient_norm"]).all()


def test_sparse_rows_and_an_activation_without_bounds(data):
    X, y = data
    network = skdl.MLPClassifier((6,), activation="gelu", epochs=2, random_state=0)
    flow = gradient_flow(network, sparse.csr_matrix(X.to_numpy()), y)
    assert [finding.code for finding in flow.findings] == ["healthy_flow"]
    assert flow.unanswered == (
        "whether units are dead or saturated: units of 'gelu' never stop learning "
        "(those of relu, sigmoid and tanh can)",
    )
    assert "Not answered:" in flow._repr_html_()
    assert "never stop learning" in flow._repr_html_()


def test_a_network_without_hidden_layers(data):
    X, y = data
    flow = gradient_flow(skdl.MLPClassifier((), epochs=1, random_state=0), X, y)
    assert flow.at("end")["layer"].tolist() == ["outputs"]
    assert flow.unanswered == (
        "how gradients flow between layers: there is only one layer",
    )


def test_images():
    images = np.random.default_rng(0).uniform(size=(40, 6, 6, 1)).astype("float32")
    y = images[:, 0, 0, 0] > 0.5
    network = skdl.ConvClassifier(
        (3,), hidden_layer_sizes=(4,), epochs=1, random_state=0
    )
    flow = gradient_flow(network, images, y)
    assert isinstance(flow, GradientFlow)
    assert flow.at("end")["layer"].tolist() == ["convolution_1", "hidden_1", "outputs"]
    assert flow.at("end")["dead_share"].iloc[:-1].between(0, 1).all()


@pytest.mark.parametrize(
    "estimator", [DummyClassifier(), make_pipeline(StandardScaler(), DummyClassifier())]
)
def test_other_estimators_are_refused(estimator, data):
    with pytest.raises(ParameterError, match=r"skdl's networks .* Got DummyClassifier"):
        gradient_flow(estimator, *data)


def test_a_network_inside_of_another_estimator_is_refused(data):
    stacked = StackingClassifier([("net", skdl.MLPClassifier())])
    with pytest.raises(ParameterError, match="Got StackingClassifier instead"):
        gradient_flow(stacked, *data)
    with pytest.raises(ParameterError, match="Got dict instead"):
        gradient_flow({}, *data)


def test_several_networks_are_refused(data):
    chosen = SelectFromModel(skdl.MLPClassifier())
    pipeline = make_pipeline(chosen, skdl.MLPClassifier())
    with pytest.raises(
        ParameterError, match=r"one network\. .*mlpclassifier', 'select"
    ):
        gradient_flow(pipeline, *data)


def test_what_fit_refuses_is_refused(data):
    with pytest.raises(ParameterTypeError, match="epochs"):
        gradient_flow(skdl.MLPClassifier(epochs="many"), *data)
    with pytest.raises(ValueError, match="X has 120 rows but y has 5"):
        gradient_flow(skdl.MLPClassifier(), data[0], data[1][:5])
