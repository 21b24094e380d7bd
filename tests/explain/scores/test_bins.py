"""Bins of equal counts and means by bin, by hand and beside pandas."""

import numpy as np
import pandas as pd
import pytest

from skdl.explain.scores._bins import equal_count_bins, means_by_code


def test_bins_of_equal_counts():
    codes, lows, highs = equal_count_bins(np.array([5.0, 1, 1, 1, 2, 9]), 3)

    # The terciles of 1, 1, 1, 2, 5, 9 are 1 and 3.
    assert codes.tolist() == [2, 0, 0, 0, 1, 2]
    assert lows.tolist() == [1, 2, 5]
    assert highs.tolist() == [1, 2, 9]


def test_means_by_code_are_pandas():
    generator = np.random.RandomState(0)
    codes, values = generator.randint(-1, 5, 100), generator.randn(100)
    codes[codes == 3] = 4
    codes[0] = 3  # alone

    counts, means, variances = means_by_code(codes, values, 6)

    by_code = pd.Series(values).groupby(codes)
    assert counts[:5].tolist() == by_code.size()[range(5)].tolist()
    assert means[:5] == pytest.approx(by_code.mean()[range(5)].to_numpy())
    expected = by_code.var()[range(5)].to_numpy()
    assert variances[:5] == pytest.approx(expected, nan_ok=True)
    assert (counts[5], np.isnan(means[5]), np.isnan(variances[5])) == (0, True, True)
