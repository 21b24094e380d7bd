"""Confusion, against scikit-learn's matrices."""

import json

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_diabetes, load_digits, make_multilabel_classification
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from skdl.exceptions import DataError, ParameterError
from skdl.explain import confusion

WORDS = np.array(["zero", "<one>", "$2$", "3", "4", "5", "6", "7", "8", "9"])


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    y = WORDS[y]
    return GaussianNB().fit(X[::2], y[::2]), X[1::2], y[1::2]


def test_the_matrix_is_scikit_learns(digits):
    estimator, X, y = digits

    found = confusion(estimator, X, y)

    predicted = estimator.predict(X)
    assert found.labels == tuple(sorted(WORDS))
    assert (found.matrix == metrics.confusion_matrix(y, predicted)).all()
    normalized = metrics.confusion_matrix(y, predicted, normalize="true")
    assert found.normalized == pytest.approx(normalized)


def test_the_table_and_the_commonest_mistakes(digits):
    estimator, X, y = digits

    found = confusion(estimator, X, y)

    table = found.to_frame()
    assert len(table) == 100
    pair = table[(table["true"] == "$2$") & (table["predicted"] == "8")]
    n_expected = ((y == "$2$") & (estimator.predict(X) == "8")).sum()
    assert pair["n_samples"].tolist() == [n_expected]
    worst = found.most_confused(5)
    off_diagonal = found.matrix - np.diag(np.diag(found.matrix))
    assert worst["n_samples"].tolist() == sorted(off_diagonal.ravel())[:-6:-1]
    assert (worst["true"] != worst["predicted"]).all()
    json.dumps(found.to_dict())


def test_a_class_without_rows_has_no_shares(digits):
    estimator, X, y = digits
    rows = y != "8"

    found = confusion(estimator, X[rows], y[rows])

    place = found.labels.index("8")
    assert found.matrix[place].sum() == 0
    assert np.isnan(found.normalized[place]).all()
    assert np.isfinite(np.delete(found.normalized, place, axis=0)).all()


def test_a_class_that_was_never_seen_is_never_predicted():
    X = np.array([[0.0], [1.0], [2.0]])
    tree = DecisionTreeClassifier(random_state=0).fit(X[:2], ["a", "c"])

    found = confusion(tree, X, ["a", "c", "b"])

    assert found.labels == ("a", "b", "c")
    assert found.matrix.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]


def test_labels_have_a_matrix_each():
    X, y = make_multilabel_classification(100, n_classes=3, random_state=0)
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)

    found = confusion(tree, X, y)

    expected = metrics.multilabel_confusion_matrix(y, tree.predict(X))
    assert (found.matrix == expected).all()
    table = found.to_frame()
    assert table.columns[0] == "label"
    row = table[(table["true"] == "present") & (table["predicted"] == "absent")].iloc[1]
    assert (row["label"], row["n_samples"]) == ("label 1", expected[1, 1, 0])


def test_numbers_are_refused(digits):
    X, y = load_diabetes(return_X_y=True)

    with pytest.raises(ParameterError, match=r"LinearRegression, .* Use 'residuals'"):
        confusion(LinearRegression().fit(X, y), X, y)
    estimator, X, y = digits
    with pytest.raises(DataError, match=r"at least 2 rows\. Got 1"):
        confusion(estimator, X[:1], y[:1])
    with pytest.raises(DataError, match="Got y=None"):
        confusion(estimator, X, None)
