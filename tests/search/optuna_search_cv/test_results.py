"""What a fitted search tells, equal to what scikit-learn's searches tell."""

import numpy as np
import pytest
from scipy.stats import loguniform, randint
from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, make_scorer, recall_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    ParameterGrid,
    ParameterSampler,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_validate,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdl import OptunaSearchCV
from skdl.exceptions import ParameterError

TREE = DecisionTreeClassifier(random_state=0)
TREE_GRID = {"max_depth": [1, 2, 3], "criterion": ["gini", "entropy"]}
MORE = {"trial_number", "state", "error"}


def search_all(estimator, grid, **settings):
    """A search over a whole grid."""
    settings = {"n_trials": None, "sampler": "grid", **settings}
    return OptunaSearchCV(estimator, grid, **settings)


def without_times(results):
    return {name: column for name, column in results.items() if "_time" not in name}


def assert_same_results(ours, theirs):
    """Compare column for column, types of masked arrays included."""
    assert set(ours) == set(theirs) | MORE
    for name, column in without_times(theirs).items():
        assert type(ours[name]) is type(column), name
        if name == "params":
            assert ours[name] == column
            continue
        assert ours[name].dtype == column.dtype, name
        np.testing.assert_array_equal(ours[name], column, err_msg=name)
        assert np.ma.getmaskarray(ours[name]).tolist() == (
            np.ma.getmaskarray(column).tolist()
        )


@pytest.mark.parametrize(
    ("estimator", "grid"),
    [
        (TREE, TREE_GRID),
        (TREE, {"max_depth": [None, 2], "min_samples_leaf": [0.1, 2]}),
        (TREE, {"max_depth": np.array([1, 3]), "splitter": ("best", "random")}),
        (TREE, {"class_weight": [None, "balanced", {0: 2.0}]}),
        (TREE, {"max_depth": [2, 1, 3, 2]}),
        (SVC(), {"kernel": ["linear", "rbf"], "C": [0.1, 10.0], "shrinking": [True]}),
        (
            Pipeline([("scale", None), ("tree", TREE)]),
            {
                "scale": [StandardScaler(), MinMaxScaler(), "passthrough"],
                "tree__max_depth": [1, 2],
            },
        ),
    ],
    ids=["words", "mixed", "arrays", "dicts", "repeated", "kernels", "estimators"],
)
def test_a_grid_gives_what_grid_search_gives(blobs, estimator, grid):
    settings = {"cv": 3, "return_train_score": True}
    theirs = GridSearchCV(estimator, grid, **settings).fit(*blobs)

    ours = search_all(estimator, grid, **settings).fit(*blobs)

    assert len(ours.cv_results_["params"]) == len(theirs.cv_results_["params"])
    for our, their in zip(
        ours.cv_results_["params"], theirs.cv_results_["params"], strict=True
    ):
        assert {k: str(v) for k, v in our.items()} == {
            k: str(v) for k, v in their.items()
        }
    scores = [name for name in theirs.cv_results_ if name.endswith("_score")]
    for name in scores:
        np.testing.assert_array_equal(ours.cv_results_[name], theirs.cv_results_[name])
    assert ours.best_index_ == theirs.best_index_
    assert ours.best_score_ == theirs.best_score_
    np.testing.assert_array_equal(ours.predict(blobs[0]), theirs.predict(blobs[0]))


@pytest.mark.parametrize(
    "grid",
    [
        TREE_GRID,
        {"max_depth": [None, 2], "min_samples_leaf": [0.1, 2]},
        {"min_impurity_decrease": [0.0, 0.1], "max_leaf_nodes": [2, 4]},
        {"class_weight": [None, "balanced", {0: 2.0}]},
    ],
)
@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_columns_are_equal_to_those_of_grid_search(blobs, grid, batch_size):
    settings = {"cv": 3, "return_train_score": True}
    theirs = GridSearchCV(TREE, grid, **settings).fit(*blobs)

    ours = search_all(TREE, grid, batch_size=batch_size, **settings).fit(*blobs)

    assert_same_results(ours.cv_results_, theirs.cv_results_)
    n_candidates = len(ParameterGrid(grid))
    assert ours.cv_results_["trial_number"].tolist() == list(range(n_candidates))
    assert set(ours.cv_results_["state"]) == {"COMPLETE"}
    assert set(ours.cv_results_["error"]) == {""}
    assert ours.n_splits_ == theirs.n_splits_ == 3
    assert ours.best_params_ == theirs.best_params_
    assert ours.refit_time_ > 0


def test_times_are_measured(blobs):
    results = search_all(TREE, TREE_GRID, cv=2).fit(*blobs).cv_results_

    for column in ("mean_fit_time", "mean_score_time"):
        assert (results[column] > 0).all()
    for column in ("std_fit_time", "std_score_time"):
        assert (results[column] >= 0).all()


