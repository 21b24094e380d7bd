"""The drawing of scores shows the numbers, better ones to the right."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdl import plots
from skdl.explain import Performance


def record(*, baseline="mean, of <these> $rows$", unit="$"):
    one, width = np.array([0.6, 20.0]), np.array([0.1, 5.0])
    other = np.array([0.0, 50.0]) if baseline else np.full(2, np.nan)
    gains = np.array([0.6, 30.0])
    return Performance(
        task="regression",
        metrics=("r2", "rmse"),
        labels=("R²", "RMSE"),
        greater_is_better=(True, False),
        units=("", unit),
        scores=one,
        lows=one - width,
        highs=one + width,
        baseline=baseline,
        baseline_scores=other,
        baseline_lows=other,
        baseline_highs=other,
        gains=gains,
        gain_lows=gains,
        gain_highs=gains,
        confidence_level=0.9,
        n_samples=10,
        n_resamples=20,
        left_out={},
    )


def places(ax):
    """Where the dots are: model and baseline of each metric."""
    dots = [line for line in ax.get_lines() if line.get_marker() in ("o", "D")]
    return [line.get_xdata()[0] for line in dots]


def test_better_is_to_the_right_in_every_row():
    r2, baseline_r2, rmse, baseline_rmse = places(plots.performance(record()))

    assert (r2, baseline_r2) == (pytest.approx(0.6 / 0.7), 0)
    # From 15 (best) to 50.
    assert (rmse, baseline_rmse) == (pytest.approx(30 / 35), 0)


def test_the_numbers_are_written():
    ax = plots.performance(record())

    texts = [text.get_text() for text in ax.texts]
    assert "0.600 (0.500 to 0.700)" in texts
    assert "20 (15 to 25)" in texts
    assert [text.get_text() for text in ax.get_yticklabels()] == ["R²", r"RMSE [\$]"]
    assert "90 % interval" in ax.get_xlabel()


def test_without_a_baseline_nothing_of_it_is_drawn():
    ax = plots.performance(record(baseline=""))

    assert len(places(ax)) == 2
    assert ax.get_legend() is None


def test_it_draws_where_it_is_told_and_hostile_names_stay_text():
    _, ax = plt.subplots()

    assert plots.performance(record(unit="<u>$"), ax=ax) is ax

    svg = plots.inline_svg(ax, alternative="Scores.")
    assert "of &lt;these&gt; $rows$" in svg
    assert "&lt;u&gt;$" in svg


def test_equal_ends_are_drawn_in_the_middle():
    single = Performance(
        **{
            **vars(record(baseline="")),
            "lows": np.array([0.6, 20.0]),
            "highs": np.array([0.6, 20.0]),
        }
    )

    assert places(plots.performance(single)) == [0.5, 0.5]
