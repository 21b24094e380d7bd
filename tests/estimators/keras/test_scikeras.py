"""Models are built as by scikeras, but only once for the same arguments."""

import functools
import types

import keras
import numpy as np
import pytest
from keras import layers
from scikeras import wrappers as scikeras
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from skdl import KerasClassifier, KerasRegressor

UNITS = 3


def initial_weights(model, X, y):
    """The initial weights of a model."""
    return clone(model).initialize(X, y).model_.get_weights()


def assert_equal_arrays(ours, theirs):
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture
def counted(calls, dense):
    """A build function that counts its calls."""

    def build(meta, n_units=8):
        calls()
        return dense(meta, n_units=n_units)

    return build


# --- how often ----------------------------------------------------------------------


def test_one_model_for_one_set_of_parameters_and_seed(
    counted, calls, X, quantity, fast
):
    model = KerasRegressor(counted, loss="mse", **fast)
    for _ in range(2):
        model.fit(X, quantity)
    clone(model).fit(X[:64], quantity[:64])
    assert calls.n == 1

    model.set_params(optimizer__learning_rate=0.5, fit__batch_size=80).fit(X, quantity)
    assert calls.n == 1

    model.set_params(random_state=1).initialize(X, quantity)
    assert calls.n == 2

    model.set_params(model__n_units=4).initialize(X, quantity)
    assert calls.n == 3

    model.initialize(X[:, :3], quantity)
    assert calls.n == 4


def test_folds_and_candidates_share_what_is_built(counted, calls, X, quantity, fast):
    model = KerasRegressor(counted, loss="mse", **fast)
    cross_val_score(model, X, quantity, cv=3)
    assert calls.n == 1

    rates = {"optimizer__learning_rate": [0.01, 0.1], "model__n_units": [8, 4]}
    GridSearchCV(model, rates, cv=2).fit(X, quantity)
    assert calls.n == 2 + 1  # 8 units given are another parameter than none given


def test_predicting_and_scoring_build_nothing(counted, calls, X, quantity, fast):
    model = KerasRegressor(counted, loss="mse", **fast).fit(X, quantity)
    model.predict(X)
    model.score(X, quantity)

    assert model.model_.count_params() == 4 * 8 + 8 + 8 + 1
    assert calls.n == 1


def test_unseeded_models_differ(counted, calls, X, quantity):
    model = KerasRegressor(counted, loss="mse")

    first, second = (initial_weights(model, X, quantity) for _ in range(2))

    assert calls.n == 2
    assert not np.allclose(first[0], second[0])


def test_another_seed_is_another_model(dense, X, quantity):
    first, again, second = (
        initial_weights(KerasRegressor(dense, loss="mse", random_state=s), X, quantity)
        for s in (0, 0, 1)
    )

    assert_equal_arrays(first, again)
    assert not np.allclose(first[0], second[0])


def test_a_generator_is_a_seed(dense, X, quantity):
    first, again = (
        initial_weights(
            KerasRegressor(dense, loss="mse", random_state=np.random.RandomState(3)),
            X,
            quantity,
        )
        for _ in range(2)
    )

    assert_equal_arrays(first, again)


def test_predicting_draws_nothing_from_a_generator(dense, X, quantity):
    random = np.random.RandomState(3)
    model = KerasRegressor(dense, loss="mse", random_state=random)
    model.initialize(X, quantity)
    before = random.get_state()[1].copy(), random.get_state()[2]

    model.predict(X)
    assert model.model_.built

    np.testing.assert_array_equal(random.get_state()[1], before[0])
    assert random.get_state()[2] == before[1]


# --- what a function reads around it ------------------------------------------------


def build_by_global():
    return keras.Sequential([keras.Input((4,)), layers.Dense(UNITS), layers.Dense(1)])


def build_by_other_function():
    return build_by_global()


@pytest.mark.parametrize(
    "build",
    [build_by_global, build_by_other_function, functools.partial(build_by_global)],
    ids=["function", "inner function", "partial"],
)
def test_a_changed_global_rebuilds_the_model(build, monkeypatch, X, quantity):
    model = KerasRegressor(build, loss="mse", random_state=0)
    assert initial_weights(model, X, quantity)[0].shape == (4, 3)

    monkeypatch.setitem(globals(), "UNITS", 5)

    assert initial_weights(model, X, quantity)[0].shape == (4, 5)