def test_any_candidates_give_what_scikit_learn_scores_for_them(blobs):
    space = {"C": loguniform(0.01, 10), "max_iter": randint(50, 200)}
    model = LogisticRegression()
    settings = {"cv": 3, "return_train_score": True}

    ours = OptunaSearchCV(
        model, space, n_trials=6, batch_size=4, random_state=0, **settings
    ).fit(*blobs)

    # A search of scikit-learn that is given the same candidates.
    theirs = RandomizedSearchCV(model, space, **settings)
    candidates = ours.cv_results_["params"]
    theirs._run_search = lambda evaluate: evaluate(candidates)
    theirs.fit(*blobs)
    assert_same_results(ours.cv_results_, theirs.cv_results_)
    assert ours.best_params_ == theirs.best_params_


def test_a_grid_may_be_tried_in_part(blobs):
    search = search_all(TREE, TREE_GRID, n_trials=4, cv=2).fit(*blobs)

    assert search.cv_results_["params"] == list(ParameterGrid(TREE_GRID))[:4]


def test_parameters_that_a_candidate_lacks_are_masked(blobs):
    def space(trial):
        kernel = trial.suggest_categorical("kernel", ["poly", "rbf"])
        if kernel == "poly":
            return {"kernel": kernel, "degree": trial.suggest_int("degree", 1, 3)}
        return {"kernel": kernel, "gamma": trial.suggest_float("gamma", 0.1, 1.0)}

    results = (
        OptunaSearchCV(SVC(), space, n_trials=8, sampler="random", random_state=0, cv=2)
        .fit(*blobs)
        .cv_results_
    )

    is_poly = np.asarray(results["param_kernel"]) == "poly"
    assert 0 < is_poly.sum() < 8
    assert results["param_gamma"].mask.tolist() == is_poly.tolist()
    assert results["param_degree"].mask.tolist() == (~is_poly).tolist()
    assert results["param_gamma"].dtype.kind == "f"
    assert results["param_degree"].dtype.kind == "i"
    assert results["param_kernel"].dtype.kind == "O"


def test_the_study_has_the_scores_and_the_parameters(blobs):
    search = search_all(TREE, TREE_GRID, cv=2).fit(*blobs)

    trials = search.study_.trials
    assert [t.value for t in trials] == list(search.cv_results_["mean_test_score"])
    assert [t.params for t in trials] == search.cv_results_["params"]
    assert search.study_.best_value == search.best_score_
    assert search.best_trials_[0].number == search.best_index_
    assert search.best_trials_[0].params == search.best_params_
    assert {trial.value for trial in search.best_trials_} == {search.best_score_}


def test_metrics_are_scored_as_scikit_learn_scores_them(blobs):
    scoring = {"accuracy": "accuracy", "recall": make_scorer(recall_score)}
    settings = {"cv": 3, "scoring": scoring, "refit": "recall"}
    theirs = GridSearchCV(TREE, TREE_GRID, **settings).fit(*blobs)

    ours = search_all(TREE, TREE_GRID, **settings).fit(*blobs)

    assert_same_results(ours.cv_results_, theirs.cv_results_)
    assert ours.multimetric_
    assert ours.scorer_.keys() == theirs.scorer_.keys()
    assert ours.best_params_ == theirs.best_params_
    assert ours.best_score_ == theirs.best_score_
    assert ours.score(*blobs) == theirs.score(*blobs)
    means = ours.cv_results_["mean_test_recall"]
    assert [trial.values for trial in ours.study_.trials] == [[mean] for mean in means]


def test_a_function_may_score_several_metrics(blobs):
    def score(estimator, X, y):
        predicted = estimator.predict(X)
        return {"a": accuracy_score(y, predicted), "r": recall_score(y, predicted)}

    settings = {"cv": 3, "scoring": score, "refit": "r"}
    theirs = GridSearchCV(TREE, TREE_GRID, **settings).fit(*blobs)

    ours = search_all(TREE, TREE_GRID, **settings).fit(*blobs)

    assert_same_results(ours.cv_results_, theirs.cv_results_)
    assert (ours.best_params_, ours.best_score_, ours.multimetric_) == (
        theirs.best_params_,
        theirs.best_score_,
        True,
    )


def test_a_function_of_several_metrics_without_refit(blobs):
    def score(estimator, X, y):
        predicted = estimator.predict(X)
        return {"a": accuracy_score(y, predicted), "r": recall_score(y, predicted)}

    search = search_all(TREE, TREE_GRID, cv=2, scoring=score, refit=False)

    message = "returns the metrics a, r. Got score as the objective. Set 'refit' to one"
    with pytest.raises(ParameterError, match=message):
        search.fit(*blobs)


@pytest.mark.parametrize("scoring", ["accuracy", None])
def test_the_name_of_the_only_metric_is_like_refit_true(blobs, scoring):
    settings = {"cv": 2, "scoring": scoring}

    named = search_all(TREE, TREE_GRID, refit="accuracy", **settings).fit(*blobs)

    plain = search_all(TREE, TREE_GRID, refit=True, **settings).fit(*blobs)
    assert named.best_score_ == plain.best_score_
    assert named.cv_results_["state"].tolist() == plain.cv_results_["state"].tolist()


