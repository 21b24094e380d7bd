"""The drawing of residuals shows every row."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from skdl import plots
from skdl.explain import residuals


def record(n_samples=40):
    X = np.arange(float(n_samples))[:, None]
    y = X[:, 0] + np.where(np.arange(n_samples) == 7, 9, np.arange(n_samples) % 2)
    return residuals(LinearRegression().fit(X, X[:, 0]), X, y, n_largest=1)


def test_rows_medians_and_the_largest_error():
    found = record()

    rows, zero, median, largest = plots.residuals(found).get_lines()

    assert rows.get_ydata().tolist() == found.residuals.tolist()
    assert zero.get_ydata() == [0, 0]
    assert median.get_ydata().tolist() == found.bin_medians.tolist()
    assert largest.get_xydata().tolist() == [pytest.approx([7, 9])]


@pytest.mark.parametrize(("n_samples", "is_picture"), [(40, False), (3000, True)])
def test_many_points_are_a_picture(n_samples, is_picture):
    ax = plots.residuals(record(n_samples))

    svg = plots.inline_svg(ax, alternative="Residuals.")
    assert ("<image" in svg) == is_picture
    assert len(svg) < 300_000


def test_it_draws_where_it_is_told_with_units():
    _, ax = plt.subplots()
    found = record()
    object.__setattr__(found, "unit", "$<m>")

    assert plots.residuals(found, ax=ax) is ax
    assert ax.get_xlabel() == r"prediction [\$<m>]"
    assert ax.get_ylabel() == r"target minus prediction [\$<m>]"


def test_it_says_which_of_several_quantities():
    X = np.random.default_rng(0).normal(size=(40, 1))
    y = np.column_stack([X, -X])
    found = residuals(LinearRegression().fit(X, y), X, y, output=1)

    ax = plots.residuals(found)

    assert ax.get_xlabel() == "prediction 1"
    assert ax.get_ylabel() == "target minus prediction 1"
