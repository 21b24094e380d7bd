"""What scikeras gets wrong, now or with current versions of scikit-learn."""

import pickle
import random

import keras
import numpy as np
import pandas as pd
import pytest
import sklearn
import tensorflow as tf
from keras import layers
from scipy import sparse
from sklearn.base import is_classifier, is_regressor
from sklearn.ensemble import VotingClassifier
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    check_cv,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import class_weight as sklearn_class_weight
from tensorflow.python.framework import config as tf_config

import skdl
from skdl import KerasClassifier, KerasRegressor

TRAINED = {"optimizer": "adam", "optimizer__learning_rate": 0.05, "epochs": 5}


@pytest.fixture(scope="module")
def settings(fast):
    """Settings of a classifier of two classes."""
    return {**fast, **TRAINED, "loss": "binary_crossentropy"}


@pytest.fixture(scope="module")
def classifier(dense, settings, X, two_classes):
    """Fitted to two classes."""
    return KerasClassifier(dense, **settings).fit(X, two_classes)


@pytest.fixture(scope="module")
def regressor(dense, fast, X, quantity):
    """Fitted to a quantity."""
    return KerasRegressor(dense, loss="mse", **fast, **TRAINED).fit(X, quantity)


# --- scikit-learn's tags ------------------------------------------------------------


def test_scikit_learn_knows_the_estimator_types(classifier, regressor, two_classes):
    assert is_classifier(classifier)
    assert is_regressor(regressor)
    folds = check_cv(3, two_classes, classifier=is_classifier(classifier))
    assert isinstance(folds, StratifiedKFold)


def test_scorers_of_probabilities(classifier, X, two_classes):
    scoring = ["roc_auc", "neg_log_loss", "average_precision", "accuracy"]
    found = cross_validate(classifier, X, two_classes, cv=3, scoring=scoring)

    assert np.isfinite(found["test_neg_log_loss"]).all()
    assert found["test_roc_auc"].mean() > 0.8


def test_soft_voting(classifier, X, two_classes):
    other = LogisticRegression()
    voting = VotingClassifier([("keras", classifier), ("linear", other)], voting="soft")
    found = voting.fit(X, two_classes).predict_proba(X)

    by_hand = np.mean([m.predict_proba(X) for m in voting.estimators_], axis=0)
    np.testing.assert_allclose(found, by_hand)


def test_partial_dependence(classifier, regressor, X):
    for model, predict in (
        (classifier, lambda X: classifier.predict_proba(X)[:, 1]),
        (regressor, regressor.predict),
    ):
        found = partial_dependence(model, X, [0], grid_resolution=3, kind="average")
        (grid,) = found["grid_values"]
        for value, mean in zip(grid, found["average"][0], strict=True):
            moved = X.copy()
            moved[:, 0] = value
            assert predict(moved).mean() == pytest.approx(mean, rel=1e-5)


# --- tables -------------------------------------------------------------------------


def test_names_of_features(dense, settings, X, two_classes):
    table = pd.DataFrame(X, columns=list("abcd"))
    model = KerasClassifier(dense, **settings).initialize(table, two_classes)

    assert model.feature_names_in_.tolist() == list("abcd")
    assert model.n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(table[list("dcba")])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X)


@pytest.mark.parametrize("format_", ["csr", "csc", "coo"])
def test_sparse_tables(format_, regressor, dense, fast, X, quantity):
    table = sparse.random_array(
        (80, 4), density=0.5, format=format_, rng=np.random.default_rng(0)
    )
    model = KerasRegressor(dense, loss="mse", **fast, **TRAINED)
    from_sparse = model.fit(table, quantity).predict(table)
    from_dense = model.fit(table.toarray(), quantity).predict(table.toarray())

    np.testing.assert_allclose(from_sparse, from_dense, rtol=1e-4, atol=1e-5)


def test_sparse_tables_where_keras_trains(dense, fast, quantity):
    table = sparse.random_array(
        (80, 4), density=0.5, format="csr", rng=np.random.default_rng(0)
    )
    settings = {**fast, "loss": "mse", "run_eagerly": True}
    model = KerasRegressor(dense, **settings).fit(table, quantity)

    np.testing.assert_allclose(
        model.predict(table), model.predict(table.toarray()), rtol=1e-5
    )


@pytest.mark.parametrize(
    ("X_given", "message"),
    [
        ([[1.0, 2.0], [np.nan, 3.0]], "contains NaN"),
        ([[1.0, 2.0], [np.inf, 3.0]], "infinity"),
        ([1.0, 2.0], "Expected 2D array"),
    ],
)
def test_messages_of_scikit_learn(X_given, message, dense):
    with pytest.raises(ValueError, match=message):
        KerasRegressor(dense, loss="mse").fit(X_given, [0.0, 1.0])


