"""Histories of all kinds become curves; what they lack is named."""

from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline

from skdl.diagnosis import history_of
from skdl.diagnosis._curves import read_curves
from skdl.exceptions import DataError

NAN, INF = float("nan"), float("inf")


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def stopped(iris):
    """scikit-learn's network, which ended by its tolerance."""
    return MLPClassifier(
        (4,), learning_rate_init=0.1, max_iter=900, random_state=0
    ).fit(*iris)


# What is read.


@pytest.mark.parametrize(
    "source",
    [
        {"loss": [3, 2, 1], "val_loss": [3, 1, 2]},
        {"loss": (3, 2, 1), "val_loss": np.array([3.0, 1.0, 2.0])},
        {"loss": ["3", "2", "1"], "val_loss": pd.Series([3, 1, 2], index=[7, 7, 0])},
        pd.DataFrame({"loss": [3, 2, 1], "val_loss": [3, 1, 2]}, index=[5, 5, 1]),
        pd.DataFrame({"epoch": [0, 1, 2], "loss": [3, 2, 1], "val_loss": [3, 1, 2]}),
        SimpleNamespace(history={"loss": [3, 2, 1], "val_loss": [3, 1, 2]}),
        SimpleNamespace(history_={"loss": [3, 2, 1], "val_loss": [3, 1, 2]}),
    ],
)
def test_histories_of_all_kinds_are_read(source):
    curves = read_curves(source)

    assert curves.loss.tolist() == [3.0, 2.0, 1.0]
    assert curves.val_loss.tolist() == [3.0, 1.0, 2.0]
    assert curves.watched is curves.val_loss
    assert (curves.best_epoch, curves.n_epochs, curves.n_finite) == (2, 3, 3)
    assert (curves.status, curves.has_diverged, curves.remarks) == ("", False, ())


def test_what_keras_returns_and_its_model_are_read():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(np.ones((4, 1)), np.ones(4), epochs=2, verbose=0)

    for source in (history, history.history, model):
        assert read_curves(source).loss.tolist() == history.history["loss"]
    assert read_curves(history).source == "History"


def test_scikit_learn_keeps_no_validation_loss(stopped):
    curves = read_curves(make_pipeline("passthrough", stopped))

    assert curves.loss.tolist() == stopped.loss_curve_
    assert curves.val_loss is None
    assert curves.watched is curves.loss
    assert curves.source == "MLPClassifier"
    assert curves.best_epoch == 1 + np.argmin(stopped.loss_curve_)


def test_what_stopped_scikit_learn_by_itself_has_stopped_early(stopped, iris):
    assert stopped.n_iter_ < stopped.max_iter
    early = MLPClassifier(
        (4,), early_stopping=True, random_state=0, n_iter_no_change=2
    ).fit(*iris)
    one_epoch = MLPClassifier((4,), random_state=0).partial_fit(
        *iris, classes=[0, 1, 2]
    )
    ending = "stopped improving"

    assert read_curves(stopped).status == f"stopped early: the training loss {ending}"
    assert read_curves(early).status == f"stopped early: the validation score {ending}"
    assert read_curves(one_epoch).status == ""


@pytest.mark.parametrize("held_out", [True, False])
def test_the_score_of_what_scikit_learn_held_out_is_read(iris, held_out):
    network = MLPClassifier(
        (8,), learning_rate_init=0.01, early_stopping=held_out, max_iter=15,
        n_iter_no_change=15, random_state=0,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning):
        network.fit(*iris)
    curves = read_curves(network)

    assert curves.val_loss is None
    assert curves.watched is curves.loss
    assert ("val_accuracy" in curves.history) == held_out
    if not held_out:
        assert curves.val_score is None
        return
    scores = network.validation_scores_
    assert curves.val_score.tolist() == scores
    assert scores[curves.best_epoch - 1] == network.best_validation_score_
    assert curves.best_epoch == 1 + scores.index(max(scores))
    assert curves.best_epoch != 1 + np.argmin(curves.loss)  # the loss falls all along


def test_the_score_of_a_regressor_is_its_r2():
    network = MLPRegressor(
        hidden_layer_sizes=(2,), early_stopping=True, max_iter=4, random_state=0
    )
    with pytest.warns(ConvergenceWarning):
        network.fit(*load_diabetes(return_X_y=True))
    curves = read_curves(network)

    assert curves.history["val_r2"].tolist() == network.validation_scores_
    assert curves.val_score.tolist() == network.validation_scores_


@pytest.mark.parametrize(
    ("lists", "best"),
    [
        ({"val_accuracy": [0.5, 0.9, 0.9, 0.8]}, 2),
        ({"val_accuracy": [NAN, 0.5, NAN, 0.8]}, 4),
        ({"val_accuracy": [NAN] * 4}, 4),  # that of the training loss
        ({"val_accuracy": [0.5, 0.9, 0.9, 0.8], "val_loss": [4, 3, 2, 9]}, 3),
    ],
)
def test_the_best_epoch_is_that_of_the_best_score_without_a_loss(lists, best):
    curves = read_curves({"loss": [4, 3, 2, 1], **lists})

    assert curves.best_epoch == best
    assert (curves.val_score is None) == np.isnan(lists["val_accuracy"]).all()


