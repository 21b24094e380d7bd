"""Prefixes route parameters, as in scikeras."""

import functools
from typing import ClassVar

import keras
import numpy as np
import pytest
from keras import layers
from scikeras import wrappers as scikeras
from sklearn.base import clone

import skdl
from skdl import KerasClassifier, KerasRegressor


@pytest.fixture
def model_of(X, quantity, dense):
    """A function that builds, but does not train, a regressor's Keras model."""

    def build(**parameters):
        return KerasRegressor(dense, **parameters).initialize(X, quantity).model_

    return build


# --- optimizer__ --------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["sgd", "SGD", keras.optimizers.SGD])
def test_names_and_classes_of_optimizers_take_parameters(optimizer, model_of):
    found = model_of(
        loss="mse",
        optimizer=optimizer,
        optimizer__learning_rate=0.25,
        optimizer__momentum=0.5,
    ).optimizer

    assert type(found) is keras.optimizers.SGD
    assert float(found.learning_rate) == 0.25
    assert found.momentum == 0.5


def test_an_optimizer_object_is_used_as_it_is(model_of):
    given = keras.optimizers.Adam(0.125, beta_1=0.5)

    found = model_of(loss="mse", optimizer=given).optimizer

    assert float(found.learning_rate) == 0.125
    assert found.beta_1 == 0.5


def test_an_optimizer_object_takes_no_parameters(model_of):
    given = keras.optimizers.SGD()

    with pytest.raises(TypeError, match="does not accept parameters"):
        model_of(loss="mse", optimizer=given, optimizer__learning_rate=0.5)


def test_a_schedule_of_learning_rates_is_a_parameter_too(model_of):
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.5, 3, 0.75)

    found = model_of(
        loss="mse", optimizer="sgd", optimizer__learning_rate=schedule
    ).optimizer

    assert found._learning_rate.get_config() == schedule.get_config()


# --- loss__ and metrics__ -----------------------------------------------------------


def test_a_class_of_loss_takes_parameters(model_of):
    found = model_of(loss=keras.losses.Huber, loss__delta=0.25).loss

    # By hand: delta x (error - delta / 2).
    np.testing.assert_allclose(found(np.zeros((1, 1)), np.ones((1, 1))), 0.25 * 0.875)


def test_metrics_take_parameters_all_together_and_one_by_one(X, two_classes, dense):
    model = KerasClassifier(
        dense,
        loss="binary_crossentropy",
        metrics=[keras.metrics.BinaryAccuracy, keras.metrics.AUC],
        metrics__name="both",
        metrics__1__name="second",
        metrics__0__threshold=0.75,
    )
    model.initialize(X, two_classes)

    metrics = model.model_.get_compile_config()["metrics"]

    assert [metric["config"]["name"] for metric in metrics] == ["both", "second"]
    assert metrics[0]["config"]["threshold"] == 0.75


def test_names_in_the_history_equal_those_of_scikeras(X, two_classes, dense, fast):
    parameters = {"loss": "binary_crossentropy", "metrics": ["acc", "mae"], **fast}

    theirs = scikeras.KerasClassifier(dense, **parameters).fit(X, two_classes)
    ours = KerasClassifier(dense, **parameters).fit(X, two_classes)

    assert set(ours.history_) == set(theirs.history_)


# --- the build function's own -------------------------------------------------------


def test_any_keyword_is_a_parameter_of_the_build_function(X, quantity, dense):
    model = KerasRegressor(dense, loss="mse", n_units=3)
    assert model.get_params()["n_units"] == 3

    model.set_params(n_units=5).initialize(X, quantity)
    assert model.model_.layers[0].units == 5

    model.set_params(model__n_units=6).initialize(X, quantity)
    assert model.model_.layers[0].units == 6


def test_a_clone_has_all_parameters(dense):
    parameters = {
        "loss": "mse",
        "n_units": 3,
        "model__n_units": 4,
        "optimizer__learning_rate": 0.5,
        "fit__batch_size": 8,
        "callbacks": keras.callbacks.EarlyStopping,
        "callbacks__patience": 3,
    }
    copy = clone(KerasRegressor(dense, **parameters))

    assert parameters.items() <= copy.get_params().items()


