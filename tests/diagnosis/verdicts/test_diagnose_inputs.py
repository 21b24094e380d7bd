"""What `diagnose` says of losses alone, what it refuses, and how it tells it."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from skdl import MLPClassifier
from skdl.diagnosis import Diagnosis, diagnose
from skdl.exceptions import DataError

NAN, INF = float("nan"), float("inf")


# Losses alone.


def test_histories_of_any_kind_are_judged_alike():
    lists = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 0.6, 0.8, 1.2]}
    history = keras.callbacks.History()
    history.history = {**lists, "accuracy": [0.1] * 4, "lr": [0.1]}

    found = [diagnose(one) for one in (lists, pd.DataFrame(lists), history)]

    for diagnosis in found:
        assert [finding.code for finding in diagnosis.findings] == ["overfit_capacity"]
        assert diagnosis.verdict.suggestion == {}
        assert diagnosis.unanswered[1] == (
            "suggestions for set_params: a history contains only the losses"
        )


@pytest.mark.parametrize(
    ("lists", "code", "last"),
    [
        ({"loss": [1.0]}, None, "overfitting: the history has no validation loss"),
        (
            {"loss": [1.0], "val_loss": [1.0]},
            None,
            "where the losses are heading: there is only one epoch",
        ),
        (
            {"loss": [1.0, 1.1, 1.2], "val_loss": [1.0, 1.1, 1.2]},
            None,
            "how well it fits: the loss never fell",
        ),
        (
            {"loss": [4, 3, 2, 1], "val_loss": [4, 3]},
            "not_validated",
            "overfitting: 'val_loss' has 2 values for 4 epochs, and it is unclear "
            "which epochs they belong to",
        ),
        (
            {"loss": [5, 4, 3, 2, 1], "val_loss": [NAN, 4, NAN, 2, NAN]},
            "stopped_too_early",
            "3 of 5 epochs have no validation loss; they were skipped",
        ),
        ({"loss": [NAN, NAN]}, "diverged", "whether it beats a baseline: pass X and y"),
        ({"loss": [1, 0.5, NAN]}, "diverged", "overfitting: the history has no valid"),
        ({"loss": [1, INF], "val_loss": [1, 2]}, "diverged", "where the losses are"),
        ({"loss": ["1", "0.5"]}, "not_validated", "overfitting: the history has"),
        ({"loss": [-1, -9, -9, -9], "val_loss": [-1, -9, -9, -9]}, None, "whether it"),
    ],
)
def test_what_cannot_be_said_is_named(lists, code, last):
    diagnosis = diagnose(lists)

    if code is not None:
        assert diagnosis.verdict.code == code
    assert diagnosis.unanswered[-1].startswith(last)
    assert len(set(diagnosis.unanswered)) == len(diagnosis.unanswered)


def test_where_nothing_can_be_said_there_is_no_verdict():
    diagnosis = diagnose({"loss": [1.0]})

    assert diagnosis.verdict is None
    assert str(diagnosis) == "Diagnosis: no verdict, 5 questions unanswered"
    assert diagnosis.to_frame().empty
    assert "Not answered:" in diagnosis._repr_html_()


# What is refused.


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"X": [[1.0]]}, "needs both X and y, or neither. Got no y."),
        ({"y": [1]}, "needs both X and y, or neither. Got no X."),
        ({"X_val": [[1.0]], "y_val": [1]}, "with the training rows. Got no X and y."),
        ({"y_val": [1]}, "with the training rows. Got no X and y. Pass all four"),
    ],
)
def test_rows_are_given_together(sound, given, message):
    with pytest.raises(DataError, match=message):
        diagnose(sound.estimator, **given)


def test_rows_that_do_not_fit_are_refused(sound):
    rows = sound.rows
    with pytest.raises(DataError, match=r"needs X_val and y_val together.* no y_val"):
        diagnose(sound.estimator, **{**rows, "y_val": None})
    with pytest.raises(DataError, match="must have the same number of rows"):
        diagnose(sound.estimator, **{**rows, "y": rows["y"][:-1]})
    with pytest.raises(DataError, match=r"fitted to: \[0, 1\]. Got \[7\] as well"):
        diagnose(sound.estimator, **{**rows, "y_val": np.full(200, 7)})
    with pytest.raises(
        DataError, match=r"only useful with an estimator.*Got a dict. Pass"
    ):
        diagnose({"loss": [1.0]}, X=[[1.0]], y=[1])


@pytest.mark.parametrize("estimator", [MLPClassifier(), LogisticRegression(), None])
def test_what_has_no_losses_is_refused(estimator):
    with pytest.raises(DataError, match="needs the losses of a training run"):
        diagnose(estimator)


# The record.


def test_the_record_tells_all(diverged):
    diagnosis = diverged.diagnose()

    assert isinstance(diagnosis, Diagnosis)
    assert "\n" not in str(diagnosis)
    values = json.loads(json.dumps(diagnosis.to_dict()))
    assert values["record"] == "Diagnosis"
    assert values["findings"][0]["suggestion"]["clip_norm"] == 1.0
    assert values["evidence"]["n_val"] == 200
    assert values["measures"] is None
    assert len(values["curves"]["loss"]) == diagnosis.curves.n_epochs
    frame = diagnosis.to_frame()
    assert frame["code"].tolist() == [one.code for one in diagnosis.findings]


def test_the_page_escapes_names():
    source = type("<b>", (), {"history_": {"loss": [1.0, 0.5, 0.5]}})()

    page = diagnose(source)._repr_html_()

    assert "the parameters of a &lt;b&gt; are unknown" in page
    assert "<b>" not in page


def test_it_is_always_the_same(sound):
    once, again = sound.diagnose(), sound.diagnose()

    assert once.evidence == again.evidence
    assert once.findings == again.findings
