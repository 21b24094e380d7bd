"""Scores, against scikit-learn's metrics on all rows and on drawn rows."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import metrics
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    make_multilabel_classification,
)
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl.data import bootstrap_rows
from skdl.exceptions import DataError, ParameterError
from skdl.explain import performance


def fitted(name):
    """An estimator and rows that it has not seen."""
    if name == "regression":
        X, y = load_diabetes(return_X_y=True)
        estimator = DecisionTreeRegressor(max_depth=3, random_state=0)
    elif name == "outputs":
        X, y = load_diabetes(return_X_y=True)
        y = np.column_stack([y, X[:, 0] + 0.1 * X[:, 1]])
        estimator = DecisionTreeRegressor(max_depth=3, random_state=0)
    elif name == "binary":
        X, y = load_breast_cancer(return_X_y=True)
        y = np.where(y == 1, "benign", "malignant")
        estimator = DecisionTreeClassifier(max_depth=3, random_state=0)
    elif name == "multiclass":
        X, y = load_iris(return_X_y=True)
        y = np.array(["a", "b", "c"])[y]
        estimator = LogisticRegression(max_iter=500, C=0.01)
    else:
        X, y = make_multilabel_classification(300, n_classes=3, random_state=0)
        estimator = MultiOutputClassifier(LogisticRegression(max_iter=500))
    return estimator.fit(X[::2], y[::2]), X[1::2], y[1::2]


class AtRows:
    """Predictions made once: other rows in the call would change their last bit."""

    def __init__(self, estimator, X):
        self.predicted = estimator.predict(X)
        self.probabilities = getattr(estimator, "predict_proba", lambda X: None)(X)

    def predict(self, rows):
        return self.predicted[rows]

    def predict_proba(self, rows):
        if isinstance(self.probabilities, list):  # of several labels
            return [part[rows] for part in self.probabilities]
        return self.probabilities[rows]


def from_scikit_learn(name, estimator, X, y, weights=None):
    """The same metrics by scikit-learn."""
    weighed = {"sample_weight": weights}
    predicted = estimator.predict(X)
    if name in ("regression", "outputs"):
        return {
            "r2": metrics.r2_score(y, predicted, **weighed),
            "rmse": metrics.root_mean_squared_error(y, predicted, **weighed),
            "mae": metrics.mean_absolute_error(y, predicted, **weighed),
            "median_absolute_error": metrics.median_absolute_error(
                y, predicted, **weighed
            ),
        }
    probabilities = estimator.predict_proba(X)
    if name == "multilabel":
        probabilities = np.column_stack([part[:, 1] for part in probabilities])
        return {
            "subset_accuracy": metrics.accuracy_score(y, predicted, **weighed),
            "hamming_loss": metrics.hamming_loss(y, predicted, **weighed),
            "f1_micro": metrics.f1_score(y, predicted, average="micro", **weighed),
            "f1_macro": metrics.f1_score(y, predicted, average="macro", **weighed),
            "average_precision": metrics.average_precision_score(
                y, probabilities, **weighed
            ),
        }
    both = {
        "accuracy": metrics.accuracy_score(y, predicted, **weighed),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, predicted, **weighed),
        "log_loss": metrics.log_loss(y, y_proba=probabilities, **weighed),
    }
    if name == "multiclass":
        return both | {
            "f1_macro": metrics.f1_score(y, predicted, average="macro", **weighed),
            "roc_auc_ovr": metrics.roc_auc_score(
                y, probabilities, multi_class="ovr", **weighed
            ),
        }
    positive, probabilities = y == "malignant", probabilities[:, 1]
    return both | {
        "roc_auc": metrics.roc_auc_score(positive, probabilities, **weighed),
        "average_precision": metrics.average_precision_score(
            positive, probabilities, **weighed
        ),
        "f1": metrics.f1_score(y, predicted, pos_label="malignant", **weighed),
        "brier_score": metrics.brier_score_loss(positive, probabilities, **weighed),
    }


TASKS = ["binary", "multiclass", "multilabel", "regression", "outputs"]


def scores_of(found):
    return dict(zip(found.metrics, found.scores, strict=True))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", TASKS)
def test_scores_are_scikit_learns(name, weighted):
    estimator, X, y = fitted(name)
    weights = np.random.RandomState(0).rand(len(X)) if weighted else None

    found = performance(estimator, X, y, n_resamples=5, sample_weight=weights)

    expected = from_scikit_learn(name, estimator, X, y, weights)
    assert scores_of(found) == pytest.approx(expected)
    assert found.left_out == {}


@pytest.mark.parametrize("name", TASKS)
def test_intervals_are_quantiles_of_scikit_learns_scores_of_the_draws(name):
    estimator, X, y = fitted(name)

    found = performance(
        estimator, X, y, n_resamples=60, confidence_level=0.8, random_state=3
    )

    codes = None
    if name in ("binary", "multiclass"):
        codes = np.unique(y, return_inverse=True)[1]
    [draws] = bootstrap_rows(len(X), n_resamples=60, codes=codes, random_state=3)
    known = AtRows(estimator, X)
    scores = pd.DataFrame(
        [from_scikit_learn(name, known, rows, y[rows]) for rows in draws]
    )[list(found.metrics)]
    low, high = np.quantile(scores, [0.1, 0.9], axis=0)
    assert found.lows == pytest.approx(low)
    assert found.highs == pytest.approx(high)
    assert (found.lows < found.highs).all()


def test_every_draw_has_a_row_of_a_rare_class():
    estimator, X, y = fitted("binary")
    rows = np.append(np.flatnonzero(y == "benign"), np.flatnonzero(y != "benign")[:1])

    found = performance(
        estimator, X[rows], y[rows], metrics="f1", baseline=None, n_resamples=200
    )

    # Without the one malignant row, F1 of a draw is 0: in a third of the draws.
    assert estimator.predict(X[rows[-1:]]).tolist() == ["malignant"]
    assert found.lows[0] > 0


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("name", TASKS)
def test_the_dummy_is_scikit_learns(name, train):
    estimator, X, y = fitted(name)
    y_train = y[: len(y) // 3 + 1] if train else None
    if train and name == "multiclass":
        y_train = y[::3]
    on = y if y_train is None else y_train
    kind = DummyRegressor if name in ("regression", "outputs") else DummyClassifier
    dummy = kind().fit(np.zeros((len(on), 1)), on)

    found = performance(estimator, X, y, y_train=y_train, n_resamples=5)

    expected = from_scikit_learn(name, dummy, X, y)
    baseline = dict(zip(found.metrics, found.baseline_scores, strict=True))
    assert baseline == pytest.approx(expected)
    assert ("y_train" in found.baseline) == train


def test_a_constant_ranks_rows_by_chance():
    estimator, X, y = fitted("binary")

    found = performance(estimator, X, y, n_resamples=20)

    baseline = dict(zip(found.metrics, found.baseline_scores, strict=True))
    assert baseline["roc_auc"] == 0.5
    assert baseline["average_precision"] == pytest.approx(np.mean(y == "malignant"))


def test_gains_are_paired_and_positive_is_better():
    estimator, X, y = fitted("regression")

    same = performance(estimator, X, y, baseline=estimator, n_resamples=20)
    over_mean = performance(estimator, X, y, n_resamples=20)

    assert (same.gains == 0).all()
    assert (same.gain_lows == 0).all()
    assert (same.gain_highs == 0).all()
    assert same.baseline == "DecisionTreeRegressor"
    assert over_mean.greater_is_better == (True, False, False, False)
    assert (over_mean.gains > 0).all()
    assert over_mean.gains[1] == over_mean.baseline_scores[1] - over_mean.scores[1]
    assert over_mean.gains[0] == over_mean.scores[0] - over_mean.baseline_scores[0]


def test_without_a_baseline():
    estimator, X, y = fitted("binary")

    found = performance(estimator, X, y, baseline=None, n_resamples=5)

    assert found.baseline == ""
    assert np.isnan(found.gains).all()
    assert "gain" not in found.to_frame()


def test_the_record_as_a_table_and_as_plain_values():
    estimator, X, y = fitted("binary")

    found = performance(
        estimator, X, y, metrics=["log_loss", "accuracy"], n_resamples=5
    )

    table = found.to_frame()
    assert table["metric"].tolist() == ["log_loss", "accuracy"]
    assert table["better"].tolist() == ["lower", "higher"]
    assert json.loads(json.dumps(found.to_dict()))["scores"] == found.scores.tolist()
    assert "log_loss" in found._repr_html_()


def test_the_estimator_answers_for_all_rows_once():
    _, X, y = fitted("binary")
    calls = []

    class Counting(DecisionTreeClassifier):
        def predict(self, X):
            calls.append(len(X))
            return super().predict(X)

    counting = Counting().fit(X, y)
    performance(counting, X, y, n_resamples=50)

    assert calls.count(len(X)) == 1
    assert set(calls) == {2, len(X)}


def test_the_same_seed_gives_the_same_intervals():
    estimator, X, y = fitted("multilabel")

    one, two, other = (
        performance(estimator, X, y, n_resamples=30, random_state=seed).to_frame()
        for seed in (1, 1, 2)
    )

    assert one.equals(two)
    assert not one.equals(other)


def test_targets_in_any_form():
    estimator, X, y = fitted("binary")
    expected = performance(estimator, X, y, n_resamples=5, random_state=0).to_frame()
    forms = [
        pd.DataFrame({"diagnosis": y}),
        pd.Series(y, dtype="category"),
        pd.Series(y, dtype="string", index=range(5, 5 + len(y))),
        y.astype(object),
        list(y),
    ]

    for form in forms:
        found = performance(estimator, X, form, n_resamples=5, random_state=0)
        assert found.to_frame().equals(expected)


def test_float_labels_and_truth_values():
    _, X, y = fitted("binary")
    estimator = DecisionTreeClassifier(max_depth=2, random_state=0)
    is_malignant = y == "malignant"
    expected = None

    for labels in (is_malignant, is_malignant.astype(float), is_malignant.astype(int)):
        found = performance(estimator.fit(X, labels), X, labels, n_resamples=5)
        expected = found.scores if expected is None else expected
        assert found.scores.tolist() == expected.tolist()
    found = performance(estimator, X, is_malignant, n_resamples=5)  # fitted on 0 and 1
    assert found.scores.tolist() == expected.tolist()


def test_words_and_missing_values_in_a_pipeline(data_file):
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.preprocessing import OrdinalEncoder

    table = pd.read_csv(data_file("titanic_seaborn.csv.gz"))
    X, y = table[["sex", "embarked", "age", "fare"]], table["alive"]
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    pipeline = make_pipeline(
        make_column_transformer((encode, ["sex", "embarked"]), remainder="passthrough"),
        HistGradientBoostingClassifier(max_iter=20, random_state=0),
    ).fit(X[::2], y[::2])

    found = performance(pipeline, X[1::2], y[1::2], n_resamples=100, random_state=0)

    expected = pipeline.score(X[1::2], y[1::2])
    assert scores_of(found)["accuracy"] == pytest.approx(expected)
    assert found.gain_lows[0] > 0.05
    assert found.baseline_scores[0] == pytest.approx((y[1::2] == "no").mean())


def test_sparse_rows():
    estimator, X, y = fitted("binary")
    estimator = make_pipeline(StandardScaler(with_mean=False), LogisticRegression())
    estimator.fit(X, y)

    found = performance(estimator, sparse.coo_array(X), y, n_resamples=5)

    assert scores_of(found)["accuracy"] == pytest.approx(estimator.score(X, y))


def test_only_decision_values_and_only_classes():
    _, X, y = fitted("binary")
    margin = SVC().fit(X, y)
    vote = VotingClassifier([("tree", DecisionTreeClassifier(max_depth=1))]).fit(X, y)

    by_margin = performance(margin, X, y, n_resamples=5)
    by_vote = performance(vote, X, y, n_resamples=5)

    assert list(by_margin.left_out) == ["log_loss", "brier_score"]
    expected = metrics.roc_auc_score(y == "malignant", margin.decision_function(X))
    assert scores_of(by_margin)["roc_auc"] == pytest.approx(expected)
    assert by_vote.metrics == ("accuracy", "balanced_accuracy", "f1")
    assert "predict_proba" in by_margin.left_out["log_loss"]


def test_a_class_that_was_never_seen():
    X, y = load_iris(return_X_y=True)
    estimator = DecisionTreeClassifier(random_state=0).fit(X[:100], y[:100])

    found = performance(estimator, X, y, n_resamples=5)

    scores = scores_of(found)
    assert found.task == "multiclass"
    assert scores["accuracy"] == pytest.approx(2 / 3)
    assert scores["balanced_accuracy"] == pytest.approx(2 / 3)
    # A third of the rows has a probability of 0, which counts as the smallest one.
    assert scores["log_loss"] == pytest.approx(-np.log(np.finfo(float).eps) / 3)


def test_one_class_in_y():
    estimator, X, y = fitted("binary")
    rows = y == "benign"

    found = performance(estimator, X[rows], y[rows], n_resamples=5)

    assert found.metrics == ("accuracy", "balanced_accuracy", "log_loss", "brier_score")
    assert set(found.left_out) == {"roc_auc", "average_precision", "f1"}
    assert "all rows of y are of the class benign" in found.left_out["roc_auc"]
    with pytest.raises(DataError, match="'roc_auc' has no value here: it compares"):
        performance(estimator, X[rows], y[rows], metrics="roc_auc")
    other = performance(estimator, X[~rows], y[~rows], n_resamples=5)
    assert list(other.left_out) == ["roc_auc"]
    expected = metrics.f1_score(
        y[~rows], estimator.predict(X[~rows]), pos_label="malignant"
    )
    assert scores_of(other)["f1"] == pytest.approx(expected)


def test_an_estimator_of_one_class():
    X = np.zeros((5, 1))
    constant = DummyClassifier().fit(X, ["a"] * 5)

    found = performance(constant, X, ["a"] * 5, n_resamples=5)

    assert found.metrics == ("accuracy", "balanced_accuracy")
    assert found.scores.tolist() == [1, 1]


def test_equal_targets_of_a_regressor():
    X = np.arange(4.0)[:, None]
    estimator = LinearRegression().fit(X, [1, 2, 3, 5])

    found = performance(estimator, X, [2.0] * 4, n_resamples=5)

    assert list(found.left_out) == ["r2"]
    assert found.metrics == ("rmse", "mae", "median_absolute_error")


def test_draws_without_variance_leave_r2_finite():
    X = np.arange(3.0)[:, None]
    estimator = LinearRegression().fit(X, [1, 2, 4])

    found = performance(estimator, X, [1, 2, 4], n_resamples=200, random_state=0)

    assert np.isfinite(found.to_frame()[["low", "high", "gain_low"]]).all(axis=None)


def test_a_label_that_no_row_has_is_left_out_of_averages():
    estimator, X, y = fitted("multilabel")
    y = y.copy()
    y[:, 1] = 0

    found = performance(estimator, X, y, n_resamples=5)

    probabilities = [part[:, 1] for part in estimator.predict_proba(X)]
    others = [
        metrics.average_precision_score(y[:, k], probabilities[k]) for k in (0, 2)
    ]
    assert scores_of(found)["average_precision"] == pytest.approx(np.mean(others))


def test_units_come_from_the_targets():
    estimator, X, y = fitted("regression")
    y = pd.Series(y, name="progression")
    y.attrs["units"] = {"progression": "mm"}

    found = performance(estimator, X, y, n_resamples=5)

    assert found.units == ("", "mm", "mm", "mm")


REFUSED = [
    ({"y": None}, DataError, r"performance compares .* Got y=None"),
    ({"y": [1, 2]}, DataError, r"X has 284 rows but y has 2"),
    ({"y": [np.nan] * 284}, DataError, "must not have missing values. Got 284"),
    ({"y": ["x"] * 284}, DataError, r"\['benign', 'malignant'\]. Got only \['x'\]"),
    ({"y": np.zeros((284, 2))}, DataError, r"one column of classes .* \(284, 2\)"),
    ({"y": np.zeros((284, 2, 2))}, DataError, "one or two dimensions"),
    ({"X": np.zeros((1, 30)), "y": ["benign"]}, DataError, "at least 2 rows. Got 1"),
    ({"metrics": ["f2"]}, ParameterError, r"some of \['accuracy', .* Got \['f2'\]"),
    ({"metrics": []}, ParameterError, r"'metrics' .* Got \[\]"),
    ({"baseline": "mean"}, ParameterError, "'dummy', a fitted .* Got 'mean'"),
    ({"n_resamples": 0}, ParameterError, "'n_resamples' .* Got 0"),
    ({"confidence_level": 95}, ParameterError, r"in \(0, 1\). Got 95"),
    (
        {"sample_weight": [1.0]},
        DataError,
        r"X has 284 rows but .* \(1,\)",
    ),
    ({"sample_weight": [-1.0] * 284}, DataError, "finite and not negative"),
    ({"sample_weight": [0.0] * 284}, DataError, "at least one must be above 0"),
    (
        {"sample_weight": "balanced"},
        DataError,
        "must hold one number per row of X",
    ),
    ({"y_train": ["x"]}, DataError, r"'y_train' must have the classes .* Got \['x'\]"),
    ({"y_train": [["benign"] * 2]}, DataError, "'y_train' must have the columns of y"),
    ({"estimator": StandardScaler().fit([[0.0]])}, ParameterError, "neither"),
    ({"estimator": DecisionTreeClassifier()}, NotFittedError, "not fitted"),
]


@pytest.mark.parametrize(("changes", "error", "message"), REFUSED)
def test_what_cannot_be_scored_is_refused(changes, error, message):
    estimator, X, y = fitted("binary")

    with pytest.raises(error, match=message):
        performance(**{"estimator": estimator, "X": X, "y": y, **changes})


def test_a_baseline_of_another_kind_is_refused():
    estimator, X, y = fitted("binary")
    other = DummyClassifier().fit(X, np.where(y == "benign", y, "other"))
    margin = SVC().fit(X, y)

    with pytest.raises(ParameterError, match=r"predict what the .* Got multiclass of"):
        performance(estimator, X, y, baseline=other)
    with pytest.raises(ParameterError, match=r"SVC has no log_loss: .* predict_proba"):
        performance(estimator, X, y, baseline=margin)


def test_targets_of_a_regressor_and_of_labels_that_do_not_fit():
    regressor, X, y = fitted("regression")
    with pytest.raises(DataError, match=r"numbers for a regressor. .* 'x'"):
        performance(regressor, X, ["x"] * len(X))
    with pytest.raises(DataError, match=r"finite numbers. Got infinite"):
        performance(regressor, X, np.full(len(X), np.inf))
    with pytest.raises(DataError, match=r"one column per output .* \(221, 2\)"):
        performance(regressor, X, np.column_stack([y, y]))
    labels, X, y = fitted("multilabel")
    with pytest.raises(DataError, match=r"one column per label, 3, .* \(150,\)"):
        performance(labels, X, y[:, 0])
    with pytest.raises(DataError, match=r"column 0 .* \[0, 1\], .* Got \['2'\] too"):
        performance(labels, X, y * [2, 1, 1])


def test_predictions_that_are_not_finite_are_refused():
    class Broken(DecisionTreeRegressor):
        def predict(self, X):
            return np.where(np.arange(len(X)) == 1, np.nan, super().predict(X))

    _, X, y = fitted("regression")

    with pytest.raises(DataError, match="that is not finite for 1 of 221 rows"):
        performance(Broken(max_depth=2).fit(X, y), X, y)
