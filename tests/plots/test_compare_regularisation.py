"""Regularisation drawn: training and test loss per kind, and the gap."""

import numpy as np
import pandas as pd

from skdl.diagnosis import RegularisationComparison
from skdl.plots import compare_regularisation


def comparison_of(train, test, *, best, error=0.5):
    test = np.array(test, dtype=float)
    kinds = ("none", "l2", "early_stopping")
    summary = pd.DataFrame(
        {
            "kind": kinds,
            "train_loss": train,
            "train_loss_error": error,
            "test_loss": test,
            "test_loss_error": error,
            "status": np.where(
                np.isnan(test), "diverged in 2 of 5 trainings", "trained"
            ),
        }
    )
    return RegularisationComparison(
        kinds=kinds,
        strengths=(None, 0.01, 10),
        summary=summary,
        variants=summary,
        fits=summary,
        test_losses=test[:, None],
        metric="log loss",
        best_kind=best,
        best={},
    )


def containers(ax):
    """x and y of the markers, by name."""
    return {
        bars.get_label(): (bars[0].get_xdata().tolist(), bars[0].get_ydata().tolist())
        for bars in ax.containers
    }


def test_by_hand():
    ax = compare_regularisation(comparison_of([1, 2, 3], [9, 5, 6], best="l2"))

    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["none", "l2 0.01", "early_stopping 10"]
    assert containers(ax) == {
        "training": ([1, 2, 3], [0, 1, 2]),
        "test": ([9, 6], [0, 2]),
        "test, best": ([5], [1]),
    }
    gaps = np.array(ax.collections[0].get_segments())
    assert gaps[..., 0].tolist() == [[1, 9], [2, 5], [3, 6]]
    bars = ax.containers[2][2][0].get_segments()
    np.testing.assert_allclose(bars, [[[4.5, 1], [5.5, 1]]])
    assert set(ax.lines[0].get_xdata()) == {9}  # the test loss of none
    assert ax.get_xlabel() == "log loss, lower is better"


def test_what_diverged_is_named():
    ax = compare_regularisation(
        comparison_of([np.nan, 2, 3], [np.nan, 5, 6], best="l2", error=np.nan)
    )

    texts = [(text.get_text(), text.xy[1]) for text in ax.texts]
    assert texts == [("diverged in 2 of 5 trainings", 0)]


def test_given_axes_are_used():
    record = comparison_of([1, 2, 3], [9, 5, 6], best="none")
    first = compare_regularisation(record)

    assert compare_regularisation(record, ax=first) is first
    assert containers(first)["test, best"] == ([9], [0])