def test_several_objectives_have_a_pareto_front(blobs):
    scoring = {"accuracy": "accuracy", "recall": "recall"}
    search = search_all(TREE, TREE_GRID, cv=3, scoring=scoring, refit=False)

    search.fit(*blobs)

    table = np.column_stack(
        [search.cv_results_[f"mean_test_{name}"] for name in scoring]
    )
    assert [t.values for t in search.study_.trials] == table.tolist()
    front = [
        number
        for number, scores in enumerate(table)
        if not any((row >= scores).all() and (row > scores).any() for row in table)
    ]
    assert [trial.number for trial in search.best_trials_] == front
    assert not hasattr(search, "best_index_")
    assert not hasattr(search, "best_estimator_")


def test_a_function_chooses_among_several_objectives(blobs):
    def worst(results):
        return int(np.argmin(results["mean_test_recall"]))

    scoring = ["accuracy", "recall"]
    search = search_all(TREE, TREE_GRID, cv=3, scoring=scoring, refit=worst)

    search.fit(*blobs)

    assert search.best_index_ == worst(search.cv_results_)
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]
    assert not hasattr(search, "best_score_")
    assert len(search.study_.directions) == 2
    assert (
        search.best_estimator_.get_params()["max_depth"]
        == (search.best_params_["max_depth"])
    )


@pytest.mark.parametrize(
    ("chosen", "error", "message"),
    [
        (6, IndexError, "best_index_ index out of range"),
        (-1, IndexError, "best_index_ index out of range"),
        ("a", TypeError, "best_index_ returned is not an integer"),
    ],
)
def test_what_a_function_may_choose_is_checked(blobs, chosen, error, message):
    search = search_all(TREE, TREE_GRID, cv=2, refit=lambda results: chosen)

    with pytest.raises(error, match=message):
        search.fit(*blobs)


@pytest.mark.parametrize("scoring", [["accuracy", "recall"], {"a": "accuracy"}])
@pytest.mark.parametrize("refit", [True, "precision"])
def test_refit_must_name_one_of_several_metrics(blobs, scoring, refit):
    search = search_all(TREE, TREE_GRID, cv=2, scoring=scoring, refit=refit)

    with pytest.raises(ValueError, match="For multi-metric scoring, the parameter"):
        search.fit(*blobs)


def test_folds_may_be_given_as_a_generator(blobs):
    cv = KFold(4, shuffle=True, random_state=1)

    by_generator = search_all(TREE, TREE_GRID, cv=cv.split(*blobs), batch_size=2)
    by_generator.fit(*blobs)

    by_splitter = search_all(TREE, TREE_GRID, cv=cv).fit(*blobs)
    assert_same_results(
        by_generator.cv_results_,
        {k: v for k, v in by_splitter.cv_results_.items() if k not in MORE},
    )


def test_folds_may_be_given_as_masks():
    X, y = make_blobs(
        centers=[[0, 0], [1, 0], [0, 1], [1, 1]],
        random_state=0,
        cluster_std=0.1,
        shuffle=False,
        n_samples=80,
    )
    mask = np.ones(80, dtype=bool)
    mask[np.where(y == 1)[0][::2]] = 0
    mask[np.where(y == 2)[0][::2]] = 0

    search = search_all(SVC(), {"C": [1, 10]}, cv=[[mask, ~mask], [~mask, mask]])
    search.fit(X, y)

    # By hand: the second fold trains on two of four blobs.
    assert search.cv_results_["split0_test_score"].tolist() == [1, 1]
    assert search.cv_results_["split1_test_score"] == pytest.approx([1 / 3, 1 / 3])


@pytest.mark.parametrize("estimator", [TREE, Ridge()])
def test_folds_are_stratified_for_classifiers_alone(blobs, estimator):
    name, values = ("max_depth", [1]) if estimator is TREE else ("alpha", [1.0])

    search = search_all(estimator, {name: values}).fit(*blobs)

    cv = StratifiedKFold(5) if estimator is TREE else KFold(5)
    expected = cross_validate(
        clone(estimator).set_params(**{name: values[0]}), *blobs, cv=cv
    )
    found = [search.cv_results_[f"split{i}_test_score"][0] for i in range(5)]
    assert found == pytest.approx(expected["test_score"])


def test_candidates_drawn_from_scipys_distributions_are_in_their_support(blobs):
    space = {"max_depth": randint(2, 5), "min_impurity_decrease": loguniform(1e-4, 0.1)}

    results = OptunaSearchCV(TREE, space, n_trials=20, cv=2).fit(*blobs).cv_results_

    depths = np.asarray(results["param_max_depth"])
    assert set(depths) <= {2, 3, 4}
    thresholds = np.asarray(results["param_min_impurity_decrease"])
    assert ((thresholds >= 1e-4) & (thresholds <= 0.1)).all()
    assert results["param_max_depth"].dtype.kind == "i"
    by_scipy = next(iter(ParameterSampler(space, 1, random_state=0)))
    assert by_scipy.keys() == results["params"][0].keys()
