"""A history is drawn epoch by epoch, with its best epoch."""

import numpy as np
import pandas as pd
import pytest

from skdl import plots
from skdl.exceptions import DataError

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [3.0, 2.0, 1.0],
        "val_loss": [3.0, 2.5, 2.7],
        "accuracy": [0.5, 0.6, 0.7],
        "val_accuracy": [0.4, 0.5, 0.6],
    }
)


def test_it_draws_the_history_and_marks_the_lowest_validation_loss():
    ax = plots.learning_curve(HISTORY, quantity="accuracy")

    lines = {line.get_label(): line for line in ax.get_lines()}
    assert lines["training"].get_ydata().tolist() == [0.5, 0.6, 0.7]
    assert lines["validation"].get_ydata().tolist() == [0.4, 0.5, 0.6]
    assert lines["best epoch (2)"].get_xydata().tolist() == [[2, 0.5]]


@pytest.mark.parametrize("change", [{}, {"val_loss": np.nan}])
def test_without_validation(change):
    history = HISTORY[["epoch", "loss"]].assign(**change)

    ax = plots.learning_curve(history)

    assert [line.get_label() for line in ax.get_lines()] == ["training"]


def test_a_history_without_rows_or_columns_is_refused():
    with pytest.raises(DataError, match=r"at least one row\. Got 0 rows"):
        plots.learning_curve(HISTORY.head(0))
    with pytest.raises(DataError, match=r"columns .* 'auc'"):
        plots.learning_curve(HISTORY, quantity="auc")