def test_another_number_of_features(classifier, X):
    with pytest.raises(ValueError, match="X has 3 features, but KerasClassifier"):
        classifier.predict(X[:, :3])


# --- predictions --------------------------------------------------------------------


def test_one_row_has_one_row_of_probabilities(
    classifier, dense, fast, X, three_classes
):
    multiclass = KerasClassifier(
        dense, loss="sparse_categorical_crossentropy", **fast
    ).initialize(X, three_classes)

    for model, n_classes in ((classifier, 2), (multiclass, 3)):
        one = model.predict_proba(X[:1])
        assert one.shape == (1, n_classes)
        np.testing.assert_allclose(one.sum(axis=1), 1, rtol=1e-6)
        np.testing.assert_allclose(model.predict_proba(X[:2])[:1], one, rtol=1e-5)
        assert model.predict(X[:1]).shape == (1,)


@pytest.mark.parametrize("is_eager", [False, True], ids=["engine", "keras"])
def test_losses_of_logits_give_probabilities(
    is_eager, X, two_classes, three_classes, fast
):
    def build(meta):
        n_classes = meta["n_classes_"]
        n_units = 1 if n_classes == 2 else n_classes
        return keras.Sequential([keras.Input((4,)), layers.Dense(n_units)])

    losses = keras.losses
    for loss, y in (
        (losses.BinaryCrossentropy(from_logits=True), two_classes),
        (losses.SparseCategoricalCrossentropy(from_logits=True), three_classes),
        (losses.CategoricalCrossentropy(from_logits=True), three_classes),
    ):
        model = KerasClassifier(build, loss=loss, run_eagerly=is_eager, **fast)
        model.fit(X, y)
        logits = model.model_.predict(X, verbose=0)

        found = model.predict_proba(X)

        assert (logits < 0).any()
        assert found.min() >= 0
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
        if logits.shape[1] == 1:
            expected = 1 / (1 + np.exp(-logits[:, 0]))
            np.testing.assert_allclose(found[:, 1], expected, rtol=1e-4)
        else:
            expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            np.testing.assert_allclose(found, expected, rtol=1e-4)
        np.testing.assert_array_equal(model.predict(X), found.argmax(axis=1))


def test_labels_of_any_type(dense, settings, X, two_classes):
    y = np.array(["no", "yes"])[two_classes]
    model = KerasClassifier(dense, **settings).fit(X, y)

    assert model.classes_.tolist() == ["no", "yes"]
    assert set(model.predict(X)) <= {"no", "yes"}
    assert model.score(X, y) == np.mean(model.predict(X) == y)


def test_several_labels_per_row(dense, settings, X, two_labels):
    model = KerasClassifier(dense, **settings).fit(X, two_labels)

    found = model.predict_proba(X)

    assert found.shape == (80, 2)
    np.testing.assert_array_equal(model.predict(X), (found > 0.5).astype(int))


# --- nothing is left behind ---------------------------------------------------------


def state_of_generators():
    """The next random numbers of Python, NumPy and TensorFlow."""
    state = random.getstate(), np.random.get_state()
    drawn = random.random(), np.random.uniform(), float(tf.random.uniform(()))
    random.setstate(state[0])
    np.random.set_state(state[1])
    return drawn


@pytest.mark.parametrize("is_eager", [False, True], ids=["engine", "keras"])
def test_no_global_random_state_is_advanced(is_eager, dense, fast, X, quantity):
    def build(meta):
        assert random.random() != np.random.uniform()
        return dense(meta)

    def draws_after(action):
        random.seed(5)
        np.random.seed(5)
        tf.random.set_seed(5)
        action()
        return state_of_generators()

    model = KerasRegressor(build, loss="mse", run_eagerly=is_eager, **fast)

    untouched = draws_after(lambda: None)
    assert draws_after(lambda: model.fit(X, quantity)) == untouched
    assert draws_after(lambda: model.predict(X)) == untouched
    assert draws_after(lambda: model.partial_fit(X, quantity)) == untouched
    assert draws_after(lambda: model.model_) == untouched
    assert not tf_config.is_op_determinism_enabled()


# --- pickles ------------------------------------------------------------------------


def test_pickles_are_small_and_predict_the_same(classifier, X):
    text = pickle.dumps(classifier)

    copy = pickle.loads(text)

    assert len(text) < 10_000  # 49 weights; scikeras's has some 30,000 bytes
    np.testing.assert_array_equal(copy.predict_proba(X), classifier.predict_proba(X))
    assert copy.history_ == classifier.history_
    np.testing.assert_allclose(
        copy.model_.predict(X, verbose=0),
        classifier.model_.predict(X, verbose=0),
        rtol=1e-6,
    )


