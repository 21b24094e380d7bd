"""Distances between rows of a table, by hand."""

import numpy as np
import pandas as pd

from skdl.explain.local._distances import CodedRows


def test_distances_by_hand():
    table = pd.DataFrame(
        {
            "number": [0.0, 1.0, 2.0, 10.0, np.nan],
            "rare": [0, 0, 0, 0, 5],
            "word": ["a", "b", "a", None, None],
            "constant": [7, 7, 7, 7, 7],
        }
    )
    coded = CodedRows.of(table)

    # The median of the numbers is 1.5, the median deviation 1.
    assert coded.steps([0, 0, 3], [1, 3, 4]).tolist() == [
        [1, 0, 1, 0],
        [10, 0, 1, 0],
        [1, 1, 0, 0],
    ]
    assert coded.nearest(coded.codes[[0]], np.array([1, 2, 3])).tolist() == [2]
    assert np.isnan(coded.typical(np.array([0])))
