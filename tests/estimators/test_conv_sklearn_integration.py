"""Convolutional networks in the checks, pipelines and searches of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import (
    check_sample_weight_equivalence_on_dense_data,
    parametrize_with_checks,
)

import skdl
from skdl import ConvClassifier, ConvRegressor

SMALL = {"filters": (8,), "hidden_layer_sizes": (8,), "learning_rate": 0.005}
EVERYTHING_ON = {
    "activation": "gelu",
    "kernel_initializer": "he_normal",
    "optimizer": "nadam",
    "learning_rate_schedule": "cosine",
    "clip_norm": 1.0,
    "dropout": 0.1,
    "input_noise": 0.01,
    "augment": {"shift": 0.1, "rotation": 5, "zoom": 0.1, "noise": 0.01},
    "batch_norm": True,
    "l2": 1e-4,
    "early_stopping": True,
}
ESTIMATORS = [
    ConvClassifier(**SMALL, epochs=50),
    ConvRegressor(**SMALL, epochs=50),
]


@pytest.mark.slow
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


def test_weights_equal_duplicates_with_everything_on():
    model = ConvClassifier((4,), hidden_layer_sizes=(), epochs=5, **EVERYTHING_ON)
    check_sample_weight_equivalence_on_dense_data("ConvClassifier", model)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_no_tag_skips_a_check(estimator):
    tags = estimator.__sklearn_tags__()

    assert not tags.non_deterministic
    assert not tags.no_validation
    assert not tags._skip_test
    assert not getattr(tags.classifier_tags, "poor_score", False)
    assert not getattr(tags.regressor_tags, "poor_score", False)
    assert tags.input_tags.two_d_array
    assert tags.input_tags.three_d_array
    assert not tags.input_tags.sparse


@pytest.fixture(scope="module")
def digits():
    """600 images of 8 x 8 pixels as flat rows, with their classes."""
    X, y = load_digits(return_X_y=True)
    return X[:600].astype("float32"), y[:600]


def digit_network(**changes):
    usual = {"epochs": 4, "learning_rate": 0.01, "random_state": 0}
    return ConvClassifier((4,), image_shape=(8, 8), **{**usual, **changes})


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
def test_in_a_pipeline_of_flat_rows(digits, scaler):
    X, y = digits
    pipeline = make_pipeline(scaler, digit_network(epochs=10)).fit(X[:450], y[:450])
    assert pipeline.score(X[450:], y[450:]) > 0.8
    assert pipeline[-1].image_shape_ == (8, 8, 1)


def test_a_grid_of_kernels_and_filters_with_and_without_fusion(digits):
    X, y = digits
    grid = {
        "convclassifier__kernel_size": [1, 3],
        "convclassifier__filters": [(2,), (4, 4)],
    }
    pipeline = make_pipeline(MinMaxScaler(), digit_network(epochs=2, dropout=0.1))
    search = GridSearchCV(pipeline, grid, cv=2)
    alone = search.fit(X, y).cv_results_["mean_test_score"]
    with skdl.fuse():
        fused = search.fit(X, y).cv_results_["mean_test_score"]
    np.testing.assert_allclose(fused, alone, atol=1e-3)
    kernels = search.cv_results_["param_convclassifier__kernel_size"]
    assert alone[kernels == 3].mean() > alone[kernels == 1].mean()


def test_many_networks_of_one_signature_fused(digits):
    X, y = digits
    bagging = BaggingClassifier(digit_network(epochs=2), 4, random_state=0)
    alone = bagging.fit(X, y).predict_proba(X)
    with skdl.fuse():
        fused = bagging.fit(X, y).predict_proba(X)
    np.testing.assert_allclose(fused, alone, atol=1e-4)


def test_cross_validated_regression_of_two_quantities(digits):
    X, _ = digits
    halves = np.stack([X[:, :32].mean(axis=1), X[:, 32:].mean(axis=1)], axis=1)
    settings = {"epochs": 12, "learning_rate": 0.01, "random_state": 0}
    reg = ConvRegressor((2,), image_shape=(8, 8), **settings)
    pipeline = make_pipeline(MinMaxScaler(), reg)
    assert cross_val_score(pipeline, X, halves, cv=2).min() > 0.5


@pytest.mark.slow
def test_mnist_subset(data_file):
    with np.load(data_file("mnist_train.npz")) as train:
        X, y = train["x"][:4000], train["y"][:4000]
    with np.load(data_file("mnist_test.npz")) as test:
        X_test, y_test = test["x"], test["y"]
    clf = ConvClassifier(
        (16, 32),
        kernel_size=5,
        batch_norm=True,
        batch_size=128,
        epochs=4,
        learning_rate=3e-3,
        learning_rate_schedule="cosine",
        early_stopping=True,
        random_state=0,
    )
    clf.fit(X, y)
    assert clf.score(X_test, y_test) > 0.96
