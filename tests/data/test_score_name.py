"""Names of scores."""

import functools

import pytest
from sklearn.metrics import f1_score, log_loss, make_scorer

from skdl.data import score_name


def own(estimator, X, y):
    return 0.0


@pytest.mark.parametrize(
    ("scoring", "name"),
    [
        ("roc_auc", "roc_auc"),
        (own, "own"),
        (make_scorer(f1_score), "f1_score"),
        (make_scorer(log_loss, greater_is_better=False), "neg_log_loss"),
        (functools.partial(own), "score"),
    ],
)
def test_score_name(scoring, name):
    assert score_name(scoring) == name
