"""The drawing of optimizers: a panel each, told apart, with what diverged named."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdl import plots
from skdl.diagnosis import OptimizerComparison, OptimizerRun
from skdl.exceptions import DataError
from tests.plots.figure_style import BLUE, VERMILLION

NOTHING = np.empty((0, 0))


def run(name, level=1.0, *, n_epochs=3, **fields):
    val_losses = level + np.array([[0.5, 0.1, 0.3], [0.7, 0.1, 0.5]])[:, :n_epochs]
    fields = {
        "learning_rate": 0.01,
        "seeds": (1, 2),
        "diverged": (),
        "losses": val_losses / 2,
        "val_losses": val_losses,
        **fields,
    }
    return OptimizerRun(
        name=name,
        parameters={"optimizer": name},
        rates=np.array([0.001, 0.01]),
        rate_losses=np.array([2.0, 1.0]),
        seconds=1.0,
        **fields,
    )


def record(*runs):
    return OptimizerComparison(
        runs=runs, best={}, seeds=(1, 2), tuning_seed=0, n_train=8, n_val=2
    )


LOST = run(
    "lion",
    learning_rate=np.nan,
    seeds=(),
    losses=NOTHING,
    val_losses=NOTHING,
)


def lines_of(ax, color):
    return [line for line in ax.get_lines() if line.get_color() == color]


def test_a_panel_per_optimizer_with_its_curves():
    axes = plots.compare_optimizers(record(run("adam"), run("sgd", 2.0)))

    assert [ax.get_title(loc="left") for ax in axes] == ["adam, 0.01", "sgd, 0.01"]
    validation, best = lines_of(axes[1], VERMILLION)
    (training,) = lines_of(axes[1], BLUE)
    assert validation.get_xdata().tolist() == [1, 2, 3]
    np.testing.assert_allclose(validation.get_ydata(), [2.6, 2.1, 2.4])
    np.testing.assert_allclose(training.get_ydata(), [1.3, 1.05, 1.2])
    assert training.get_linestyle() == "--"
    assert (best.get_xdata().tolist(), best.get_marker()) == ([2], "o")
    (band,) = axes[1].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((2.1, 2.7))


def test_the_others_are_behind_it():
    axes = plots.compare_optimizers(record(run("adam"), run("sgd", 2.0), LOST))

    behind = [line for line in axes[0].get_lines() if line.get_zorder() == 1]
    assert len(behind) == 1
    np.testing.assert_allclose(behind[0].get_ydata(), [2.6, 2.1, 2.4])
    assert len([li for li in axes[2].get_lines() if li.get_zorder() == 1]) == 2


def test_what_diverged_is_named():
    partly = run("sgd", diverged=(3, 4, 5))

    axes = plots.compare_optimizers(record(run("adam"), partly, LOST))

    assert axes[1].get_title(loc="left") == "sgd, 0.01\n3 of 5 diverged"
    assert axes[2].get_title(loc="left") == "lion:\ndiverged at every rate"
    assert lines_of(axes[2], VERMILLION) == []


def test_axes_are_shared_and_made_for_validation_losses():
    near = run("adam", 1.0, losses=np.full((2, 3), 1e-6))
    axes = plots.compare_optimizers(record(near, run("sgd", 2.0)))

    assert axes[0].get_ylim() == axes[1].get_ylim()
    low, high = axes[0].get_ylim()
    assert 0 < low < 1.1
    assert 2.7 < high < 3
    assert axes[0].get_yscale() == "linear"
    wide = plots.compare_optimizers(record(run("adam", 0.0), run("sgd", 20.0)))
    assert wide[0].get_yscale() == "log"


def falling(name, first, last, n_epochs=10, **fields):
    """Two seeds, alike; the training losses are the validation losses."""
    losses = np.concatenate([[first], np.linspace(last + 0.1, last, n_epochs - 1)])
    losses = np.stack([losses, losses])
    return run(name, **{"losses": losses, "val_losses": losses, **fields})


def edge_marks(ax):
    """Colour, edge and epochs of the triangles where curves leave the panel."""
    return [
        (line.get_color(), line.get_marker(), line.get_xdata().tolist())
        for line in ax.get_lines()
        if line.get_marker() in ("^", "v")
    ]


def test_one_bad_epoch_does_not_flatten_all_curves():
    runs = [falling("adam", 9.0, 1.0), falling("sgd", 1.3, 1.2)]

    axes = plots.compare_optimizers(record(*runs))

    low, high = axes[0].get_ylim()
    assert low < 1.0
    assert 1.3 < high < 1.5  # the second epoch, not the first
    assert axes[0].get_yscale() == "linear"
    assert edge_marks(axes[0]) == [(BLUE, "^", [1]), (VERMILLION, "^", [1])]
    assert edge_marks(axes[1]) == []
    names = [text.get_text() for text in axes[0].figure.legends[0].get_texts()]
    assert names == ["validation", "training", "the others", "off the panel"]


def test_a_first_epoch_that_costs_little_room_is_shown():
    (ax,) = plots.compare_optimizers(record(falling("adam", 1.12, 1.0)))

    assert ax.get_ylim()[1] > 1.12
    assert edge_marks(ax) == []


def test_the_band_at_the_best_epoch_is_in_the_panel():
    """One seed is at 0, the other at 4 in the epoch that is best on average."""
    losses = np.array([[9.0, *[2.5] * 8, 0.0], [9.0, *[2.5] * 8, 4.0]])
    (ax,) = plots.compare_optimizers(
        record(run("adam", losses=losses, val_losses=losses))
    )

    assert 4 < ax.get_ylim()[1] < 9


def test_a_training_loss_is_seen_to_leave_and_come_back():
    training = np.array([[1.1, 0.1, 0.1, 1.0, 0.1, 1.0, 1.0, 1.0, 1.0, 1.0]])
    (ax,) = plots.compare_optimizers(record(falling("adam", 1.1, 1.0, losses=training)))

    assert edge_marks(ax) == [(BLUE, "v", [2, 5])]


def test_the_best_epoch_of_a_slow_optimizer_is_in_its_panel():
    fast = [falling(f"fast {place}", 0.3, 0.1, n_epochs=40) for place in range(8)]
    slow = falling("slow", 9.0, 7.9, n_epochs=40)

    axes = plots.compare_optimizers(record(*fast, slow))

    low, high = axes[0].get_ylim()
    assert low < 0.1
    assert high > 7.9
    assert axes[0].get_yscale() == "log"


def test_a_logarithmic_axis_has_numbers_within_a_decade():
    (ax,) = plots.compare_optimizers(record(falling("adam", 0.9, 0.11)))
    losses = np.geomspace(0.8, 0.1, 10)[None]
    (wide,) = plots.compare_optimizers(
        record(run("adam", losses=losses, val_losses=losses))
    )
    wide.figure.draw_without_rendering()

    assert (ax.get_yscale(), wide.get_yscale()) == ("linear", "log")
    low, high = wide.get_ylim()
    shown = [
        text.get_text()
        for text in wide.get_yticklabels()
        if low < float(text.get_text()) < high
    ]
    assert len(shown) >= 3
    assert "0.1" in shown


def test_nothing_finished_is_drawn_too():
    (ax,) = plots.compare_optimizers(record(LOST))

    assert list(ax.get_lines()) == []
    assert ax.get_title(loc="left").startswith("lion")


def test_one_epoch_is_a_dot():
    (ax,) = plots.compare_optimizers(record(run("adam", n_epochs=1)))

    assert lines_of(ax, BLUE)[0].get_marker() == "o"
    ax.figure.draw_without_rendering()
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_one_optimizer_has_no_others():
    (ax,) = plots.compare_optimizers(record(falling("adam", 1.1, 1.0)))

    names = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert names == ["validation", "training"]


def test_nine_fit_without_overlap():
    axes = plots.compare_optimizers(record(*[run(f"adamax{n}") for n in range(9)]))
    figure = axes[0].figure
    figure.draw_without_rendering()

    boxes = [ax.get_tightbbox() for ax in axes]
    for number, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        for other in boxes[:number]:
            assert not box.shrunk(0.98, 0.98).overlaps(other.shrunk(0.98, 0.98))
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["validation", "training", "the others", "off the panel"]
    drawn = figure.legends[0].get_window_extent()
    assert 0 <= drawn.x0 < drawn.x1 <= figure.bbox.width


def test_it_draws_where_it_is_told():
    _, grid = plt.subplots(2, 2)

    axes = plots.compare_optimizers(record(run("a$b$"), run("sgd")), ax=grid)

    assert list(axes) == list(grid.ravel()[:2])
    assert axes[0].get_title(loc="left") == r"a\$b\$, 0.01"
    assert axes[0].get_legend() is not None
    assert list(plots.compare_optimizers(record(run("a")), ax=grid[1, 1])) == [
        grid[1, 1]
    ]
    with pytest.raises(DataError, match="Got 1 Axes for 2 optimizers"):
        plots.compare_optimizers(record(run("adam"), run("sgd")), ax=grid[0, :1])
