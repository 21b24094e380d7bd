"""What scikit-learn makes of its own results, it makes of ours too."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn import inspection
from sklearn.inspection import PartialDependenceDisplay
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from skdl.explain import partial_dependence, permutation_importance


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


@pytest.fixture
def fitted(classes):
    X, y = classes
    return LogisticRegression().fit(X, y), X, y


@pytest.mark.parametrize("kind", ["average", "individual", "both"])
@pytest.mark.parametrize("centered", [True, False])
def test_the_display_draws_curves(fitted, kind, centered):
    estimator, X, _ = fitted
    displays = []
    for function in inspection.partial_dependence, partial_dependence:
        result = function(estimator, X, [0], kind=kind, grid_resolution=5)
        display = PartialDependenceDisplay(
            pd_results=[result],
            features=[(0,)],
            feature_names=list("abcd"),
            target_idx=1,
            deciles={0: np.quantile(X[:, 0], np.arange(1, 10) / 10)},
            kind=kind,
            random_state=0,  # of the order of the curves
        )
        displays.append(display.plot(centered=centered))

    theirs, ours = (display.lines_.ravel() for display in displays)
    assert len(ours) == len(theirs)
    for line, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(line.get_xydata(), other.get_xydata(), atol=1e-9)


def test_the_display_draws_a_surface(fitted):
    estimator, X, _ = fitted
    result = partial_dependence(estimator, X, [0, 2], grid_resolution=5)

    display = PartialDependenceDisplay(
        pd_results=[result],
        features=[(0, 2)],
        feature_names=list("abcd"),
        target_idx=0,
        deciles=dict(zip((0, 2), result.deciles, strict=True)),
    ).plot()

    np.testing.assert_allclose(display.contours_[0, 0].zmax, result.average[0].max())


def test_the_display_draws_bars(fitted):
    estimator, X, _ = fitted
    X = np.round(X)
    result = partial_dependence(estimator, X, [0], categorical_features=[0])

    display = PartialDependenceDisplay(
        pd_results=[result],
        features=[(0,)],
        feature_names=list("abcd"),
        target_idx=2,
        deciles={},
        is_categorical=[(True,)],
    ).plot()

    heights = [bar.get_height() for bar in display.axes_[0, 0].patches]
    np.testing.assert_allclose(heights, result["average"][2])


def test_several_results_in_one_display(numbers):
    X, y = numbers
    tree = DecisionTreeRegressor(max_depth=3).fit(X, y)

    display = PartialDependenceDisplay(
        pd_results=[partial_dependence(tree, X, [place]) for place in range(3)],
        features=[(0,), (1,), (2,)],
        feature_names=list("abcd"),
        target_idx=0,
        deciles={place: np.quantile(X[:, place], [0.1, 0.9]) for place in range(3)},
    ).plot()

    assert display.axes_.size == 3


def test_what_the_gallery_does_with_importances(fitted):
    # plot_permutation_importance.py of scikit-learn's examples
    result = permutation_importance(*fitted, n_repeats=4, random_state=42)
    order = result.importances_mean.argsort()

    boxes = (
        plt.figure()
        .subplots()
        .boxplot(result.importances[order].T, orientation="horizontal")
    )

    assert len(boxes["boxes"]) == 4
    assert result["importances_std"][order[-1]] > 0


def test_results_are_read_like_a_bunch(fitted):
    estimator, X, _ = fitted
    theirs = inspection.partial_dependence(estimator, X, [0], grid_resolution=4)
    ours = partial_dependence(estimator, X, [0], grid_resolution=4)

    assert list(ours) == list(theirs) == list(ours.keys())
    assert len(ours) == len(theirs)
    assert set(dict(ours)) == set(theirs)
    assert [key for key, _ in ours.items()] == list(theirs)
    assert list(ours.values())[1] is ours.average
    assert ours.get("average") is ours["average"]
    assert ours.get("individual", "none") == "none"
    assert "individual" not in ours
    assert "average" in ours
    with pytest.raises(KeyError, match="individual"):
        ours["individual"]
    with pytest.raises(KeyError, match="feature_names"):
        ours["feature_names"]
