"""A search is an estimator: it clones, pickles, and may be part of others."""

import pickle

import matplotlib.pyplot as plt
import numpy as np
import optuna
import pytest
from joblib import parallel_config
from scipy.stats import randint
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.tree import DecisionTreeClassifier

from skdl import OptunaSearchCV
from skdl.search import candidate_table, parameter_importance

TREE = DecisionTreeClassifier(random_state=0)
DEPTHS = {"max_depth": [1, 2, 3]}


def search_all(estimator, grid, **settings):
    """A search over a whole grid."""
    settings = {"n_trials": None, "sampler": "grid", "cv": 3, **settings}
    return OptunaSearchCV(estimator, grid, **settings)


def test_a_clone_is_not_fitted_and_finds_the_same(blobs):
    search = OptunaSearchCV(TREE, DEPTHS, n_trials=4, random_state=0, cv=2)
    search.fit(*blobs)

    copy = clone(search)

    assert not hasattr(copy, "cv_results_")
    assert copy.get_params(deep=False).keys() == search.get_params(deep=False).keys()
    assert copy.fit(*blobs).cv_results_["params"] == search.cv_results_["params"]


def test_fitting_changes_no_parameter(blobs):
    search = OptunaSearchCV(TREE, DEPTHS, n_trials=4, random_state=0, cv=2)
    before = {k: repr(v) for k, v in search.get_params().items()}

    search.fit(*blobs)

    assert {k: repr(v) for k, v in search.get_params().items()} == before
    assert not hasattr(search.estimator, "tree_")


def test_a_second_fit_forgets_the_first(blobs):
    search = OptunaSearchCV(TREE, DEPTHS, n_trials=4, random_state=0, cv=2)
    first = search.fit(*blobs).cv_results_

    second = search.fit(*blobs).cv_results_

    assert first["params"] == second["params"]
    assert len(search.study_.trials) == 4


@pytest.mark.parametrize(
    "sampler",
    [
        "grid",
        "tpe",
        "qmc",
    ],
)
@pytest.mark.parametrize("storage", [None, "study.db", "study.journal"])
def test_a_fitted_search_pickles(blobs, sampler, storage, tmp_path):
    where = {"storage": tmp_path / storage, "study_name": "s"} if storage else {}
    search = OptunaSearchCV(TREE, DEPTHS, n_trials=3, sampler=sampler, cv=2, **where)
    search.fit(*blobs)

    restored = pickle.loads(pickle.dumps(search))

    np.testing.assert_array_equal(restored.predict(blobs[0]), search.predict(blobs[0]))
    assert restored.cv_results_["params"] == search.cv_results_["params"]
    assert [trial.value for trial in restored.study_.trials] == (
        [trial.value for trial in search.study_.trials]
    )


def test_an_unfitted_search_pickles(blobs):
    search = OptunaSearchCV(TREE, DEPTHS, n_trials=3, random_state=0, cv=2)

    restored = pickle.loads(pickle.dumps(search)).fit(*blobs)

    assert restored.cv_results_["params"] == (search.fit(*blobs).cv_results_["params"])


def test_its_page_shows_the_best_estimator(blobs):
    pipeline = Pipeline([("reduce", PCA()), ("model", TREE)])
    search = search_all(pipeline, {"model": [Ridge(), LogisticRegression()]})
    assert "DecisionTreeClassifier" in search._repr_html_()

    search.set_params(param_distributions={"model": [LogisticRegression()]})
    search.fit(*blobs)

    assert "<div>LogisticRegression</div>" in search._repr_html_()


def test_inside_other_meta_estimators(blobs):
    search = search_all(TREE, DEPTHS, cv=2)
    grid = GridSearchCV(TREE, DEPTHS, cv=2)

    np.testing.assert_array_equal(
        cross_val_score(search, *blobs, cv=3), cross_val_score(grid, *blobs, cv=3)
    )
    bagging = BaggingClassifier(search, n_estimators=2, random_state=0).fit(*blobs)
    assert all(hasattr(each, "study_") for each in bagging.estimators_)
    pipeline = make_pipeline(PCA(2), search).fit(*blobs)
    assert pipeline[-1].best_params_["max_depth"] in (1, 2, 3)


def test_a_search_may_search_a_search(blobs):
    inner = search_all(TREE, DEPTHS, cv=2)

    outer = OptunaSearchCV(
        inner,
        {"estimator__criterion": ["gini", "entropy"], "cv": [2, 3]},
        n_trials=None,
        sampler="grid",
        cv=2,
    ).fit(*blobs)

    assert outer.cv_results_["trial_number"].tolist() == [0, 1, 2, 3]
    assert outer.best_estimator_.best_estimator_.criterion in ("gini", "entropy")


def test_skdl_reads_it_as_any_search(blobs):
    search = search_all(TREE, {**DEPTHS, "min_samples_leaf": [1, 20]}).fit(*blobs)

    table = candidate_table(search)
    importance = parameter_importance(search, random_state=0)

    assert table["mean_test_score"].iloc[0] == search.best_score_
    assert set(importance.parameters) == {"max_depth", "min_samples_leaf"}


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize(
    "plot",
    [
        "plot_optimization_history",
        "plot_param_importances",
        "plot_parallel_coordinate",
        "plot_slice",
        "plot_contour",
        "plot_edf",
        "plot_rank",
        "plot_timeline",
        "plot_intermediate_values",
    ],
)
def test_optunas_plots_take_the_study(blobs, plot):
    space = {**DEPTHS, "min_samples_leaf": randint(1, 20)}
    search = OptunaSearchCV(TREE, space, n_trials=6, random_state=0, cv=2).fit(*blobs)

    axes = getattr(optuna.visualization.matplotlib, plot)(search.study_)

    assert axes is not None
    plt.close("all")


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_optunas_plot_of_the_front_takes_the_study(blobs):
    search = search_all(TREE, DEPTHS, scoring=["accuracy", "recall"], refit=False)

    axes = optuna.visualization.matplotlib.plot_pareto_front(search.fit(*blobs).study_)

    assert axes is not None
    plt.close("all")


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_threads_change_nothing(blobs, n_jobs):
    plain = search_all(TREE, DEPTHS).fit(*blobs)

    with parallel_config(backend="threading"):
        search = search_all(TREE, DEPTHS, n_jobs=n_jobs, pre_dispatch=1).fit(*blobs)

    assert search.cv_results_["mean_test_score"].tolist() == (
        plain.cv_results_["mean_test_score"].tolist()
    )


@pytest.mark.slow
def test_processes_change_nothing(blobs):
    plain = search_all(TREE, DEPTHS).fit(*blobs)

    search = search_all(TREE, DEPTHS, n_jobs=2).fit(*blobs)

    assert search.cv_results_["mean_test_score"].tolist() == (
        plain.cv_results_["mean_test_score"].tolist()
    )


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc", "nsga2"])
def test_numpys_global_generator_is_left_alone(blobs, sampler):
    tree = DecisionTreeClassifier(random_state=0)
    before = np.random.get_state()[1:3]

    OptunaSearchCV(tree, DEPTHS, n_trials=3, sampler=sampler, cv=2).fit(*blobs)

    after = np.random.get_state()[1:3]
    np.testing.assert_array_equal(after[0], before[0])
    assert after[1] == before[1]