class Settings:
    units = 3


@pytest.mark.parametrize(
    "settings",
    [Settings, types.SimpleNamespace(units=3), types.ModuleType("settings")],
    ids=["class", "namespace", "module"],
)
def test_a_changed_setting_rebuilds_the_model(settings, monkeypatch, X, quantity):
    monkeypatch.setattr(settings, "units", 3, raising=False)

    def build():
        return keras.Sequential([keras.Input((4,)), layers.Dense(settings.units)])

    model = KerasRegressor(build, loss="mse", random_state=0)
    assert initial_weights(model, X, quantity)[0].shape == (4, 3)

    monkeypatch.setattr(settings, "units", 5)

    assert initial_weights(model, X, quantity)[0].shape == (4, 5)


def test_a_changed_enclosing_variable_rebuilds_the_model(X, quantity):
    units = [3]

    def build():
        return keras.Sequential(
            [keras.Input((4,)), layers.Dense(units[0]), layers.Dense(1)]
        )

    model = KerasRegressor(build, loss="mse", random_state=0)
    assert initial_weights(model, X, quantity)[0].shape == (4, 3)

    units[0] = 5

    assert initial_weights(model, X, quantity)[0].shape == (4, 5)


def test_functions_of_the_same_name_are_distinguished(X, quantity):
    def made(n_units):
        def build():
            return keras.Sequential(
                [keras.Input((4,)), layers.Dense(n_units), layers.Dense(1)]
            )

        return build

    shapes = [
        initial_weights(
            KerasRegressor(made(n), loss="mse", random_state=0), X, quantity
        )[0].shape
        for n in (3, 4)
    ]

    assert shapes == [(4, 3), (4, 4)]


# --- what it is given ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_build_functions_receive_the_same_arguments_as_in_scikeras(
    kind, X, three_classes, quantity, dense
):
    given = []

    def build(meta, params, compile_kwargs, **kwargs):
        given.append((dict(meta), dict(params), dict(compile_kwargs), kwargs))
        model = dense(meta)
        model.compile(**compile_kwargs)
        return model

    is_classifier = kind == "classifier"
    name = "KerasClassifier" if is_classifier else "KerasRegressor"
    loss = "sparse_categorical_crossentropy" if is_classifier else "mse"
    settings = {
        "loss": loss,
        "metrics": ["mae"],
        "optimizer__learning_rate": 0.25,
        "extra": 3,
        "model__other": 4,
        "random_state": 0,
        "verbose": 0,
    }
    y = three_classes if is_classifier else quantity
    theirs = getattr(scikeras, name)(build, **settings)
    theirs.initialize(X, y)
    ours = (KerasClassifier if is_classifier else KerasRegressor)(build, **settings)
    ours.initialize(X, y)

    (meta, params, compile_kwargs, kwargs), (our_meta, *others) = given
    our_params, our_compile_kwargs, our_kwargs = others
    assert our_params == params
    assert our_kwargs == kwargs == {"extra": 3, "other": 4}
    assert set(our_compile_kwargs) == set(compile_kwargs)
    assert float(our_compile_kwargs["optimizer"].learning_rate) == 0.25
    assert our_compile_kwargs["loss"] is compile_kwargs["loss"]
    assert set(our_meta) == set(meta)
    for name in set(meta) - {"target_encoder_", "feature_encoder_"}:
        np.testing.assert_array_equal(our_meta[name], meta[name], err_msg=name)
    assert type(our_meta["target_encoder_"]) is type(meta["target_encoder_"])


def test_initial_weights_are_those_of_keras_with_that_seed(dense, X, quantity):
    theirs = scikeras.KerasRegressor(dense, loss="mse", random_state=7)
    theirs.initialize(X, quantity)
    ours = KerasRegressor(dense, loss="mse", random_state=7)

    assert_equal_arrays(initial_weights(ours, X, quantity), theirs.model_.get_weights())


