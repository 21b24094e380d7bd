"""A range test is drawn with the rates that it points to."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdl.diagnosis import LearningRateRangeTest
from skdl.plots import learning_rate_range_test

NAN = float("nan")


@pytest.fixture
def record():
    """Six steps; a spike at the second, and the last one diverged."""
    return LearningRateRangeTest(
        rates=10.0 ** np.arange(-5, 1),
        losses=np.array([1.0, 50.0, 0.8, 0.4, 0.9, NAN]),
        smoothed_losses=np.array([1.0, 1.0, 0.8, 0.5, 0.7, NAN]),
        n_early=1,
        status="diverged: the loss or a weight grew beyond all bounds",
        lowest_rate=1e-2,
        steepest_rate=1e-3,
        tenth_rate=1e-3,
        best_rate=2e-3,
        best={"learning_rate": 2e-3},
    )


def lines_of(ax):
    return {line.get_label(): line for line in ax.lines}


def test_losses_and_rates_are_drawn(record):
    ax = learning_rate_range_test(record)

    lines = lines_of(ax)
    assert list(lines) == [
        "single batch",
        "smoothed",
        "steepest fall",
        "lowest",
        "best (0.002)",
    ]
    np.testing.assert_array_equal(lines["single batch"].get_ydata(), record.losses)
    np.testing.assert_array_equal(lines["smoothed"].get_ydata(), record.smoothed_losses)
    assert lines["lowest"].get_xdata() == [1e-2]
    assert lines["lowest"].get_ydata() == [0.5]
    # Between 0.8 at 0.001 and 0.5 at 0.01, by magnitude.
    expected = 0.8 - 0.3 * np.log10(2)
    np.testing.assert_allclose(lines["best (0.002)"].get_ydata(), [expected])
    assert ax.get_xscale() == "log"


def test_spikes_are_cut_off_and_early_steps_shaded(record):
    ax = learning_rate_range_test(record)

    assert ax.get_ylim()[1] < 1.2
    [shade] = ax.patches
    np.testing.assert_allclose(shade.get_x(), 1e-5)
    np.testing.assert_allclose(shade.get_x() + shade.get_width(), 1e-4)


def test_a_test_without_a_suggestion(record):
    nothing = replace(
        record,
        smoothed_losses=np.full(6, NAN),
        lowest_rate=None,
        steepest_rate=None,
        tenth_rate=None,
        best_rate=None,
        best=None,
        n_early=0,
    )
    _, ax = plt.subplots()

    assert learning_rate_range_test(nothing, ax=ax) is ax
    assert list(lines_of(ax)) == ["single batch", "smoothed"]
    assert len(ax.patches) == 0
