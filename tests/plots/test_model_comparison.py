"""Models are drawn with their scores and intervals."""

import pytest

from skdl import plots
from tests.every_record import comparison_of_models


def test_scores_have_their_intervals():
    ax = plots.model_comparison(comparison_of_models(["a", "b"]))

    spans = [line.get_xdata() for line in ax.get_lines() if len(line.get_xdata()) == 2]
    assert spans[0] == pytest.approx([0.4, 0.55])
    assert "90 % interval" in ax.get_xlabel()
