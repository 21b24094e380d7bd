"""Candidates are drawn best first, without those that failed."""

import numpy as np
import pandas as pd
import pytest

from skdl import plots
from skdl.exceptions import DataError

CANDIDATES = pd.DataFrame(
    {
        "rank": [1, 2, 3],
        "mean_test_score": [0.9, 0.7, np.nan],
        "std_test_score": [0.1, 0.2, np.nan],
    }
)


def test_the_failed_are_left_out():
    ax = plots.search_results(CANDIDATES)

    points = ax.get_lines()[0].get_xydata()
    assert points.tolist() == [[1, 0.9], [2, 0.7]]


def test_no_score_is_an_error():
    with pytest.raises(DataError, match=r"Got 1 candidates, all failed"):
        plots.search_results(CANDIDATES.tail(1))
