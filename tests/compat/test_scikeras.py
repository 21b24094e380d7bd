"""What skdl needs of scikeras's private parts; each test says what else would break."""

import keras
import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer

from skdl._compat.scikeras import (
    HookedClassifier,
    HookedRegressor,
    has_build_method,
    route_parameters,
    takes_any_keyword,
    takes_parameter,
)

X, y = np.arange(12.0).reshape(6, 2), np.arange(6) % 2


def build(meta, units=1):
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)])


class Hooked(HookedRegressor):
    """Records what the steps are passed."""

    def check_data(self, X, y):
        self._seen = X, y
        self.n_features_in_ = X.shape[1]
        return X, y

    def metadata(self):
        return {"n_features_in_": 2}


def test_parameters_are_routed_by_prefix():
    """Otherwise parameters would reach the wrong method of Keras."""
    parameters = {"units": 3, "model__depth": 2, "fit__epochs": 5, "model__a__b": 1}

    routed = route_parameters(parameters, "model", {"units"})
    strict = route_parameters(parameters, "model", (), strict=True)

    assert routed == {"units": 3, "depth": 2, "a__b": 1}
    assert strict == {"depth": 2}


def test_parameters_of_functions_are_found():
    """Otherwise the cache would ignore arguments that a build function reads."""
    assert takes_parameter(build, "meta")
    assert not takes_parameter(build, "params")
    assert takes_any_keyword(lambda **kwargs: None)
    assert not takes_any_keyword(build)


def test_initialize_calls_the_hooks():
    """Otherwise scikeras would validate, seed and build in its own way."""
    hooked = Hooked(build, units=4, loss="mse", random_state=0)
    hooked.set_build_inputs(hooked, {"units"})

    hooked.initialize(X, y)

    assert hooked._seen[0] is X
    assert hooked.model_.output_shape == (None, 4)
    assert isinstance(hooked.feature_encoder_, FunctionTransformer)


def test_what_make_model_returns_is_model_():
    """Otherwise a model from the cache could not take the place of a built one."""

    class Cached(Hooked):
        def make_model(self):
            return "from the cache"

    assert Cached(build, loss="mse").initialize(X, y).model_ == "from the cache"


def test_the_build_function_is_the_model_parameter():
    """Otherwise the cache would not know which function a model comes from."""
    assert HookedClassifier(build).build_function() is build
    with pytest.raises(TypeError, match="must be a callable"):
        HookedClassifier("build").build_function()


def test_a_class_may_build_its_model_itself():
    """Otherwise subclasses with ``_keras_build_fn`` would not be built."""

    class Own:
        def _keras_build_fn(self, meta):
            return build(meta)

    own, hooked = Own(), HookedClassifier()
    hooked.set_build_inputs(own, ())

    assert has_build_method(own)
    assert has_build_method(hooked)
    assert hooked.build_function() == own._keras_build_fn
    assert not has_build_method(HookedClassifier())


def test_compile_arguments_are_built_from_parameters():
    """Otherwise ``optimizer__learning_rate`` and the like would have no effect."""
    hooked = HookedRegressor(
        build, optimizer="adam", optimizer__learning_rate=0.5, loss="mse"
    )

    arguments = hooked.compile_arguments()

    assert isinstance(arguments["optimizer"], keras.optimizers.Adam)
    assert float(arguments["optimizer"].learning_rate) == 0.5
    assert arguments["loss"] is keras.losses.get("mse")


def test_the_arguments_of_fit_and_predict_are_listed():
    """Otherwise parameters without a prefix would not reach `fit` and `predict`."""
    hooked = HookedRegressor(build)

    assert {"batch_size", "epochs", "shuffle"} <= set(hooked.names_of_arguments("fit"))
    assert "batch_size" in hooked.names_of_arguments("predict")


def test_callbacks_are_built_once_from_their_parameters():
    """Otherwise callbacks given as types would not be built, or lose their state."""
    hooked = HookedRegressor(
        build,
        callbacks=keras.callbacks.EarlyStopping,
        callbacks__monitor="loss",
        callbacks__patience=7,
    )

    [callback] = hooked.build_callbacks("fit")

    assert callback.patience == 7
    assert hooked.build_callbacks("fit") == [callback]
    assert hooked.build_callbacks("predict") == [callback]
