"""Attributions as bars: from the mean to the prediction, and of a group."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from skdl import plots
from skdl.exceptions import ParameterError
from skdl.explain import Attributions

HOSTILE = ["<script>alert(1)</script>", "cost $ or $x_", r"\$\frac{", "名前", "a\x00b"]


def record_of(names, *, seed=0, n_outputs=2, **changes):
    random = np.random.default_rng(seed)
    values = random.normal(size=(3, len(names), n_outputs)).round(2)
    base = np.arange(n_outputs) / 10
    cells = {name: [1.23456, "red", np.nan] for name in names}
    made = Attributions(
        values=values,
        base_values=base,
        predictions=base + values.sum(axis=1),
        feature_names=tuple(names),
        output_names=tuple("pq"[:n_outputs]),
        feature_values=pd.DataFrame(cells),
        response="probability",
        method="shapley",
        additivity_gap=0.0,
        additivity_tolerance=1e-6,
        standard_errors=None,
        n_background=10,
        n_evaluations=8,
    )
    return replace(made, **changes)


def bars(ax):
    return [(bar.get_x(), bar.get_width()) for bar in ax.patches]


def names(ax):
    return [text.get_text() for text in ax.get_yticklabels()]


class TestRow:
    def test_bars_lead_from_the_mean_to_the_prediction(self):
        record = record_of("abc")

        ax = plots.attributions(record, row=1, output="q")

        drawn, values = bars(ax), record.values[1, :, 1]
        sizes = [abs(width) for _, width in drawn]
        assert sizes == pytest.approx(sorted(np.abs(values), reverse=True))
        where = 0.1
        for start, width in drawn:
            assert start == pytest.approx(where)
            where += width
        assert where == pytest.approx(record.predictions[1, 1])
        assert "probability of q" in ax.get_xlabel()
        assert "mean 0.10" in ax.get_xlabel()
        assert set(names(ax)) == {"a = red", "b = red", "c = red"}

    def test_steps_are_written(self):
        record = record_of("ab", values=np.array([[[0.25], [-0.5]]]), n_outputs=1)

        ax = plots.attributions(record)

        texts = [text.get_text() for text in ax.texts]
        assert texts == ["\N{MINUS SIGN}0.500", "+0.250"]

    @pytest.mark.parametrize("value", [np.nan, None, pd.NA, pd.NaT])
    def test_a_missing_cell_is_said_to_be_missing(self, value):
        cells = pd.DataFrame({"a": [value], "b": ["nan"]}, dtype=object)
        values = np.array([[[0.5], [0.1]]])

        ax = plots.attributions(
            record_of("ab", values=values, feature_values=cells, units=("m", ""))
        )

        assert names(ax) == ["a is missing", "b = nan"]

    def test_many_features_share_a_bar(self):
        record = record_of([f"f{i}" for i in range(30)])

        ax = plots.attributions(record, n_best=4)

        assert len(ax.patches) == 5
        assert names(ax)[-1] == "26 other features"
        place = int(np.argmax(record.predictions[0]))
        order = np.argsort(-np.abs(record.values[0, :, place]), kind="stable")
        expected = record.values[0, order[4:], place].sum()
        assert bars(ax)[-1][1] == pytest.approx(expected)

    def test_one_other_feature_is_named(self):
        ax = plots.attributions(record_of("abcde"), n_best=4)

        assert len(ax.patches) == 5
        assert "other" not in "".join(names(ax))

    def test_the_most_probable_class_is_drawn(self):
        record = record_of("abc", predictions=np.array([[0.2, 0.8]] * 3))

        assert "of q" in plots.attributions(record).get_xlabel()
        assert "of p" in plots.attributions(record, output="p").get_xlabel()

    def test_standard_errors_are_drawn(self):
        record = record_of("abc", standard_errors=np.full((3, 3, 2), 0.2))

        ax = plots.attributions(record, output=0)

        (segments,) = [c.get_segments() for c in ax.collections]
        assert [s[1, 0] - s[0, 0] for s in segments] == pytest.approx([0.8] * 3)

    def test_units(self):
        record = record_of("ab", units=("kg", ""))

        assert set(names(plots.attributions(record))) == {"a = 1.235 kg", "b = 1.235"}

    def test_a_gap_is_said_to_be_missing(self):
        record = record_of("ab", units=("kg", ""))

        drawn = plots.attributions(record, row=2)

        assert set(names(drawn)) == {"a is missing", "b is missing"}

    def test_which_of_several_quantities(self):
        record = record_of(
            "ab", response="prediction", output_names=("prediction 0", "prediction 1")
        )

        drawn = plots.attributions(record, output=1)

        assert drawn.get_xlabel().startswith("prediction 1\n")


class TestGroup:
    def test_sizes_and_means(self):
        group = record_of("abcd").aggregate()

        ax = plots.attributions(group, output=1, n_best=3)

        order = np.argsort(-group.mean_absolute[:, 1])
        widths = [bar.get_width() for bar in ax.patches]
        assert widths == pytest.approx(group.mean_absolute[order, 1])
        means = ax.get_lines()[0].get_xdata()
        assert means.tolist() == group.mean[order, 1].tolist()
        assert ax.get_xlabel() == "added to probability of q (3 rows)"

    def test_a_quantity(self):
        record = record_of("ab", n_outputs=1, response="prediction")
        group = replace(record, output_names=("prediction",)).aggregate([0])

        assert plots.attributions(group).get_xlabel() == "added to prediction (1 row)"


@pytest.mark.parametrize("of", [lambda r: r, lambda r: r.aggregate()])
class TestBoth:
    def test_takes_the_axes_given(self, of):
        _, ax = plt.subplots()

        assert plots.attributions(of(record_of("ab")), ax=ax) is ax
        assert len(plt.get_fignums()) == 1

    def test_hostile_names_can_be_drawn(self, of):
        ax = plots.attributions(of(record_of(HOSTILE)))

        svg = plots.inline_svg(ax, alternative=HOSTILE[0])
        assert "<script" not in svg
        assert "\x00" not in svg

    def test_nothing_is_added(self, of):
        record = record_of("ab", values=np.zeros((3, 2, 2)))

        assert len(plots.attributions(of(record)).patches) == 2

    def test_no_such_output(self, of):
        with pytest.raises(ParameterError, match=r"must be one of \['p', 'q'\]"):
            plots.attributions(of(record_of("ab")), output="z")


def test_no_such_row():
    with pytest.raises(ParameterError, match=r"position among the 3 rows\. Got 7"):
        plots.attributions(record_of("ab"), row=7)
