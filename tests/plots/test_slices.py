"""The drawing of worst groups shows their scores, and which are worse beyond chance."""

import matplotlib.pyplot as plt
import numpy as np

from skdl import plots
from skdl.explain import Slices


def record():
    scores = np.array([0.5, 0.7, 0.9])
    return Slices(
        metric="accuracy",
        label="accuracy",
        greater_is_better=True,
        unit="",
        overall=0.8,
        features=("<sex>", "$x$", "age"),
        groups=("a very long name of a town", "$<y>", "3 to 7"),
        counts=np.array([50, 60, 70]),
        scores=scores,
        lows=scores - 0.1,
        highs=scores + 0.05,
        gaps=0.85 - scores,
        gap_lows=np.array([0.1, -0.1, -0.2]),
        gap_highs=np.array([0.6, 0.5, 0.4]),
        n_groups=9,
        min_samples=30,
        confidence_level=0.9,
        n_samples=200,
    )


def test_scores_and_what_is_worse():
    ax = plots.slices(record())

    dots = [line for line in ax.get_lines() if line.get_marker() in ("o", "D")]
    assert [dot.get_marker() for dot in dots] == ["D", "o", "o"]
    assert [dot.get_xdata()[0] for dot in dots] == [0.5, 0.7, 0.9]
    assert ax.get_lines()[-1].get_xdata() == [0.8, 0.8]
    assert {"50", "60", "70"} < {text.get_text() for text in ax.texts}
    assert "90 % interval" in ax.get_xlabel()
    assert "of 9 groups" in ax.get_xlabel()


def test_only_the_worst():
    ax = plots.slices(record(), n_worst=2)

    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["<sex>: a very lon…of a town", r"\$x\$: \$<y>"]


def test_it_draws_where_it_is_told_and_hostile_names_stay_text():
    _, ax = plt.subplots()

    assert plots.slices(record(), ax=ax) is ax

    svg = plots.inline_svg(ax, alternative="Groups.")
    assert "$x$: $&lt;y&gt;" in svg
