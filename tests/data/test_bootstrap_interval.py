"""Percentile intervals, against NumPy and theory."""

import numpy as np
import pytest

from skdl.data import bootstrap_interval, percentile_interval


def test_the_ends_are_numpys_quantiles_of_what_is_not_nan():
    values = np.random.RandomState(0).normal(size=(101, 2))
    values[0, 0] = np.nan

    low, high = percentile_interval(values, 0.8)

    expected = [np.quantile(values[1:, 0], q) for q in (0.1, 0.9)]
    assert [low[0], high[0]] == pytest.approx(expected)
    assert [low[1], high[1]] == pytest.approx(np.quantile(values[:, 1], [0.1, 0.9]))


def test_the_interval_of_a_mean_is_as_wide_as_its_theory_says():
    values = np.random.RandomState(0).normal(size=400)

    low, high = bootstrap_interval(
        lambda rows: values[rows].mean(axis=1), 400, random_state=0
    )

    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
