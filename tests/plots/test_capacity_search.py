"""Capacity search drawn: candidates in order, band, marks, names of what diverged."""

import numpy as np
import pytest

from skdl.diagnosis import CapacitySearch
from skdl.plots import capacity_search

NOTES = [5.4, 4.8, 4.4, 4.5, 4.3]
NAMES = ("1 x 100", "1 x 250", "2 x 250", "3 x 250", "3 x 200")


def search_of(scores, error=0.15, *, best, simplest, metric="mean squared error"):
    scores = np.array(scores)
    is_loss = metric == "mean squared error"
    return CapacitySearch(
        networks=NAMES,
        hidden_layer_sizes=((100,), (250,), (250,) * 2, (250,) * 3, (200,) * 3),
        next_steps=("",) * 5,
        scores=scores.reshape(-1, 1, 1),
        mean_scores=scores,
        standard_errors=np.full(5, error),
        n_parameters=np.arange(5),
        statuses=tuple(
            "trained" if np.isfinite(score) else "diverged in 1 of 5 trainings"
            for score in scores
        ),
        metric=metric,
        greater_is_better=not is_loss,
        best_index=best,
        simplest_index=simplest,
        limit=scores[best] + (error if is_loss else -error),
        best={},
        simplest={},
    )


def marks(ax):
    """Where the marks with a name are."""
    return {
        line.get_label(): (line.get_xdata()[0], line.get_ydata()[0])
        for line in ax.lines
        if not line.get_label().startswith("_")
    }


def test_by_hand():
    ax = capacity_search(search_of(NOTES, best=4, simplest=2))

    assert [text.get_text() for text in ax.get_yticklabels()] == list(NAMES)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first is on top
    assert ax.lines[0].get_xdata().tolist() == NOTES
    assert ax.lines[0].get_ydata().tolist() == [0, 1, 2, 3, 4]
    assert marks(ax) == {"best": (4.3, 4), "simplest in the band": (4.4, 2)}
    band = ax.patches[0]
    assert band.get_x() == pytest.approx(4.3)
    assert band.get_width() == pytest.approx(0.15)
    bars = ax.collections[0].get_segments()
    np.testing.assert_allclose(bars[0], [[5.25, 0], [5.55, 0]])
    assert ax.get_xlabel() == "mean squared error, lower is better"


def test_of_a_score_the_band_lies_below_the_best():
    ax = capacity_search(
        search_of([0.5, 0.6, 0.8, 0.9, 0.85], 0.1, best=3, simplest=2, metric="r2")
    )

    assert ax.patches[0].get_x() == pytest.approx(0.8)
    assert ax.get_xlabel() == "r2, greater is better"


def test_what_diverged_is_named_and_not_drawn():
    ax = capacity_search(
        search_of([5.4, np.nan, 4.4, 4.5, 4.3], np.nan, best=4, simplest=4)
    )

    texts = [(text.get_text(), text.xy[1]) for text in ax.texts]
    assert texts == [("diverged in 1 of 5 trainings", 1)]
    assert np.isnan(ax.lines[0].get_xdata()[1])


def test_given_axes_are_used():
    first = capacity_search(search_of(NOTES, best=4, simplest=2))

    assert capacity_search(search_of(NOTES, best=4, simplest=2), ax=first) is first
