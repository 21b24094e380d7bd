"""Every scorer gives scikit-learn's numbers, and sees what scikit-learn's would."""

import joblib
import numpy as np
import pytest
import sklearn
from sklearn import inspection
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.metrics import (
    brier_score_loss,
    f1_score,
    get_scorer,
    get_scorer_names,
    log_loss,
    make_scorer,
    mean_absolute_error,
    roc_auc_score,
    top_k_accuracy_score,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdl.explain import permutation_importance

ESTIMATORS = {
    "binary": make_pipeline(StandardScaler(), LogisticRegression()),
    "three classes": DecisionTreeClassifier(max_depth=3, random_state=0),
    "no probabilities": SVC(),
    "positive numbers": PoissonRegressor(alpha=0.1),
    "outliers": IsolationForest(n_estimators=10, random_state=0),
}


@pytest.fixture(scope="module")
def fitted(numbers):
    X, y = numbers
    targets = {
        "binary": (y > 0).astype(int),
        "three classes": np.digitize(y, [-1.5, 1.5]),
        "no probabilities": (y > 0).astype(int),
        "positive numbers": np.exp(y / 4),
        "outliers": np.where(np.abs(y) > 4, -1, 1),
    }
    return {
        kind: (ESTIMATORS[kind].fit(X, target), X, target)
        for kind, target in targets.items()
    }


def outcome(function, *arguments, **parameters):
    """What a call returns, or the type and message of its error."""
    try:
        return function(*arguments, **parameters)
    # Warnings are errors in tests, and are compared as well.
    except (AttributeError, TypeError, ValueError, Warning) as error:
        return type(error), str(error)


@pytest.mark.filterwarnings("ignore:.*is ill-defined")
@pytest.mark.parametrize("kind", ESTIMATORS)
@pytest.mark.parametrize("scoring", get_scorer_names())
def test_every_name_of_a_score(fitted, kind, scoring):
    parameters = {"scoring": scoring, "n_repeats": 2, "random_state": 1}

    theirs = outcome(inspection.permutation_importance, *fitted[kind], **parameters)
    ours = outcome(
        permutation_importance,
        *fitted[kind],
        correlation_threshold=None,
        **parameters,
    )

    if isinstance(theirs, tuple):  # the score is not for such an estimator or target
        assert ours == theirs
        return
    np.testing.assert_allclose(
        ours.importances, theirs.importances, rtol=1e-9, atol=1e-9
    )
    assert ours.metric == scoring


SCORERS = [
    make_scorer(f1_score, average="weighted"),
    make_scorer(log_loss, response_method="predict_proba", greater_is_better=False),
    make_scorer(brier_score_loss, response_method="predict_proba", pos_label=0),
    make_scorer(
        roc_auc_score,
        response_method=("decision_function", "predict_proba"),
        max_fpr=0.5,
    ),
    make_scorer(top_k_accuracy_score, response_method="decision_function", k=1),
    lambda estimator, X, y: float(estimator.predict_proba(X)[:, 1] @ y),
    lambda estimator, X, y: float(np.mean(estimator.predict(X.copy()) == y)),
    lambda estimator, X, y: float(estimator.predict_proba(X[::2])[:, 0].sum()),
    lambda estimator, X, y: float(estimator[-1].coef_[0] @ X.mean(axis=0)),
    ["accuracy", "roc_auc", "neg_log_loss", "f1"],
    ("accuracy",),
    {"a": "accuracy", "b": make_scorer(f1_score), "c": get_scorer("roc_auc")},
    {"own": lambda estimator, X, y: float(np.mean(estimator.predict(X) == y))},
    lambda estimator, X, y: {
        "x": X[:, 0] @ y,
        "hits": (estimator.predict(X) == y).sum(),
    },
]


@pytest.mark.parametrize("place", range(len(SCORERS)))
@pytest.mark.parametrize("parameters", [{}, {"max_samples": 0.5}, {"n_jobs": 2}])
def test_scorers(fitted, compare, place, parameters):
    with joblib.parallel_config("threading"):
        result = compare(*fitted["binary"], scoring=SCORERS[place], **parameters)

    assert isinstance(result, dict) == (place >= 9)


def test_several_scores_with_weights(fitted, compare):
    weights = np.linspace(0, 2, 60)
    scoring = ["accuracy", "neg_log_loss"]

    result = compare(*fitted["binary"], scoring=scoring, sample_weight=weights)

    assert {name: record.metric for name, record in result.items()} == {
        name: name for name in scoring
    }


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_metadata_routing(numbers, compare, n_jobs):
    X, y = numbers
    weights = np.linspace(0, 1, 60)
    with sklearn.config_context(enable_metadata_routing=True):
        regression = LinearRegression().set_score_request(sample_weight=True)
        estimator = make_pipeline(StandardScaler(), regression).fit(X, y)
        weighted = compare(estimator, X, y, sample_weight=weights, n_jobs=n_jobs)
        scoring = make_scorer(mean_absolute_error)
        scoring.set_score_request(sample_weight=True)
        compare(estimator, X, y, scoring=scoring, sample_weight=weights, n_jobs=n_jobs)

    assert weighted.baseline_score == pytest.approx(estimator.score(X, y, weights))


def is_routing(estimator, X, y):
    return float(sklearn.get_config()["enable_metadata_routing"])


def test_settings_of_scikit_learn_reach_all_processes(numbers):
    X, y = numbers
    with sklearn.config_context(enable_metadata_routing=True):
        result = permutation_importance(
            LinearRegression().fit(X, y), X, y, scoring=is_routing, n_jobs=2
        )

    assert result.baseline_score == 1
    assert result.importances.max() == 0


@pytest.mark.parametrize(
    ("scoring", "metric"),
    [
        (None, "accuracy"),
        ("roc_auc", "roc_auc"),
        (lambda estimator, X, y: 1.0, "<lambda>"),
        (make_scorer(f1_score), "f1_score"),
    ],
)
def test_the_score_has_a_name(fitted, scoring, metric):
    result = permutation_importance(*fitted["binary"], scoring=scoring, n_repeats=1)

    assert result.metric == metric


def test_a_search_is_named_by_no_score_that_it_has_not(fitted):
    _, X, y = fitted["binary"]
    search = GridSearchCV(SVC(), {"C": [1.0]}, cv=2, scoring="roc_auc").fit(X, y)

    assert permutation_importance(search, X, y, n_repeats=1).metric == "score"
