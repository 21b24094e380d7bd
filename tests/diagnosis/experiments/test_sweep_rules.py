"""Which learning rates are recommended, worked by hand."""

import numpy as np
import pytest
from sklearn.datasets import make_regression

from skdl import MLPRegressor
from skdl.diagnosis import learning_rate_sweep
from skdl.diagnosis.experiments._sweep_rules import (
    default_rates,
    largest_rise,
    rank_rates,
    smooth_over_rates,
)

NAN = float("nan")


def test_medians_are_of_three_neighbouring_rates():
    rates = np.array([1e-3, 3e-3, 1e-2, 3e-2, 1e-1])

    smoothed = smooth_over_rates(rates, np.array([0.7, 0.6, 0.9, 0.4, 0.5]))

    assert smoothed.tolist() == [0.7, 0.7, 0.6, 0.5, 0.5]


def test_rates_more_than_a_decade_apart_are_no_neighbours():
    smoothed = smooth_over_rates(
        np.array([1e-6, 1e-2, 1e-1, 1.0]), np.array([0.7, 0.9, 0.5, 0.6])
    )

    # The second has no neighbour below; a decade on both sides is near enough.
    assert smoothed.tolist() == [0.7, 0.9, 0.6, 0.6]


def test_losses_that_are_not_finite_are_skipped():
    rates = np.array([1e-3, 2e-3, 3e-3, 4e-3, 5e-3])

    smoothed = smooth_over_rates(rates, np.array([0.7, NAN, 0.5, 0.6, np.inf]))

    np.testing.assert_array_equal(smoothed, [0.7, NAN, 0.6, 0.6, NAN])


@pytest.mark.parametrize(
    ("curve", "rise"),
    [
        ([3.0, 2.0, 1.0], 0.0),
        ([1.0, 2.0, 0.5, 1.75], 1.25),
        ([1.0, NAN, 4.0, np.inf], 3.0),
        ([NAN, NAN], 0.0),
        ([1.0], 0.0),
        # Of eleven epochs the first does not count.
        ([0.1, 3.0, *[2.0] * 9], 0.0),
        ([0.1, 3.0, *[2.0] * 8, 2.5], 0.5),
    ],
)
def test_the_largest_rise(curve, rise):
    assert largest_rise(np.array(curve)) == rise


def ranked(rates, val_losses, loss_curves=None):
    """The ranking of rates with one run each, whose training losses fall if not given.

    Places of best, low and high.
    """
    val_losses = np.array(val_losses, dtype=float)
    if val_losses.ndim == 1:
        val_losses = val_losses[:, None]
    if loss_curves is None:
        loss_curves = np.tile([2.0, 1.0], (*val_losses.shape, 1))
    return rank_rates(np.array(rates), val_losses, np.array(loss_curves))


GRID = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]


def test_neighbours_almost_as_good_are_recommended():
    # 2 % of the lowest loss, 0.5, is 0.01: the first epoch's, 2.0, is further away.
    ranking = ranked(GRID, [0.9, 0.8, 0.512, 0.508, 0.5, NAN])

    assert ranking.smoothed.tolist()[:5] == [0.9, 0.8, 0.512, 0.508, 0.5]
    assert (ranking.best, ranking.low, ranking.high) == (4, 3, 4)


def test_little_gained_is_little_tolerated():
    # 2 % of the way from 0.5 to the loss of the first epoch, 0.6, is 0.002.
    curves = np.tile([0.6, 0.55], (6, 1, 1))
    ranking = ranked(GRID, [0.9, 0.8, 0.512, 0.5015, 0.5, NAN], curves)
    further = ranked(GRID, [0.9, 0.8, 0.512, 0.5025, 0.5, NAN], curves)

    assert (ranking.best, ranking.low) == (4, 3)
    assert (further.best, further.low) == (4, 4)


@pytest.mark.parametrize("first", [[0.9, 0.8], [50.0, 40.0], [1e8, 0.9]])
def test_bad_low_rates_do_not_widen_the_range(first):
    ranking = ranked(GRID, [*first, 0.53, 0.508, 0.5, 0.505])

    assert (ranking.best, ranking.low, ranking.high) == (4, 3, 5)


def test_a_start_beyond_all_bounds_does_not_either():
    curves = np.tile([1e8, 1.0], (6, 1, 1))
    ranking = ranked(GRID, [0.9, 0.8, 0.53, 0.508, 0.5, NAN], curves)

    assert (ranking.best, ranking.low) == (4, 3)


def test_what_gained_nothing_tolerates_nothing():
    curves = np.tile([0.4, 0.4], (6, 1, 1))
    ranking = ranked(GRID, [0.9, 0.8, 0.502, 0.501, 0.5, NAN], curves)

    assert (ranking.best, ranking.low, ranking.high) == (4, 4, 4)


def test_titanic_a_rate_that_still_learns_is_not_recommended():
    """Means and spreads of a sweep with Adam, 30 epochs."""
    means = np.array([0.622, 0.494, 0.459, 0.452, 0.469, 0.478, 0.467, 0.471])
    stds = np.array([0.057, 0.018, 0.004, 0.002, 0.015, 0.010, 0.019, 0.038])
    val_losses = means[:, None] + stds[:, None] * [-1.0, 0.0, 1.0]
    curves = np.tile([0.82, 0.5], (8, 3, 1))
    ranking = ranked([*GRID, 0.1, 0.3], val_losses, curves)

    assert (ranking.best, ranking.low, ranking.high) == (3, 2, 3)


