"""Ranges of tuned parameters, and starts that are spread over them."""

import numpy as np
import pytest
from optuna.distributions import FloatDistribution
from scipy.stats import loguniform, uniform

import skdl
from skdl.search._tuned_ranges import draw_starts, read_ranges


@pytest.fixture(scope="module")
def network():
    return skdl.MLPRegressor((6,), epochs=4, random_state=0)


def test_starts_are_spread_over_the_ranges(network):
    ranges = read_ranges(
        network,
        {
            "learning_rate": (1e-4, 1.0),
            "l2": loguniform(1e-6, 1e-2),
            "l1": uniform(0.5, 1.0),
            "input_noise": FloatDistribution(0.1, 0.2),
            "weight_decay": FloatDistribution(1e-4, 1.0, log=True),
        },
    ).ranges

    starts = draw_starts(ranges, 4, np.random.RandomState(0))

    assert [(each.low, each.high) for each in ranges] == [
        (1e-4, 1.0), (1e-6, 1e-2), (0.5, 1.5), (0.1, 0.2), (1e-4, 1.0),
    ]  # fmt: skip
    # One start in each quarter of each range.
    assert np.sort(np.log10(starts[:, 0])).astype(int).tolist() == [-3, -2, -1, 0]
    assert np.sort(starts[:, 2] // 0.25).tolist() == [2, 3, 4, 5]
    assert np.sort((starts[:, 3] - 0.1) // 0.025).tolist() == [0, 1, 2, 3]
    assert np.sort(np.log10(starts[:, 4])).astype(int).tolist() == [-3, -2, -1, 0]