def test_a_build_function_may_change_its_arguments(calls, dense, X, quantity):
    def build(meta, params, compile_kwargs):
        calls()
        model = dense(meta)
        compile_kwargs["optimizer"] = "sgd"
        params.clear()
        meta.pop("n_features_in_")
        model.compile(**compile_kwargs)
        return model

    model = KerasRegressor(build, loss="mse", optimizer="adam", random_state=0)
    for _ in range(2):
        model.initialize(X, quantity)
        assert type(model.model_.optimizer) is keras.optimizers.SGD

    assert model.get_params()["optimizer"] == "adam"
    assert model.n_features_in_ == 4
    assert calls.n == 1


def test_a_compiled_model_keeps_its_optimizer_and_loss(X, quantity, dense, fast):
    def build(meta):
        model = dense(meta)
        model.compile(keras.optimizers.SGD(0.125), "mae", metrics=["mse"])
        return model

    compiled = KerasRegressor(build, **fast).fit(X, quantity)
    not_compiled = KerasRegressor(
        dense,
        optimizer="sgd",
        optimizer__learning_rate=0.125,
        loss="mae",
        metrics=["mse"],
        **fast,
    ).fit(X, quantity)

    assert type(compiled.model_.optimizer) is keras.optimizers.SGD
    assert float(compiled.model_.optimizer.learning_rate) == 0.125
    np.testing.assert_array_equal(compiled.predict(X), not_compiled.predict(X))
    assert compiled.history_ == not_compiled.history_


def test_a_function_must_return_a_model(X, quantity):
    def build():
        return "a model"

    with pytest.raises(
        ValueError, match=r"must return a keras\.Model\. It returned 'a model'"
    ):
        KerasRegressor(build, loss="mse").fit(X, quantity)


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_outputs_must_be_as_many_as_the_targets_need(n_outputs, X, quantity):
    def build():
        inputs = keras.Input((4,))
        outputs = [layers.Dense(1, name=f"o{i}")(inputs) for i in range(n_outputs)]
        return keras.Model(inputs, outputs)

    model = KerasRegressor(build, loss="mse")

    if n_outputs == 1:
        assert model.initialize(X, quantity).initialized_
    else:
        with pytest.raises(
            ValueError, match=r"a model with 1 outputs\. Got a model with 3"
        ):
            model.initialize(X, quantity)


def test_the_model_must_fit_the_shape_of_x(X, quantity):
    def build():
        return keras.Sequential([keras.Input((7,)), layers.Dense(1)])

    with pytest.raises(ValueError, match=r"expects rows of shape \(7,\)"):
        KerasRegressor(build, loss="mse", verbose=0).fit(X, quantity)


# --- models that were built before --------------------------------------------------


@pytest.mark.parametrize("is_compiled", [True, False], ids=["compiled", "plain"])
@pytest.mark.parametrize("run_eagerly", [False, True], ids=["engine", "keras"])
def test_a_passed_model_is_not_modified(is_compiled, run_eagerly, X, quantity, dense):
    given = dense({"n_features_in_": 4, "n_outputs_": 1})
    if is_compiled:
        given.compile("sgd", "mse", run_eagerly=run_eagerly)
    before = given.get_weights()
    model = KerasRegressor(
        given, loss="mse", optimizer="sgd", run_eagerly=run_eagerly, verbose=0
    )

    predictions = model.set_params(shuffle=False).fit(X, quantity).predict(X)

    assert_equal_arrays(given.get_weights(), before)
    assert given.compiled == is_compiled
    untrained = given.predict(X, verbose=0)[:, 0]
    assert not np.allclose(predictions, untrained, rtol=1e-3)
    # So another fit begins where the first did.
    np.testing.assert_array_equal(model.fit(X, quantity).predict(X), predictions)


def test_a_passed_model_predicts_after_initialize(X, quantity, dense):
    given = dense({"n_features_in_": 4, "n_outputs_": 1})

    model = KerasRegressor(given, loss="mse").initialize(X, quantity)

    np.testing.assert_allclose(
        model.predict(X), given.predict(X, verbose=0)[:, 0], rtol=1e-5, atol=1e-6
    )


@pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")  # Keras saves
def test_clones_start_with_the_weights_of_a_passed_model(X, quantity, dense):
    given = dense({"n_features_in_": 4, "n_outputs_": 1})

    copy = clone(KerasRegressor(given, loss="mse")).initialize(X, quantity)

    assert_equal_arrays(copy.model_.get_weights(), given.get_weights())
