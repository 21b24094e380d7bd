"""Fitted attributes: history, counts, status and a plain Keras model."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss

from skdl import MLPClassifier, MLPRegressor

SETTINGS = {"hidden_layer_sizes": (8,), "epochs": 6, "random_state": 0}
EVERY_LAYER = {
    "hidden_layer_sizes": (8, 8),
    "activation": "gelu",
    "kernel_initializer": "he_normal",
    "dropout": 0.2,
    "input_noise": 0.1,
    "batch_norm": True,
    "residual": True,
    "l1": 1e-3,
    "l2": 1e-3,
}
LOAD_AND_PREDICT = """
import sys
import keras
import numpy as np

model = keras.models.load_model(sys.argv[1])
outputs = model.predict(np.load(sys.argv[2]), verbose=0)
np.save(sys.argv[3], outputs)
assert not [name for name in sys.modules if name.split(".")[0] == "skdl"]
"""


@pytest.fixture(scope="module")
def fitted(X, two_classes):
    return MLPClassifier(**SETTINGS).fit(X, two_classes)


def test_history_without_validation(fitted):
    history = fitted.history_

    assert isinstance(history, pd.DataFrame)
    assert list(history) == ["epoch", "loss", "accuracy", "learning_rate"]
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert (history["learning_rate"] == 1e-3).all()
    assert history["loss"].is_monotonic_decreasing
    assert history["accuracy"].between(0, 1).all()


def test_history_with_validation(X, two_classes):
    model = MLPClassifier(**SETTINGS)

    model.fit(X[:60], two_classes[:60], X_val=X[60:], y_val=two_classes[60:])

    assert set(model.history_) == {
        *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
    }
    last = model.history_.iloc[-1]
    proba = model.predict_proba(X[60:])
    np.testing.assert_allclose(last["val_loss"], log_loss(two_classes[60:], proba))
    assert last["val_accuracy"] == model.score(X[60:], two_classes[60:])


def test_first_loss_is_that_of_the_initial_weights(X, two_classes):
    still = {**SETTINGS, "batch_size": "full", "optimizer": "sgd"}
    model = MLPClassifier(**still, learning_rate=1e-12).fit(X, two_classes)

    np.testing.assert_allclose(
        model.history_["loss"], log_loss(two_classes, model.predict_proba(X)), rtol=1e-9
    )
    np.testing.assert_allclose(
        model.history_["accuracy"], model.score(X, two_classes), rtol=1e-9
    )


def test_losses_of_several_classes_and_labels(X, three_classes, two_labels):
    multiclass = MLPClassifier(**SETTINGS).fit(
        X, three_classes, X_val=X, y_val=three_classes
    )
    multilabel = MLPClassifier(**SETTINGS).fit(X, two_labels, X_val=X, y_val=two_labels)

    expected = log_loss(three_classes, multiclass.predict_proba(X))
    np.testing.assert_allclose(multiclass.history_["val_loss"].iloc[-1], expected)
    proba = multilabel.predict_proba(X)
    expected = -np.where(two_labels == 1, np.log(proba), np.log1p(-proba)).mean()
    np.testing.assert_allclose(multilabel.history_["val_loss"].iloc[-1], expected)
    for model, y in ((multiclass, three_classes), (multilabel, two_labels)):
        accuracy = model.history_["val_accuracy"].iloc[-1]
        np.testing.assert_allclose(accuracy, model.score(X, y))


def test_numbers_and_status(fitted):
    assert fitted.n_iter_ == 6
    assert fitted.best_epoch_ == 6
    assert fitted.loss_ == fitted.history_["loss"].iloc[-1]
    assert fitted.status_ == "finished all epochs"
    assert fitted.n_features_in_ == 4
    assert fitted.n_outputs_ == 1
    assert fitted.classes_.tolist() == [0, 1]


def test_learning_rates_of_the_schedules(X, two_classes):
    settings = {**SETTINGS, "epochs": 20, "learning_rate": 0.1}
    rates = {
        schedule: MLPClassifier(**settings, learning_rate_schedule=schedule)
        .fit(X, two_classes)
        .history_["learning_rate"]
        .to_numpy()
        for schedule in ("exponential", "cosine")
    }

    assert (np.diff(rates["exponential"]) < 0).all()
    np.testing.assert_allclose(rates["exponential"][-1], 1e-3, rtol=0.1)
    assert (np.diff(rates["cosine"][1:]) < 0).all()
    assert rates["cosine"].max() <= 0.1
    assert rates["cosine"][-1] < 1e-3


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_no_fitted_attributes_before_fit(cls, X):
    model = cls()

    assert not [name for name in vars(model) if name.endswith("_")]
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        model.predict(X)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        _ = model.model_


CASES = [
    pytest.param(cls, target, parameters, id=f"{cls.__name__}-{target}-{kind}")
    for cls, target in [
        (MLPClassifier, "two_classes"),
        (MLPClassifier, "three_classes"),
        (MLPClassifier, "two_labels"),
        (MLPRegressor, "quantity"),
        (MLPRegressor, "two_labels"),
    ]
    for kind, parameters in [("plain", {}), ("every layer", EVERY_LAYER)]
]


@pytest.mark.parametrize(("cls", "target", "parameters"), CASES)
def test_the_model_is_plain_keras_and_predicts_the_same(
    cls, target, parameters, X, request
):
    import keras

    y = request.getfixturevalue(target)
    model = cls(**{**SETTINGS, **parameters}).fit(X, y)

    network = model.model_

    assert isinstance(network, keras.Model)
    modules = {type(layer).__module__.split(".")[0] for layer in network.layers}
    assert modules == {"keras"}
    outputs = network.predict(X, verbose=0)
    if cls is MLPRegressor:
        expected = model.predict(X).reshape(outputs.shape)
    elif target == "two_classes":
        expected = model.predict_proba(X)[:, 1:]
    else:
        expected = model.predict_proba(X)
    np.testing.assert_allclose(outputs, expected, rtol=1e-6, atol=1e-6)


def test_model_is_a_copy(fitted, X):
    before = fitted.predict_proba(X)
    network = fitted.model_

    network.set_weights([np.zeros_like(w) for w in network.get_weights()])

    assert fitted.model_ is not network
    np.testing.assert_array_equal(fitted.predict_proba(X), before)


@pytest.mark.slow
# Keras 3 reads TensorFlow variables in a way that NumPy 2 deprecates.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(
    ("cls", "target"), [(MLPClassifier, "three_classes"), (MLPRegressor, "quantity")]
)
def test_saved_model_loads_without_skdl(
    cls, target, X, request, in_new_process, tmp_path
):
    y = request.getfixturevalue(target)
    model = cls(**{**SETTINGS, **EVERY_LAYER}).fit(X, y)
    saved, rows, outputs = (
        tmp_path / name for name in ("network.keras", "rows.npy", "outputs.npy")
    )
    model.model_.save(saved)
    np.save(rows, X)

    in_new_process(LOAD_AND_PREDICT, saved, rows, outputs)

    is_classifier = cls is MLPClassifier
    expected = model.predict_proba(X) if is_classifier else model.predict(X)[:, None]
    np.testing.assert_allclose(np.load(outputs), expected, rtol=1e-6, atol=1e-6)


def test_saved_weights_have_the_trained_penalties(X, two_classes):
    model = MLPClassifier(**{**SETTINGS, **EVERY_LAYER}).fit(X, two_classes)

    network = model.model_

    kernels = [w for w in network.get_weights() if w.ndim == 2]
    penalty = sum(1e-3 * (np.abs(k).sum() + (k**2).sum()) for k in kernels)
    np.testing.assert_allclose(float(sum(network.losses)), penalty, rtol=1e-6)
