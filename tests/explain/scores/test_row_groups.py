"""Groups of the values of a column, by hand."""

import numpy as np
import pandas as pd
import pytest

from skdl.explain.scores._row_groups import groups_of


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([1, 2, 1], ("1", "2")),
        ([1.5, 2, np.nan], ("1.5", "2", "missing")),
        ([True, False, True], ("True", "False")),
        (["b", "a", None], ("b", "a", "missing")),
        (["<b>", "$x$"], ("<b>", "$x$")),
        ([np.nan, np.nan], ("missing",)),
        (pd.to_datetime(["2020-01-02", None]), ("2020-01-02", "missing")),
        (pd.array([3, None], dtype="Int64"), ("3", "missing")),
        (np.array([1.0, "x"], dtype=object), ("1", "x")),
        (np.arange(20), ("0 to 9", "10 to 19")),
        (np.array([*range(11), np.inf]), ("0 to 5", "6 to inf")),
        (np.array([0] * 50 + list(range(1, 12))), ("0", "1 to 11")),
        (
            pd.date_range("2020-01-01", periods=12),
            ("2020-01-01 to 2020-01-06", "2020-01-07 to 2020-01-12"),
        ),
    ],
)
def test_groups_of_a_column(values, names):
    codes, found = groups_of(pd.DataFrame({"x": values}), 0, n_intervals=2)

    assert found == names
    assert len(codes) == len(values)
    assert sorted(set(codes)) == list(range(len(names)))


def test_groups_of_arrays():
    mixed = np.array([["a", 1.0], ["b", 2.5], ["a", None]], dtype=object)

    assert groups_of(mixed, 0, n_intervals=2)[1] == ("a", "b")
    codes, names = groups_of(mixed, 1, n_intervals=2)
    assert (codes.tolist(), names) == ([0, 1, 2], ("1", "2.5", "missing"))
