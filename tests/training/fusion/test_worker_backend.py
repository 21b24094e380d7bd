"""`fuse(across="dask")` on a real cluster of two processes."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl

GRID = {"mlpclassifier__learning_rate": [0.001, 0.003, 0.01, 0.03]}


@pytest.fixture(scope="module")
def pipeline():
    network = skdl.MLPClassifier((8,), epochs=4, dropout=0.1, random_state=0)
    return make_pipeline(StandardScaler(), network)


@pytest.fixture(scope="module")
def alone(pipeline):
    """The search in this process, without `fuse`."""
    X, y = load_iris(return_X_y=True)
    return GridSearchCV(pipeline, GRID, cv=3).fit(X, y)


@pytest.mark.slow
def test_each_worker_trains_its_share_together(cluster, pipeline, alone):
    X, y = load_iris(return_X_y=True)
    with skdl.fuse(across="dask") as fusion:
        search = GridSearchCV(pipeline, GRID, cv=3).fit(X, y)
    # 12 fits on two workers; the refit runs in this process and is not a task.
    assert fusion.banks == [6, 6]
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"],
        alone.cv_results_["mean_test_score"],
        atol=1e-4,
    )
    assert search.best_params_ == alone.best_params_
    np.testing.assert_allclose(
        search.predict_proba(X), alone.predict_proba(X), atol=1e-4
    )


def test_small_shares_are_sent_until_all_are_done(cluster, pipeline, alone):
    X, y = load_iris(return_X_y=True)
    with skdl.fuse(across="dask", max_waiting=2) as fusion:
        search = GridSearchCV(pipeline, GRID, cv=3, refit=False).fit(X, y)
    assert sum(fusion.banks) == 12
    assert max(fusion.banks) <= 2
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"],
        alone.cv_results_["mean_test_score"],
        atol=1e-4,
    )


def test_errors_of_tasks_are_raised_here(cluster, pipeline):
    X, y = load_iris(return_X_y=True)
    broken = pipeline.set_params(mlpclassifier__dropout=2.0)
    message = "The 'dropout' parameter"
    with skdl.fuse(across="dask"), pytest.raises(ValueError, match=message):
        cross_val_score(broken, X, y, error_score="raise")


def test_other_estimators_simply_run(cluster):
    X, y = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=1000)
    with skdl.fuse(across="dask") as fusion:
        scores = cross_val_score(model, X, y)
    assert fusion.banks == []
    np.testing.assert_allclose(scores, cross_val_score(model, X, y))


def test_unknown_backend():
    unknown = skdl.fuse(across="nowhere")
    with pytest.raises(ValueError, match="Invalid backend: nowhere"), unknown:
        pass
