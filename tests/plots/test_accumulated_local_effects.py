"""Accumulated local effects are drawn with how far to trust them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeRegressor

from skdl import plots
from skdl.exceptions import ParameterError
from skdl.explain import accumulated_local_effects


@pytest.fixture(scope="module")
def X():
    generator = np.random.default_rng(0)
    age = generator.uniform(1, 80, 200)
    fare = age * generator.exponential(1, 200)
    X = pd.DataFrame({"age": age, "fare": fare, "child": age < 18})
    X.attrs["units"] = {"age": "years", "fare": "pounds"}
    return X


@pytest.fixture(scope="module")
def model(X):
    y = np.column_stack([np.sin(X["age"] / 9) * X["fare"], X["child"]])
    return DecisionTreeRegressor(random_state=0).fit(X, y)


def test_a_curve_with_its_interval(model, X):
    effects = accumulated_local_effects(model, X, "age")

    ax = plots.accumulated_local_effects(effects)

    curves = [drawn.get_ydata() for drawn in ax.get_lines()]
    assert any(np.array_equal(curve, effects.effects[0]) for curve in curves)
    low, high = effects.confidence_interval()
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((low[0].min(), high[0].max()))
    assert ax.get_xlabel() == "age (years)"
    assert ax.get_ylabel() == "effect on prediction 0"


def test_bars_with_whiskers_of_the_output_asked_for(model, X):
    effects = accumulated_local_effects(model, X, "child")

    ax = plots.accumulated_local_effects(effects, output="prediction 1")

    assert [text.get_text() for text in ax.get_xticklabels()] == ["False", "True"]
    assert [bar.get_height() for bar in ax.patches] == pytest.approx(effects.effects[1])
    low, high = effects.confidence_interval()
    ends = np.array(ax.collections[0].get_segments())[:, :, 1]
    assert ends == pytest.approx(np.column_stack([low[1], high[1]]))
    assert ax.get_ylabel() == "effect on prediction 1"


def test_of_many_levels_some_are_named():
    words = [f"w{place:02}" for place in range(60)] * 2
    X = pd.DataFrame({"word": words, "x": np.arange(120.0)})
    model = make_pipeline(
        make_column_transformer((OrdinalEncoder(), ["word"]), ("passthrough", ["x"])),
        DecisionTreeRegressor(random_state=0),
    ).fit(X, X["x"])

    ax = plots.accumulated_local_effects(accumulated_local_effects(model, X, "word"))

    ax.get_figure().canvas.draw()
    boxes = [text.get_window_extent() for text in ax.get_xticklabels()]
    assert len(ax.patches) == 60
    assert 8 <= len(boxes) <= 15
    named = [text.get_text() for text in ax.get_xticklabels()]
    places = ax.get_xticks().tolist()
    levels = accumulated_local_effects(model, X, "word").grid_values[0]
    assert named == [levels[place] for place in places]


def test_two_features_are_cells_as_wide_and_empty_ones_are_hatched(model, X):
    effects = accumulated_local_effects(model, X, ["age", "fare"], n_intervals=10)

    ax = plots.accumulated_local_effects(effects)

    (hatched,) = (drawn for drawn in ax.collections if drawn.get_hatch())
    corners = {tuple(path.vertices[0].astype(int)) for path in hatched.get_paths()}
    assert corners == set(map(tuple, np.argwhere(effects.counts == 0)))
    assert len(corners) > 3
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("age (years)", "fare (pounds)")
    edges = effects.grid_values[0]
    shown = [text.get_text() for text in ax.get_xticklabels()]
    assert shown == [f"{edges[place]:.3g}" for place in (0, 2, 5, 8, 10)]
    bar = ax.get_figure().axes[1]
    assert bar.get_ylabel() == "joint effect on prediction 0"
    low, high = bar.get_ylim()
    assert low == -high  # light is 0
    plt.figure(ax.get_figure()).draw_without_rendering()


def test_an_unknown_output_is_refused(model, X):
    effects = accumulated_local_effects(model, X, "age")
    with pytest.raises(ParameterError, match=r"\['prediction 0', .* Got 'b' instead"):
        plots.accumulated_local_effects(effects, output="b")
