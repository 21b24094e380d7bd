"""What the interval of a gain means, in words."""

import pytest

from skdl.reports._tuning import gain_in_words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.02, "better"),
        (-0.02, -0.01, "worse"),
        (-0.01, 0.02, "could be chance"),
        (0.0, 0.02, "could be chance"),
        (0.0, 0.0, "no difference"),
    ],
)
def test_gain_in_words(low, high, words):
    assert gain_in_words(low, high) == words
