"""The path of a search by hypergradients is drawn restart by restart."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from skdl.exceptions import DataError, ParameterError
from skdl.plots._hyperparameter_path import hyperparameter_path


def make_path(n_restarts=2):
    """Two splits, of 3 and 2 steps; the second is a hundred times the first."""
    rows = [
        (restart, split, step, 10.0 ** (step - 3 + 2 * split), 1.0 / (step + 1))
        for restart in range(n_restarts)
        for split in range(2)
        for step in range(3 - split)
    ]
    columns = ["restart", "split", "step", "mlp__l2", "val_loss"]
    return pd.DataFrame(rows, columns=columns)


def test_the_mean_of_the_splits_is_geometric_and_ends_with_the_shortest():
    ax = hyperparameter_path(make_path())

    means = [line for line in ax.get_lines() if line.get_label().startswith("restart")]
    assert [line.get_label() for line in means] == ["restart 0", "restart 1"]
    assert means[0].get_xdata().tolist() == [0, 1]
    np.testing.assert_allclose(means[0].get_ydata(), [1e-2, 1e-1])
    assert ax.get_yscale() == "log"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "l2")


def test_each_split_and_each_start_is_drawn():
    ax = hyperparameter_path(make_path(n_restarts=1))

    low, high, mean, start = ax.get_lines()
    np.testing.assert_allclose(low.get_ydata(), [1e-3, 1e-2, 1e-1])
    np.testing.assert_allclose(high.get_ydata()[:2], [1e-1, 1.0])
    assert start.get_xydata().tolist() == [[0.0, pytest.approx(1e-2)]]
    assert mean.get_linewidth() > low.get_linewidth()
    assert ax.get_legend() is None


def test_it_takes_the_axes_given_and_the_column_asked_for():
    _, ax = plt.subplots()

    assert hyperparameter_path(make_path(), parameter="val_loss", ax=ax) is ax
    assert ax.get_ylabel() == "val_loss"
    assert len(plt.get_fignums()) == 1


def test_many_restarts_have_no_legend():
    assert hyperparameter_path(make_path(n_restarts=9)).get_legend() is None


def test_what_cannot_be_drawn_is_refused():
    path = make_path()

    with pytest.raises(DataError, match=r"at least one row\. Got 0 rows"):
        hyperparameter_path(path.head(0))
    with pytest.raises(DataError, match=r"columns 'restart', 'split' and 'step'"):
        hyperparameter_path(path.drop(columns="split"))
    with pytest.raises(ParameterError, match=r"one of \['mlp__l2', 'val_loss'\]. Got"):
        hyperparameter_path(path, parameter="l2")
    with pytest.raises(DataError, match=r"must be above 0, .* Got 0\.0"):
        hyperparameter_path(path.assign(mlp__l2=0.0))
