"""What any search of scikit-learn can do, after the tests it applies to its own."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import euclidean_distances, get_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import ComplementNB
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, LocalOutlierFactor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdl import OptunaSearchCV

TREE = DecisionTreeClassifier(random_state=0)
DEPTHS = {"max_depth": [1, 2, 3]}


def search_all(estimator, grid, **settings):
    """A search over a whole grid."""
    settings = {"n_trials": None, "sampler": "grid", "cv": 3, **settings}
    return OptunaSearchCV(estimator, grid, **settings)


# What a fitted search does for its best estimator.


@pytest.mark.parametrize(
    ("estimator", "grid", "methods"),
    [
        (
            LogisticRegression(),
            {"C": [0.1, 1.0]},
            ["predict", "predict_proba", "predict_log_proba", "decision_function"],
        ),
        (PCA(), {"n_components": [1, 2]}, ["transform", "score_samples"]),
    ],
)
def test_methods_are_those_of_the_best_estimator(blobs, estimator, grid, methods):
    search = search_all(estimator, grid)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(search, methods[0])(blobs[0])

    search.fit(*blobs)

    for method in methods:
        ours = getattr(search, method)(blobs[0])
        np.testing.assert_array_equal(
            ours, getattr(search.best_estimator_, method)(blobs[0])
        )


def test_transforms_are_undone(blobs):
    search = search_all(PCA(), {"n_components": [4]}).fit(blobs[0])

    transformed = search.transform(blobs[0])

    np.testing.assert_allclose(search.inverse_transform(transformed), blobs[0])


@pytest.mark.parametrize("method", ["predict_proba", "transform", "inverse_transform"])
def test_methods_that_the_estimator_lacks_are_missing(blobs, method):
    search = search_all(SVC(), {"C": [1.0]}).fit(*blobs)

    assert not hasattr(search, method)


@pytest.mark.parametrize("method", ["predict", "score", "classes_"])
def test_without_a_refit_nothing_predicts(blobs, method):
    search = search_all(TREE, DEPTHS, refit=False).fit(*blobs)

    with pytest.raises(AttributeError) as error:
        getattr(search, method)(*blobs)

    message = str(error.value.__cause__ or error.value)
    assert f"`refit=False`. {method} is available only after refitting" in message
    assert not hasattr(search, "best_estimator_")
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()


@pytest.mark.parametrize("scoring", [None, "roc_auc", "neg_log_loss"])
def test_the_score_is_that_of_the_scorer(blobs, scoring):
    search = search_all(TREE, DEPTHS, scoring=scoring).fit(*blobs)

    scorer = get_scorer(scoring or "accuracy")
    assert search.score(*blobs) == scorer(search.best_estimator_, *blobs)


def test_classes_and_features_are_those_of_the_best_estimator(blobs):
    import pandas as pd

    table = pd.DataFrame(blobs[0], columns=["a", "b", "c", "d"])
    names = np.array(["no", "yes"])[blobs[1]]
    search = search_all(TREE, DEPTHS)
    for attribute in ("classes_", "n_features_in_", "feature_names_in_"):
        assert not hasattr(search, attribute)

    search.fit(table, names)

    assert search.classes_.tolist() == ["no", "yes"]
    assert search.n_features_in_ == 4
    assert search.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert set(search.predict(table)) <= {"no", "yes"}


# What may be passed.


def test_sparse_rows(blobs):
    dense = search_all(LogisticRegression(), {"C": [0.1, 1.0]}).fit(*blobs)

    search = clone(dense).fit(csr_array(blobs[0]), blobs[1])

    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"], dense.cv_results_["mean_test_score"]
    )


def test_rows_as_lists(blobs):
    arrays = search_all(TREE, DEPTHS).fit(*blobs)

    lists = clone(arrays).fit(blobs[0].tolist(), blobs[1].tolist())

    assert lists.best_params_ == arrays.best_params_
    assert lists.cv_results_["mean_test_score"].tolist() == (
        arrays.cv_results_["mean_test_score"].tolist()
    )


def test_rows_of_text():
    pipeline = Pipeline([("words", TfidfVectorizer()), ("model", ComplementNB())])
    texts = ["one", "two", "three", "four", "five", "one two"]
    grid = {"words__ngram_range": ((1, 1), (1, 2)), "words__norm": ("l1", "l2")}

    search = search_all(pipeline, grid, cv=3).fit(texts, [0, 0, 1, 0, 1, 1])

    column = search.cv_results_["param_words__ngram_range"]
    assert column.data.tolist() == [(1, 1), (1, 1), (1, 2), (1, 2)]
    assert search.best_estimator_["words"].ngram_range in ((1, 1), (1, 2))


def test_missing_values_are_left_to_the_pipeline(blobs):
    X = blobs[0].copy()
    X[::7, 1] = np.nan
    pipeline = make_pipeline(SimpleImputer(), SelectKBest(), TREE)

    search = search_all(
        pipeline,
        {"simpleimputer__strategy": ["mean", "median"], "selectkbest__k": [1, 4]},
        error_score="raise",
    ).fit(X, blobs[1])

    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_several_targets(blobs):
    targets = np.column_stack([blobs[1], 1 - blobs[1]])

    search = search_all(KNeighborsClassifier(), {"n_neighbors": [1, 5]}, cv=2)
    search.fit(blobs[0], targets)

    assert search.predict(blobs[0]).shape == (80, 2)


@pytest.mark.parametrize(
    ("estimator", "grid"),
    [
        (KMeans(n_init=1, random_state=0), {"n_clusters": [2, 3]}),
        (KernelDensity(), {"bandwidth": [0.1, 1.0]}),
    ],
)
def test_without_targets(blobs, estimator, grid):
    theirs = GridSearchCV(estimator, grid, cv=3).fit(blobs[0])

    ours = search_all(estimator, grid).fit(blobs[0])

    assert ours.best_params_ == theirs.best_params_
    assert ours.best_score_ == theirs.best_score_


def test_an_unsupervised_estimator_may_be_scored_by_targets(blobs):
    search = search_all(
        KMeans(n_init=1, random_state=0),
        {"n_clusters": [2, 6]},
        scoring="adjusted_rand_score",
    ).fit(*blobs)

    assert search.cv_results_["mean_test_score"].max() == search.best_score_


def test_outliers(blobs):
    estimator = LocalOutlierFactor(novelty=True)
    is_inlier = np.where(np.abs(blobs[0]).max(axis=1) > 3, -1, 1)

    search = search_all(estimator, {"n_neighbors": [5, 10]}, scoring="precision")
    search.fit(blobs[0], is_inlier)

    np.testing.assert_array_equal(
        search.score_samples(blobs[0]), search.best_estimator_.score_samples(blobs[0])
    )


def test_distances_are_cut_by_rows_and_columns(blobs):
    grid = {"n_neighbors": [3, 10]}
    by_rows = search_all(KNeighborsClassifier(), grid).fit(*blobs)
    distances = euclidean_distances(blobs[0])

    search = search_all(KNeighborsClassifier(metric="precomputed"), grid)
    search.fit(distances, blobs[1])

    assert search.__sklearn_tags__().input_tags.pairwise
    np.testing.assert_array_equal(search.predict(distances), by_rows.predict(blobs[0]))
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], by_rows.cv_results_["mean_test_score"]
    )


def test_estimators_in_the_space_are_left_as_they_are(blobs):
    models = [LogisticRegression(), TREE]
    pipeline = Pipeline([("reduce", PCA()), ("model", None)])

    search = search_all(
        pipeline,
        {"model": models, "reduce__n_components": [2]},
        scoring="accuracy",
    ).fit(*blobs)

    assert not any(hasattr(model, "classes_") for model in models)
    assert search.best_estimator_["model"] not in models


def test_steps_and_their_parameters_are_chosen_together(blobs):
    def space(trial):
        if trial.suggest_categorical("model", ["tree", "logistic"]) == "tree":
            depth = trial.suggest_int("depth", 1, 3)
            return {
                "model": DecisionTreeClassifier(random_state=0),
                "model__max_depth": depth,
            }
        C = trial.suggest_float("C", 0.1, 10, log=True)
        return {"model": LogisticRegression(), "model__C": C}

    pipeline = Pipeline([("reduce", PCA(2)), ("model", TREE)])
    search = OptunaSearchCV(pipeline, space, n_trials=6, random_state=0, cv=2)

    search.fit(*blobs)

    for params in search.cv_results_["params"]:
        is_tree = isinstance(params["model"], DecisionTreeClassifier)
        assert ("model__max_depth" in params) == is_tree
        assert ("model__C" in params) != is_tree
    assert type(search.best_estimator_["model"]) is type(search.best_params_["model"])


class Minimal:
    """A classifier that inherits from nothing, and takes what it does not list."""

    def __init__(self, **settings):
        self.settings = settings

    def get_params(self, deep=True):
        return dict(self.settings)

    def set_params(self, **settings):
        self.settings |= settings
        return self

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[self.settings["which"]])

    def score(self, X, y):
        return float((self.predict(X) == y).mean())

    def __sklearn_tags__(self):
        return ClassifierTags().__sklearn_tags__()


class ClassifierTags(ClassifierMixin, BaseEstimator):
    """Only its tags are used."""


def test_an_estimator_that_inherits_from_nothing(blobs):
    y = np.r_[blobs[1], np.ones(80, dtype=int)]
    X = np.r_[blobs[0], blobs[0]]

    search = search_all(Minimal(), {"which": [0, 1]}).fit(X, y)

    assert search.best_params_ == {"which": 1}
