"""The best score so far: rises with the candidates, by iteration of a halving."""

import numpy as np
import pytest

from skdl.exceptions import DataError
from skdl.plots import best_so_far
from skdl.search import Candidates


def candidates_of(scores, rungs=None):
    n = len(scores)
    numbers = np.asarray(scores, dtype=float)
    return Candidates(
        "accuracy", {}, ({},) * n, numbers, numbers, numbers,
        np.zeros(n, int) if rungs is None else np.asarray(rungs),
    )  # fmt: skip


def test_by_hand():
    ax = best_so_far(candidates_of([0.5, np.nan, 0.4, 0.8, 0.7]))

    line, points, best = ax.lines
    assert line.get_xdata().tolist() == [1, 3, 4, 5]
    assert line.get_ydata().tolist() == [0.5, 0.5, 0.8, 0.8]
    np.testing.assert_array_equal(points.get_ydata(), [0.5, np.nan, 0.4, 0.8, 0.7])
    assert best.get_label() == "best (number 4)"
    assert ax.get_ylabel() == "accuracy"


def test_a_halving_has_a_line_per_iteration_and_its_best_is_of_the_last():
    ax = best_so_far(candidates_of([0.5, 0.9, 0.6, 0.7], rungs=[0, 0, 1, 1]))

    first, second, _, best = ax.lines
    assert first.get_ydata().tolist() == [0.5, 0.9]
    assert second.get_ydata().tolist() == [0.6, 0.7]
    assert best.get_ydata() == [0.7]


def test_no_score_is_an_error():
    with pytest.raises(DataError, match=r"Got 2 candidates, all failed"):
        best_so_far(candidates_of([np.nan, np.nan]))
