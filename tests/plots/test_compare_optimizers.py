"""The drawing of optimizers: a panel each, told apart, with what diverged named."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdl import plots
from skdl.diagnosis import OptimizerComparison, OptimizerRun
from skdl.exceptions import DataError
from skdl.plots._style import BLUE, VERMILLION

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
    (ax,) = plots.compare_optimizers(record(run("adam")))

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
    assert legend == ["validation", "training", "the others"]


def test_it_draws_where_it_is_told():
    _, grid = plt.subplots(2, 2)

    axes = plots.compare_optimizers(record(run("a$b$"), run("sgd")), ax=grid)

    assert list(axes) == list(grid.ravel()[:2])
    assert axes[0].get_title(loc="left") == r"a\$b\$, 0.01"
    assert axes[0].get_legend() is not None
    assert list(plots.compare_optimizers(record(run("a")), ax=grid[1, 1])) == [
        grid[1, 1]
    ]
    with pytest.raises(DataError, match="Got 2 optimizers and 1 Axes"):
        plots.compare_optimizers(record(run("adam"), run("sgd")), ax=grid[0, :1])
