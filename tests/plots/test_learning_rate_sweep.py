"""A sweep is drawn with what diverged, what is recommended and what is best."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from skdl.diagnosis import LearningRateSweep
from skdl.plots import learning_rate_sweep
from tests.plots.figure_style import GREEN

NAN = float("nan")


@pytest.fixture
def record():
    """Two repeats of five rates: the last diverged, the one before is erratic."""
    losses = np.array([[0.9, 0.7], [0.5, 0.3], [0.4, 0.2], [0.6, 0.4], [NAN, NAN]])
    return LearningRateSweep(
        rates=np.array([1e-4, 1e-3, 1e-2, 1e-1, 1.0]),
        losses=losses,
        val_losses=losses + 0.1,
        loss_curves=losses[..., None],
        val_loss_curves=losses[..., None] + 0.1,
        diverged_epochs=np.array([[0, 0]] * 4 + [[1, 1]]),
        statuses=("trained", "trained", "trained", "erratic", "diverged"),
        smoothed_val_losses=np.array([0.9, 0.5, 0.4, NAN, NAN]),
        recommended=(1e-3, 1e-2),
        best_rate=1e-2,
        best={"learning_rate": 1e-2},
        edge=None,
        seeds=(1, 2),
    )


def lines_of(ax):
    return {line.get_label(): line for line in ax.lines}


def test_lines_are_means_of_what_was_trained(record):
    ax = learning_rate_sweep(record)

    lines = lines_of(ax)
    training, validation = lines["training"], lines["validation"]
    assert training.get_xdata().tolist() == [1e-4, 1e-3, 1e-2]
    np.testing.assert_allclose(training.get_ydata(), [0.8, 0.4, 0.3])
    np.testing.assert_allclose(validation.get_ydata(), [0.9, 0.5, 0.4])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("learning rate", "loss")


def test_best_and_failed_rates_are_marked(record):
    lines = lines_of(learning_rate_sweep(record))

    assert lines["best (0.01)"].get_xdata().tolist() == [1e-2]
    np.testing.assert_allclose(lines["best (0.01)"].get_ydata(), [0.4])
    for name, rate in (("diverged", 1.0), ("erratic", 0.1)):
        assert lines[name].get_xdata().tolist() == [rate]
        assert lines[name].get_ydata().tolist() == [0.94]  # of the height of the Axes


def test_the_recommended_range_is_shaded_and_spreads_are(record):
    ax = learning_rate_sweep(record)

    [shade] = [p for p in ax.patches if to_hex(p.get_facecolor()) == GREEN]
    left, right = shade.get_x(), shade.get_x() + shade.get_width()
    assert 1e-4 < left < 1e-3
    assert 1e-2 < right < 1e-1
    assert len(ax.collections) == 2
    alone = replace(
        record,
        losses=record.losses[:, :1],
        val_losses=record.val_losses[:, :1],
        diverged_epochs=record.diverged_epochs[:, :1],
    )
    assert len(learning_rate_sweep(alone).collections) == 0


def test_losses_of_many_magnitudes_are_drawn_by_magnitude(record):
    losses = record.losses.copy()
    losses[0] = 88.0

    assert learning_rate_sweep(replace(record, losses=losses)).get_yscale() == "log"


def test_a_sweep_of_which_all_diverged(record):
    nothing = replace(
        record,
        diverged_epochs=np.ones((5, 2), dtype=int),
        statuses=("diverged",) * 5,
        recommended=None,
        best_rate=None,
        best=None,
    )
    _, ax = plt.subplots()

    assert learning_rate_sweep(nothing, ax=ax) is ax
    assert list(lines_of(ax)) == ["diverged"]
    assert lines_of(ax)["diverged"].get_xdata().tolist() == record.rates.tolist()
    assert len(ax.patches) == 0
