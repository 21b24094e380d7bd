"""The drawing of calibration shows the curves."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdl import plots
from skdl.exceptions import ParameterError
from skdl.explain import Calibration, CalibrationCurve


def curve(output, *, scale=1.0, error=0.1):
    predicted = scale * np.array([0.1, 0.9])
    return CalibrationCurve(
        output=output,
        counts=np.array([5, 5]),
        predicted=predicted,
        observed=predicted * 0.9,
        lows=predicted * 0.8,
        highs=predicted * np.array([1.1, np.nan]),
        error=error,
        error_by_chance=0.01,
    )


def record(*curves, task="multiclass", unit=""):
    return Calibration(task, curves, 0.95, 10, unit)


def points(ax):
    return [bars.lines[0].get_xydata() for bars in ax.containers]


def test_the_points_of_a_curve():
    ax = plots.calibration(record(curve("yes"), task="binary"))

    assert points(ax)[0] == pytest.approx(np.array([[0.1, 0.09], [0.9, 0.81]]))
    assert ax.get_xlabel() == "predicted probability of yes"
    assert ax.get_xlim() == ax.get_ylim() == (-0.02, 1.02)
    [text] = ax.get_legend().get_texts()
    assert text.get_text() == "error 0.100 (by chance 0.010)"


def test_an_error_by_chance_that_is_not_known_is_not_written():
    single = replace(curve("yes"), error_by_chance=np.nan)

    ax = plots.calibration(record(single, task="binary"))

    [text] = ax.get_legend().get_texts()
    assert text.get_text() == "error 0.100"


def test_of_many_curves_those_with_the_largest_errors():
    curves = [curve(str(place), error=place / 10) for place in range(6)]

    ax = plots.calibration(record(*curves))

    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [text[0] for text in texts] == ["5", "4", "3", "2"]


def test_one_output_of_several():
    ax = plots.calibration(record(curve("a"), curve("b", scale=0.5)), output="b")

    [drawn] = points(ax)
    assert drawn == pytest.approx(np.array([[0.05, 0.045], [0.45, 0.405]]))
    ax = plots.calibration(record(curve("a"), curve("b", scale=0.5)), output=1)
    assert points(ax)[0] == pytest.approx(drawn)
    # Below one half the axes end where the numbers do.
    assert ax.get_xlim()[1] == pytest.approx(1.05 * 0.45)
    with pytest.raises(ParameterError, match=r"'output' .* \['a'\], .* Got 'c'"):
        plots.calibration(record(curve("a")), output="c")


def test_numbers_have_units_on_both_axes():
    ax = plots.calibration(
        record(curve("prediction", scale=100), task="regression", unit="$")
    )

    assert ax.get_xlabel() == r"mean prediction [\$]"
    assert ax.get_ylabel() == r"mean target [\$]"
    assert ax.get_xlim() == ax.get_ylim()


def test_it_draws_where_it_is_told_and_hostile_names_stay_text():
    _, ax = plt.subplots()

    assert plots.calibration(record(curve("<a>"), curve("$b$")), ax=ax) is ax

    svg = plots.inline_svg(ax, alternative="Curves.")
    assert "&lt;a&gt;" in svg
    assert "$b$" in svg