def test_the_constructor_has_the_parameters_and_defaults_of_scikeras():
    for name in ("KerasClassifier", "KerasRegressor"):
        ours = getattr(skdl, name)().get_params()
        theirs = getattr(scikeras, name)().get_params()
        assert ours == theirs


def test_an_unknown_parameter_is_refused(dense):
    with pytest.raises(ValueError, match="Invalid parameter 'n_unit' for estimator"):
        KerasRegressor(dense).set_params(n_unit=3)


def test_prefixed_parameters_may_be_new(dense):
    model = KerasRegressor(dense).set_params(
        optimizer__learning_rate=0.5,
        loss__delta=0.5,
        metrics__name="m",
        model__n_units=3,
        callbacks__patience=2,
        fit__epochs=2,
        predict__batch_size=3,
        compile__loss_weights=[0.5],
    )

    assert model.get_params()["optimizer__learning_rate"] == 0.5
    assert model.get_params()["callbacks__patience"] == 2
    assert model.get_params()["compile__loss_weights"] == [0.5]


def test_compile_parameters_reach_compile(model_of):
    model = model_of(loss="mse", compile__weighted_metrics=["mae"])

    assert model.get_compile_config()["weighted_metrics"] == ["mae"]


# --- fit__ and predict__ ------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(X, quantity, dense, fast):
    """A function that returns predictions and number of epochs."""

    @functools.cache
    def fit(**parameters):
        settings = {**fast, "loss": "mse", "optimizer": "sgd", **parameters}
        model = KerasRegressor(dense, **settings).fit(X, quantity)
        return model.predict(X), len(model.history_["loss"])

    return fit


def test_fit_parameters_come_before_the_general_ones(fitted):
    expected, n_epochs = fitted(batch_size=10, epochs=2)
    assert n_epochs == 2

    for parameters in (
        {"batch_size": 80, "fit__batch_size": 10, "epochs": 2},
        {"batch_size": 10, "epochs": 7, "fit__epochs": 2},
    ):
        predictions, n_epochs = fitted(**parameters)
        np.testing.assert_array_equal(predictions, expected)
        assert n_epochs == 2


def test_a_batch_size_of_minus_one_means_all_rows(fitted):
    in_one_step, _ = fitted(batch_size=80)
    in_eight_steps, _ = fitted(batch_size=10)

    np.testing.assert_array_equal(fitted(batch_size=-1)[0], in_one_step)
    np.testing.assert_array_equal(fitted(fit__batch_size=-1)[0], in_one_step)
    assert not np.allclose(in_eight_steps, in_one_step)


def test_arguments_of_fit_come_first(X, quantity, dense, fast, fitted):
    expected, _ = fitted(batch_size=10, epochs=2)

    model = KerasRegressor(dense, loss="mse", optimizer="sgd", **fast)
    model.fit(X, quantity, epochs=2, batch_size=10)

    np.testing.assert_array_equal(model.predict(X), expected)


def test_validation_rows_are_the_last_rows(X, quantity, dense, fast, fitted):
    settings = {**fast, "loss": "mse", "optimizer": "sgd", "epochs": 2}
    by_share = KerasRegressor(dense, fit__validation_split=0.25, **settings)
    by_share.fit(X, quantity)
    by_rows = KerasRegressor(dense, **settings)
    by_rows.fit(X[:60], quantity[:60], validation_data=(X[60:], quantity[60:]))

    assert list(by_share.history_) == ["loss", "val_loss"]
    assert by_share.history_ == by_rows.history_


class BatchCount(keras.callbacks.Callback):
    """Counts batches of `keras.Model.predict`."""

    n = 0

    def on_predict_batch_end(self, batch, logs=None):
        """Count one."""
        type(self).n += 1


