"""Areas and medians of weighted rows, against scikit-learn and repeated rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    median_absolute_error,
    roc_auc_score,
)

from skdl.explain.scores._metrics import (
    METRICS,
    Predictions,
    area_under_precision_recall,
    area_under_roc,
    mean_of_known,
)
from skdl.explain.scores._metrics import (
    median_absolute_error as weighed_median,
)

# Scores with many ties, and rows that count from 0 to 3 times.
ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 3)),
    min_size=2,
    max_size=30,
).filter(lambda rows: len({positive for positive, _, n in rows if n}) == 2)


@given(ROWS)
def test_areas_are_those_of_rows_that_are_repeated(rows):
    positive, scores, counts = (np.array(part) for part in zip(*rows, strict=True))
    weights = np.array([counts, 2 * counts], dtype=float)
    repeated = np.repeat(np.arange(len(rows)), counts)

    roc = area_under_roc(positive, scores.astype(float))(weights)
    precision = area_under_precision_recall(positive, scores.astype(float))(weights)

    expected = roc_auc_score(positive[repeated], scores[repeated])
    assert roc == pytest.approx([expected, expected])
    expected = average_precision_score(positive[repeated], scores[repeated])
    assert precision == pytest.approx([expected, expected])


@given(st.lists(st.tuples(st.floats(-9, 9), st.integers(0, 3)), min_size=1))
def test_medians_are_those_of_rows_that_are_repeated(rows):
    errors, counts = (np.array(part) for part in zip(*rows, strict=True))
    counts[0] += 1
    known = Predictions(
        task="regression",
        names=("prediction",),
        truth=errors[:, None],
        predicted=np.zeros((len(rows), 1)),
        scores=None,
        is_probability=False,
        precision=1e-16,
        classes=(),
        unit="",
    )

    found = weighed_median(known)(counts[None].astype(float))

    repeated = np.repeat(errors, counts)
    expected = median_absolute_error(repeated, np.zeros_like(repeated))
    assert found == pytest.approx([expected])


def test_an_area_without_one_of_the_classes_has_no_value():
    positive, scores = np.array([True, False]), np.array([0.2, 0.1])
    weights = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])

    roc = area_under_roc(positive, scores)(weights)
    precision = area_under_precision_recall(positive, scores)(weights)

    assert roc == pytest.approx([np.nan, np.nan, 1], nan_ok=True)
    assert precision == pytest.approx([1, np.nan, 1], nan_ok=True)


def test_the_mean_of_what_is_known():
    values = np.array([[1.0, np.nan, 3], [np.nan, np.nan, np.nan]])

    assert mean_of_known(values) == pytest.approx([2, np.nan], nan_ok=True)


def test_names_of_metrics_are_scikit_learns_where_it_has_them():
    from sklearn.metrics import get_scorer_names

    own = {"subset_accuracy", "hamming_loss", "rmse", "mae", "median_absolute_error"}
    own |= {"log_loss", "brier_score"}  # scikit-learn's scorers have a "neg_" before
    names = {metric.name for metrics in METRICS.values() for metric in metrics}

    assert names - own <= set(get_scorer_names())
