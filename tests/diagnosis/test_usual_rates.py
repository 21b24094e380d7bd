"""Usual learning rates, and the grids of rates that experiments start from."""

import numpy as np
import pytest

from skdl.diagnosis._usual_rates import USUAL_RATES, rate_at, rates_around
from skdl.diagnosis.experiments._compare_optimizers import N_RATES, RATES
from skdl.diagnosis.experiments._sweep_rules import default_rates
from skdl.training import OPTIMIZERS


def test_there_is_a_usual_rate_for_each_optimizer():
    assert set(USUAL_RATES) == set(OPTIMIZERS)


def test_the_grid_is_1_and_3_of_each_power_of_ten():
    written = ["1e-7", "3e-7", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"]
    places = [-14, -13, -4, -3, -2, -1, 0, 1, 2]
    assert [rate_at(place) for place in places] == list(map(float, written))
    assert rates_around("lion", 2, 1) == (1e-5, 3e-5, 1e-4, 3e-4)
    assert rates_around("sgd", 0, 0) == (0.01,)
    assert rates_around("no such name", 1, 0) == (3e-4, 1e-3)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_experiments_try_the_usual_rate_and_others_on_both_sides(optimizer):
    usual = USUAL_RATES[optimizer]
    for rates in (default_rates(optimizer), np.array(RATES[optimizer])):
        assert usual in rates[1:-1]
        assert (np.diff(rates) > 0).all()
    assert len(RATES[optimizer]) == N_RATES


def test_optimizers_are_compared_at_rates_in_use():
    small = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
    large = (3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
    expected = {
        **dict.fromkeys(["rmsprop", "adam", "adamw", "nadam", "adamax"], small),
        **dict.fromkeys(["sgd", "adagrad"], large),
        "adadelta": (3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0),
        "lion": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3),
    }
    assert expected == RATES
