"""Tables as arrays, frames and sparse matrices, with 32 or 64 bits."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skdl import MLPClassifier, MLPRegressor

SETTINGS = {"hidden_layer_sizes": (8,), "epochs": 5, "random_state": 0}
NAMES = ["age", "income", "höhe", "weight in kg"]


@pytest.fixture(scope="module")
def frame(X):
    return pd.DataFrame(X, columns=NAMES)


@pytest.fixture(scope="module")
def of_array(X, two_classes):
    return MLPClassifier(**SETTINGS).fit(X, two_classes)


@pytest.fixture(scope="module")
def of_frame(frame, two_classes):
    return MLPClassifier(**SETTINGS).fit(frame, two_classes)


@pytest.fixture(scope="module")
def gaps(X):
    """The table with two thirds of its values zero."""
    keeps = np.random.default_rng(1).random(X.shape) < 1 / 3
    return np.where(keeps, X, 0.0)


def test_frame_equals_array(of_frame, of_array, frame, X):
    assert of_frame.feature_names_in_.tolist() == NAMES
    assert not hasattr(of_array, "feature_names_in_")
    np.testing.assert_array_equal(
        of_frame.predict_proba(frame), of_array.predict_proba(X)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame[NAMES[::-1]], "must be in the same order"),
        (lambda frame: frame.rename(columns={"age": "Age"}), "unseen at fit time"),
        (lambda frame: frame.drop(columns="age"), "seen at fit time, yet now missing"),
    ],
)
def test_other_columns_are_refused(change, message, of_frame, frame):
    with pytest.raises(ValueError, match="feature names") as caught:
        of_frame.predict(change(frame))

    assert message in str(caught.value)


def test_array_for_a_model_with_names_warns(of_frame, X):
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        of_frame.predict(X)


def test_frame_for_a_model_without_names_warns(of_array, frame):
    with pytest.warns(UserWarning, match="X has feature names, but MLPClassifier was"):
        of_array.predict(frame)


def test_validation_frame_has_the_same_columns(frame, two_classes):
    with pytest.raises(ValueError, match="must be in the same order"):
        MLPClassifier(**SETTINGS).fit(
            frame, two_classes, X_val=frame[NAMES[::-1]], y_val=two_classes
        )


def test_columns_of_several_types(two_classes):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "float": random.normal(size=80),
            "integer": random.integers(0, 5, 80),
            "bool": random.random(80) > 0.5,
            "nullable": pd.array(random.integers(0, 5, 80), dtype="Int64"),
        }
    )

    model = MLPClassifier(**SETTINGS).fit(frame, two_classes)

    table = frame.to_numpy(dtype=float)
    expected = MLPClassifier(**SETTINGS).fit(table, two_classes)
    np.testing.assert_array_equal(
        model.predict_proba(frame), expected.predict_proba(table)
    )


def test_y_may_be_a_series_with_its_own_index(of_array, X, two_classes):
    y = pd.Series(two_classes, index=np.arange(80)[::-1] + 1000)

    model = MLPClassifier(**SETTINGS).fit(X, y)

    np.testing.assert_array_equal(model.predict_proba(X), of_array.predict_proba(X))


def test_lists_equal_arrays(of_array, X, two_classes):
    model = MLPClassifier(**SETTINGS).fit(X.tolist(), two_classes.tolist())

    np.testing.assert_array_equal(
        model.predict_proba(X.tolist()), of_array.predict_proba(X)
    )


def test_order_in_memory_does_not_matter(of_array, X, two_classes):
    by_column = np.asfortranarray(X)

    model = MLPClassifier(**SETTINGS).fit(by_column, two_classes)

    np.testing.assert_array_equal(
        model.predict_proba(by_column), of_array.predict_proba(X)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_type_is_kept(dtype, X, two_classes, quantity):
    X = X.astype(dtype)
    classifier = MLPClassifier(**SETTINGS).fit(X, two_classes)
    regressor = MLPRegressor(**SETTINGS).fit(X, quantity)

    assert classifier.predict_proba(X).dtype == dtype
    assert classifier.decision_function(X).dtype == dtype
    # y may have an offset that float32 rounds away
    assert regressor.predict(X).dtype == np.float64
    for model in (classifier, regressor):
        assert {str(w.dtype) for w in model.model_.weights} == {np.dtype(dtype).name}


def test_float_type_of_sparse_tables_is_kept(gaps, two_classes):
    X = sparse.csr_matrix(gaps.astype(np.float32))

    model = MLPClassifier(**SETTINGS).fit(X, two_classes)

    assert model.predict_proba(X).dtype == np.float32


def test_both_float_types_learn_alike(X, two_classes, of_array):
    model = MLPClassifier(**SETTINGS).fit(X.astype(np.float32), two_classes)

    proba = model.predict_proba(X.astype(np.float32))
    assert np.abs(proba - of_array.predict_proba(X)).max() < 1e-4


def test_large_targets_keep_their_digits_in_32_bits(X, quantity):
    X = X.astype(np.float32)
    model = MLPRegressor(**{**SETTINGS, "epochs": 40}, learning_rate=0.02)

    predictions = model.fit(X, 2.0**20 + 64 * quantity).predict(X)

    expected = model.fit(X, 64 * quantity).predict(X)
    assert np.abs(predictions - 2**20 - expected).max() < 1


@pytest.mark.parametrize(
    "kind",
    [
        sparse.csr_matrix,
        sparse.csc_matrix,
        sparse.coo_matrix,
        sparse.csr_array,
        sparse.csc_array,
    ],
)
@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_sparse_equals_dense(cls, kind, gaps, two_classes):
    dense = cls(**SETTINGS).fit(gaps, two_classes)

    model = cls(**SETTINGS).fit(kind(gaps), two_classes)

    np.testing.assert_allclose(
        model.predict(kind(gaps)), dense.predict(gaps), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(model.history_, dense.history_, rtol=1e-9)
    np.testing.assert_array_equal(model.predict(gaps), model.predict(kind(gaps)))


def test_sparse_equals_dense_with_a_validation_part(gaps, two_classes):
    settings = {**SETTINGS, "early_stopping": True, "dropout": 0.3, "input_noise": 0.1}
    weights = np.linspace(0, 2, len(gaps))

    dense = MLPClassifier(**settings).fit(gaps, two_classes, weights)
    model = MLPClassifier(**settings).fit(sparse.csr_matrix(gaps), two_classes, weights)

    np.testing.assert_allclose(model.history_, dense.history_, rtol=1e-9)


def test_unsorted_and_repeated_entries_of_a_sparse_table(two_classes):
    random = np.random.default_rng(3)
    rows, columns = np.repeat(np.arange(80), 3), random.integers(0, 4, 240)
    values = random.normal(size=240)
    indptr = np.arange(0, 241, 3)
    messy = sparse.csr_matrix((values, columns, indptr), shape=(80, 4))
    tidy = np.zeros((80, 4))
    np.add.at(tidy, (rows, columns), values)

    model = MLPClassifier(**SETTINGS, early_stopping=True).fit(messy, two_classes)

    expected = MLPClassifier(**SETTINGS, early_stopping=True).fit(tidy, two_classes)
    np.testing.assert_allclose(model.history_, expected.history_, rtol=1e-9)
    np.testing.assert_allclose(
        model.predict_proba(messy), expected.predict_proba(tidy), rtol=1e-9
    )


def test_one_row_can_be_predicted(of_array, X):
    np.testing.assert_allclose(
        of_array.predict_proba(X[:1]), of_array.predict_proba(X)[:1], rtol=1e-12
    )


def test_the_error_for_a_single_row_says_what_to_do(of_array, X):
    with pytest.raises(ValueError, match=re.escape("Expected 2D array, got 1D array")):
        of_array.predict(X[0])


def test_sparse_validation_rows_with_dense_training_rows(gaps, two_classes):
    losses = [
        MLPClassifier(**SETTINGS)
        .fit(kind(gaps), two_classes, X_val=other(gaps), y_val=two_classes)
        .history_["val_loss"]
        .to_numpy()
        for kind in (np.asarray, sparse.csr_array)
        for other in (np.asarray, sparse.csr_array)
    ]
    for loss in losses[1:]:
        np.testing.assert_allclose(loss, losses[0], rtol=1e-9)


@pytest.mark.parametrize("unit", [1e-19, 1e-13, 1e12])
def test_units_of_y_do_not_matter(unit, X):
    y = X[:, 0] + 2
    usual = MLPRegressor(**SETTINGS).fit(X, y).predict(X)
    scaled = MLPRegressor(**SETTINGS).fit(X, y * unit).predict(X)
    np.testing.assert_allclose(scaled, usual * unit, rtol=1e-6)


def test_an_offset_of_y_is_not_rounded_away_in_float32(X):
    y = X[:, 0]
    usual = MLPRegressor(**SETTINGS).fit(X.astype(np.float32), y).predict(X)
    offset = MLPRegressor(**SETTINGS).fit(X.astype(np.float32), y + 2**31).predict(X)
    np.testing.assert_allclose(offset - 2**31, usual, atol=1e-5)


def test_batch_norm_accepts_features_of_any_size(X):
    model = MLPRegressor((8,), batch_norm=True, epochs=60, learning_rate=0.02)
    model.fit(X * 1e8, X[:, 0])
    assert model.status_ == "finished all epochs"
    assert model.score(X * 1e8, X[:, 0]) > 0.8
