"""Intervals, against scipy's and published numbers."""

import numpy as np
import pytest
from scipy import stats

from skdl.explain.scores._intervals import (
    mean_difference_interval,
    mean_interval,
    share_difference_interval,
    share_interval,
)


@pytest.mark.parametrize("right", [0, 1, 7, 20])
@pytest.mark.parametrize("level", [0.8, 0.99])
def test_shares_have_wilsons_interval(right, level):
    low, high = share_interval(np.array([right / 20]), np.array([20]), level)

    expected = stats.binomtest(right, 20).proportion_ci(level, method="wilson")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high))


def test_differences_of_shares_have_newcombes_interval():
    ours = np.array([56 / 70, 0.0]), np.array([70, 10])
    others = np.array([48 / 80, 0.0]), np.array([80, 20])

    low, high = share_difference_interval(ours, others, 0.95)

    # Newcombe (1998), table II, method 10: cases (a) and (g).
    assert low.round(4).tolist() == [0.0524, -0.1611]
    assert high.round(4).tolist() == [0.3339, 0.2775]


def test_means_have_students_interval():
    values = np.random.RandomState(0).randn(12)

    low, high = mean_interval(values.mean(), values.var(ddof=1), np.array(12), 0.9)

    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_differences_of_means_have_welchs_interval():
    generator = np.random.RandomState(0)
    one, other = generator.randn(12), 3 * generator.randn(30) + 1
    sides = [
        (np.array([side.mean()]), np.array([side.var(ddof=1)]), np.array([len(side)]))
        for side in (one, other)
    ]

    low, high = mean_difference_interval(*sides, 0.9)

    found = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.9)
    assert (low[0], high[0]) == pytest.approx((found.low, found.high))


def test_numbers_without_spread_have_an_interval_without_width():
    side = np.array([2.0]), np.array([0.0]), np.array([5])

    low, high = mean_difference_interval(side, side, 0.95)

    assert (low[0], high[0]) == (0, 0)
