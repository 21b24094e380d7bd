"""Continued fits, initialization without training, and changes to `model_`."""

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skdl import KerasClassifier, KerasRegressor


@pytest.fixture(scope="module", params=["engine", "keras"])
def regressor(request, dense, fast):
    """A function that makes an estimator which one or the other trains."""

    def make(**parameters):
        settings = {
            **fast,
            "loss": "mse",
            "optimizer": "adam",
            "optimizer__learning_rate": 0.02,
            "run_eagerly": request.param == "keras",
            **parameters,
        }
        return KerasRegressor(dense, **settings)

    return make


def n_epochs_of(model):
    return len(model.history_["loss"])


# --- partial_fit --------------------------------------------------------------------


def test_epochs_one_by_one_equal_one_fit(regressor, X, quantity):
    at_once = regressor(epochs=3).fit(X, quantity)

    model = regressor(epochs=7)
    for n_epochs in range(1, 4):
        assert model.partial_fit(X, quantity) is model
        assert model.current_epoch == n_epochs_of(model) == n_epochs

    np.testing.assert_allclose(model.predict(X), at_once.predict(X), rtol=1e-4)
    np.testing.assert_allclose(model.history_["loss"], at_once.history_["loss"])


@pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")  # Keras saves
def test_partial_fit_continues_after_fit_and_a_pickle(regressor, X, quantity):
    at_once = regressor(epochs=3).fit(X, quantity)

    model = regressor(epochs=2, warm_start=True).fit(X, quantity)
    model = pickle.loads(pickle.dumps(model)).partial_fit(X, quantity)

    np.testing.assert_allclose(model.predict(X), at_once.predict(X), rtol=1e-4)
    assert model.current_epoch == 3


def test_fit_starts_afresh(regressor, X, quantity):
    model = regressor().fit(X, quantity)
    expected = model.predict(X)

    model.partial_fit(X, quantity)
    assert not np.allclose(model.predict(X), expected)
    model.fit(X, quantity)

    np.testing.assert_array_equal(model.predict(X), expected)
    assert n_epochs_of(model) == 1


@pytest.mark.parametrize("name", ["epochs", "initial_epoch"])
def test_partial_fit_trains_for_one_epoch(name, dense, X, quantity):
    with pytest.raises(TypeError, match=f"one epoch.*Got '{name}'"):
        KerasRegressor(dense, loss="mse").partial_fit(X, quantity, **{name: 2})


def test_classes_that_come_later(dense, fast, X, three_classes):
    model = KerasClassifier(dense, loss="sparse_categorical_crossentropy", **fast)
    seen = three_classes < 2

    model.partial_fit(X[seen], three_classes[seen], classes=[0, 1, 2])
    model.partial_fit(X, three_classes)

    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(X).shape == (80, 3)
    assert model.current_epoch == 2


def test_a_failed_call_does_not_change_the_estimator(regressor, X, quantity):
    model = regressor().fit(X, quantity)
    expected, history = model.predict(X), dict(model.history_)

    for refused in (
        lambda: model.partial_fit(X[:, :3], quantity),
        lambda: model.fit(X, np.full(80, np.nan)),
        lambda: model.fit(X[:, :3], quantity, sample_weight=-np.ones(80)),
    ):
        with pytest.raises(ValueError, match=r"X has 3|NaN|weight"):
            refused()
        np.testing.assert_array_equal(model.predict(X), expected)
        assert model.history_ == history
        assert model.n_features_in_ == 4


# --- warm_start ---------------------------------------------------------------------


def test_warm_start_continues_with_weights_and_optimizer(regressor, X, quantity):
    at_once = regressor(epochs=4).fit(X, quantity)

    model = regressor(epochs=2, warm_start=True).fit(X, quantity).fit(X, quantity)

    np.testing.assert_allclose(model.predict(X), at_once.predict(X), rtol=1e-4)
    # The epochs begin at 0 again, and so does the history.
    np.testing.assert_allclose(
        model.history_["loss"], at_once.history_["loss"][2:], rtol=1e-4
    )


def test_initial_epoch(regressor, X, quantity):
    model = regressor(epochs=2, warm_start=True).fit(X, quantity)

    model.fit(X, quantity, initial_epoch=2, epochs=1)

    assert n_epochs_of(model) == model.current_epoch == 3


# --- initialize ---------------------------------------------------------------------


