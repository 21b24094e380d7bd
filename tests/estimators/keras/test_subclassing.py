"""Subclasses: `_keras_build_fn`, encoders, several inputs and outputs."""

import pickle

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skdl import KerasClassifier, KerasRegressor

# --- _keras_build_fn ----------------------------------------------------------------


class Dense(KerasRegressor):
    """The example of the documentation: own parameters and a build method."""

    def __init__(self, n_units=8, rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.n_units = n_units
        self.rate = rate

    def _keras_build_fn(self, compile_kwargs):
        inputs = keras.Input((self.n_features_in_,))
        hidden = layers.Dense(self.n_units, activation="relu")(inputs)
        outputs = layers.Dense(self.n_outputs_)(layers.Dropout(self.rate)(hidden))
        model = keras.Model(inputs, outputs)
        model.compile(**compile_kwargs)
        return model


@pytest.fixture(scope="module")
def own(fast):
    """An unfitted estimator of the class above."""
    return Dense(n_units=5, loss="mse", optimizer="sgd", **fast)


def test_a_build_method_uses_the_parameters_of_its_class(own, X, quantity):
    model = clone(own).set_params(n_units=6, rate=0.25).initialize(X, quantity).model_

    assert [layer.units for layer in model.layers if hasattr(layer, "units")] == [6, 1]
    assert model.layers[2].rate == 0.25


def test_parameters_of_a_class_are_like_others(own):
    copy = clone(own)

    assert copy.get_params()["n_units"] == 5
    assert copy.set_params(n_units=6).n_units == 6
    assert {"optimizer", "loss", "epochs", "rate"} <= set(copy.get_params())


def test_the_engine_trains_a_subclass(own, X, quantity, keras_fits):
    scores = cross_val_score(clone(own), X, quantity, cv=2)

    assert np.isfinite(scores).all()
    assert not keras_fits


def test_changed_attributes_rebuild_the_model(own, X, quantity):
    for n_units in (3, 4):
        model = clone(own).set_params(n_units=n_units).initialize(X, quantity)
        assert model.model_.layers[1].units == n_units


def test_a_fitted_subclass_is_pickled(own, X, quantity):
    model = clone(own).fit(X, quantity)

    copy = pickle.loads(pickle.dumps(model))

    np.testing.assert_array_equal(copy.predict(X), model.predict(X))
    assert copy.get_params() == model.get_params()


def test_method_and_parameter_exclude_each_other(dense, X, quantity):
    with pytest.raises(ValueError, match="cannot implement ``_keras_build_fn``"):
        Dense(model=dense, loss="mse").fit(X, quantity)


# --- encoders of targets ------------------------------------------------------------


class LogTargets(KerasRegressor):
    """Learns the logarithm of the target."""

    @property
    def target_encoder(self):
        """Takes logarithms, and inverts them."""
        return FunctionTransformer(
            lambda y: np.log(y).reshape(-1, 1), lambda z: np.exp(np.ravel(z))
        )


def test_targets_are_encoded_and_predictions_decoded(X, fast):
    def build():
        return keras.Sequential([keras.Input((4,)), layers.Dense(1)])

    y = np.exp(X[:, 0] + 2)
    settings = {**fast, "loss": "mse", "optimizer": "sgd", "epochs": 3}
    own = LogTargets(build, **settings).fit(X, y)
    by_hand = KerasRegressor(build, **settings).fit(X, np.log(y))

    np.testing.assert_allclose(own.predict(X), np.exp(by_hand.predict(X)), rtol=1e-6)
    np.testing.assert_allclose(own.history_["loss"], by_hand.history_["loss"])


class OneHot(BaseEstimator, TransformerMixin):
    """Labels as columns, with their number for the build function."""

    def fit(self, y):
        """Learn the labels."""
        self.labels_ = np.unique(y)
        return self

    def transform(self, y):
        """One column per label."""
        return (np.asarray(y)[:, None] == self.labels_).astype("float32")

    def inverse_transform(self, y, return_proba=False):
        """The most probable label, or all probabilities."""
        return y if return_proba else self.labels_[np.argmax(y, axis=1)]

    def get_metadata(self):
        """Metadata for the build function and the estimator."""
        return {
            "classes_": self.labels_,
            "n_columns_": len(self.labels_),
            "n_outputs_expected_": 1,
        }


class OneHotClassifier(KerasClassifier):
    """Probabilities against columns, by a mean squared error."""

    @property
    def target_encoder(self):
        """Columns."""
        return OneHot()


def test_attributes_of_an_encoder_reach_the_build_function(X, three_classes, fast):
    def build(meta):
        return keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(meta["n_columns_"], activation="softmax"),
            ]
        )

    labels = np.array(["a", "b", "c"])[three_classes]
    settings = {**fast, "epochs": 30, "optimizer": "adam"}
    settings["optimizer__learning_rate"] = 0.1
    model = OneHotClassifier(build, loss="mse", **settings).fit(X, labels)

    assert model.n_columns_ == 3
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert model.predict_proba(X).shape == (80, 3)
    assert model.score(X, labels) > 0.8
    assert set(model.predict(X)) == {"a", "b", "c"}


# --- several inputs -----------------------------------------------------------------


class TwoInputs(KerasRegressor):
    """The first two columns go to one input, the others to another."""

    @property
    def feature_encoder(self):
        """Tables by the names of the inputs."""
        return FunctionTransformer(
            lambda X: {"first": X[:, :2], "others": X[:, 2:].astype("float32")}
        )


class ListOfInputs(KerasRegressor):
    """The same, in the order of the inputs."""

    @property
    def feature_encoder(self):
        """Tables in a list."""
        return FunctionTransformer(lambda X: [X[:, :2], X[:, 2:]])


