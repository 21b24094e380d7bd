"""A diagnosis is drawn with its curves, the best epoch, the gap and the verdict."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from skdl.diagnosis import diagnose
from skdl.plots import diagnosis
from tests.plots.figure_style import COLOURS

NAN = float("nan")
OVERFIT = {"loss": [3, 2, 1], "val_loss": [3, 2, 4]}


def lines_of(ax):
    return {line.get_label(): line for line in ax.lines}


def texts_of(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_the_curves_the_best_epoch_and_the_gap():
    ax = diagnosis(diagnose(OVERFIT))

    lines = lines_of(ax)
    assert list(lines) == ["training", "validation", "best epoch (2)"]
    assert lines["training"].get_xdata().tolist() == [1, 2, 3]
    assert lines["training"].get_ydata().tolist() == OVERFIT["loss"]
    assert lines["validation"].get_ydata().tolist() == OVERFIT["val_loss"]
    assert lines["best epoch (2)"].get_xdata() == [2, 2]
    assert texts_of(ax) == ["gap\n3"]
    [arrow] = [text for text in ax.texts if not text.get_text()]
    assert (arrow.xy, arrow.xyann) == ((3, 4), (3, 1))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")


def test_the_title_is_the_verdict_in_the_colour_of_its_severity():
    for lists, severity in (
        (OVERFIT, "problem"),
        ({"loss": [1.0] * 6, "val_loss": [1.0] * 6}, "warning"),
        ({"loss": [9, 1, 1, 1, 1, 1], "val_loss": [9, 1, 1, 1, 1, 1]}, "note"),
    ):
        found = diagnose(lists)
        ax = diagnosis(found)
        title = ax.get_title(loc="left").replace("\n", " ")
        assert title == f"{severity}: {found.verdict.verdict}"
        # matplotlib has no public way to a title on the left
        assert to_hex(ax._left_title.get_color()) == to_hex(COLOURS[severity])
    assert (
        max(map(len, diagnosis(diagnose(OVERFIT)).get_title("left").split("\n"))) < 47
    )


def test_a_baseline_is_a_level():
    ax = diagnosis(diagnose(OVERFIT, baseline=2.5))

    assert lines_of(ax)["baseline"].get_ydata() == [2.5, 2.5]


@pytest.mark.parametrize(
    ("loss", "baseline", "scale"),
    [
        ([100, 10, 1], None, "log"),
        ([100, 10, 1], 50.0, "log"),
        ([10, 5, 1], None, "linear"),
        ([100, 10, -1], None, "linear"),
        ([100, 10, 1], -1.0, "linear"),
        ([100, 10, 1], 0.0, "linear"),
    ],
)
def test_losses_of_many_magnitudes_are_drawn_by_magnitude(loss, baseline, scale):
    found = diagnose({"loss": loss}, baseline=baseline)

    assert diagnosis(found).get_yscale() == scale


def test_without_validation_there_is_no_gap():
    ax = diagnosis(diagnose({"loss": [3, 2, 1]}))

    assert list(lines_of(ax)) == ["training", "best epoch (3)"]
    assert texts_of(ax) == []


def test_epochs_without_validation_are_bridged():
    lists = {"loss": [4, 3, 2, 1], "val_loss": [NAN, 3, NAN, 2]}

    line = lines_of(diagnosis(diagnose(lists)))["validation"]
    assert line.get_xdata().tolist() == [2, 4]
    assert line.get_ydata().tolist() == [3, 2]


def test_what_overflowed_is_left_out():
    ax = diagnosis(diagnose({"loss": [3, 2, NAN], "val_loss": [3, 1e35, NAN]}))

    np.testing.assert_array_equal(lines_of(ax)["validation"].get_ydata(), [3, NAN, NAN])
    assert texts_of(ax) == []
    nothing = diagnosis(diagnose({"loss": [NAN, NAN], "val_loss": [NAN, NAN]}))
    assert texts_of(nothing) == ["no finite loss"]
    assert list(lines_of(nothing)) == []
    assert nothing.get_legend() is None


@pytest.mark.parametrize("baseline", [None, 1.0])
@pytest.mark.parametrize("loss", [[1e35], [NAN, NAN], [1e35, NAN]])
def test_where_nothing_is_finite_nothing_crosses_the_words(loss, baseline):
    ax = diagnosis(diagnose({"loss": loss}, baseline=baseline))

    assert texts_of(ax) == ["no finite loss"]
    assert len(ax.lines) == 0
    assert ax.get_legend() is None
    assert ax.get_xlim() == (0, len(loss) + 1)


@pytest.mark.parametrize(
    ("loss", "val_loss", "best"),
    [
        ([NAN], [1.5e5], None),  # never both finite
        ([3, NAN, NAN], [3, NAN, NAN], None),  # nothing to be better than
        ([3, 4, 1e35], [3, 4, NAN], None),  # rose from the first
        ([3, 2, 4, NAN], [3, 2, 4, NAN], 2),
        ([3, 1e35, 1], [3, 4, 1], None),  # after it was lost
    ],
)
def test_a_diverged_training_has_a_best_epoch_if_its_loss_had_fallen(
    loss, val_loss, best
):
    ax = diagnosis(diagnose({"loss": loss, "val_loss": val_loss}))

    names = [name for name in lines_of(ax) if name.startswith("best")]
    assert names == ([] if best is None else [f"best epoch ({best})"])
    assert ax.get_xlim() == (0, len(loss) + 1)


def test_only_curves_that_are_there_are_in_the_legend():
    ax = diagnosis(diagnose({"loss": [NAN], "val_loss": [1.5e5]}))

    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["validation"]
    assert lines_of(ax)["validation"].get_marker() == "o"


def test_a_curve_of_few_finite_losses_is_seen():
    lists = {"loss": [3, NAN, NAN, NAN], "val_loss": [3, NAN, NAN, NAN]}
    lines = lines_of(diagnosis(diagnose(lists)))

    assert {line.get_marker() for line in lines.values()} == {"o"}


def test_one_epoch_is_a_point():
    ax = diagnosis(diagnose({"loss": [1.0], "val_loss": [1.2]}))

    assert lines_of(ax)["training"].get_marker() == "o"
    assert ax.get_xlim() == (0, 2)
    assert texts_of(ax) == ["gap\n0.2"]
    assert list(lines_of(ax)) == ["training", "validation"]  # no best of one
    assert ax.get_title(loc="left") == ""


def test_epochs_are_counted_as_the_verdict_counts_them():
    """Keras's CSVLogger counts from 0."""
    logged = pd.DataFrame({"epoch": [0, 1, 2], **OVERFIT})
    found = diagnose(logged)

    assert "lowest in epoch 2 of 3" in found.verdict.meaning
    assert "best epoch (2)" in lines_of(diagnosis(found))


