"""MLPClassifier on two classes, several classes and several labels per row."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

from skdl import MLPClassifier

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "learning_rate": 0.02,
    "epochs": 60,
    "random_state": 0,
}
L2 = 0.02
LINEAR = {
    "hidden_layer_sizes": (),
    "optimizer": "sgd",
    "learning_rate": 0.5,
    "l2": L2,
    "batch_size": "full",
    "epochs": 1000,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def binary(X, two_classes):
    return MLPClassifier(**SETTINGS).fit(X, two_classes)


@pytest.fixture(scope="module")
def multiclass(X, three_classes):
    return MLPClassifier(**SETTINGS).fit(X, three_classes)


@pytest.fixture(scope="module")
def multilabel(X, two_labels):
    return MLPClassifier(**SETTINGS).fit(X, two_labels)


def test_it_learns(binary, multiclass, multilabel, X, request):
    assert binary.score(X, request.getfixturevalue("two_classes")) > 0.95
    assert multiclass.score(X, request.getfixturevalue("three_classes")) > 0.9
    assert multilabel.score(X, request.getfixturevalue("two_labels")) > 0.9


def logistic_regression(X, y):
    """The minimum of mean log loss + L2 * |coefficients|^2, as in Keras."""
    model = LogisticRegression(C=1 / (2 * L2 * len(X)), tol=1e-10, max_iter=10_000)
    return model.fit(X, y)


def test_linear_network_of_two_classes_is_logistic_regression(X, two_classes):
    network = MLPClassifier(**LINEAR).fit(X, two_classes)

    expected = logistic_regression(X, two_classes).decision_function(X)
    np.testing.assert_allclose(network.decision_function(X), expected, atol=1e-6)


def test_linear_network_of_several_classes_is_softmax_regression(X, three_classes):
    network = MLPClassifier(**LINEAR).fit(X, three_classes)

    expected = logistic_regression(X, three_classes).predict_proba(X)
    np.testing.assert_allclose(network.predict_proba(X), expected, atol=1e-6)


def test_linear_network_of_several_labels_is_one_regression_per_label(X, two_labels):
    n_labels = two_labels.shape[1]
    network = MLPClassifier(**{**LINEAR, "l2": L2 / n_labels}, shuffle=False)

    network.fit(X, two_labels)

    for column in range(n_labels):
        expected = logistic_regression(X, two_labels[:, column]).decision_function(X)
        np.testing.assert_allclose(
            network.decision_function(X)[:, column], expected, atol=1e-5
        )


@pytest.mark.parametrize(
    "names",
    [
        np.array([False, True]),
        np.array([3, 7]),
        np.array([-1, 1]),
        np.array([1.0, 2.0]),
        np.array(["ja", "nein"]),
        np.array(["ja", "nein"], dtype=object),
        pd.Series(["ja", "nein"], dtype="string"),
        pd.Series(["ja", "nein"], dtype="category"),
    ],
    ids=lambda names: f"{type(names).__name__}-{names.dtype}",
)
def test_labels_of_any_type(names, binary, X, two_classes):
    y = names[two_classes]

    model = MLPClassifier(**SETTINGS).fit(X, y)

    assert model.classes_.tolist() == list(names)
    assert model.predict(X).tolist() == list(names[binary.predict(X)])
    np.testing.assert_array_equal(model.predict_proba(X), binary.predict_proba(X))
    assert model.score(X, y) == binary.score(X, two_classes)


def test_labels_may_be_a_list(binary, X, two_classes):
    names = ["nein", "ja"]

    model = MLPClassifier(**SETTINGS).fit(X, [names[code] for code in 1 - two_classes])

    assert model.classes_.tolist() == ["ja", "nein"]
    assert (model.predict(X) == "nein").mean() == binary.predict(X).mean()


def test_names_of_several_classes(multiclass, X, three_classes):
    names = np.array(["ape", "bee", "cat"])

    model = MLPClassifier(**SETTINGS).fit(X, names[three_classes])

    assert model.classes_.tolist() == names.tolist()
    np.testing.assert_array_equal(model.predict(X), names[multiclass.predict(X)])


def test_predictions_of_two_classes_agree(binary, X):
    logits, proba = binary.decision_function(X), binary.predict_proba(X)

    assert logits.shape == (len(X),)
    assert proba.shape == (len(X), 2)
    np.testing.assert_allclose(proba[:, 1], expit(logits), rtol=1e-12)
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.exp(binary.predict_log_proba(X)), proba, rtol=1e-12)
    np.testing.assert_array_equal(binary.predict(X), (logits > 0).astype(int))


def test_predictions_of_several_classes_agree(multiclass, X):
    logits, proba = multiclass.decision_function(X), multiclass.predict_proba(X)

    assert logits.shape == proba.shape == (len(X), 3)
    np.testing.assert_allclose(proba, softmax(logits, axis=1), rtol=1e-12)
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(
        np.exp(multiclass.predict_log_proba(X)), proba, rtol=1e-12
    )
    np.testing.assert_array_equal(multiclass.predict(X), logits.argmax(axis=1))


def test_predictions_of_several_labels_agree(multilabel, X):
    logits, proba = multilabel.decision_function(X), multilabel.predict_proba(X)

    assert logits.shape == proba.shape == (len(X), 2)
    np.testing.assert_allclose(proba, expit(logits), rtol=1e-12)
    np.testing.assert_allclose(
        np.exp(multilabel.predict_log_proba(X)), proba, rtol=1e-12
    )
    np.testing.assert_array_equal(multilabel.predict(X), (logits > 0).astype(int))


def test_a_tiny_probability_has_a_finite_logarithm(binary, multiclass, X):
    for model in (binary, multiclass):
        far = 1e4 * X
        assert (model.predict_proba(far) == 0).any()
        assert np.isfinite(model.predict_log_proba(far)).all()


def test_score_of_several_labels_is_subset_accuracy(multilabel, X, two_labels):
    expected = accuracy_score(two_labels, multilabel.predict(X))

    assert multilabel.score(X, two_labels) == expected


def test_several_labels_may_be_sparse(multilabel, X, two_labels):
    model = MLPClassifier(**SETTINGS).fit(X, sparse.csr_matrix(two_labels))

    np.testing.assert_array_equal(model.predict_proba(X), multilabel.predict_proba(X))


def test_a_column_of_labels_warns(binary, X, two_classes):
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        model = MLPClassifier(**SETTINGS).fit(X, two_classes[:, np.newaxis])

    np.testing.assert_array_equal(model.predict(X), binary.predict(X))


def test_label_smoothing_of_two_classes_worked_by_hand(two_classes):
    # One class of weight 3/4: smoothing by 0.4 leaves 0.4 / 2 + 0.6 * 3 / 4 = 0.65.
    y = np.arange(80) % 4 > 0
    parameters = {**LINEAR, "l2": 0.0, "label_smoothing": 0.4}

    model = MLPClassifier(**parameters).fit(np.zeros((80, 4)), y)

    np.testing.assert_allclose(model.predict_proba(np.zeros((1, 4)))[0, 1], 0.65)


def test_label_smoothing_of_three_classes_worked_by_hand():
    # Shares 1/4, 1/4, 1/2: smoothing by 0.3 leaves 0.1 + 0.7 * share.
    y = np.array([0, 1, 2, 2] * 20)
    parameters = {**LINEAR, "l2": 0.0, "label_smoothing": 0.3}

    model = MLPClassifier(**parameters).fit(np.zeros((80, 4)), y)

    np.testing.assert_allclose(
        model.predict_proba(np.zeros((1, 4)))[0], [0.275, 0.275, 0.45]
    )
