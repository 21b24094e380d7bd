"""The norms of the layers' gradients are drawn epoch by epoch."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from skdl.diagnosis import Finding, GradientFlow
from skdl.exceptions import DataError
from skdl.plots._gradient_flow import gradient_flow
from tests.plots.figure_style import COLOURS


def make_layers(n_layers=3, n_epochs=4, share=None):
    """Each layer's norm is ten times that of the layer before."""
    rows = [
        {
            "moment": moment,
            "epoch": epoch,
            "layer": f"layer_{i}",
            "gradient_norm": 10.0 ** (i - n_layers) if moment != "end" else np.nan,
            "dead_share": np.nan,
            "saturated_share": np.nan,
            **({share: i / n_layers} if share and i < n_layers - 1 else {}),
        }
        for epoch, moment in [
            (0, "first step"),
            *((k, f"epoch {k}") for k in range(1, n_epochs + 1)),
            (n_epochs, "end"),
        ]
        for i in range(n_layers)
    ]
    return pd.DataFrame(rows)


def test_a_line_per_layer_on_a_logarithmic_scale():
    ax = gradient_flow(make_layers())
    lines = ax.get_lines()
    assert [line.get_label() for line in lines] == ["layer_0", "layer_1", "layer_2"]
    assert lines[0].get_xdata().tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(lines[1].get_ydata(), 1e-2)
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "gradient norm")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "layer_0",
        "layer_1",
        "layer_2",
    ]


@pytest.mark.parametrize(
    ("share", "name"),
    [("dead_share", "dead ReLU units"), ("saturated_share", "saturated units")],
)
def test_shares_of_units_are_drawn_below(share, name):
    above, below = gradient_flow(make_layers(share=share))
    assert (above.get_ylabel(), below.get_ylabel()) == ("gradient norm", name)
    drawn = [line.get_ydata().tolist() for line in below.get_lines()]
    assert drawn == [[0.0] * 5, [1 / 3] * 5, []]


def test_names_of_convolutions_fit():
    layers = make_layers(n_layers=4, share="dead_share")
    names = ["convolution_1", "convolution_2", "hidden_1", "outputs"]
    layers["layer"] = layers["layer"].map(
        dict(zip(layers["layer"], names, strict=False))
    )
    # Within a decade, where the numbers of the axis take the most room.
    layers["gradient_norm"] = 0.2 + 0.1 * layers["gradient_norm"]
    above, _ = gradient_flow(layers)
    above.figure.draw_without_rendering()
    assert above.get_legend().get_window_extent().x1 <= above.figure.bbox.width


def test_many_layers_get_a_bar():
    ax = gradient_flow(make_layers(n_layers=16))
    assert ax.get_legend() is None
    (bar,) = [other for other in ax.figure.axes if other is not ax]
    assert [text.get_text() for text in bar.get_yticklabels()] == [
        "layer_0",
        "layer_15",
    ]
    assert (
        len(
            {
                line.get_color()
                if isinstance(line.get_color(), str)
                else tuple(line.get_color())
                for line in ax.get_lines()
            }
        )
        == 16
    )


def test_given_axes_get_the_norms_alone():
    _, ax = plt.subplots()
    assert gradient_flow(make_layers(share="dead_share"), ax=ax) is ax
    assert len(ax.get_lines()) == 3


def test_two_given_axes_get_the_norms_and_the_shares():
    figure, given = plt.subplots(1, 3)
    drawn = gradient_flow(make_layers(share="dead_share"), ax=given)
    assert drawn.tolist() == given[:2].tolist()
    assert [ax.get_ylabel() for ax in drawn] == ["gradient norm", "dead ReLU units"]
    assert [ax.get_xlabel() for ax in drawn] == ["epoch", "epoch"]
    assert not given[2].has_data()
    assert plt.get_fignums() == [figure.number]


def test_without_shares_one_of_an_array_is_drawn_on():
    _, given = plt.subplots(2)
    assert gradient_flow(make_layers(), ax=given).tolist() == [given[0]]
    assert not given[1].has_data()


@pytest.mark.parametrize(("share", "n_axes"), [("dead_share", 1), (None, 0)])
def test_an_array_of_too_few_axes_is_refused(share, n_axes):
    _, ax = plt.subplots()
    with pytest.raises(
        DataError, match=rf"if there are any\. Got {n_axes}\. Pass a single"
    ):
        gradient_flow(make_layers(share=share), ax=np.array([ax])[:n_axes])
    assert not ax.has_data()


def test_a_norm_of_zero_is_left_out():
    layers = make_layers()
    layers.loc[layers["epoch"] == 2, "gradient_norm"] = 0.0
    (line, *_) = gradient_flow(layers).get_lines()
    assert np.isnan(line.get_ydata()[2])


def test_other_tables_are_refused():
    with pytest.raises(DataError, match=r"A gradient flow needs the columns.*\['epoch"):
        gradient_flow(pd.DataFrame({"epoch": [1]}))


def flow_of(layers, verdict="ReLU units died"):
    finding = Finding(
        code="dying_units",
        severity="problem",
        verdict=verdict,
        numbers={},
        meaning="",
        advice="",
    )
    return GradientFlow(
        findings=(finding, replace(finding, verdict="another")) if verdict else (),
        unanswered=(),
        layers=layers,
        status="trained",
        source="MLPClassifier",
        estimator=None,
    )


@pytest.mark.parametrize("n_layers", [1, 4, 6, 16])
@pytest.mark.parametrize("is_given", [True, False])
@pytest.mark.parametrize("share", ["dead_share", None])
def test_the_first_finding_is_the_title_clear_of_the_legend(n_layers, is_given, share):
    verdict = "gradients vanish in the layers that come first, and units died too"
    layers = make_layers(n_layers=n_layers, share=share)
    _, given = plt.subplots(figsize=(4.6, 3.4), layout="constrained")
    drawn = gradient_flow(flow_of(layers, verdict), ax=given if is_given else None)
    ax = np.ravel(drawn)[0]
    ax.figure.draw_without_rendering()

    title = ax.get_title(loc="left")
    assert title.replace("\n", " ") == f"problem: {verdict}"
    # matplotlib has no public way to a title on the left
    title, legend = ax._left_title, ax.get_legend()
    assert to_hex(title.get_color()) == to_hex(COLOURS["problem"])
    box = title.get_window_extent()
    assert 0 <= box.x0 < box.x1 <= ax.figure.bbox.x1
    assert box.y1 <= ax.figure.bbox.y1
    assert (legend is None) == (n_layers == 16)
    below = ax.bbox.y1 if legend is None else legend.get_window_extent().y1
    assert 0 <= box.y0 - below < 20


def test_without_a_finding_there_is_no_title():
    assert gradient_flow(flow_of(make_layers(), "")).get_title(loc="left") == ""
    assert gradient_flow(make_layers()).get_title(loc="left") == ""


def test_nothing_above_zero_is_refused():
    with pytest.raises(DataError, match="needs a gradient above 0"):
        gradient_flow(make_layers().assign(gradient_norm=0.0))
