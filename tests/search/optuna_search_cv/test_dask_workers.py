"""A real Dask cluster of two processes: as workers of a study, and under one search."""

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl.exceptions import ParameterError


def make_search(**settings):
    network = skdl.MLPClassifier((4,), epochs=3, early_stopping=True, random_state=0)
    space = {"mlpclassifier__learning_rate": loguniform(1e-3, 1e-1)}
    common = {"n_trials": 6, "batch_size": 2, "cv": 2, "random_state": 0}
    pipeline = make_pipeline(StandardScaler(), network)
    return skdl.OptunaSearchCV(
        pipeline, space, sampler="random", **{**common, **settings}
    )


@pytest.mark.slow
def test_workers_of_dask_share_a_study(cluster, tmp_path):
    where = {"storage": str(tmp_path / "study.journal"), "study_name": "dask"}
    X, y = load_iris(return_X_y=True)

    def work(number):
        search = make_search(refit=False, **where).fit(X, y)
        results = search.cv_results_
        return search.best_params_, results["trial_number"].tolist()

    (first, second) = cluster.gather(cluster.map(work, range(2), pure=False))

    assert first == second
    assert first[1] == list(range(6))
    alone = make_search(refit=False).fit(X, y)
    assert first[0] == alone.best_params_  # random: the same candidates


@pytest.mark.slow
def test_fits_of_a_search_are_dealt_to_workers(cluster):
    X, y = load_iris(return_X_y=True)
    alone = make_search(batch_size=6).fit(X, y)

    with skdl.fuse(across="dask") as fusion:
        search = make_search(batch_size=6).fit(X, y)

    assert fusion.banks == [6, 6]  # 6 candidates x 2 folds, by two workers
    assert search.cv_results_["params"] == alone.cv_results_["params"]
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"],
        alone.cv_results_["mean_test_score"],
        atol=1e-4,
    )


def test_what_runs_elsewhere_is_not_pruned(cluster):
    X, y = load_iris(return_X_y=True)
    message = "needs all folds of a trial in one process. Got a joblib backend with"
    with skdl.fuse(across="dask"), pytest.raises(ParameterError, match=message):
        make_search(pruner="median").fit(X, y)
