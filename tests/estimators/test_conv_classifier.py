"""Convolutional networks: layouts, types, augmentation and errors of images."""

from __future__ import annotations

import pickle
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone

from skdl import ConvClassifier, ConvRegressor
from skdl.exceptions import DataError, ParameterError, ParameterTypeError

N_IMAGES, HEIGHT, WIDTH = 90, 8, 6
SETTINGS = {
    "filters": (4,),
    "hidden_layer_sizes": (),
    "epochs": 3,
    "learning_rate": 0.02,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def images():
    """Noise with a horizontal or vertical bright bar, float32 from 0 to 1."""
    random = np.random.default_rng(0)
    drawn = random.uniform(0, 0.4, size=(N_IMAGES, HEIGHT, WIDTH)).astype("float32")
    for number, image in enumerate(drawn):
        place = random.integers(0, WIDTH)
        bar = image[:, place] if number % 2 == 0 else image[place]
        bar += 0.5
    drawn.setflags(write=False)
    return drawn


@pytest.fixture(scope="module")
def stands():
    return np.where(np.arange(N_IMAGES) % 2 == 0, "stands", "lies")


@pytest.fixture(scope="module")
def pixels(images):
    """The same images as uint8."""
    return np.round(images * 255).astype(np.uint8)


@pytest.fixture(scope="module")
def fitted(images, stands):
    return ConvClassifier(**SETTINGS).fit(images, stands)


def same(first, second, X):
    np.testing.assert_array_equal(
        first.decision_function(X), second.decision_function(X)
    )


def test_it_learns(images, stands):
    clf = ConvClassifier(**{**SETTINGS, "epochs": 15}).fit(images[:60], stands[:60])
    assert clf.score(images[60:], stands[60:]) > 0.9
    assert list(clf.classes_) == ["lies", "stands"]
    assert clf.image_shape_ == (HEIGHT, WIDTH, 1)
    assert clf.n_features_in_ == HEIGHT * WIDTH
    reg = ConvRegressor(**{**SETTINGS, "epochs": 15})
    reg.fit(images[:60], (stands == "lies")[:60] * 5.0)
    assert reg.score(images[60:], (stands == "lies")[60:] * 5.0) > 0.6
    assert list(reg.history_)[:3] == ["epoch", "loss", "rmse"]


# Forms of images.


def test_three_layouts_of_the_same_images(fitted, images, stands):
    four_axes, flat = images[..., None], images.reshape(N_IMAGES, -1)
    given = ConvClassifier(**SETTINGS, image_shape=(HEIGHT, WIDTH))
    for estimator, X in (
        (clone(given), flat),
        (clone(given), images),
        (ConvClassifier(**SETTINGS, image_shape=[HEIGHT, WIDTH, 1]), four_axes),
        (clone(fitted), four_axes),
        (clone(fitted), images.tolist()),
    ):
        if isinstance(X, list):  # numbers of Python are float64
            X = np.asarray(X, dtype="float32")
        same(estimator.fit(X, stands), fitted, images)
    for X in (four_axes, flat, pd.DataFrame(flat)):
        same(fitted, fitted, X)
        np.testing.assert_array_equal(fitted.predict(X), fitted.predict(images))


def test_images_as_nested_lists(images, stands):
    clf = ConvClassifier(**SETTINGS).fit(images.tolist(), list(stands))
    assert clf.image_shape_ == (HEIGHT, WIDTH, 1)
    assert clf.model_.input.dtype == "float64"


def test_channels(stands):
    X = np.random.default_rng(0).uniform(size=(N_IMAGES, 5, 4, 3))
    clf = ConvClassifier(**SETTINGS).fit(X, stands)
    flat = ConvClassifier(**SETTINGS, image_shape=(5, 4, 3))
    same(flat.fit(X.reshape(N_IMAGES, -1), stands), clf, X)
    assert clf.image_shape_ == (5, 4, 3)


def test_a_flat_row_without_image_shape_is_one_row_of_pixels(images, stands):
    flat = images.reshape(N_IMAGES, -1)
    clf = ConvClassifier(**SETTINGS).fit(flat, stands)
    assert clf.image_shape_ == (1, HEIGHT * WIDTH, 1)
    assert clf.model_.get_layer("convolution_1").kernel_size == (1, 3)
    names = ConvClassifier(**SETTINGS).fit(pd.DataFrame(flat).add_prefix("p"), stands)
    assert list(names.feature_names_in_[:2]) == ["p0", "p1"]


@pytest.mark.parametrize(
    ("kernel_size", "pool_size", "kernel", "maps"),
    [
        (5, 2, (5, 5), (4, 3)),
        ((1, 3), (4, 1), (1, 3), (2, 6)),
        (np.int64(2), np.int64(3), (2, 2), (2, 2)),
    ],
)
def test_windows(images, stands, kernel_size, pool_size, kernel, maps):
    windows = {"kernel_size": kernel_size, "pool_size": pool_size}
    model = ConvClassifier(**SETTINGS, **windows).fit(images, stands).model_
    assert model.get_layer("convolution_1").kernel_size == kernel
    assert model.get_layer("pooling_1").output.shape[1:3] == maps


# Types of pixels.


def test_uint8_is_scaled_inside(pixels, stands):
    clf = ConvClassifier(**SETTINGS).fit(pixels, stands)
    floats = (pixels / 255).astype("float32")
    scaled = ConvClassifier(**SETTINGS).fit(floats, stands)
    np.testing.assert_allclose(
        clf.decision_function(pixels), scaled.decision_function(floats), atol=1e-4
    )
    assert clf.model_.layers[1].scale == 1 / 255
    np.testing.assert_allclose(
        clf.model_(pixels).numpy()[:, 0], clf.predict_proba(pixels)[:, 1], atol=1e-6
    )


def test_uint8_images_stay_small_in_memory(pixels, stands, monkeypatch):
    from skdl import training

    seen = []

    def watched(jobs):
        seen.extend(jobs)
        return training.train(jobs)

    monkeypatch.setattr("skdl.estimators._base.train", watched)
    clf = ConvClassifier(**SETTINGS, early_stopping=True)
    clf.fit(pixels, stands)
    clf.fit(pixels[:80], stands[:80], X_val=pixels[80:] / 1.0, y_val=stands[80:])
    for job in seen:
        assert job.train.features.dtype == job.validation.features.dtype == np.uint8
        assert job.train.weights.dtype == np.float32


def test_after_uint8_images_all_types_range_from_0_to_255(pixels, stands):
    clf = ConvClassifier(**SETTINGS).fit(pixels, stands)
    usual = clf.decision_function(pixels)
    for dtype in ("int32", "float32", "float64"):
        X = pixels.astype(dtype)
        np.testing.assert_array_equal(clf.decision_function(X), usual)
    between = clf.decision_function(pixels + 0.5)
    assert np.abs(between - usual).max() > 0
    table = pd.DataFrame(pixels.reshape(N_IMAGES, -1))
    same(ConvClassifier(**SETTINGS, image_shape=(8, 6)).fit(table, stands), clf, pixels)


def test_after_float_images_uint8_is_not_scaled(fitted, images, pixels):
    np.testing.assert_array_equal(
        fitted.decision_function(pixels),
        fitted.decision_function(pixels.astype("float32")),
    )


def test_a_network_for_uint8_continues_with_whole_numbers(pixels, stands):
    clf = ConvClassifier(**SETTINGS, warm_start=True).fit(pixels, stands)
    first = clone(clf).fit(pixels, stands)
    same(clf.fit(pixels / 1.0, stands), first.fit(pixels, stands), pixels)
    with pytest.raises(DataError, match=r"whole numbers from 0 to 255\. Got .* to 1\."):
        clf.fit(pixels / pixels.max(), stands)
    with pytest.raises(DataError, match=r"first trained on uint8 images"):
        clf.fit(pixels, stands, X_val=pixels + 0.5, y_val=stands)


@pytest.mark.parametrize(
    ("given", "trained"),
    [("float16", "float32"), ("int16", "float32"), ("int64", "float64")],
)
def test_other_types_train_like_tables(images, stands, given, trained):
    X = np.round(images * 3).astype(given)
    clf = ConvClassifier(**{**SETTINGS, "epochs": 1}).fit(X, stands)
    assert clf.model_.input.dtype == trained


# Augmentation.


@pytest.mark.parametrize(
    "augment",
    [{"shift": 0.2}, {"rotation": 20}, {"zoom": 0.2}, {"noise": 0.2}, True],
    ids=str,
)
def test_augmentation_only_changes_training(images, stands, fitted, augment):
    clf = ConvClassifier(**SETTINGS, augment=augment).fit(images, stands)
    again = clone(clf).fit(images, stands)
    same(clf, again, images)
    ours, plain = (each.predict_proba(images)[:, 1] for each in (clf, fitted))
    assert np.abs(ours - plain).max() > 1e-6
    np.testing.assert_array_equal(clf.predict_proba(images)[:, 1], ours)
    theirs = clf.model_(images[..., None]).numpy()[:, 0]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("augment", [False, {}, {"shift": 0, "noise": 0.0}])
def test_augmentation_of_strength_0(images, stands, fitted, augment):
    same(
        ConvClassifier(**SETTINGS, augment=augment).fit(images, stands), fitted, images
    )


def test_noise_adds_to_input_noise(images, stands):
    both = ConvClassifier(**SETTINGS, augment={"noise": 0.3}, input_noise=0.4)
    one = ConvClassifier(**SETTINGS, input_noise=0.5)
    same(both.fit(images, stands), one.fit(images, stands), images)


def test_a_weight_of_2_equals_a_duplicate_image(images, stands):
    settings = {
        **SETTINGS,
        "batch_size": "full",
        "augment": True,
        "dropout": 0.3,
        "batch_norm": True,
    }
    X, weights = images.astype(float), 1.0 + (np.arange(N_IMAGES) % 3 == 0)
    rows = np.repeat(np.arange(N_IMAGES), weights.astype(int))
    weighted = ConvClassifier(**settings).fit(X, stands, sample_weight=weights)
    repeated = ConvClassifier(**settings).fit(X[rows], stands[rows])
    np.testing.assert_allclose(
        weighted.decision_function(X), repeated.decision_function(X), atol=1e-8
    )


def test_the_model_is_saved_and_loaded_by_keras(images, stands, tmp_path):
    # Keras 3.15 converts its own variables to NumPy in a way that NumPy 2 deprecates.
    warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
    clf = ConvClassifier(**SETTINGS, augment=True, dropout=0.2, batch_norm=True)
    model = clf.fit(images, stands).model_
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    X = images[..., None]
    np.testing.assert_array_equal(loaded(X).numpy(), model(X).numpy())


# Training.


def test_early_stopping_holds_images_out(pixels, stands):
    clf = ConvClassifier(
        **{**SETTINGS, "epochs": 60, "learning_rate": 0.1},
        early_stopping=True,
        validation_fraction=0.2,
        patience=2,
        batch_norm=True,
    ).fit(pixels, stands)
    assert clf.n_iter_ == clf.best_epoch_ + 2 < 60
    assert "val_accuracy" in clf.history_
    assert "stopped early" in clf.status_


def test_partial_fit_continues(images, stands):
    clf = ConvClassifier(**SETTINGS)
    for _ in range(3):
        clf.partial_fit(images, stands)
    assert clf.n_iter_ == 3
    assert clf.history_["loss"].is_monotonic_decreasing


def test_warm_start_needs_the_same_network(images, stands):
    clf = ConvClassifier(**SETTINGS, warm_start=True).fit(images, stands)
    clf.set_params(filters=(5,))
    with pytest.raises(
        ParameterError, match=r"To continue from an earlier fit, the network"
    ):
        clf.fit(images, stands)
    clf.set_params(filters=(4,), image_shape=(6, 8))
    with pytest.raises(ParameterError, match=r"\(8, 6, 1\)\. Got image_shape=\(6, 8\)"):
        clf.fit(images, stands)


def test_pickles_and_clones(fitted, images):
    restored = pickle.loads(pickle.dumps(fitted))
    same(restored, fitted, images)
    assert restored.image_shape_ == fitted.image_shape_
    unfitted = clone(fitted.set_params(augment={"shift": 0.0}))
    assert not hasattr(unfitted, "image_shape_")
    assert unfitted.augment == {"shift": 0.0}


def test_big_input_is_predicted_in_blocks(fitted, images, monkeypatch):
    X = np.tile(images, (40, 1, 1))
    whole = fitted.decision_function(X)
    monkeypatch.setattr("skdl.training._predict_outputs.BLOCK_BYTES", 100_000)
    np.testing.assert_allclose(fitted.decision_function(X), whole, atol=1e-6)


# Errors.


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"filters": ()}, ParameterError, r"'filters' .* at least one\. Got \(\)"),
        ({"filters": 8}, ParameterTypeError, r"one per block, .* Got 8 of type int"),
        ({"filters": (0,)}, ParameterError, r"integers of 1 or more, .* Got \(0,\)"),
        ({"kernel_size": 0}, ParameterError, r"'kernel_size' .* Got 0 instead"),
        ({"kernel_size": 2.5}, ParameterTypeError, r"or two of them: \(height, width"),
        ({"kernel_size": (3, 3, 3)}, ParameterError, r"Got \(3, 3, 3\) instead"),
        ({"pool_size": (2, 0)}, ParameterError, r"'pool_size' .* Got \(2, 0\)"),
        ({"image_shape": (8,)}, ParameterError, r"'image_shape' .* Got \(8,\) instead"),
        ({"image_shape": "8x6"}, ParameterTypeError, r"\(height, width\), \(height"),
        ({"augment": {"flip": 1}}, ParameterError, r"'augment' .* \{'flip': 1\}"),
        ({"augment": {"shift": 1.5}}, ParameterError, r"fractions in \[0, 1\)"),
        ({"augment": {"rotation": -1}}, ParameterError, r"degrees in \[0, 180\)"),
        ({"augment": {"zoom": "a"}}, ParameterTypeError, r"True, False or a dict with"),
        ({"augment": 0.1}, ParameterTypeError, r"Got 0.1 of type float"),
        (
            {"filters": (4, 4, 4), "pool_size": 3},
            ParameterError,
            r"'pool_size' parameter of ConvClassifier must not be larger than the maps "
            r"it pools\. Got 3 for maps of 2 x 2 pixels in block 2 of 3\. Lower",
        ),
    ],
)
def test_refused_parameters(images, stands, parameters, error, message):
    with pytest.raises(error, match=message):
        ConvClassifier(**{**SETTINGS, **parameters}).fit(images, stands)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.ones((90, 7)), DataError, r"\(8, 6, 1\) need 48 values .* Got 7\."),
        (np.ones((90, 6, 8)), DataError, r"shape \(8, 6, 1\)\. Got .* \(6, 8\)\."),
        (np.ones((90, 8, 6, 3)), DataError, r"Got images of shape \(8, 6, 3\)"),
        (np.ones((90, 8, 6, 1, 1)), DataError, r"Got images of shape \(8, 6, 1, 1"),
        (np.ones(90), ValueError, r"Expected 2D array, got 1D array"),
        (np.full((90, 8, 6), np.nan), ValueError, r"Input X contains NaN"),
        (np.ones((0, 8, 6)), ValueError, r"0 sample\(s\)"),
        (sparse.csr_array(np.ones((90, 48))), TypeError, r"Sparse data was passed"),
    ],
    ids=["narrow", "turned", "channels", "axes", "flat", "nan", "empty", "sparse"],
)
def test_refused_images(stands, X, error, message):
    clf = ConvClassifier(**SETTINGS, image_shape=(HEIGHT, WIDTH))
    with pytest.raises(error, match=message):
        clf.fit(X, stands)
    assert not hasattr(clf, "n_features_in_")


def test_images_with_five_axes(stands):
    with pytest.raises(DataError, match=r"of shape \(height, width\) or \(height"):
        ConvClassifier(**SETTINGS).fit(np.ones((90, 2, 2, 2, 2)), stands)


def test_refused_predictions(fitted, images):
    with pytest.raises(ValueError, match=r"X has 7 features, but ConvClassifier is"):
        fitted.predict(np.ones((2, 7)))
    with pytest.raises(DataError, match=r"images of shape \(8, 6, 1\)\. Got"):
        fitted.predict(images.transpose(0, 2, 1))
    with pytest.raises(DataError, match=r"X_val and y_val must be passed together"):
        clone(fitted).fit(images, np.arange(N_IMAGES) % 2, X_val=images)


def test_column_names_are_compared(images, stands):
    table = pd.DataFrame(images.reshape(N_IMAGES, -1)).add_prefix("p")
    clf = ConvClassifier(**SETTINGS, image_shape=(8, 6)).fit(table, stands)
    with pytest.raises(ValueError, match=r"feature names should match"):
        clf.predict(table.iloc[:, ::-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # images have no names
        same(clf, clf, images)
