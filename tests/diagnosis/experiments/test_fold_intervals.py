"""Intervals over folds, by hand and as a comparison of baselines states them."""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from skdl.diagnosis import compare_baselines
from skdl.diagnosis.experiments._fold_intervals import corrected_interval

NO_BOOSTING = {"gradient boosting": None}  # which takes most of the time


TREE = DecisionTreeClassifier(random_state=0)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


class TestIntervals:
    def test_by_hand(self):
        # mean 3, variance 2.5, (1/5 + 1/4) * 2.5 = 1.125; t(0.975, 4) = 2.776
        low, high = corrected_interval(
            np.array([1.0, 2, 3, 4, 5]), test_to_train=0.25, level=0.95
        )

        assert low == pytest.approx(3 - 2.7764451 * 1.125**0.5)
        assert high == pytest.approx(3 + 2.7764451 * 1.125**0.5)

    def test_without_shared_rows_it_is_students(self):
        values = np.array([0.2, 0.5, 0.9])

        found = corrected_interval(values, test_to_train=0.0, level=0.9)

        expected = stats.t.interval(0.9, 2, values.mean(), stats.sem(values))
        assert found == pytest.approx(expected)

    def test_they_are_those_of_the_record(self, iris):
        folds = list(StratifiedKFold(5).split(*iris))
        found = compare_baselines(TREE, *iris, cv=folds, baselines=NO_BOOSTING)

        ours = found.estimator
        for model in found.baselines:
            difference = ours.scores - model.scores
            ends = corrected_interval(difference, test_to_train=0.25, level=0.95)
            assert (model.difference_low, model.difference_high) == ends
            assert model.difference == pytest.approx(difference.mean())
            assert (model.low, model.high) == corrected_interval(
                model.scores, test_to_train=0.25, level=0.95
            )
        assert ours.difference == ours.difference_low == ours.difference_high == 0
