"""What the view of a fitted network shows."""

import keras
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skdl import ConvClassifier, KerasRegressor, MLPClassifier, MLPRegressor
from skdl.estimators import fitted_network
from skdl.training import predict_outputs

X = np.random.default_rng(0).normal(size=(20, 4))
QUANTITY = 100 + 10 * X.sum(axis=1)
SETTINGS = {"epochs": 1, "random_state": 0}


def dense(meta):
    return keras.Sequential(
        [keras.Input((meta["n_features_in_"],)), keras.layers.Dense(1)]
    )


def apart():
    inputs = [keras.Input((2,)), keras.Input((2,))]
    both = keras.layers.Concatenate()(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(both))


def test_outputs_and_scale_give_the_predictions():
    reg = MLPRegressor((3,), **SETTINGS).fit(X, QUANTITY)

    view = fitted_network(reg)

    outputs = predict_outputs(view.architecture, view.weights, view.features(X))
    assert view.activation == "linear"
    assert view.why_no_gradients == ""
    np.testing.assert_allclose(outputs[:, 0] * view.scale + view.offset, reg.predict(X))


@pytest.mark.parametrize(
    ("clf", "n_classes", "activation"),
    [
        (MLPClassifier((3,), **SETTINGS), 2, "sigmoid"),
        (ConvClassifier((3,), image_shape=(2, 2), **SETTINGS), 3, "softmax"),
    ],
)
def test_classifiers_have_an_activation_and_no_scale(clf, n_classes, activation):
    view = fitted_network(clf.fit(X, np.arange(20) % n_classes))

    assert view.activation == activation
    assert (view.scale, view.offset) == (1.0, 0.0)


def test_parameters_and_kernels():
    view = fitted_network(MLPRegressor((3,), **SETTINGS).fit(X, QUANTITY))

    assert view.n_parameters == 4 * 3 + 3 + 3 + 1
    assert [kernel.shape for kernel in view.kernels] == [(4, 3), (3, 1)]


def test_a_wrapped_keras_model():
    reg = KerasRegressor(dense, loss="mse", verbose=0, **SETTINGS).fit(X, QUANTITY)

    view = fitted_network(reg)

    outputs = predict_outputs(view.architecture, view.weights, view.features(X))
    np.testing.assert_allclose(outputs[:, 0], reg.predict(X), rtol=1e-6)
    assert view.why_no_gradients == ""
    reg.model_.set_weights([np.zeros((4, 1)), np.ones(1)])
    np.testing.assert_array_equal(fitted_network(reg).weights.trainable[0], 0.0)


def test_why_there_are_no_gradients():
    class TwoInputs(KerasRegressor):
        @property
        def feature_encoder(self):
            from sklearn.preprocessing import FunctionTransformer

            return FunctionTransformer(lambda X: [X[:, :2], X[:, 2:]])

    reg = TwoInputs(apart, loss="mse", verbose=0, **SETTINGS).fit(X, QUANTITY)

    assert fitted_network(reg).why_no_gradients == (
        "its model has several inputs or outputs"
    )


@pytest.mark.parametrize("estimator", [MLPRegressor(), KerasRegressor(dense)])
def test_the_estimator_must_be_fitted(estimator):
    with pytest.raises(NotFittedError):
        fitted_network(estimator)
