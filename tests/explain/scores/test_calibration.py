"""Calibration curves, against scikit-learn's and numbers that are known."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.calibration import calibration_curve
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    make_multilabel_classification,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from skdl.exceptions import DataError, ParameterError
from skdl.explain import calibration


class SaysItsRows(ClassifierMixin, BaseEstimator):
    """The probability of "yes" is the first feature."""

    def fit(self, X, y):
        self.classes_ = np.array(["no", "yes"])
        return self

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])

    def predict(self, X):
        return self.classes_[(X[:, 0] > 0.5).astype(int)]


class SaysItsNumbers(RegressorMixin, BaseEstimator):
    """The prediction is the first feature."""

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return X[:, 0]


def test_a_curve_worked_by_hand():
    X = np.array([[0.1], [0.1], [0.1], [0.3], [0.8], [0.8], [0.9], [0.9]])
    y = np.array(["no", "no", "yes", "no", "yes", "yes", "yes", "no"])

    found = calibration(SaysItsRows().fit(X, y), X, y, n_bins=2)

    [curve] = found.curves
    assert curve.output == "yes"
    assert curve.counts.tolist() == [4, 4]
    assert curve.predicted == pytest.approx([0.15, 0.85])
    assert curve.observed.tolist() == [0.25, 0.75]
    assert curve.error == pytest.approx(0.1)
    # Wilson's interval of 1 in 4.
    assert curve.lows[0] == pytest.approx(0.0456, abs=1e-4)
    assert curve.highs[0] == pytest.approx(0.6994, abs=1e-4)


@pytest.mark.parametrize("n_bins", [1, 5, 10])
def test_two_classes_are_as_scikit_learns(n_bins):
    X, y = load_breast_cancer(return_X_y=True)
    estimator = GaussianNB().fit(X[::2], y[::2])

    found = calibration(estimator, X[1::2], y[1::2], n_bins=n_bins)

    probabilities = estimator.predict_proba(X[1::2])[:, 1]
    observed, predicted = calibration_curve(
        y[1::2], probabilities, n_bins=n_bins, strategy="quantile"
    )
    assert found.curves[0].observed == pytest.approx(observed)
    assert found.curves[0].predicted == pytest.approx(predicted)
    assert found.curves[0].counts.sum() == len(probabilities)


def test_several_classes_have_a_curve_each():
    X, y = load_iris(return_X_y=True)
    estimator = LogisticRegression(C=0.01).fit(X[::2], y[::2])

    found = calibration(estimator, X[1::2], y[1::2], n_bins=5)

    assert [curve.output for curve in found.curves] == ["0", "1", "2"]
    for code, curve in enumerate(found.curves):
        expected = calibration_curve(
            y[1::2] == code,
            estimator.predict_proba(X[1::2])[:, code],
            n_bins=5,
            strategy="quantile",
        )
        assert curve.observed == pytest.approx(expected[0])
        assert curve.predicted == pytest.approx(expected[1])
    assert len(found.to_frame()) == sum(len(curve.counts) for curve in found.curves)
    assert found.errors()["output"].tolist() == ["0", "1", "2"]
    assert len(json.loads(json.dumps(found.to_dict()))["curves"]) == 3


def test_labels_have_a_curve_each_named_by_the_columns():
    X, y = make_multilabel_classification(200, n_classes=2, random_state=0)
    estimator = MultiOutputClassifier(GaussianNB()).fit(X, y)

    found = calibration(estimator, X, pd.DataFrame(y, columns=["<b>", "$x$"]))

    assert [curve.output for curve in found.curves] == ["<b>", "$x$"]
    shares = [curve.counts @ curve.observed / 200 for curve in found.curves]
    assert shares == pytest.approx(y.mean(axis=0))


def test_numbers_by_deciles_of_the_prediction():
    X, y = load_diabetes(return_X_y=True)
    estimator = LinearRegression().fit(X, y)
    target = pd.Series(y)
    target.attrs["units"] = "mm"

    found = calibration(estimator, X, target)

    predicted = estimator.predict(X)
    deciles = pd.qcut(predicted, 10)
    expected = pd.DataFrame({"predicted": predicted, "true": y}).groupby(deciles).mean()
    assert found.unit == "mm"
    assert found.curves[0].predicted == pytest.approx(expected["predicted"].to_numpy())
    assert found.curves[0].observed == pytest.approx(expected["true"].to_numpy())
    assert (found.curves[0].lows < found.curves[0].observed).all()


def test_the_error_by_chance_is_that_of_simulated_truths():
    generator = np.random.RandomState(0)
    X = generator.rand(300, 1)
    estimator = SaysItsRows().fit(X, None)
    draws = np.where(generator.rand(100, 300) < X[:, 0], "yes", "no")

    found = [calibration(estimator, X, y) for y in draws]

    expected = np.mean([record.curves[0].error for record in found])
    assert found[0].curves[0].error_by_chance == pytest.approx(expected, rel=0.1)


def test_the_error_by_chance_of_numbers():
    generator = np.random.RandomState(0)
    X = generator.rand(300, 1)
    estimator = SaysItsNumbers().fit(X, None)

    found = [
        calibration(estimator, X, X[:, 0] + generator.randn(300)) for _ in range(100)
    ]

    error = np.mean([record.curves[0].error for record in found])
    by_chance = np.mean([record.curves[0].error_by_chance for record in found])
    assert by_chance == pytest.approx(error, rel=0.1)


def test_equal_predictions_share_a_bin():
    X = np.full((20, 1), 0.3)
    y = np.array(["yes", "no"] * 10)

    [curve] = calibration(SaysItsRows().fit(X, y), X, y).curves

    assert curve.counts.tolist() == [20]
    assert curve.observed.tolist() == [0.5]
    assert curve.error == pytest.approx(0.2)


def test_what_cannot_be_calibrated_is_refused():
    X, y = load_breast_cancer(return_X_y=True)
    estimator = GaussianNB().fit(X, y)

    with pytest.raises(ParameterError, match=r"SVC needs 'predict_proba' .* Wrap it"):
        calibration(SVC().fit(X, y), X, y)
    with pytest.raises(ParameterError, match=r"'n_bins' .* Got 0"):
        calibration(estimator, X, y, n_bins=0)
    with pytest.raises(ParameterError, match=r"'confidence_level' .* Got 95"):
        calibration(estimator, X, y, confidence_level=95)
    with pytest.raises(DataError, match=r"at least 2 rows\. Got 1"):
        calibration(estimator, X[:1], y[:1])
    with pytest.raises(DataError, match="Got y=None"):
        calibration(estimator, X, None)