def test_pickles_of_what_keras_trained(dense, settings, X, two_classes):
    model = KerasClassifier(dense, **{**settings, "run_eagerly": True})
    model.fit(X, two_classes)

    copy = pickle.loads(pickle.dumps(model))

    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))


# --- weights ------------------------------------------------------------------------


@pytest.mark.parametrize("is_eager", [False, True], ids=["engine", "keras"])
@pytest.mark.parametrize("loss", ["mse", keras.losses.Huber(0.5), "mean"])
def test_a_weight_of_two_equals_a_duplicate_row(
    loss, is_eager, dense, fast, X, quantity
):
    if loss == "mean":
        loss = keras.losses.MeanAbsoluteError(reduction="mean")
    weights = np.random.default_rng(0).integers(0, 4, 80)
    model = KerasRegressor(
        dense,
        loss=loss,
        optimizer="sgd",
        run_eagerly=is_eager,
        epochs=3,
        **{**fast, "batch_size": 500},
    )

    weighted = model.fit(X, quantity, sample_weight=weights)
    losses, predictions = weighted.history_["loss"], weighted.predict(X)
    repeated = model.fit(np.repeat(X, weights, 0), np.repeat(quantity, weights))

    np.testing.assert_allclose(predictions, repeated.predict(X), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(losses, repeated.history_["loss"], rtol=1e-5)


def test_equal_weights_have_no_effect(dense, fast, X, quantity):
    model = KerasRegressor(dense, loss="mse", **fast, **TRAINED)
    expected = model.fit(X, quantity).predict(X)

    found = model.fit(X, quantity, sample_weight=np.full(80, 4.0)).predict(X)

    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1.0, 1: 3.0}], ids=str)
def test_class_weights_are_sample_weights(class_weight, dense, settings, X, quantity):
    y = (quantity > 7).astype(int)
    given = np.random.default_rng(0).uniform(0.5, 2, 80)
    factors = sklearn_class_weight.compute_sample_weight(class_weight, y)
    if class_weight == "balanced":  # by the sums of the weights, as in scikit-learn
        shares = np.bincount(y, weights=given)
        factors = (shares.sum() / (2 * shares))[y]
    model = KerasClassifier(dense, class_weight=class_weight, **settings)
    plain = KerasClassifier(dense, **settings)

    np.testing.assert_allclose(
        model.fit(X, y, sample_weight=given).predict_proba(X),
        plain.fit(X, y, sample_weight=given * factors).predict_proba(X),
        rtol=1e-5,
    )
    unweighted = plain.fit(X, y).predict_proba(X)
    assert not np.allclose(model.fit(X, y).predict_proba(X), unweighted, rtol=1e-3)


# --- metadata routing ---------------------------------------------------------------


def test_weights_are_routed_through_searches_and_pipelines(
    dense, fast, regressor, X, quantity, sklearn_routes_metadata
):
    weights = np.random.default_rng(0).uniform(0, 3, 80)
    model = KerasRegressor(dense, loss="mse", **fast, **TRAINED)
    model.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipeline = make_pipeline(scaler, model)
    search = GridSearchCV(pipeline, {"kerasregressor__epochs": [1, 3]}, cv=2)

    search.fit(X, quantity, sample_weight=weights)

    scaled = StandardScaler().fit_transform(X)
    n_epochs = search.best_params_["kerasregressor__epochs"]
    by_hand = KerasRegressor(
        dense, loss="mse", **fast, **{**TRAINED, "epochs": n_epochs}
    ).fit(scaled, quantity, sample_weight=weights)
    np.testing.assert_allclose(search.predict(X), by_hand.predict(scaled), rtol=1e-5)
    assert by_hand.score(scaled, quantity, sample_weight=weights) == pytest.approx(
        search.score(X, quantity, sample_weight=weights)
    )


@pytest.fixture
def sklearn_routes_metadata():
    """Metadata routing switched on."""
    with sklearn.config_context(enable_metadata_routing=True):
        yield


# --- divergence ---------------------------------------------------------------------


@pytest.mark.parametrize("is_eager", [False, True], ids=["engine", "keras"])
def test_divergence_is_a_warning_and_a_status(is_eager, dense, fast, X, quantity):
    model = KerasRegressor(
        dense,
        loss="mse",
        optimizer="sgd",
        optimizer__learning_rate=1e20,
        run_eagerly=is_eager,
        epochs=3,
        **fast,
    )

    with pytest.warns(skdl.DivergenceWarning, match="KerasRegressor diverged"):
        model.fit(X, quantity)

    assert model.status_.startswith("diverged")
