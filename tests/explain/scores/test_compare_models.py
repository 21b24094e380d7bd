"""Scores with bootstrap intervals, against scikit-learn's scores and theory."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris, make_classification
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import get_scorer, make_scorer, mean_squared_error
from sklearn.svm import SVC

from skdl.exceptions import DataError, ParameterError
from skdl.explain import compare_models


@pytest.fixture(scope="module")
def binary():
    X, y = make_classification(400, random_state=0, flip_y=0.2)
    models = {
        "dummy": DummyClassifier().fit(X[:200], y[:200]),
        "linear": LogisticRegression().fit(X[:200], y[:200]),
        "margin": SVC().fit(X[:200], y[:200]),  # without predict_proba
    }
    return models, X[200:], y[200:]


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "balanced_accuracy"])
def test_scores_are_those_of_the_scorer(binary, scoring):
    models, X, y = binary

    comparison = compare_models(models, X, y, scoring=scoring, n_resamples=20)

    scorer = get_scorer(scoring)
    expected = [scorer(model, X, y) for model in models.values()]
    assert comparison.scores == pytest.approx(expected)
    assert comparison.metric == scoring


def test_the_interval_of_an_accuracy_is_the_binomial_one(binary):
    models, X, y = binary

    comparison = compare_models(models, X, y, n_resamples=2000, random_state=0)

    table = comparison.to_frame().set_index("model")
    score = table.loc["linear", "score"]
    half_width = 1.96 * np.sqrt(score * (1 - score) / len(y))
    assert table.loc["linear", "score_low"] == pytest.approx(
        score - half_width, abs=0.01
    )
    assert table.loc["linear", "score_high"] == pytest.approx(
        score + half_width, abs=0.01
    )


def test_gains_are_paired(binary):
    models, X, y = binary
    models = {"linear": models["linear"], "again": models["linear"]}

    comparison = compare_models(models, X, y, n_resamples=50)

    # The same rows for both: the difference of equal models is never but zero.
    assert comparison.gain_lows == comparison.gain_highs == comparison.gains == (0, 0)
    assert comparison.score_lows[0] < comparison.score_highs[0]


def test_the_reference_can_be_any_model(binary):
    models, X, y = binary

    comparison = compare_models(models, X, y, n_resamples=50, reference="linear")

    table = comparison.to_frame().set_index("model")
    assert table.loc["linear", "gain"] == 0
    assert table.loc["dummy", "gain"] == pytest.approx(
        table.loc["dummy", "score"] - table.loc["linear", "score"]
    )
    assert table.loc["dummy", "gain_high"] < 0


def test_regression():
    X, y = load_diabetes(return_X_y=True)
    models = {"mean": DummyRegressor().fit(X, y), "linear": LinearRegression()}
    models["linear"].fit(X, y)

    comparison = compare_models(models, X, y, n_resamples=100, random_state=0)

    assert comparison.metric == "r2"
    assert comparison.scores[1] == pytest.approx(models["linear"].score(X, y))
    assert comparison.gain_lows[1] > 0


def test_a_scorer_of_ones_own():
    X, y = load_diabetes(return_X_y=True)
    model = LinearRegression().fit(X, y)
    scorer = make_scorer(mean_squared_error, greater_is_better=False)

    comparison = compare_models({"a": model}, X, y, scoring=scorer, n_resamples=10)

    assert comparison.scores[0] == -mean_squared_error(y, model.predict(X))


def test_multiclass_labels_of_text_with_a_rare_class():
    X, y = load_iris(return_X_y=True)
    y = np.array(["a", "b", "c"])[y]
    rows = np.r_[0:50, 50:90, 100]  # one row of class c: absent from a third of draws
    model = LogisticRegression(max_iter=500).fit(X, y)

    comparison = compare_models(
        {"a": model}, X[rows], y[rows], scoring="roc_auc_ovr", n_resamples=100
    )

    assert np.isfinite(comparison.score_lows).all()


def test_the_same_seed_gives_the_same_intervals(binary):
    models, X, y = binary

    one, two, other = (
        compare_models(models, X, y, n_resamples=30, random_state=seed)
        for seed in (1, 1, 2)
    )

    assert one == two
    assert one != other


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"models": {}}, ParameterError, "at least one model"),
        ({"reference": "x"}, ParameterError, "'reference' .* Got 'x'"),
        ({"n_resamples": 0}, ParameterError, "'n_resamples' .* Got 0"),
        ({"confidence_level": 95}, ParameterError, r"in \(0, 1\). Got 95"),
        ({"X": np.zeros((1, 20)), "y": [1]}, DataError, "at least 2 test rows. Got 1"),
    ],
)
def test_bad_parameters_are_refused(binary, changes, error, message):
    models, X, y = binary

    with pytest.raises(error, match=message):
        compare_models(**{"models": models, "X": X, "y": y, **changes})