def two_input_network():
    first = keras.Input((2,), name="first")
    others = keras.Input((2,), name="others")
    hidden = layers.Concatenate()([layers.Dense(3, activation="relu")(first), others])
    return keras.Model([first, others], layers.Dense(1)(hidden))


def test_several_inputs(X, quantity, fast, keras_fits):
    settings = {**fast, "loss": "mse", "optimizer": "sgd", "epochs": 2}
    by_name = TwoInputs(two_input_network, **settings).fit(X, quantity)
    in_order = ListOfInputs(two_input_network, **settings).fit(X, quantity)
    assert not keras_fits

    np.testing.assert_array_equal(by_name.predict(X), in_order.predict(X))
    # The very numbers of Keras.
    raw = by_name.model_.predict([X[:, :2], X[:, 2:]], verbose=0)
    np.testing.assert_allclose(by_name.predict(X), raw[:, 0], rtol=1e-5)
    scores = cross_val_score(by_name, X, quantity, cv=2)
    assert np.isfinite(scores).all()


def test_predictions_use_the_fitted_feature_encoder(X, quantity, dense, fast):
    class Scaled(KerasRegressor):
        @property
        def feature_encoder(self):
            return StandardScaler()

    settings = {**fast, "loss": "mse", "optimizer": "sgd"}
    shifted = X * 10 + 100
    scaler = StandardScaler().fit(shifted)
    inside = Scaled(dense, **settings).fit(shifted, quantity)
    outside = KerasRegressor(dense, **settings)
    outside.fit(scaler.transform(shifted), quantity)

    np.testing.assert_allclose(
        inside.predict(shifted[:5]),
        outside.predict(scaler.transform(shifted[:5])),
        rtol=1e-5,
    )


# --- several outputs ----------------------------------------------------------------


class TwoLabels(BaseEstimator, TransformerMixin):
    """Two columns of labels, with one output each."""

    def fit(self, y):
        """Learn the labels of each column."""
        self.labels_ = [np.unique(column) for column in y.T]
        return self

    def transform(self, y):
        """Codes for each output."""
        pairs = zip(self.labels_, y.T, strict=True)
        return [np.searchsorted(labels, column) for labels, column in pairs]

    def inverse_transform(self, y, return_proba=False):
        """The most probable labels as columns, or a table of probabilities each."""
        if return_proba:
            return y
        pairs = zip(self.labels_, y, strict=True)
        codes = [labels[np.argmax(table, axis=1)] for labels, table in pairs]
        return np.column_stack(codes)

    def get_metadata(self):
        """Number of outputs, and labels of each."""
        return {"classes_": self.labels_, "n_outputs_": 2, "n_outputs_expected_": 2}


class TwoLabelClassifier(KerasClassifier):
    """scikeras's documentation: two kinds of labels from one network."""

    @property
    def target_encoder(self):
        """A list of codes."""
        return TwoLabels()

    @staticmethod
    def scorer(y_true, y_pred, **kwargs):
        """The mean accuracy of both."""
        pairs = zip(y_true.T, y_pred.T, strict=True)
        return np.mean([accuracy_score(a, b, **kwargs) for a, b in pairs])


def two_head_network(meta):
    inputs = keras.Input((4,))
    hidden = layers.Dense(8, activation="relu")(inputs)
    outputs = [
        layers.Dense(len(labels), activation="softmax", name=f"head_{i}")(hidden)
        for i, labels in enumerate(meta["classes_"])
    ]
    return keras.Model(inputs, outputs)


@pytest.fixture(scope="module")
def two_labels_of(two_classes, three_classes):
    """Two columns: 0 or 1, and 0, 1 or 2."""
    return np.column_stack([two_classes, three_classes])


def test_a_classifier_of_several_outputs(X, two_labels_of, fast, keras_fits):
    y = two_labels_of
    model = TwoLabelClassifier(
        two_head_network,
        loss=["sparse_categorical_crossentropy"] * 2,
        optimizer="adam",
        optimizer__learning_rate=0.05,
        **{**fast, "epochs": 20},
    ).fit(X, y)

    assert not keras_fits
    assert model.predict(X).shape == (80, 2)
    assert [p.shape for p in model.predict_proba(X)] == [(80, 2), (80, 3)]
    by_hand = (model.predict(X) == y).mean()
    assert model.score(X, y) == pytest.approx(by_hand)
    assert by_hand > 0.8
    assert {"loss", "head_0_loss", "head_1_loss"} == set(model.history_)


def test_losses_of_several_outputs_take_parameters(X, two_labels_of):
    model = TwoLabelClassifier(
        two_head_network,
        loss=[keras.losses.SparseCategoricalCrossentropy] * 2,
        loss__0__from_logits=True,
    ).initialize(X, two_labels_of)

    first, second = (loss.get_config()["from_logits"] for loss in model.model_.loss)

    assert (first, second) == (True, False)


def test_a_regressor_of_several_columns(X, quantity, dense, fast, keras_fits):
    y = np.column_stack([quantity, -quantity])
    model = KerasRegressor(dense, loss="mse", **fast).fit(X, y)

    assert model.predict(X).shape == (80, 2)
    assert model.n_outputs_ == 2
    assert not keras_fits


def test_a_custom_scorer_takes_parameters(X, quantity, dense, fast):
    class Scored(KerasRegressor):
        @staticmethod
        def scorer(y_true, y_pred, **kwargs):
            assert len(y_true) == len(y_pred)
            return kwargs["answer"]

    model = Scored(dense, loss="mse", score__answer=42, **fast)

    assert model.initialize(X, quantity).score(X, quantity) == 42
    assert cross_val_score(model, X, quantity, cv=2).tolist() == [42, 42]
