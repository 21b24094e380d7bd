"""The grids of learning rates that experiments try lie around the usual rates."""

import numpy as np
import pytest

from skdl.diagnosis._usual_rates import USUAL_RATES
from skdl.diagnosis.experiments._compare_optimizers import N_RATES, RATES
from skdl.diagnosis.experiments._sweep_rules import default_rates
from skdl.training import OPTIMIZERS


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
