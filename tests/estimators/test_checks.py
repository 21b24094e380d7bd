"""Invalid data is refused, with a message that says what is wrong."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skdl import MLPClassifier, MLPRegressor, SkdlError

CLASSES = [MLPClassifier, MLPRegressor]
SETTINGS = {"hidden_layer_sizes": (8,), "epochs": 1, "random_state": 0}
each_class = pytest.mark.parametrize("cls", CLASSES)


@pytest.fixture(scope="module")
def fitted(X, two_classes):
    return {cls: cls(**SETTINGS).fit(X, two_classes) for cls in CLASSES}


def with_value(array, value):
    changed = array.astype(float)
    changed[3] = value
    return changed


@each_class
@pytest.mark.parametrize(
    ("value", "message"),
    [(np.nan, "Input X contains NaN"), (np.inf, "Input X contains infinity")],
)
def test_nonfinite_x(cls, value, message, fitted, X, two_classes):
    bad = with_value(X, value)

    with pytest.raises(ValueError, match=message):
        cls().fit(bad, two_classes)
    with pytest.raises(ValueError, match=message):
        cls().fit(sparse.csr_matrix(bad), two_classes)
    with pytest.raises(ValueError, match=message):
        cls().partial_fit(bad, two_classes)
    with pytest.raises(ValueError, match=message):
        fitted[cls].predict(bad)
    with pytest.raises(ValueError, match=message):
        cls().fit(X, two_classes, X_val=bad, y_val=two_classes)


@each_class
@pytest.mark.parametrize(
    ("value", "message"),
    [(np.nan, "Input y contains NaN"), (np.inf, "Input y contains infinity")],
)
def test_nonfinite_y(cls, value, message, X, two_classes):
    with pytest.raises(ValueError, match=message):
        cls().fit(X, with_value(two_classes, value))


def test_missing_labels(X):
    y = np.array(["a", "b"] * 40, dtype=object)
    y[3] = np.nan

    with pytest.raises(ValueError, match=r"Input( y)? contains NaN"):
        MLPClassifier().fit(X, y)


@each_class
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sample_weight", np.nan, "Input sample_weight contains NaN"),
        ("sample_weight", np.inf, "Input sample_weight contains infinity"),
        ("sample_weight", -0.5, r"sample_weight must be 0 or more. Got .* -0\.5"),
        (
            "sample_weight_val",
            -0.5,
            r"sample_weight_val must be 0 or more. Got .*-0\.5",
        ),
    ],
)
def test_weights_out_of_range(cls, name, value, message, X, two_classes):
    weights = with_value(np.ones(len(X)), value)

    with pytest.raises(ValueError, match=message):
        cls().fit(X, two_classes, X_val=X, y_val=two_classes, **{name: weights})


@each_class
def test_all_zero_weights(cls, X, two_classes):
    with pytest.raises(ValueError, match=r"weights .* must not all be zero. Got only"):
        cls().fit(X, two_classes, sample_weight=np.zeros(len(X)))


def test_class_weights_that_exclude_all_rows(X, two_classes):
    model = MLPClassifier(class_weight={0: 0.0, 1: 0.0})

    with pytest.raises(ValueError, match=r"weights .* must not all be zero. Got only"):
        model.fit(X, two_classes)


@each_class
def test_all_zero_validation_weights(cls, X, two_classes):
    with pytest.raises(ValueError, match=r"weights .* must not all be zero. Got only"):
        cls().fit(
            X,
            two_classes,
            X_val=X,
            y_val=two_classes,
            sample_weight_val=np.zeros(len(X)),
        )


@each_class
@pytest.mark.parametrize("wrong", [np.ones(79), np.ones((80, 2)), 1j * np.ones(80)])
def test_weights_of_wrong_shape_or_type(cls, wrong, X, two_classes):
    with pytest.raises(ValueError, match=r"[Ss]ample[_ ]weight|Complex data"):
        cls().fit(X, two_classes, sample_weight=wrong)


@each_class
def test_text_in_x(cls, two_classes):
    frame = pd.DataFrame({"number": np.arange(80.0), "text": ["red", "blue"] * 40})

    with pytest.raises(ValueError, match="could not convert string to float: 'red'"):
        cls().fit(frame, two_classes)


def test_text_in_y_of_a_regressor(X):
    with pytest.raises(ValueError, match=r"could not convert string|dtype='numeric'"):
        MLPRegressor().fit(X, ["red", "blue"] * 40)


@pytest.mark.parametrize("label", [1, "only"])
def test_one_class(label, X):
    with pytest.raises(ValueError, match="must hold at least 2 classes") as caught:
        MLPClassifier().fit(X, [label] * len(X))

    assert "Got 1 class" in str(caught.value)
    assert repr(label) in str(caught.value)
    assert isinstance(caught.value, SkdlError)


def test_one_class_is_accepted_if_classes_are_passed(X):
    model = MLPClassifier(**SETTINGS).partial_fit(X, [1] * len(X), classes=[0, 1])

    assert model.predict_proba(X).shape == (80, 2)


def test_quantities_for_a_classifier(X, quantity):
    with pytest.raises(ValueError, match=r"Unknown label type: .* use MLPRegressor"):
        MLPClassifier().fit(X, quantity)


def test_several_columns_of_classes(X, three_classes):
    with pytest.raises(
        ValueError, match=r"Unknown label type.*'multiclass-multioutput'"
    ):
        MLPClassifier().fit(X, np.column_stack([three_classes, three_classes]))


def test_new_labels_in_partial_fit(X, two_classes):
    message = r"y must hold the classes \[0, 1\]. Got \[2\] as well. .*pass all labels"

    with pytest.raises(ValueError, match=message):
        MLPClassifier().partial_fit(X, 2 * two_classes, classes=[0, 1])


def test_new_labels_in_validation_rows(X, two_classes):
    with pytest.raises(ValueError, match=r"must hold the classes \[0, 1\]. Got \[2\]"):
        MLPClassifier().fit(X, two_classes, X_val=X, y_val=2 * two_classes)


def test_class_weight_of_a_missing_label(X, two_classes):
    with pytest.raises(ValueError, match=r"'class_weight' .* \[0, 1\]. Got \['a'\]"):
        MLPClassifier(class_weight={"a": 2.0}).fit(X, two_classes)


def test_a_dict_of_class_weights_for_multilabel_targets(X, two_labels):
    with pytest.raises(ValueError, match=r"class_weight must be 'balanced'.* \{0: 2"):
        MLPClassifier(class_weight={0: 2.0}).fit(X, two_labels)


@each_class
def test_too_few_distinct_rows_to_hold_out(cls, X):
    same = np.repeat(X[:1], 2, axis=0)
    message = r"at least 2 different rows.* Got n_samples=2 .* early_stopping=False"

    with pytest.raises(ValueError, match=message):
        cls(early_stopping=True).fit(same, [0, 1] if cls is MLPClassifier else [1, 1])


def test_one_row_of_each_class_cannot_be_split(X):
    with pytest.raises(ValueError, match=r"at least 2 different rows of some class"):
        MLPClassifier(early_stopping=True).fit(X[:3], [0, 1, 2])


@each_class
def test_one_group_cannot_be_split(cls, X, two_classes):
    with pytest.raises(ValueError, match=r"at least 2 groups.* with 1 groups"):
        cls(early_stopping=True).fit(X, two_classes, groups=["a"] * len(X))


@each_class
def test_groups_of_wrong_length(cls, X, two_classes):
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[80, 7"):
        cls(early_stopping=True).fit(X, two_classes, groups=np.zeros(79))


@each_class
def test_validation_rows_without_targets(cls, X, two_classes):
    message = "X_val and y_val must be passed together,.* Got no "

    with pytest.raises(ValueError, match=f"{message}y_val"):
        cls().fit(X, two_classes, X_val=X)
    with pytest.raises(ValueError, match=f"{message}X_val"):
        cls().fit(X, two_classes, y_val=two_classes)


@each_class
def test_validation_weights_without_rows(cls, X, two_classes):
    with pytest.raises(ValueError, match="sample_weight_val"):
        cls(early_stopping=True).fit(X, two_classes, sample_weight_val=np.ones(len(X)))


@each_class
def test_different_lengths_of_x_and_y(cls, X, two_classes):
    with pytest.raises(ValueError, match="X has 80 rows but y has 79"):
        cls().fit(X, two_classes[:-1])
    with pytest.raises(ValueError, match="X_val has 80 rows but y_val has 79"):
        cls().fit(X, two_classes, X_val=X, y_val=two_classes[:-1])


@each_class
def test_validation_rows_with_other_columns(cls, X, two_classes):
    with pytest.raises(ValueError, match=r"X has 3 features, but MLP.* expecting 4"):
        cls().fit(X, two_classes, X_val=X[:, :3], y_val=two_classes)


@each_class
def test_rows_with_other_columns(cls, fitted, X):
    with pytest.raises(ValueError, match=r"X has 3 features, but MLP.* expecting 4"):
        fitted[cls].predict(X[:, :3])


def test_multilabel_validation_targets_with_other_columns(X, two_labels):
    three = np.column_stack([two_labels, two_labels[:, 0]])

    with pytest.raises(
        ValueError, match=r"y must have 2 columns, one per label. Got 3"
    ):
        MLPClassifier().fit(X, two_labels, X_val=X, y_val=three)


@each_class
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((0, 4), "Found array with 0 sample"),
        ((80, 0), r"Found array with 0 feature\(s\)"),
        ((80,), "Expected 2D array, got 1D array"),
        ((80, 2, 2), "Found array with dim 3|Expected 2D array, got 3D"),
    ],
)
def test_tables_of_wrong_shape(cls, shape, message, two_classes):
    with pytest.raises(ValueError, match=message):
        cls().fit(np.zeros(shape), two_classes[: shape[0]])


@each_class
def test_complex_numbers(cls, X, two_classes):
    with pytest.raises(ValueError, match="Complex data not supported"):
        cls().fit(X + 0j, two_classes)


@each_class
def test_no_targets(cls, X):
    with pytest.raises(
        ValueError, match="requires y to be passed, but the target y is"
    ):
        cls().fit(X, None)


@each_class
def test_a_failed_fit_keeps_the_fitted_model(cls, X, two_classes):
    model = cls(**SETTINGS).fit(X, two_classes)
    before = model.predict(X)

    with pytest.raises(ValueError, match="X has 80 rows but y has 79"):
        model.fit(X, two_classes[:-1])

    np.testing.assert_array_equal(model.predict(X), before)


@pytest.mark.parametrize("wrong", [2, -1])
def test_multilabel_targets_must_be_0_and_1(wrong, X, two_labels):
    with pytest.raises(ValueError, match=r"must be 0 or 1. Got \["):
        MLPClassifier().fit(X, np.where(two_labels == 1, wrong, 0))


def test_a_failed_fit_keeps_the_earlier_one(X, two_classes):
    model = MLPClassifier((8,), epochs=1, random_state=0).fit(X, two_classes)
    expected = model.predict_proba(X)
    with pytest.raises(ValueError, match="at least 2 classes"):
        model.fit(X[:, :2], np.zeros(len(X)))
    np.testing.assert_array_equal(model.predict_proba(X), expected)
