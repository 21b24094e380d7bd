"""What a network is worth: scikit-learn's metrics of its predictions."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error

from skdl import MLPClassifier, MLPRegressor
from skdl.diagnosis.experiments._losses import (
    metric_of,
    refuse_if_all_diverged,
    status_of,
)
from skdl.exceptions import DataError, ParameterError


class Said:
    """A network that says what it is told to, for labels."""

    def __init__(self, probabilities, status="finished all epochs"):
        self.probabilities = np.array(probabilities)
        self.classes_ = np.arange(self.probabilities.shape[1])
        self.status_ = status

    def predict_proba(self, X):
        return self.probabilities


def test_log_loss_by_hand():
    metric = metric_of(MLPClassifier(), function="f")
    network = Said([[0.5, 0.5], [0.2, 0.8]])

    expected = -(np.log(0.5) + np.log(0.2)) / 2
    assert metric.of_run(network, None, [1, 0]) == pytest.approx(expected)
    # Rows of one class only, as they may be in a small fold.
    assert metric.of_run(network, None, [0, 0]) == pytest.approx(expected)
    assert (metric.name, metric.greater_is_better) == ("log loss", False)


def test_a_class_that_was_not_trained_on_is_named():
    with pytest.raises(DataError, match=r"Got \[2\] as well as \[0, 1\]\. Pass ano"):
        metric_of(MLPClassifier(), function="f").of(Said([[0.5, 0.5]]), None, [2])


def test_log_loss_of_several_labels_is_the_mean_over_labels():
    network = Said([[0.5, 0.9], [0.2, 0.6]])
    truth = np.array([[1, 1], [0, 0]])

    expected = -np.log([0.5, 0.8, 0.9, 0.4]).mean()
    loss = metric_of(MLPClassifier(), function="f").of_run(network, None, truth)
    assert loss == pytest.approx(expected)


def test_a_diverged_network_has_no_loss():
    network = Said([[0.5, 0.5]], status="diverged: the loss grew")

    assert np.isnan(metric_of(MLPClassifier(), function="f").of_run(network, None, [1]))


def test_quantities_are_judged_by_the_loss_of_the_network():
    X, y = np.arange(6.0).reshape(6, 1), np.array([0.0, 1, 4, 9, 16, 30])
    line = LinearRegression().fit(X, y)

    squared, absolute = (
        metric_of(MLPRegressor(loss=loss), function="f")
        for loss in ("squared_error", "huber")
    )

    assert squared.name == "mean squared error"
    assert squared.of(line, X, y) == pytest.approx(np.mean((y - line.predict(X)) ** 2))
    assert absolute.name == "mean absolute error"
    assert absolute.of(line, X, y) == mean_absolute_error(y, line.predict(X))


def test_scores_are_named_and_greater_is_better():
    def mine(estimator, X, y):
        return 1.0

    assert metric_of(MLPRegressor(), "r2", function="f").name == "r2"
    assert metric_of(MLPRegressor(), mine, function="f").name == "mine"
    assert metric_of(MLPRegressor(), mine, function="f").greater_is_better
    for wrong in ("nonsense", 3, ["r2"]):
        with pytest.raises(ParameterError, match="'scoring' parameter of f must be"):
            metric_of(MLPRegressor(), wrong, function="f")


def test_statuses():
    assert status_of([False, False]) == "trained"
    assert status_of([True, False, True]) == "diverged in 2 of 3 trainings"
    refuse_if_all_diverged([np.nan, 1.0], function="f", network=MLPClassifier())
    with pytest.raises(ParameterError, match=r"f needs .* Got 2 .*\(now 0.001\)"):
        refuse_if_all_diverged([np.nan] * 2, function="f", network=MLPClassifier())
