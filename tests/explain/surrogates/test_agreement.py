"""How closely one answer follows another, by hand and beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from skdl.data import percentile_interval
from skdl.explain.surrogates._agreement import (
    Response,
    in_one_unit,
    interval_explained,
    labels_of,
    share_explained,
)

CLASSES = Response("predict_proba", "multiclass", ("a", "b", "c"))
PREDICTIONS = Response("predict", "regression", ("prediction 0", "prediction 1"))


@pytest.fixture
def answers():
    generator = np.random.RandomState(0)
    predictions = generator.normal(size=(50, 3)) * [1.0, 2.0, 5.0]
    return predictions, predictions + generator.normal(size=predictions.shape)


def test_share_explained_is_that_of_scikit_learn(answers):
    predictions, followed = answers

    expected = r2_score(predictions, followed, multioutput="variance_weighted")
    assert share_explained(predictions, followed) == pytest.approx(expected)


def test_interval_is_that_of_scikit_learn_on_the_resampled_rows(answers):
    predictions, followed = answers

    interval = interval_explained(predictions, followed, np.random.RandomState(1))

    rows = np.random.RandomState(1).randint(50, size=(1000, 50))
    shares = [
        r2_score(predictions[each], followed[each], multioutput="variance_weighted")
        for each in rows
    ]
    assert interval == pytest.approx(tuple(percentile_interval(np.array(shares))))
    assert interval[0] < share_explained(predictions, followed) < interval[1]


def test_resamples_that_do_not_vary_are_left_out():
    predictions = np.array([[0.0], [0.0], [1.0]])

    low, high = interval_explained(predictions, predictions, np.random.RandomState(0))

    assert (low, high) == (1.0, 1.0)


def test_predictions_of_several_outputs_are_in_one_unit():
    values = np.array([[0.0, 100.0], [2.0, 300.0], [4.0, 500.0]])

    assert in_one_unit(values, PREDICTIONS).std(axis=0) == pytest.approx([1, 1])
    assert in_one_unit(values, CLASSES) is values


def test_labels():
    several = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
    margins = Response("decision_function", "binary", ("yes",))

    assert labels_of(several, CLASSES, None).ravel().tolist() == [1, 0]
    assert labels_of(several[:, :1], CLASSES, 0).ravel().tolist() == [False, True]
    assert labels_of(np.array([[0.2], [-0.2]]), margins, None).ravel().tolist() == [
        True,
        False,
    ]
