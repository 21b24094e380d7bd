"""Records of partial dependence are drawn with their numbers, names and units."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils import Bunch

from skdl import plots
from skdl.exceptions import DataError, ParameterError, ParameterTypeError
from skdl.explain import partial_dependence


@pytest.fixture(scope="module")
def X():
    generator = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "age": generator.uniform(1, 80, 150),
            "fare": generator.exponential(30, 150),
            "town": generator.choice(["a", "b", "c"], 150),
        }
    )
    X.attrs["units"] = {"age": "years"}
    return X


@pytest.fixture(scope="module")
def model(X):
    y = np.digitize(X["age"], [25, 50])
    names = np.array(["young", "middle", "old"])
    encoder = OrdinalEncoder()
    return make_pipeline(encoder, LogisticRegression(max_iter=3000)).fit(X, names[y])


def dependence(model, X, features, **parameters):
    return partial_dependence(
        model, X, features, grid_resolution=12, categorical_features=["town"],
        **parameters,
    )  # fmt: skip


@pytest.fixture(scope="module")
def age(model, X):
    # Rows that occur, as the encoder knows no others.
    values = np.sort(X["age"].to_numpy())[::15]
    return dependence(model, X, "age", custom_values={"age": values}, kind="both")


def without_rows(record):
    return dataclasses.replace(record, individual=None)


def line(ax, name):
    return next(drawn for drawn in ax.get_lines() if drawn.get_label() == name)


def test_a_curve_has_its_band_units_and_deciles(age):
    ax = plots.partial_dependence(without_rows(age), output="old")

    place = age.output_names.index("old")
    assert line(ax, "average").get_ydata().tolist() == age.average[place].tolist()
    assert ax.get_xlabel() == "age (years)"
    assert ax.get_ylabel() == "average probability of old"
    rug = line(ax, "_deciles").get_xdata()
    grid = age.grid_values[0]
    inside = (age.deciles[0] >= grid[0]) & (age.deciles[0] <= grid[-1])
    assert rug.tolist() == age.deciles[0][inside].tolist()
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx((age.average + age.deviation)[place].max())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "average",
        "± std of the rows' changes",
    ]


def test_rows_are_drawn_below_the_average_in_place_of_the_band(age):
    ax = plots.partial_dependence(age)

    (rows,) = ax.collections
    assert isinstance(rows, LineCollection)
    assert len(rows.get_segments()) == 100  # of 150
    first = rows.get_segments()[0]
    assert first[:, 1].tolist() == age.individual[0][0].tolist()
    low, high = ax.get_ylim()
    assert low < age.individual[0].min()
    assert high > age.individual[0].max()


def test_changes_say_so(age):
    ax = plots.partial_dependence(age.centered())

    assert ax.get_ylabel() == f"average change of probability of {age.output_names[0]}"
    assert line(ax, "average").get_ydata()[0] == 0


def test_rows_alone(model, X):
    values = {"town": np.array(["a", "c"], dtype=object)}
    words = dependence(model, X, "town", custom_values=values, kind="individual")

    ax = plots.partial_dependence(words)

    assert not ax.patches
    assert ax.collections[0].get_segments()[0][:, 0].tolist() == [0, 1]
    assert ax.get_ylabel() == "probability of middle"


def test_bars_of_probabilities_begin_at_0(model, X):
    words = dependence(model, X, "town")

    ax = plots.partial_dependence(words)

    assert ax.get_ylim()[0] == 0
    assert [bar.get_height() for bar in ax.patches] == pytest.approx(words.average[0])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize("features", [["age", "fare"], ["age", "town"]])
def test_two_features_are_colours_with_a_bar(X, features):
    numbers = X.assign(town=0.0 + (X["town"] == "a"), age=X["age"])
    numbers.attrs = X.attrs
    model = LinearRegression().fit(numbers, X["age"] * numbers["town"])
    both = partial_dependence(model, numbers, features, grid_resolution=5)

    ax = plots.partial_dependence(both)

    assert (ax.get_xlabel(), ax.get_ylabel()) == ("age (years)", features[1])
    bar = ax.get_figure().axes[1]
    assert bar.get_ylabel() == "average prediction"
    low, high = bar.get_ylim()
    assert low <= both.average.min() < both.average.max() <= high
    assert "image" not in plots.inline_svg(ax, alternative="Colours.")


def test_a_flat_surface_can_be_drawn(X):
    model = LinearRegression().fit(X[["age", "fare"]], np.ones(len(X)))
    flat = partial_dependence(model, X[["age", "fare"]], [0, 1], grid_resolution=4)

    plots.partial_dependence(flat).get_figure().draw_without_rendering()


def test_several_records_get_panels_on_one_scale(model, X, age):
    words = dependence(model, X, "town")

    axes = plots.partial_dependence([age, words])
    named = plots.partial_dependence({"Age": age, "Town": words}, target="chance")

    assert len(plt.get_fignums()) == 2
    assert axes.shape == (2,)
    assert axes[0].get_ylim() == axes[1].get_ylim()
    assert [ax.get_xlabel() for ax in axes] == ["age (years)", "town"]
    assert axes[1].get_ylabel() == ""
    assert [ax.get_title(loc="left") for ax in named] == ["Age", "Town"]
    assert [ax.get_xlabel() for ax in named] == ["years", ""]
    assert named[0].get_ylabel() == "chance"


def test_one_of_several_fits_on_single_axes(age):
    _, (ax, other) = plt.subplots(2)

    assert plots.partial_dependence([age], ax=ax).tolist() == [ax]
    assert not other.has_data()


def test_what_cannot_be_drawn_is_refused(age, X):
    with pytest.raises(ParameterError, match=r"one of \['middle', .* Got 'odl' inst"):
        plots.partial_dependence(age, output="odl")
    with pytest.raises(ParameterError, match="Got 3 instead"):
        plots.partial_dependence(age, output=3)
    with pytest.raises(DataError, match="Got 0 features"):
        plots.partial_dependence([])
    with pytest.raises(DataError, match="Got 2 features and 1 Axes"):
        plots.partial_dependence([age, age], ax=plt.figure().add_subplot())
    with pytest.raises(ParameterTypeError, match=r"a single record\. Got ndarray"):
        plots.partial_dependence(age, ax=plt.figure().subplots(1, squeeze=False))
    model = LinearRegression().fit(X[["age", "fare"]], X["age"])
    rows = partial_dependence(
        model, X[["age", "fare"]], [0, 1], grid_resolution=3, kind="individual"
    )
    with pytest.raises(
        DataError, match="need an average to draw, and this record has no"
    ):
        plots.partial_dependence(rows)


def of_scikit_learn(grid, average):
    return Bunch(grid_values=[np.array(grid)], average=np.array(average))


@pytest.mark.parametrize("output", [2, -1, "yes", True, 1.0])
def test_outputs_of_scikit_learn_are_positions(output):
    found = of_scikit_learn([1.0, 2.0], [[0.0, 0.1], [0.5, 0.9]])

    message = f"position among the 2 outputs .* no names. Got {output!r} instead"
    with pytest.raises(ParameterError, match=message):
        plots.partial_dependence({"x": found}, output=output)


def test_an_output_of_scikit_learn_is_drawn_on_one_scale():
    two = {
        "x": of_scikit_learn([1.0, 2.0], [[0.0, 0.1], [0.5, 0.9]]),
        "y": of_scikit_learn(
            np.array(["a", "b"], dtype=object), [[0.0, 0.1], [0.4, 0.6]]
        ),
    }

    axes = plots.partial_dependence(two, output=1)

    assert axes[0].get_lines()[0].get_ydata().tolist() == [0.5, 0.9]
    tops = [bar.get_y() + bar.get_height() for bar in axes[1].patches]
    assert tops == pytest.approx([0.4, 0.6])
    assert axes[0].get_ylim() == axes[1].get_ylim()