def test_the_range_has_no_gaps():
    ranking = ranked(GRID, [0.49, 0.49, 0.9, 0.9, 0.49, 0.485])

    assert (ranking.best, ranking.low, ranking.high) == (5, 4, 5)


def test_a_spike_and_a_lucky_run_do_not_decide():
    spike = ranked(GRID, [0.505, 9.0, 0.5, 0.501, 0.8, 0.9])
    lucky = ranked(GRID, [0.9, 0.2, 0.9, 0.5, 0.5, 0.5])

    assert (spike.best, spike.low, spike.high) == (2, 0, 3)
    # Between 0.2 and 0.5, 0.9 is a spike.
    assert (lucky.best, lucky.low, lucky.high) == (3, 2, 5)


@pytest.mark.parametrize(
    ("apart", "low"),
    [
        (0.0, 3),  # 0.515 is above 0.5 by more than 2 % of 0.5
        (0.03, 2),  # standard error of the difference 0.03 / sqrt(3) = 0.0173
    ],
)
def test_differences_that_vary_widen_the_range(apart, low):
    best, near = [0.5] * 3, [0.515 - apart, 0.515, 0.515 + apart]
    losses = [[0.9] * 3, [0.7] * 3, near, best, [NAN] * 3, [NAN] * 3]
    ranking = ranked(GRID, losses)

    assert (ranking.best, ranking.low) == (3, low)


def test_runs_that_begin_alike_are_compared_one_with_another():
    """All of the spread is that of the first weights: the difference has none."""
    best = np.array([0.4, 0.5, 0.6])
    losses = [[0.9] * 3, [0.7] * 3, best + 0.015, best, [NAN] * 3, [NAN] * 3]

    assert ranked(GRID, losses).low == 3


def test_however_much_they_vary_a_twentieth_is_tolerated():
    wild = [0.1, 0.526, 0.952]
    losses = [[0.9] * 3, [0.7] * 3, wild, [0.5] * 3, [NAN] * 3, [NAN] * 3]

    assert ranked(GRID, losses).low == 3


def test_a_rate_of_which_one_run_diverged_is_outside():
    ranking = ranked([0.1, 0.2, 0.3], [[0.6, 0.6], [0.5, NAN], [0.4, 0.4]])

    assert (ranking.best, ranking.low, ranking.high) == (2, 2, 2)
    assert np.isnan(ranking.smoothed[1])


def test_a_training_loss_that_rises_again_is_erratic():
    curves = [[[2.0, 1.5]], [[2.0, 1.0]], [[1.0, 1.26]], [[1.0, 1.24]]]
    ranking = ranked([0.1, 0.2, 0.3, 0.4], [0.8, 0.7, 0.5, 0.6], curves)

    # More than half of 0.5.
    assert ranking.erratic.tolist() == [False, False, True, False]
    assert (ranking.best, ranking.low, ranking.high) == (3, 3, 3)


def test_a_training_loss_that_blew_up_is_erratic():
    # As on Titanic: all units died in the first epoch, and a constant is left.
    curves = [[[1.2]], [[1.0]], [[4.9]], [[14952.0]]]
    ranking = ranked([1e-6, 1e-3, 1e-2, 1.0], [0.98, 0.9, 1.1, 0.67], curves)

    assert ranking.erratic.tolist() == [False, False, True, True]
    assert ranking.best == 1


def test_nothing_is_recommended_where_nothing_was_trained():
    ranking = ranked([0.1, 0.2], [NAN, np.inf])
    erratic = ranked([0.1, 0.2], [0.5, 0.5], [[[1.0, 9.0]], [[1.0, 9.0]]])

    for nothing in (ranking, erratic):
        assert (nothing.best, nothing.low, nothing.high) == (None, None, None)
    assert not ranking.erratic.any()
    assert erratic.erratic.all()


@pytest.mark.parametrize(
    ("optimizer", "first", "last"),
    [
        ("sgd", 1e-5, 10.0),
        ("adagrad", 1e-5, 10.0),
        ("adam", 1e-6, 1.0),
        ("adadelta", 1e-4, 100.0),
        ("lion", 1e-7, 0.1),
    ],
)
def test_default_rates_are_as_documented(optimizer, first, last):
    rates = default_rates(optimizer)

    assert (rates[0], rates[-1], len(rates)) == (first, last, 13)
    assert (np.diff(np.log10(rates)) < 0.53).all()


def test_quantities_and_the_default_rates():
    X, y = make_regression(n_samples=60, n_features=3, random_state=0)
    network = MLPRegressor((4,), epochs=2)
    sweep = learning_rate_sweep(network, X, y, n_repeats=1, random_state=0)

    assert sweep.rates.tolist() == default_rates("adam").tolist()
    assert sweep.losses.shape == (13, 1)
    assert sweep.to_frame()["loss_std"].isna().all()
