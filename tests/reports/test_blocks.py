"""Cells of tables: the text that readers see of a value."""

import numpy as np
import pandas as pd
import pytest

from skdl.reports._blocks import cell_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (123456, "123456"),
        (np.int64(7), "7"),
        (0.5, "0.500"),
        (12.0, "12.0"),
        (99.96, "100"),
        (1234.5, "1,234"),
        (-0.0001234, "-0.000123"),
        (1e12, "1.00e+12"),
        (float("nan"), "\N{EN DASH}"),
        (None, "\N{EN DASH}"),
        (pd.NaT, "\N{EN DASH}"),
        (float("inf"), "inf"),
        (np.True_, "yes"),
        ((64, 32), "64, 32"),
        ((), "\N{EN DASH}"),
        ("<b>", "<b>"),
    ],
)
def test_cells(value, text):
    assert cell_text(value) == text


def test_cells_of_a_format():
    assert cell_text(0.01, format_spec="+.3f") == "+0.010"
    assert cell_text(None, format_spec="+.3f") == "\N{EN DASH}"
