"""The changed features of a counterfactual as bars."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

from skdl import plots
from skdl.explain import counterfactual

FRAME = pd.DataFrame(
    {
        "cost $ or $x_": ["red", None, "<script>", "red"] * 10,
        "size": np.arange(40) / 3,
    }
)
FRAME.attrs["units"] = {"size": "cm"}


@pytest.fixture(scope="module")
def model():
    model = make_pipeline(OrdinalEncoder(), DecisionTreeClassifier(random_state=0))
    return model.fit(FRAME, FRAME["size"] + 9 * FRAME.iloc[:, 0].isna() > 12)


def test_values_before_and_after_are_written(model):
    change = counterfactual(model, FRAME, 0, fixed=["cost $ or $x_"])

    ax = plots.counterfactual(change)

    after = change.row_after["size"].iloc[0]
    assert [text.get_text() for text in ax.texts] == [f"0 → {after:.4g} cm"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["size"]
    assert [bar.get_width() for bar in ax.patches] == [change.distance]
    assert ax.get_title(loc="left") == "False → True"


def test_gaps_are_named_and_names_are_shown_as_they_are(model):
    change = counterfactual(model, FRAME, 13, fixed=["size"])

    ax = plots.counterfactual(change)

    assert ax.texts[0].get_text().startswith("missing → ")
    svg = plots.inline_svg(ax, alternative="Bars.")
    assert ">cost $ or $x_<" in svg
    assert "<script" not in svg


def test_nothing_found(model):
    change = counterfactual(model, FRAME, 0, fixed=[0, 1])

    ax = plots.counterfactual(change)

    assert ax.get_title(loc="left") == "not found: other than False"
    assert len(ax.patches) == 0


def test_the_largest_steps_are_drawn():
    X = np.random.default_rng(0).integers(0, 5, size=(200, 6)).astype(float)
    X[0], X[1] = 0, 4
    model = DecisionTreeClassifier(random_state=0).fit(X, (X > 0).all(axis=1))
    change = counterfactual(model, X, 0)
    _, ax = plt.subplots()

    assert plots.counterfactual(change, n_best=2, ax=ax) is ax

    assert len(plt.get_fignums()) == 1
    assert len(change.changed) > 2
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == change.to_frame()["step"].tolist()[:2]
