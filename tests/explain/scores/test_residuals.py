"""Residuals, worked by hand and on real numbers."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB

from skdl.exceptions import DataError, ParameterError
from skdl.explain import residuals


@pytest.fixture(scope="module")
def line():
    X = np.arange(30.0)[:, None]
    return LinearRegression().fit(X, X[:, 0]), X


def test_residuals_are_targets_minus_predictions(line):
    estimator, X = line
    errors = np.array([0.5, -2, 0] * 10)
    errors[7], errors[3] = -9, 8

    found = residuals(estimator, X, X[:, 0] + errors, n_largest=3)

    assert found.residuals == pytest.approx(errors)
    assert found.predicted == pytest.approx(X[:, 0])
    assert found.largest.tolist() == [7, 3, 1]
    assert found.mean == pytest.approx(errors.mean())
    assert found.standard_deviation == pytest.approx(errors.std(ddof=1))
    assert found.quantiles == pytest.approx(np.quantile(errors, found.quantile_levels))
    assert found.quantiles[[0, -1]] == pytest.approx([-9, 8])
    # Ten bins of three rows each.
    assert found.bin_predicted == pytest.approx(np.arange(1, 30, 3))
    assert found.bin_medians == pytest.approx(np.median(errors.reshape(10, 3), axis=1))
    low, high = np.quantile(errors.reshape(10, 3), [0.1, 0.9], axis=1)
    assert found.bin_lows == pytest.approx(low)
    assert found.bin_highs == pytest.approx(high)


def test_the_tables(line):
    estimator, X = line
    y = pd.Series(X[:, 0] + 1, name="y")
    y.attrs["units"] = {"y": "kg"}
    y[4] += 5

    found = residuals(estimator, X, y, n_largest=2)

    table = found.to_frame()
    assert table["row"].tolist()[0] == 4
    assert table["actual"].tolist()[0] == pytest.approx(10)
    assert table["predicted"].tolist()[0] == pytest.approx(4)
    assert found.unit == "kg"
    assert found.quantile_frame()["residual"].iloc[-1] == pytest.approx(6)
    assert json.loads(json.dumps(found.to_dict()))["largest"][0] == 4


def test_one_of_several_outputs():
    X, y = load_diabetes(return_X_y=True)
    both = np.column_stack([y, 2 * y])
    estimator = LinearRegression().fit(X, both)

    second = residuals(estimator, X, both, output=1)

    assert second.output == "prediction 1"
    assert second.residuals == pytest.approx(
        2 * residuals(estimator, X, both).residuals
    )
    with pytest.raises(ParameterError, match=r"'output' .* Got 2"):
        residuals(estimator, X, both, output=2)


def test_a_constant_prediction_is_one_bin(line):
    _, X = line
    constant = LinearRegression().fit(X, np.ones(30))

    found = residuals(constant, X, X[:, 0])

    assert found.bin_medians == pytest.approx([13.5])


def test_what_has_no_residuals_is_refused(line):
    estimator, X = line
    rows, classes = load_iris(return_X_y=True)

    with pytest.raises(ParameterError, match=r"GaussianNB, .* Use 'confusion'"):
        residuals(GaussianNB().fit(rows, classes), rows, classes)
    with pytest.raises(ParameterError, match=r"'n_largest' .* Got 0"):
        residuals(estimator, X, X[:, 0], n_largest=0)
    with pytest.raises(DataError, match="Got y=None"):
        residuals(estimator, X, None)
    with pytest.raises(DataError, match=r"at least 2 rows\. Got 1"):
        residuals(estimator, X[:1], [1])
