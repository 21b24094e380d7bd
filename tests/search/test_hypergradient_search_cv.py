"""`HypergradientSearchCV` is one of scikit-learn's searches, and tunes."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from optuna.distributions import CategoricalDistribution, FloatDistribution
from scipy import sparse
from scipy.stats import norm
from sklearn.base import clone, is_classifier
from sklearn.datasets import make_classification, make_regression
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import Ridge
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import skdl
from skdl.exceptions import DivergenceWarning, ParameterError, ParameterTypeError
from skdl.search import HypergradientSearchCV, candidate_table

RANGES = {"learning_rate": (1e-4, 0.1), "l2": (1e-6, 1.0)}


@pytest.fixture(scope="module")
def data():
    X, y = make_regression(n_samples=60, n_features=4, noise=5.0, random_state=0)
    return X, y


@pytest.fixture(scope="module")
def network():
    return skdl.MLPRegressor((6,), epochs=4, random_state=0)


@pytest.fixture(scope="module")
def make_search(network):
    """A search that tunes from two points in two folds."""

    def make(estimator=None, ranges=RANGES, **settings):
        settings = {"n_restarts": 2, "cv": 2, "random_state": 0} | settings
        return HypergradientSearchCV(
            network if estimator is None else estimator, ranges, **settings
        )

    return make


@pytest.fixture(scope="module")
def fitted(make_search, data):
    """A finished search, which no test may change."""
    return make_search().fit(*data)


def test_it_leaves_what_scikit_learns_searches_leave(fitted, data):
    X, _ = data
    search = fitted

    results = search.cv_results_
    assert len(results["params"]) == 2
    assert set(search.best_params_) == {"learning_rate", "l2"}
    assert search.best_params_ == results["params"][search.best_index_]
    assert search.best_score_ == results["mean_test_score"].max()
    assert search.n_splits_ == 2
    best = search.best_estimator_
    assert best.learning_rate == search.best_params_["learning_rate"]
    np.testing.assert_allclose(search.predict(X), best.predict(X))
    assert results["n_diverged_splits"].tolist() == [0, 0]
    assert list(candidate_table(search)["rank"]) == [1, 2]
    assert not hasattr(search, "_arguments")


def test_candidates_are_scored_as_by_cross_val_score(make_search, network, data):
    search = make_search(return_train_score=True, refit=False).fit(*data)

    tuned = clone(network).set_params(**search.cv_results_["params"][0])
    scores = cross_val_score(tuned, *data, cv=2)

    ours = [search.cv_results_[f"split{i}_test_score"][0] for i in range(2)]
    np.testing.assert_allclose(ours, scores, rtol=1e-5)
    assert "mean_train_score" in search.cv_results_
    assert not hasattr(search, "best_estimator_")


def test_the_path_begins_at_the_start_and_ends_near_the_candidate(fitted):
    search = fitted

    path = search.hyperparameter_path_
    assert list(path) == [
        "restart", "split", "step", "learning_rate", "l2", "val_loss",
    ]  # fmt: skip
    # 30 training rows in a fold, 6 of them held out: one step per epoch.
    assert len(path) == 2 * 2 * 4
    first = path[path["step"] == 0].groupby("restart")[["learning_rate", "l2"]].mean()
    np.testing.assert_allclose(
        first["learning_rate"], search.cv_results_["start_learning_rate"], rtol=1e-6
    )
    np.testing.assert_allclose(first["l2"], search.cv_results_["start_l2"], rtol=1e-6)
    late = path[path["step"] >= 2].groupby("restart")["l2"]
    np.testing.assert_allclose(
        late.apply(lambda values: np.exp(np.log(values).mean())),
        search.cv_results_["param_l2"].astype(float),
        rtol=1e-6,
    )


def test_one_seed_one_result_and_none_many(make_search, fitted, data):
    first, second = fitted, make_search(refit=False).fit(*data)
    other = make_search(random_state=1, refit=False).fit(*data)

    pd.testing.assert_frame_equal(
        first.hyperparameter_path_, second.hyperparameter_path_
    )
    assert first.best_params_ == second.best_params_
    assert first.best_params_ != other.best_params_


def test_numpys_global_generator_is_left_alone(make_search, data):
    np.random.seed(0)
    before = np.random.get_state()[1].copy()

    make_search(random_state=None, refit=False).fit(*data)

    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_a_pipeline_is_fitted_fold_by_fold(network, make_search, data):
    X, y = data
    X = X * [1, 10, 100, 1000] + 50
    pipeline = make_pipeline(StandardScaler(), network)
    ranges = {f"mlpregressor__{name}": ends for name, ends in RANGES.items()}

    search = make_search(pipeline, ranges).fit(X, y)

    assert set(search.best_params_) == set(ranges)
    assert "start_mlpregressor__l2" in search.cv_results_
    # The folds' own scaling: equal to tuning on rows that were scaled by hand.
    (train, _), _ = KFold(2).split(X)
    scaled = StandardScaler().fit(X[train]).transform(X)
    by_hand = make_search(refit=False).fit(scaled, y)
    ours, theirs = (
        each.hyperparameter_path_.query("split == 0")["val_loss"]
        for each in (search, by_hand)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_classifiers_weights_groups_and_sparse_tables(make_search):
    X, y = make_classification(n_samples=60, n_features=5, random_state=0)
    names = np.array(["no", "yes"])[y]
    classifier = skdl.MLPClassifier((6,), epochs=3, random_state=0)
    groups = np.repeat(np.arange(12), 5)
    weights = np.where(np.arange(60) % 3 == 0, 2.0, 1.0)

    search = make_search(classifier, cv=GroupKFold(2)).fit(
        sparse.csr_array(X), names, sample_weight=weights, groups=groups
    )
    plain = make_search(classifier, cv=GroupKFold(2)).fit(
        sparse.csr_array(X), names, groups=groups
    )

    assert is_classifier(search)
    assert search.classes_.tolist() == ["no", "yes"]
    assert search.predict_proba(X).shape == (60, 2)
    assert not np.allclose(
        search.hyperparameter_path_["val_loss"], plain.hyperparameter_path_["val_loss"]
    )


def test_a_folds_test_rows_are_never_seen_while_it_is_tuned(make_search, data):
    X, y = data
    folds = PredefinedSplit(np.arange(60) % 2)
    spoiled = y.copy()
    (_, test), _ = folds.split()
    spoiled[test] += 1000.0

    clean, other = (
        make_search(cv=folds, refit=False).fit(X, each).hyperparameter_path_
        for each in (y, spoiled)
    )

    pd.testing.assert_frame_equal(
        clean.query("split == 0"), other.query("split == 0"), rtol=1e-9
    )


def test_folds_drawn_by_chance_are_the_same_for_tuning_and_scoring(make_search, data):
    folds = KFold(2, shuffle=True, random_state=np.random.RandomState(0))

    search = make_search(cv=folds).fit(*data)

    assert np.isfinite(search.best_score_)


def test_it_can_be_pickled_and_cloned(fitted, data):
    X, _ = data

    loaded = pickle.loads(pickle.dumps(fitted))

    np.testing.assert_array_equal(loaded.predict(X), fitted.predict(X))
    assert clone(fitted).get_params()["n_restarts"] == 2


def test_it_can_be_nested(make_search, data):
    search = make_search(n_restarts=1)

    with skdl.fuse():
        scores = cross_val_score(search, *data, cv=2)

    np.testing.assert_allclose(scores, cross_val_score(search, *data, cv=2), rtol=1e-4)


def test_a_chosen_backend_of_joblib_is_kept(make_search, data):
    with parallel_config(backend="threading", n_jobs=2):
        search = make_search(refit=False).fit(*data)

    assert np.isfinite(search.best_score_)


def test_several_metrics_and_names_of_columns(make_search, data):
    X, y = data
    frame = pd.DataFrame(X, columns=list("abcd"))

    search = make_search(
        scoring=["r2", "neg_mean_squared_error"], refit="r2", n_restarts=1
    ).fit(frame, y)

    assert search.multimetric_
    assert search.feature_names_in_.tolist() == list("abcd")
    assert "rank_test_neg_mean_squared_error" in search.cv_results_


def test_an_estimator_that_stops_early_is_tuned_for_all_epochs(make_search, data):
    network = skdl.MLPRegressor((6,), epochs=5, early_stopping=True, random_state=0)

    search = make_search(network, n_restarts=1, refit=False, tuning_epochs=7)

    path = search.fit(*data).hyperparameter_path_
    assert path["step"].max() == 6


@pytest.mark.slow
def test_passed_validation_rows_are_the_ones_looked_at(make_search, data):
    X, y = data

    ours, other = (
        make_search(refit=False)
        .fit(X, y, X_val=X[:30], y_val=y[:30] + shift)
        .hyperparameter_path_["val_loss"]
        for shift in (0.0, 50.0)
    )

    assert (other > ours).all()


@pytest.mark.filterwarnings("ignore:Training of MLPRegressor diverged")
def test_a_restart_that_diverges_is_scored_where_it_began(make_search, data):
    network = skdl.MLPRegressor((), optimizer="sgd", epochs=30, random_state=0)
    ranges = {"learning_rate": (1e5, 1e6)}

    with pytest.warns(DivergenceWarning, match="All networks that HypergradientSearch"):
        search = make_search(network, ranges, n_restarts=1).fit(*data)

    assert search.cv_results_["n_diverged_splits"].tolist() == [2]
    assert search.best_params_["learning_rate"] == pytest.approx(
        search.cv_results_["start_learning_rate"][0]
    )


@pytest.mark.parametrize(
    ("ranges", "error", "message"),
    [
        ({}, ParameterError, r"must name at least one parameter\. Got an em"),
        ([("l2", 1)], ParameterTypeError, r"must be a dict .* of type list"),
        ({"learn_rate": (1, 2)}, ParameterError, r"'learn_rate'.*Nearest: 'learning_r"),
        ({"epochs": (1, 2)}, ParameterError, r"'epochs' .* cannot be tuned by gradien"),
        ({"dropout": (0.1, 0.2)}, ParameterError, r"a step function of the rate"),
        ({"l2": (0.0, 1.0)}, ParameterError, r"0 < low < high < inf.*Got \(0\.0, 1"),
        ({"l2": (2.0, 1.0)}, ParameterError, r"Got \(2\.0, 1\.0\)"),
        ({"l2": norm()}, ParameterError, r"Got \(-inf, inf\)"),
        ({"l2": [1, 2, 3]}, ParameterTypeError, r"range of 'l2'.*Got \[1, 2, 3\]"),
        ({"l2": (1, "2")}, ParameterTypeError, r"must be \(low, high\)"),
        (
            {"l2": CategoricalDistribution([1, 2])},
            ParameterTypeError,
            r"Got CategoricalDistribution",
        ),
        (
            {"l2": FloatDistribution(0.1, 0.5, step=0.1)},
            ParameterTypeError,
            r"FloatDistribution without step",
        ),
    ],
)
def test_ranges_are_checked_before_anything_trains(
    make_search, data, ranges, error, message
):
    with pytest.raises(error, match=message):
        make_search(ranges=ranges).fit(*data)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("n_restarts", 0, r"'n_restarts' .* integer of 1 or more\. Got 0"),
        ("tuning_epochs", 0, r"'tuning_epochs' .* or None\. Got 0"),
        ("hyper_learning_rate", 0.0, r"number above 0\. Got 0\.0"),
        ("horizon", 0.5, r"number of 1 or more, or infinity\. Got 0\.5"),
        ("validation_fraction", 1.0, r"number in \(0, 1\)\. Got 1\.0"),
    ],
)
def test_parameters_are_checked_before_anything_trains(
    make_search, data, name, value, message
):
    with pytest.raises(ParameterError, match=message):
        make_search(**{name: value}).fit(*data)


@pytest.mark.parametrize(
    ("estimator", "ranges", "message"),
    [
        (Ridge(), {"alpha": (1, 2)}, r"must be an MLPClassifier or MLPRegressor"),
        (
            make_pipeline(SelectFromModel(skdl.MLPRegressor()), skdl.MLPRegressor()),
            {"mlpregressor__l2": (1e-6, 1.0)},
            r"must contain a single network. Got others too: selectfrommodel__",
        ),
        (
            skdl.MLPRegressor(learning_rate_schedule="plateau"),
            {"l2": (1e-3, 1)},
            r"must not be 'plateau'",
        ),
        (
            skdl.MLPRegressor(optimizer="lion"),
            {"learning_rate": (1e-3, 1), "l2": (1e-3, 1)},
            r"'l2' .* cannot be tuned with optimizer='lion'",
        ),
    ],
)
def test_estimators_that_cannot_be_tuned_are_refused(
    make_search, data, estimator, ranges, message
):
    with pytest.raises(ParameterError, match=message):
        make_search(estimator, ranges).fit(*data)


def test_an_infinite_horizon_and_one_step_are_allowed(make_search, data):
    for horizon in (1, np.inf):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            make_search(horizon=horizon, refit=False, n_restarts=1).fit(*data)


def small_searches():
    settings = {"n_restarts": 1, "cv": 2, "random_state": 0, "tuning_epochs": 2}
    for family in (skdl.MLPRegressor, skdl.MLPClassifier):
        network = family((4,), epochs=20, learning_rate=0.05, random_state=0)
        yield HypergradientSearchCV(network, {"l2": (1e-6, 1e-4)}, **settings)


# Of scikit-learn's way to find the type of targets, one of which is infinite.
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@pytest.mark.slow
@parametrize_with_checks(list(small_searches()))
def test_scikit_learns_checks(estimator, check):
    check(estimator)
