"""Integrated gradients: equal to TensorFlow's own, to finite differences, by hand."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy.special import expit
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    StandardScaler,
)

from skdl import (
    ConvClassifier,
    KerasClassifier,
    KerasRegressor,
    MLPClassifier,
    MLPRegressor,
)
from skdl.exceptions import AdditivityWarning, ParameterError
from skdl.explain import attributions
from skdl.explain.local._integrated_gradients import slopes_of
from tests.explain.responses import response_of

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(80, 3))
Y = 100 + 30 * np.tanh(X[:, 0] * X[:, 1]) + 5 * X[:, 2]
CLASSES = np.digitize(Y, [90, 110])
SETTINGS = {"learning_rate": 0.02, "epochs": 15, "random_state": 0}


def smooth(cls, **parameters):
    return cls((8,), activation="tanh", **{**SETTINGS, **parameters})


@pytest.fixture(scope="module")
def classifier():
    return smooth(MLPClassifier).fit(X, CLASSES)


@pytest.fixture(scope="module")
def regressor():
    return smooth(MLPRegressor).fit(X, Y)


def slopes_at(model, rows):
    outputs = list(range(len(response_of(model, rows).outputs)))
    slopes, why_not = slopes_of(model, model, response_of(model, rows), rows, outputs)
    assert why_not == ""
    return slopes.at(slopes.features(rows))


class TestSlopes:
    @pytest.mark.slow
    def test_equal_those_of_the_keras_model(self, classifier, regressor):
        labels = np.column_stack([X[:, 0] > 0, X[:, 1] > 0]).astype(int)
        models = [
            classifier,
            regressor,
            smooth(MLPClassifier, batch_norm=True, dropout=0.2).fit(X, labels),
            smooth(MLPRegressor).fit(X, np.column_stack([Y, -3 * Y])),
        ]
        for model in models:
            keras_model = model.model_
            rows = tf.constant(X[:5], keras_model.inputs[0].dtype)
            with tf.GradientTape() as tape:
                tape.watch(rows)
                outputs = keras_model(rows, training=False)
            expected = tape.batch_jacobian(outputs, rows).numpy()

            predictions, slopes = slopes_at(model, X[:5])

            np.testing.assert_allclose(predictions, outputs.numpy(), rtol=1e-5)
            np.testing.assert_allclose(slopes, expected, rtol=1e-4, atol=1e-6)

    def test_equal_finite_differences(self, regressor):
        step = 1e-5
        _, slopes = slopes_at(regressor, X[:4])

        for feature in range(3):
            moved = np.zeros(3)
            moved[feature] = step
            rise = regressor.predict(X[:4] + moved) - regressor.predict(X[:4] - moved)
            np.testing.assert_allclose(
                slopes[:, 0, feature], rise / (2 * step), rtol=1e-5
            )


class TestIntegrals:
    def test_a_linear_network(self):
        model = MLPRegressor((), **SETTINGS).fit(X, Y)
        kernel, _ = model.model_.get_weights()

        found = attributions(model, X[:6], X[40:])

        expected = (X[:6] - X[40:].mean(axis=0)) * kernel[:, 0]
        np.testing.assert_allclose(found.values[:, :, 0], expected, rtol=1e-5)
        assert found.method == "integrated_gradients"
        assert found.n_evaluations == 32
        assert found.additivity_gap <= found.additivity_tolerance
        assert found.base_values[0] == pytest.approx(model.predict(X[40:]).mean())

    def test_equal_a_fine_sum(self, classifier):
        # One path, by the midpoint rule with Keras's own model.
        model, start = classifier.model_, X[50]
        middles = (np.arange(4000) + 0.5) / 4000
        points = tf.constant(start + middles[:, None] * (X[0] - start))
        with tf.GradientTape() as tape:
            tape.watch(points)
            outputs = model(points, training=False)
        slopes = tape.batch_jacobian(outputs, points).numpy().mean(axis=0)

        found = attributions(classifier, X[:1], X[50:51])

        np.testing.assert_allclose(
            found.values[0], ((X[0] - start) * slopes).T, atol=1e-6
        )

    @pytest.mark.slow
    def test_a_logistic_path_by_hand(self):
        # p = expit(w x + c): along a line each feature has the share w_i d_i of p's
        # change.
        model = MLPClassifier((), **SETTINGS).fit(X, CLASSES > 1)
        (kernel, bias), (end, start) = model.model_.get_weights(), X[:2]
        parts = kernel[:, 0] * (end - start)
        change = expit(end @ kernel + bias) - expit(start @ kernel + bias)

        found = attributions(model, [end], [start])

        np.testing.assert_allclose(
            found.values[0, :, 0], change * parts / parts.sum(), rtol=1e-4
        )
        assert found.output_names == ("True",)

    @pytest.mark.slow
    def test_kinks_get_more_steps(self):
        model = MLPRegressor((8,), activation="relu", **SETTINGS).fit(X, Y)

        rough = attributions(model, X[:4], X[40:41], n_steps=2)

        assert 2 < rough.n_evaluations <= 512
        assert rough.is_additive

    @pytest.mark.slow
    def test_too_sharp_a_turn_is_warned_of(self):
        model = MLPClassifier((), **SETTINGS).fit(X, X[:, 0] > 0)
        far = np.zeros((1, 3))
        far[0, 0] = 1e6

        with pytest.warns(AdditivityWarning, match="has too sharp turns"):
            found = attributions(model, far, -0.3 * far)

        assert found.n_evaluations == 512

    def test_small_memory_changes_nothing(self, classifier):
        large = attributions(classifier, X[:4], X[40:])
        small = attributions(classifier, X[:4], X[40:], memory_bound=200_000)

        np.testing.assert_allclose(small.values, large.values, atol=1e-7)

    def test_groups_and_outputs(self, classifier):
        every = attributions(classifier, X[:4], X[40:])
        one = attributions(classifier, X[:4], X[40:], output="2", groups=[[0, 1]])

        assert one.feature_names == ("x0 + x1", "x2")
        assert one.output_names == ("2",)
        np.testing.assert_allclose(
            one.values[:, 0, 0], every.values[:, :2, 2].sum(axis=1), atol=1e-7
        )


class TestPipelines:
    def test_a_scaler_is_followed(self):
        frame = pd.DataFrame(X * [1, 10, 100] + 5, columns=["a", "b", "c"])
        model = make_pipeline(StandardScaler(), smooth(MLPRegressor)).fit(frame, Y)

        found = attributions(model, frame.iloc[:3], frame.iloc[40:])

        assert found.method == "integrated_gradients"
        assert found.is_additive
        behind = model[0].transform(frame)
        alone = attributions(model[-1], behind[:3], behind[40:])
        np.testing.assert_allclose(found.values, alone.values, rtol=1e-6)

    def test_the_found_of_a_search(self, regressor):
        search = GridSearchCV(regressor, {})
        search.best_estimator_ = regressor

        found = attributions(search, X[:2], X[40:])

        expected = attributions(regressor, X[:2], X[40:])
        np.testing.assert_array_equal(found.values, expected.values)

    def test_others_are_refused(self, regressor):
        model = make_pipeline(FunctionTransformer(np.tanh), regressor)

        with pytest.raises(ParameterError, match="cannot explain this Pipeline: the s"):
            attributions(model, X[:2], X, method="integrated_gradients")


def dense(units, activation=None):
    layers = [keras.layers.Dense(6, activation="tanh")]
    layers += [keras.layers.Dense(units, activation=activation)]
    return keras.Sequential([keras.Input((3,)), *layers])


WRAPPED = {
    "optimizer": "adam",
    "optimizer__learning_rate": 0.02,
    "epochs": 10,
    "verbose": 0,
    "random_state": 0,
}


@pytest.mark.slow
class TestKerasModels:
    @pytest.mark.parametrize(
        ("units", "activation", "loss", "labels"),
        [
            (1, "sigmoid", "binary_crossentropy", CLASSES > 1),
            (2, "softmax", "sparse_categorical_crossentropy", CLASSES > 1),
        ],
    )
    def test_classifiers(self, units, activation, loss, labels):
        model = KerasClassifier(dense(units, activation), loss=loss, **WRAPPED)
        model.fit(X, labels)

        found = attributions(model, X[:4], X[40:])

        assert found.method == "integrated_gradients"
        assert found.is_additive
        expected = model.predict_proba(X[:4])
        np.testing.assert_allclose(found.predictions, expected[:, 1:])

    def test_logits(self):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model = KerasClassifier(dense(3), loss=loss, **WRAPPED).fit(X, CLASSES)

        found = attributions(model, X[:4], X[40:])

        assert found.method == "integrated_gradients"
        assert found.is_additive
        np.testing.assert_allclose(found.predictions, model.predict_proba(X[:4]))

    def test_regressor(self):
        model = KerasRegressor(dense(1), loss="mse", **WRAPPED).fit(X, Y)

        found = attributions(model, X[:4], X[40:])

        assert found.method == "integrated_gradients"
        assert found.is_additive
        # Behind an encoder paths are not those between the rows.
        model.feature_encoder_ = FunctionTransformer(np.square)
        with pytest.raises(ParameterError, match="feature_encoder makes other feat"):
            attributions(model, X[:4], X[40:], method="integrated_gradients")


@pytest.mark.slow
def test_images_as_rows():
    pixels = RANDOM.integers(0, 255, size=(30, 16)).astype(np.uint8)
    model = ConvClassifier(
        (2,), hidden_layer_sizes=(), image_shape=(4, 4), epochs=2, random_state=0
    ).fit(pixels, pixels[:, 0] > 100)

    found = attributions(model, pixels[:2], pixels[10:])

    assert found.method == "integrated_gradients"
    assert found.values.shape == (2, 16, 1)
    assert found.is_additive