def test_it_is_drawn_where_it_is_asked_to_be():
    _, ax = plt.subplots()

    assert diagnosis(diagnose(OVERFIT), ax=ax) is ax


def test_nothing_is_clipped_or_overlaps():
    losses = np.exp(-np.arange(60) / 10)
    rising = {"loss": losses, "val_loss": np.where(losses > 0.3, losses, 0.6 - losses)}
    ax = diagnosis(diagnose(rising))
    figure = ax.figure
    figure.canvas.draw()

    whole = figure.bbox
    legend, title = ax.get_legend().get_window_extent(), ax._left_title
    gap = next(text for text in ax.texts if text.get_text()).get_window_extent()
    assert not legend.overlaps(gap)
    for box in (legend, title.get_window_extent(), gap):
        assert whole.x0 <= box.x0 < box.x1 <= whole.x1
        assert whole.y0 <= box.y0 < box.y1 <= whole.y1
    arrow = ax.transData.transform((60, 0.1))[0]
    assert legend.x1 < arrow


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("best", [3, 20, 37, 40])
def test_no_line_crosses_the_words_of_the_gap(best, scale):
    epochs = np.arange(1, 41)
    loss = (1 if scale == "linear" else 0.01) + np.exp(-epochs / 6)
    validation = 2 + np.abs(epochs - best) / 10
    ax = diagnosis(diagnose({"loss": loss, "val_loss": validation}))
    ax.figure.canvas.draw()

    assert ax.get_yscale() == scale
    words = next(text for text in ax.texts if text.get_text()).get_window_extent()
    assert words.x0 >= ax.bbox.x1
    ends = ax.transData.transform([(40, loss[-1]), (40, validation[-1])])[:, 1]
    assert (words.y0 + words.y1) / 2 == pytest.approx(ends.mean(), abs=1)