def test_initialize_builds_and_does_not_train(dense, fast, X, quantity, keras_fits):
    model = KerasRegressor(dense, loss="mse", **fast)
    assert not model.initialized_

    assert model.initialize(X, quantity) is model

    assert model.initialized_
    assert model.current_epoch == 0
    assert not hasattr(model, "history_")
    raw = model.model_.predict(X, verbose=0)[:, 0]
    np.testing.assert_allclose(model.predict(X), raw, rtol=1e-5, atol=1e-6)
    assert model.model_.compiled
    assert not keras_fits


def test_partial_fit_continues_from_initialize(regressor, X, quantity):
    expected = regressor().fit(X, quantity).predict(X)

    model = regressor().initialize(X, quantity).partial_fit(X, quantity)

    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-4)


def test_weights_can_be_set_before_training(regressor, X, quantity):
    model = regressor(warm_start=True).initialize(X, quantity)
    zeros = [np.zeros_like(array) for array in model.model_.get_weights()]
    model.model_.set_weights(zeros)
    assert not model.predict(X).any()

    model.fit(X, quantity)

    # From zeros, only the last bias can move.
    *others, bias = model.model_.get_weights()
    assert all(not array.any() for array in others)
    assert bias[0] > 0


# --- model_ -------------------------------------------------------------------------


def test_there_is_no_model_before_fit(dense, X):
    model = KerasRegressor(dense, loss="mse")

    with pytest.raises(NotFittedError):
        model.predict(X)
    assert not hasattr(model, "model_")
    assert not hasattr(clone(model), "history_")


def test_the_model_is_plain_keras_and_compiled(regressor, X, quantity):
    model = regressor(metrics=["mae"]).fit(X, quantity)

    assert isinstance(model.model_, keras.Model)
    assert model.model_ is model.model_
    np.testing.assert_allclose(
        model.model_.predict(X, verbose=0)[:, 0], model.predict(X), rtol=1e-5
    )
    loss, mae = model.model_.evaluate(X, quantity, verbose=0)
    errors = model.predict(X) - quantity
    assert loss == pytest.approx((errors**2).mean(), rel=1e-4)
    assert mae == pytest.approx(abs(errors).mean(), rel=1e-4)
    assert float(model.model_.optimizer.learning_rate) == pytest.approx(0.02)


def test_predictions_follow_changes_to_the_model(regressor, X, quantity):
    model = regressor().fit(X, quantity)
    weights = model.model_.get_weights()
    weights[-1] += 100.0
    before = model.predict(X)

    model.model_.set_weights(weights)

    np.testing.assert_allclose(model.predict(X), before + 100.0, rtol=1e-5)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(copy.predict(X), before + 100.0, rtol=1e-5)
    model.partial_fit(X, quantity)
    assert abs(model.predict(X) - before - 100.0).max() < 10


def test_predictions_follow_training_of_the_model(dense, fast, X, quantity):
    model = KerasRegressor(dense, loss="mse", **fast).fit(X, quantity)

    model.model_.fit(X, quantity, verbose=0)

    np.testing.assert_allclose(
        model.predict(X), model.model_.predict(X, verbose=0)[:, 0], rtol=1e-5
    )


def test_a_new_fit_has_a_new_model(regressor, X, quantity):
    model = regressor().fit(X, quantity)
    first, predictions = model.model_, model.predict(X)

    model.fit(X, quantity + 1)

    assert model.model_ is not first
    np.testing.assert_allclose(
        first.predict(X, verbose=0)[:, 0], predictions, rtol=1e-5
    )


# --- seeds --------------------------------------------------------------------------


def test_later_epochs_have_other_row_orders(dense, fast, X, quantity):
    settings = {**fast, "shuffle": True, "loss": "mse", "optimizer": "sgd"}
    settings["optimizer__learning_rate"] = 0.0
    model = KerasRegressor(dense, metrics=["mae"], **settings)
    # With nothing learned, the mean of the epoch is the same for any order.
    model.partial_fit(X, quantity).partial_fit(X, quantity)
    first, second = model.history_["loss"]
    assert first == pytest.approx(second, rel=1e-5)

    one, two = (
        KerasRegressor(dense, **{**settings, "optimizer__learning_rate": 0.1})
        for _ in range(2)
    )
    for estimator in (one, two):
        estimator.partial_fit(X, quantity).partial_fit(X, quantity)
    assert one.history_ == two.history_
