"""The drawing of a comparison with baselines shows its numbers and its conclusion."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdl import plots
from skdl.diagnosis import BaselineComparison, ScoredModel


def model(name, score, difference=(0.0, 0.0, 0.0)):
    return ScoredModel(
        name=name,
        scores=np.array([score - 0.1, score + 0.1]),
        low=score - 0.2,
        high=score + 0.2,
        difference=difference[0],
        difference_low=difference[1],
        difference_high=difference[2],
        seconds=1.0,
    )


def record(difference=(0.1, -0.05, 0.25), scale=1.0):
    return BaselineComparison(
        estimator=model("Net", 0.8 * scale),
        baselines=(
            model("cost in $ or $", 0.7 * scale, difference),
            model("dummy", 0.4 * scale, (0.4, 0.3, 0.5)),
        ),
        metric="accuracy",
        confidence_level=0.9,
        n_samples=10,
        n_folds=2,
        left_out={},
    )


def test_a_dot_and_an_interval_per_row_and_the_estimator_stands_out():
    ax = plots.compare_baselines(record())

    lines = [line for line in ax.get_lines() if line.get_linewidth() == 3]
    dots = [line for line in ax.get_lines() if line.get_marker() in ("o", "D")]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx([0.8, 0.7, 0.4])
    assert [line.get_xdata()[0] for line in lines] == pytest.approx([0.6, 0.5, 0.2])
    assert [line.get_xdata()[1] for line in lines] == pytest.approx([1.0, 0.9, 0.6])
    assert [dot.get_marker() for dot in dots] == ["D", "o", "o"]
    assert len({dot.get_color() for dot in dots}) == 2
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["Net", r"cost in \$ or \$", "dummy"]
    assert ax.get_xlabel() == "accuracy, mean of 2 folds, 90 % interval"


def test_the_numbers_are_written():
    ax = plots.compare_baselines(record(difference=(-0.1, -0.25, 0.05)))

    assert [text.get_text() for text in ax.texts] == [
        "0.800, better by",
        "0.700, \N{MINUS SIGN}0.100\n(\N{MINUS SIGN}0.250 to +0.050)",
        "0.400, +0.400\n(+0.300 to +0.500)",
    ]
    large = plots.compare_baselines(record(scale=1e4))
    assert large.texts[0].get_text() == "8000, better by"


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ((0.1, 0.05, 0.2), "better than"),
        ((0.1, -0.05, 0.2), "not distinguishable from"),
        ((-0.1, -0.2, -0.05), "worse than"),
    ],
)
def test_the_conclusion_is_the_title(difference, words):
    ax = plots.compare_baselines(record(difference))

    title = ax.get_title(loc="left").replace("\n", " ")
    assert title == rf"{words} the best baseline, cost in \$ or \$"


def test_nothing_is_cut_off():
    figure = plots.compare_baselines(record()).figure
    figure.draw_without_rendering()

    width = figure.bbox.width
    for text in [*figure.axes[0].texts, *figure.axes[0].get_yticklabels()]:
        box = text.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= width


def test_it_draws_where_it_is_told():
    _, ax = plt.subplots()

    assert plots.compare_baselines(record(), ax=ax) is ax
    assert "$" in plots.inline_svg(ax, alternative="Baselines.")
