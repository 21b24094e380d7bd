"""A surrogate is drawn as it reads: every node, rule or coefficient at its value."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression

from skdl import explain, plots
from skdl.exceptions import ParameterError

HOSTILE = ["<script>alert(1)</script>", "cost $ or $x_", r"\$\frac{", "名前"]
KINDS = ["tree", "rules", "linear"]


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return RandomForestClassifier(10, random_state=0).fit(X, y), X


def record_of(iris, kind):
    return explain.surrogate(*iris, kind=kind, random_state=0)


def hostile(kind, names=HOSTILE):
    X = pd.DataFrame(np.random.RandomState(0).normal(size=(80, 4)), columns=names)
    model = LinearRegression().fit(X.to_numpy(), X.to_numpy() @ [1, 2, -3, 4])
    return explain.surrogate(
        model, X.to_numpy(), kind=kind, feature_names=names, random_state=0
    )


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_takes_the_axes_given_and_makes_no_figure(self, iris, kind):
        _, ax = plt.subplots()
        before = plt.get_fignums()

        assert plots.surrogate(record_of(iris, kind), ax=ax) is ax
        assert plt.get_fignums() == before

    def test_says_what_is_drawn_and_how_far_it_holds(self, iris, kind):
        ax = plots.surrogate(record_of(iris, kind), output="1")

        assert "probability of 1" in ax.get_xlabel()
        assert "R²" in ax.get_title(loc="left")
        assert "on unseen rows" in ax.get_title(loc="left")

    def test_hostile_names_can_be_drawn(self, kind):
        ax = plots.surrogate(hostile(kind))

        svg = plots.inline_svg(ax, alternative="Bars.")
        assert "<script" not in svg

    def test_nothing_is_clipped(self, kind):
        names = [*HOSTILE[:3], "wide" * 20]
        figure = plots.surrogate(hostile(kind, names)).figure
        figure.canvas.draw()

        page = figure.bbox
        ax = figure.axes[0]
        title = ax._left_title  # there is no other way to it
        for text in [*ax.get_yticklabels(), *ax.texts, ax.xaxis.label, title]:
            box = text.get_window_extent()
            assert box.x0 >= page.x0 - 1, text
            assert box.x1 <= page.x1 + 1, text

    def test_another_output_is_refused(self, iris, kind):
        with pytest.raises(ParameterError, match=r"\['0', '1', '2'\].* Got 'rose'"):
            plots.surrogate(record_of(iris, kind), output="rose")


def test_which_of_several_quantities():
    X = np.random.RandomState(0).normal(size=(80, 2))
    model = LinearRegression().fit(X, np.column_stack([X[:, 0], X[:, 1]]))
    found = explain.surrogate(model, X, output=1, random_state=0)

    assert plots.surrogate(found).get_xlabel() == "prediction 1"
    assert plots.surrogate(found, output=0).get_xlabel() == "prediction 1"


def test_a_tree_is_an_outline_of_its_nodes(iris):
    record = record_of(iris, "tree")

    ax = plots.surrogate(record, output="2")

    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([node.response[2] for node in record.nodes])
    lines = [text.get_text() for text in ax.get_yticklabels()]
    assert len({len(line) for line in lines}) == 1  # so that they begin at one place
    for line, node in zip(lines, record.nodes, strict=True):
        assert line.rstrip("\N{NO-BREAK SPACE}").endswith(node.condition)
        assert len(line) - len(line.lstrip("│├└\N{NO-BREAK SPACE}")) == 2 * node.depth
    text = ax.texts[0].get_text()
    assert text == f"{record.nodes[0].response[2]:.3g} (100%)"


def test_rules_are_drawn_from_the_greatest_response_down(iris):
    record = record_of(iris, "rules")

    ax = plots.surrogate(record, output="1", n_best=3)

    widths = [bar.get_width() for bar in ax.patches]
    largest = record.to_frame().nlargest(3, "support")["response 1"]
    assert widths == pytest.approx(sorted(largest, reverse=True))


def test_coefficients_are_drawn_per_standard_deviation(iris):
    record = record_of(iris, "linear")

    ax = plots.surrogate(record, output="2", n_best=2)

    frame = record.to_frame().query("output == '2'").head(2)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx(frame["standardised"].tolist())
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == frame["term"].tolist()
