"""The curves and the measures of a record are drawn where they are."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.tree import DecisionTreeClassifier

from skdl import explain, plots
from skdl.exceptions import DataError, ParameterError

FEW = {"n_repeats": 2, "n_noisy": 2, "n_resamples": 4, "n_orders": 5, "random_state": 0}


@pytest.fixture(scope="module")
def quality():
    X, y = load_iris(return_X_y=True)
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    return explain.explanation_quality(tree, X, y, **FEW)


@pytest.mark.parametrize("kind", ["deletion", "insertion", "measures"])
def test_takes_the_axes_given_and_labels_them(quality, kind):
    _, ax = plt.subplots()
    before = plt.get_fignums()

    assert plots.explanation_quality(quality, kind=kind, ax=ax) is ax
    assert plt.get_fignums() == before
    assert ax.get_xlabel()
    plots.inline_svg(ax, alternative="A curve.")


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
def test_curves_are_those_of_the_record(quality, kind):
    ax = plots.explanation_quality(quality, kind=kind)

    at_random, own = (line.get_xydata().T for line in ax.get_lines())
    assert np.array_equal(own, quality.curves[["n_features", kind]].T)
    assert np.array_equal(at_random[1], quality.curves[f"{kind}_random"])
    gain = quality[f"{kind} gain"]
    assert f"gain {gain.value:.2f}" in ax.get_title(loc="left")


def test_measures_are_drawn_with_their_intervals(quality):
    ax = plots.explanation_quality(quality, kind="measures")

    names = [text.get_text().replace("\n", ", ") for text in ax.get_yticklabels()]
    assert names[:3] == ["deletion gain", "insertion gain", "surrogate R2"]
    spans = [line.get_xdata() for line in ax.get_lines()]
    gain = quality["deletion gain"]
    assert list(spans[0]) == [gain.low, gain.high]
    drawn = [quality[name].value for name in names if quality[name].is_measured]
    points = next(line for line in ax.get_lines() if line.get_marker() == "o")
    assert list(points.get_xdata()) == drawn
    # Other seeds need the training rows.
    assert [text.get_text() for text in ax.texts] == ["not measured"]
    figure = ax.figure
    figure.canvas.draw()
    for text in ax.get_yticklabels():
        assert text.get_window_extent().x0 >= 0


def test_what_cannot_be_drawn_is_refused(quality):
    X, y = load_iris(return_X_y=True)
    dummy = DummyClassifier().fit(X, y)
    nothing = explain.explanation_quality(dummy, X, y, **FEW)

    with pytest.raises(ParameterError, match=r"The 'kind' parameter .* Got 'beauty'"):
        plots.explanation_quality(quality, kind="beauty")
    with pytest.raises(
        DataError, match="The deletion curve was not measured: the estimator predicts"
    ):
        plots.explanation_quality(nothing)
    ax = plots.explanation_quality(nothing, kind="measures")
    assert {text.get_text() for text in ax.texts} == {"not measured"}