@pytest.mark.parametrize(
    ("batch_size", "n_batches"), [(16, 5), (-1, 1)], ids=["some", "all"]
)
def test_predict_parameters_reach_predict(
    batch_size, n_batches, X, quantity, dense, fast
):
    model = KerasRegressor(
        dense,
        loss="mse",
        predict__batch_size=batch_size,
        predict__callbacks=BatchCount,
        **{**fast, "batch_size": 80},
    ).initialize(X, quantity)
    expected = model.set_params(predict__callbacks=None).predict(X)

    BatchCount.n = 0
    found = model.set_params(predict__callbacks=BatchCount).predict(X)

    assert BatchCount.n == n_batches
    np.testing.assert_allclose(found, expected, rtol=1e-6)


# --- callbacks ----------------------------------------------------------------------


class Seen(keras.callbacks.Callback):
    """Records the tags of callbacks whose epochs ended."""

    tags: ClassVar[list] = []

    def __init__(self, tag="none"):
        super().__init__()
        self.tag = tag

    def on_epoch_end(self, epoch, logs=None):
        """Record this one."""
        self.tags.append(self.tag)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"callbacks": Seen}, ["none"]),
        ({"callbacks": Seen("own")}, ["own"]),
        ({"callbacks": Seen, "callbacks__tag": "a"}, ["a"]),
        ({"callbacks": [Seen, Seen], "callbacks__tag": "a"}, ["a", "a"]),
        (
            {"callbacks": [Seen, Seen], "callbacks__0__tag": "a"},
            ["a", "none"],
        ),
        (
            {"callbacks": {"x": Seen, "y": Seen("b")}, "callbacks__x__tag": "a"},
            ["a", "b"],
        ),
        ({"callbacks": {"x": [Seen, Seen("b")]}}, ["none", "b"]),
        ({"fit__callbacks": [Seen], "fit__callbacks__tag": "f"}, ["f"]),
        ({"callbacks": [Seen("a")], "fit__callbacks": [Seen("f")]}, ["a", "f"]),
        ({"predict__callbacks": [Seen]}, []),
    ],
    ids=[
        "class",
        "object",
        "class with parameter",
        "list with a parameter",
        "list with a parameter of one",
        "dict with a parameter of one",
        "dict of lists",
        "for fit with parameter",
        "general and for fit",
        "for predict",
    ],
)
def test_all_ways_to_pass_callbacks(parameters, expected, X, quantity, dense, fast):
    model = KerasRegressor(dense, loss="mse", run_eagerly=True, **fast, **parameters)
    Seen.tags.clear()

    model.fit(X, quantity, batch_size=80)

    assert Seen.tags == expected


def test_a_callback_must_be_one(X, quantity, dense):
    model = KerasRegressor(dense, loss="mse", callbacks=["early_stopping"])

    with pytest.raises(TypeError, match="If specified, ``callbacks`` must be one of"):
        model.fit(X, quantity)


# --- what is refused ----------------------------------------------------------------


def test_there_must_be_a_loss(X, quantity, dense):
    with pytest.raises(ValueError, match="provide a loss or a compiled model"):
        KerasRegressor(dense).fit(X, quantity)


def test_losses_of_parameters_and_model_must_agree(X, quantity):
    def build():
        model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
        model.compile(loss="mae")
        return model

    with pytest.raises(ValueError, match="loss='mse' differs"):
        KerasRegressor(build, loss="mse").fit(X, quantity)
    by_another_name = KerasRegressor(build, loss="MAE").initialize(X, quantity)
    assert by_another_name.initialized_


def test_there_must_be_a_model(X, quantity):
    with pytest.raises(ValueError, match="_keras_build_fn"):
        KerasRegressor(loss="mse").fit(X, quantity)
    with pytest.raises(TypeError, match="must be a callable, a Keras Model"):
        KerasRegressor("dense", loss="mse").fit(X, quantity)


def test_the_old_name_of_the_build_function_still_works(X, quantity, dense):
    model = KerasRegressor(build_fn=dense, loss="mse")

    with pytest.warns(UserWarning, match="``build_fn`` will be renamed"):
        model.initialize(X, quantity)

    assert model.predict(X).shape == (80,)