def test_the_table_has_numbered_epochs_and_lists_as_long_as_the_loss():
    kept = {
        "loss": [2, 1],
        "accuracy": [0.5, 0.6],
        "per_class": [[1, 2], [1]],
        "rate": 0.1,
        "seen": [1, 2, 3],
        "name": "ab",
    }

    history = history_of(kept)

    assert list(history) == ["loss", "accuracy", "epoch"]
    assert history["epoch"].tolist() == [1, 2]


def test_a_validation_loss_of_another_length_is_named():
    curves = read_curves({"loss": [4, 3, 2, 1], "val_loss": [4, 3]})

    assert curves.val_loss is None
    assert curves.remarks == (
        "overfitting: 'val_loss' has 2 values for 4 epochs, and it is unclear which "
        "epochs they belong to",
    )


# What is not finite.


@pytest.mark.parametrize(
    ("loss", "val_loss", "n_finite", "best"),
    [
        ([3, 2, NAN, NAN], [3, 2, NAN, NAN], 2, 2),
        ([3, INF, 2, 1], [3, 2, 1, 0.5], 1, 4),
        ([3, 2, 1, 0.5], [3, 2, 1, INF], 3, 3),
        ([3, 2, 1, 0.5], [3, 2, 1, NAN], 3, 3),  # overflowed in the last step
        ([3, 2, 1e35, 1], [3, 2, 1, 0.5], 2, 4),
        ([NAN, NAN], [NAN, NAN], 0, 0),
        ([NAN], None, 0, 0),
    ],
)
def test_losses_that_are_not_finite_are_divergence(loss, val_loss, n_finite, best):
    lists = {"loss": loss} if val_loss is None else {"loss": loss, "val_loss": val_loss}

    curves = read_curves(lists)

    assert curves.has_diverged
    assert (curves.n_finite, curves.best_epoch) == (n_finite, best)
    assert [len(part) for part in curves.measured()] == [n_finite, n_finite]


def test_what_says_that_it_diverged_has_diverged():
    source = SimpleNamespace(history_={"loss": [2, 1]}, status_="diverged: alas")

    assert read_curves(source).has_diverged
    assert read_curves(source).n_finite == 2


@pytest.mark.parametrize("last", [0.6, NAN])
def test_epochs_without_validation_are_gaps_and_no_divergence(last):
    curves = read_curves(
        {"loss": [5, 4, 3, 2, 1], "val_loss": [NAN, 0.9, NAN, 0.7, last]}
    )
    n_gaps = 2 + int(np.isnan(last))

    assert not curves.has_diverged
    assert (~curves.is_measured).sum() == n_gaps
    assert curves.remarks == (
        f"{n_gaps} of 5 epochs have no validation loss; they were skipped",
    )
    loss, watched = curves.measured()
    assert loss.tolist() == [4, 2, 1][: 5 - n_gaps]
    assert watched.tolist() == [0.9, 0.7, 0.6][: 5 - n_gaps]


def test_a_validation_loss_that_was_never_measured_is_none():
    assert read_curves({"loss": [2, 1], "val_loss": [NAN, NAN]}).val_loss is None


# What is refused.


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"val_loss": [1]}, r"Got a dict with \['val_loss'\]. Pass the 'history' of"),
        ({"loss": []}, r"Got a dict with \['loss'\]"),
        ({"loss": 0.5}, r"Got a dict with \['loss'\]"),
        (pd.DataFrame({"a": [1]}), r"Got a DataFrame with \['a'\]"),
        ([1.0, 0.5], "Got list. Fit the estimator first, or pass the 'history' that"),
        (None, "Got NoneType"),
        (MLPClassifier(), "Got MLPClassifier. Fit the estimator first"),
        (make_pipeline("passthrough", MLPClassifier()), "Got MLPClassifier. Fit"),
        ({"loss": ["a", "b"]}, "column 'loss' of the history must hold one number per"),
        ({"loss": [1, 2], "val_loss": ["a", "b"]}, "The column 'val_loss' of the hist"),
    ],
)
def test_what_has_no_losses_is_refused(source, message):
    with pytest.raises(DataError, match=message):
        read_curves(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            {"loss": [1, None, 0.5], "val_loss": [1, 0.9, 0.5]},
            r"'loss' of the history .* one number per epoch. Got None for epoch 2\.",
        ),
        (
            {"loss": [1, 0.7, 0.5], "val_loss": [1, 0.9, None]},
            r"'val_loss' of .* Got None for epoch 3\. .* nan .* not measured",
        ),
        ({"loss": pd.Series([None, 1], dtype="Int64")}, r"Got <NA> for epoch 1\."),
        (
            pd.DataFrame({"loss": [1.0, 0.5], "val_loss": ["1", None]}, dtype=object),
            r"'val_loss' of the history .* Got None for epoch 2",
        ),
    ],
)
def test_a_missing_loss_is_no_divergence_but_refused(source, message):
    with pytest.raises(DataError, match=message):
        read_curves(source)


def test_estimators_that_keep_no_losses_are_refused(iris):
    model = LogisticRegression(max_iter=500).fit(*iris)
    with pytest.raises(
        DataError, match=r"Got LogisticRegression, which records none\."
    ):
        read_curves(model)
    search = GridSearchCV(model, {"C": [1.0]}, cv=2).fit(*iris)
    with pytest.raises(DataError, match=r"Got a GridSearchCV. Pass its 'best_estimat"):
        read_curves(search)
    network = MLPClassifier((2,), solver="lbfgs", max_iter=500, random_state=0)
    with pytest.raises(DataError, match=r"solver='lbfgs', which records none\. Use"):
        read_curves(network.fit(*iris))
