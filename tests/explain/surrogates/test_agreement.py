"""How closely one answer follows another, by hand and beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from skdl.explain._predicting.responses import Response
from skdl.explain.surrogates._agreement import (
    bootstrap_interval,
    in_one_unit,
    interval_explained,
    labels_of,
    middle,
    share_explained,
)

CLASSES = Response("predict_proba", "multiclass", ("a", "b", "c"))
PREDICTIONS = Response("predict", "regression", ("prediction 0", "prediction 1"))


@pytest.fixture
def answers():
    generator = np.random.RandomState(0)
    said = generator.normal(size=(50, 3)) * [1.0, 2.0, 5.0]
    return said, said + generator.normal(size=said.shape)


def test_share_explained_is_that_of_scikit_learn(answers):
    said, followed = answers

    expected = r2_score(said, followed, multioutput="variance_weighted")
    assert share_explained(said, followed) == pytest.approx(expected)


def test_interval_is_that_of_scikit_learn_on_the_resampled_rows(answers):
    said, followed = answers

    interval = interval_explained(said, followed, np.random.RandomState(1))

    rows = np.random.RandomState(1).randint(50, size=(1000, 50))
    shares = [
        r2_score(said[each], followed[each], multioutput="variance_weighted")
        for each in rows
    ]
    assert interval == pytest.approx(middle(np.array(shares)))
    assert interval[0] < share_explained(said, followed) < interval[1]


def test_resamples_that_do_not_vary_are_left_out():
    said = np.array([[0.0], [0.0], [1.0]])

    low, high = interval_explained(said, said, np.random.RandomState(0))

    assert (low, high) == (1.0, 1.0)


def test_the_interval_of_a_mean_is_as_wide_as_its_theory_says():
    values = np.random.RandomState(0).normal(size=400)

    low, high = bootstrap_interval(
        lambda rows: values[rows].mean(axis=1), 400, np.random.RandomState(0)
    )

    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)


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
