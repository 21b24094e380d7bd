"""Usual learning rates, and the grids of rates that experiments start from."""

from skdl.diagnosis._usual_rates import USUAL_RATES, rate_at, rates_around
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
