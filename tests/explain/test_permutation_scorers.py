"""Every scorer gives scikit-learn's numbers, and sees what scikit-learn's would."""

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn import inspection
from sklearn.base import is_classifier
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
from sklearn.neighbors import KNeighborsClassifier
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
    except Exception as error:  # noqa: BLE001
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


class Recorder:
    """A scorer that keeps what it sees, and asks the estimator."""

    def __init__(self):
        self.seen = []

    def __call__(self, estimator, X, y, sample_weight=None):
        self.seen.append((estimator, X.copy(), y, sample_weight))
        return float(np.mean(np.asarray(estimator.predict(X)) == np.asarray(y)))


TABLES = {
    "array": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "Fortran order": np.asfortranarray,
    "objects": lambda X: X.astype(object),
    "list": lambda X: X.tolist(),
    "frame": pd.DataFrame,
    "other index": lambda X: pd.DataFrame(X, index=[f"row {i}" for i in range(len(X))]),
    "repeating index": lambda X: pd.DataFrame(X, index=np.arange(len(X)) // 7),
    "two indices": lambda X: pd.DataFrame(
        X, index=pd.MultiIndex.from_arrays([np.arange(len(X)), X[:, 0] > 0])
    ),
    "days": lambda X: pd.DataFrame(
        X, index=pd.date_range("2020", periods=len(X), name="day")
    ),
    "mixed frame": lambda X: pd.DataFrame(X).astype({0: np.float32, 1: "Float64"}),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("parameters", [{}, {"max_samples": 0.5}])
@pytest.mark.parametrize("memory_bound", [2**28, 1])
def test_a_scorer_sees_what_scikit_learns_sees(classes, kind, parameters, memory_bound):
    X, y = TABLES[kind](classes[0]), pd.Series(classes[1], name="class")
    estimator = KNeighborsClassifier().fit(X, y)
    parameters = parameters | {"n_repeats": 2, "random_state": 0}
    parameters["sample_weight"] = pd.Series(np.arange(60.0))
    theirs, ours = Recorder(), Recorder()

    inspection.permutation_importance(estimator, X, y, scoring=theirs, **parameters)
    permutation_importance(
        estimator,
        X,
        y,
        scoring=ours,
        correlation_threshold=None,
        memory_bound=memory_bound,
        **parameters,
    )

    assert len(ours.seen) == len(theirs.seen) == 9
    for ours_seen, theirs_seen in zip(ours.seen, theirs.seen, strict=True):
        assert type(ours_seen[0]) is type(estimator)
        assert ours_seen[0].classes_ is estimator.classes_
        assert ours_seen[0].get_params() == estimator.get_params()
        assert is_classifier(ours_seen[0])
        if isinstance(X, pd.DataFrame):
            pd.testing.assert_frame_equal(
                ours_seen[1], theirs_seen[1], check_index_type="exact"
            )
            assert type(ours_seen[1].index) is type(theirs_seen[1].index)
        else:
            np.testing.assert_array_equal(ours_seen[1], theirs_seen[1])
            assert type(ours_seen[1]) is type(theirs_seen[1])
            assert ours_seen[1].dtype == theirs_seen[1].dtype
        pd.testing.assert_series_equal(ours_seen[2], theirs_seen[2])
        pd.testing.assert_series_equal(ours_seen[3], theirs_seen[3])


@pytest.mark.parametrize("kind", [list, tuple, pd.array, pd.Categorical, np.array])
def test_a_scorer_sees_targets_of_its_kind(numbers, kind):
    X, y = numbers
    estimator = LinearRegression().fit(X, y)
    y = kind(np.digitize(y, [0]))
    types = [], []
    for function, seen in zip(
        (inspection.permutation_importance, permutation_importance), types, strict=True
    ):
        function(
            estimator,
            X,
            y,
            scoring=lambda estimator, X, y, seen=seen: seen.append(type(y)) or 0.5,
            max_samples=0.5,
        )

    assert types[1] == types[0]


class SeriesSaying(LinearRegression):
    """Predicts a Series, of labels of its own or of those of the rows."""

    def __init__(self, keeps_index=False):
        super().__init__()
        self.keeps_index = keeps_index

    def predict(self, X):
        index = X.index if self.keeps_index else None
        return pd.Series(super().predict(X), index=index)


@pytest.mark.parametrize("keeps_index", [True, False])
@pytest.mark.parametrize("start", [0, 5])
def test_a_score_may_go_by_the_index(numbers, compare, keeps_index, start):
    index = pd.RangeIndex(start, start + 60)
    X, y = pd.DataFrame(numbers[0], index=index), pd.Series(numbers[1], index=index)
    scorer = make_scorer(lambda y, y_pred: float(((y - y_pred) ** 2).fillna(9).mean()))

    compare(SeriesSaying(keeps_index).fit(X, y), X, y, scoring=scorer)


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
        (Recorder(), "score"),
    ],
)
def test_the_score_has_a_name(fitted, scoring, metric):
    result = permutation_importance(*fitted["binary"], scoring=scoring, n_repeats=1)

    assert result.metric == metric


def test_a_search_is_named_by_no_score_that_it_has_not(fitted):
    _, X, y = fitted["binary"]
    search = GridSearchCV(SVC(), {"C": [1.0]}, cv=2, scoring="roc_auc").fit(X, y)

    assert permutation_importance(search, X, y, n_repeats=1).metric == "score"
