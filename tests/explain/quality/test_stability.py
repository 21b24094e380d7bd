"""Resampled importances are those of the resampled rows; noise is small and allowed."""

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skdl.exceptions import RowsDependWarning
from skdl.explain.quality._stability import (
    ImportanceSettings,
    Progress,
    halves,
    noisy,
    resample,
    resampled_importances,
)
from tests.explain.responses import response_of

SILENT = Progress("", 1, shown=False)
IRIS, SPECIES = load_iris(return_X_y=True)


class Counting(ClassifierMixin, BaseEstimator):
    """Counts its calls; with `centers`, looks at the other rows of the call."""

    def __init__(self, centers=False):
        self.centers = centers

    def fit(self, X, y):
        self.model_ = LogisticRegression(max_iter=500).fit(X, y)
        self.classes_ = self.model_.classes_
        self.calls = []
        return self

    def predict(self, X):
        self.calls.append(len(X))
        return self.model_.predict(X - X.mean(axis=0) if self.centers else X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X - X.mean(axis=0) if self.centers else X)


def importances_of(model, X, y, draws, scoring="accuracy", memory_bound=2**28):
    shuffling = ImportanceSettings(scoring, 2, 7, memory_bound).shuffling_of(
        model, X, y
    )
    return resampled_importances(
        shuffling, response_of(model, X), draws, memory_bound=memory_bound, bar=SILENT
    )


def frame_and_pipeline():
    X = pd.DataFrame(IRIS[:, :2], columns=["a", "b"])
    X["word"] = np.where(IRIS[:, 2] > 3, "long", "short")
    model = make_pipeline(
        make_column_transformer(
            (StandardScaler(), ["a", "b"]), (OneHotEncoder(), ["word"])
        ),
        LogisticRegression(max_iter=500),
    )
    return model.fit(X, SPECIES), X


def plain():
    return LogisticRegression(max_iter=500).fit(IRIS, SPECIES), IRIS


def a_search():
    search = GridSearchCV(LogisticRegression(max_iter=500), {"C": [1, 2]}, cv=2)
    return search.fit(IRIS, SPECIES), IRIS


def own_scorer(estimator, X, y):
    """Asks about another table than it was given."""
    return accuracy_score(y, estimator.predict(X.copy()))


@pytest.mark.parametrize("make", [plain, frame_and_pipeline, a_search])
@pytest.mark.parametrize("scoring", [None, "neg_log_loss", own_scorer])
def test_on_all_rows_they_are_those_of_scikit_learn(make, scoring):
    model, X = make()

    scores, found = importances_of(model, X, SPECIES, [np.arange(150)], scoring)

    expected = inspection.permutation_importance(
        model, X, SPECIES, scoring=scoring, n_repeats=2, random_state=7
    )
    assert found[0] == pytest.approx(expected.importances_mean)
    ours = ImportanceSettings(scoring, 2, 7, 2**28).importance_of(model, X, SPECIES)
    assert scores[0] == pytest.approx(ours.baseline_score)


@pytest.mark.parametrize("make", [plain, frame_and_pipeline])
def test_on_resampled_rows_they_are_scored_one_by_one(make):
    model, X = make()
    rows = np.random.RandomState(0).randint(150, size=80)

    scores, found = importances_of(model, X, SPECIES, [np.arange(150), rows])

    settings = ImportanceSettings("accuracy", 2, 7, 2**28)
    _, permutations = settings.shuffling_of(model, X, SPECIES).draw()
    y = SPECIES[rows]
    baseline = model.score(X[rows] if X is IRIS else X.iloc[rows], y)
    assert scores[1] == pytest.approx(baseline)
    for place in range(X.shape[1]):
        drops = []
        for order in permutations:
            shuffled = pd.DataFrame(X).copy()
            shuffled.isetitem(place, shuffled.iloc[order, place].array)
            part = shuffled.iloc[rows]
            predictions = model.predict(part.to_numpy() if X is IRIS else part)
            drops.append(baseline - np.mean(predictions == y))
        assert found[1, place] == pytest.approx(np.mean(drops))


def test_resamples_cost_no_predictions():
    model = Counting().fit(IRIS, SPECIES)
    draws = [np.arange(150)] * 30

    importances_of(model, IRIS, SPECIES, draws)

    asked = [n_rows for n_rows in model.calls if n_rows > 2]
    assert asked == [150 * (1 + 4 * 2)]


def test_rows_that_depend_on_each_other_are_asked_alone():
    model = Counting(centers=True).fit(IRIS - IRIS.mean(axis=0), SPECIES)
    skewed = np.vstack([IRIS[:100], IRIS[:100] + 3])
    y = np.tile(SPECIES[:100], 2)
    rows = np.arange(60)

    with pytest.warns(RowsDependWarning):
        scores, _ = importances_of(model, skewed, y, [rows])

    assert scores[0] == model.score(skewed[:60], y[:60])


def test_a_small_bound_of_memory_changes_nothing():
    model, X = plain()
    draws = [np.arange(100)]

    _, one = importances_of(model, X, SPECIES, draws)
    _, other = importances_of(model, X, SPECIES, draws, memory_bound=4 * 32 * 400)

    assert np.array_equal(one, other)


def test_classes_keep_their_sizes():
    y = np.array(["a"] * 10 + ["b"] * 3 + ["c"])
    generator = np.random.RandomState(0)

    rows = resample(y, by_class=True, generator=generator)
    one, other = halves(y, by_class=True, generator=generator)

    assert (y[rows] == y).all()
    assert len(set(rows)) < 14
    assert sorted([*one, *other]) == list(range(14))
    assert (y[one] == "a").sum() == 5
    assert {(y[one] == "b").sum(), (y[other] == "b").sum()} == {1, 2}


def test_noise_is_as_large_as_it_says_and_stays_in_range():
    generator = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "number": generator.normal(size=4000) * 10,
            "code": generator.randint(1, 4, 4000),
            "word": ["a", "b"] * 2000,
            "flag": [True, False] * 2000,
            "gap": pd.array([1, None, 3, 900] * 1000, dtype="Int64"),
            "nothing": np.nan,
        }
    )

    found = noisy(X, 0.1, np.random.RandomState(1))

    assert (found.dtypes == X.dtypes).all()
    difference = found["number"] - X["number"]
    assert difference.std() == pytest.approx(0.1 * X["number"].std(), rel=0.05)
    assert found["number"].max() <= X["number"].max()
    assert set(found["code"]) == {1, 2, 3}
    assert found[["word", "flag", "nothing"]].equals(X[["word", "flag", "nothing"]])
    assert (found["gap"].isna() == X["gap"].isna()).all()
    assert not found["gap"].equals(X["gap"])


def test_no_number_no_noise():
    X = pd.DataFrame({"word": ["a", "b"]})

    assert noisy(X, 0.1, np.random.RandomState(0)) is None
