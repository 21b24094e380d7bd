"""Where a range test finds the fall, worked by hand."""

import numpy as np
from sklearn.datasets import make_classification

from skdl import MLPClassifier
from skdl.diagnosis import learning_rate_range_test
from skdl.diagnosis.experiments._range_test_rules import (
    find_fall,
    is_too_high,
    slopes,
    smooth_over_steps,
)


def test_the_mean_is_corrected_for_its_beginning():
    smoothed = smooth_over_steps(np.array([4.0, 4.0, 2.0, 2.0, 2.0]), 0.5)

    # Medians are 4, 4, 2, 2, 2; uncorrected means 2, 3, 2.5, 2.25, 2.125.
    expected = np.array([2, 3, 2.5, 2.25, 2.125]) / [
        1 / 2,
        3 / 4,
        7 / 8,
        15 / 16,
        31 / 32,
    ]
    np.testing.assert_allclose(smoothed, expected)


def test_spikes_are_smoothed_away():
    flat = np.ones(9)
    for place in (0, 4, 8):
        spiked = flat.copy()
        spiked[place] = 1e6
        np.testing.assert_allclose(smooth_over_steps(spiked, 0.9), flat)


def test_few_losses_are_smoothed_without_medians():
    assert smooth_over_steps(np.array([4.0]), 0.9).tolist() == [4.0]
    np.testing.assert_allclose(smooth_over_steps(np.array([4.0, 1.0]), 0.5), [4.0, 2.0])


def test_it_ends_above_four_times_the_lowest():
    assert not is_too_high(np.array([3.0, 1.0, 4.0]), 0)
    assert is_too_high(np.array([3.0, 1.0, 4.1]), 0)
    # What is early is not the lowest.
    assert not is_too_high(np.array([0.1, 1.0, 2.0]), 1)
    assert not is_too_high(np.array([9.0]), 1)


def test_slopes_are_over_as_many_steps_as_there_are():
    smoothed = np.array([8.0, 8.0, 6.0, 2.0, 0.0])

    assert slopes(smoothed, 1).tolist() == [0.0, -1.0, -3.0, -3.0, -2.0]
    assert slopes(smoothed, 2).tolist() == [-1.0, -2.0, -2.0, -8 / 3, -3.0]


def losses_of_20(*, falls_at=8, lowest=14):
    """1 until a step, down to 0.3 at another one, and up again."""
    losses = np.ones(20)
    losses[falls_at:lowest] = np.linspace(0.9, 0.4, lowest - falls_at)
    losses[lowest:] = np.linspace(0.3, 1.5, 20 - lowest)
    return losses


def test_the_fall_is_found():
    losses = losses_of_20()
    losses[10] = 0.5  # steeper from here on by a half

    steepest, lowest = find_fall(losses, losses, n_rates=20, smoothing=0.0)

    assert lowest == 14
    assert steepest == 9  # from 0.9 to 0.5 in the two steps around it


def test_what_is_early_counts_for_nothing():
    losses = losses_of_20()
    losses[:2] = [50.0, 0.01]  # two of 20 steps are early

    assert find_fall(losses, losses, n_rates=20, smoothing=0.0)[1] == 14


def test_noise_is_no_fall():
    random = np.random.default_rng(0)
    noise = 1 + 0.1 * random.normal(size=100)
    smoothed = smooth_over_steps(noise, 0.8)

    assert find_fall(noise, smoothed, n_rates=100, smoothing=0.8) is None
    assert smoothed[10:].min() < smoothed[10]  # though there is a lowest loss
    rising = np.linspace(1.0, 2.0, 100)
    assert find_fall(rising, rising, n_rates=100, smoothing=0.8) is None
    assert find_fall(noise[:11], smoothed[:11], n_rates=100, smoothing=0.8) is None


def test_the_losses_of_a_record_are_smoothed_so():
    X, y = make_classification(n_samples=100, n_features=5, random_state=0)
    network = MLPClassifier((8,), batch_size=16)

    record = learning_rate_range_test(network, X, y, n_rates=40, random_state=0)

    np.testing.assert_allclose(
        record.smoothed_losses, smooth_over_steps(record.losses, 0.8)
    )
