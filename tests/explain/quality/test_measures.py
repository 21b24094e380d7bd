"""Agreement of two explanations, by hand."""

import numpy as np

from skdl.explain.quality._measures import (
    n_features_for,
    rank_correlation,
    top_overlap,
)


def test_measures_by_hand():
    assert rank_correlation(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])) == -1
    assert rank_correlation(np.array([1.0, 1]), np.array([3.0, 2])) == 0
    many = np.arange(20.0)
    assert top_overlap(many, many[::-1]) == 0
    assert top_overlap(many, np.roll(many, 1)) == 0.8
    assert n_features_for(np.full(10, 0.1)) == 9
