"""Networks of a search train as banks, and score what they score one by one."""

import numpy as np
import pytest
from joblib import parallel_config
from joblib.parallel import get_active_backend
from scipy.stats import loguniform, uniform
from sklearn.base import clone
from sklearn.callback import ProgressBar
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl import OptunaSearchCV
from skdl.search import suggest_space

N_FOLDS = 3
SPACE = {"learning_rate": loguniform(1e-3, 1e-1), "dropout": uniform(0, 0.4)}
SETTINGS = {"n_trials": 5, "cv": N_FOLDS, "scoring": "neg_log_loss", "random_state": 0}


def classifier(**changes):
    settings = {"hidden_layer_sizes": (6,), "epochs": 3, "batch_size": 16}
    return skdl.MLPClassifier(**{**settings, "random_state": 0, **changes})


def assert_scores_are_those_of_one_by_one(search, X, y, **settings):
    """Compare with scikit-learn's loop over folds, without any fusing."""
    settings = {"cv": N_FOLDS, "scoring": "neg_log_loss", **settings}
    results = search.cv_results_
    for number, params in enumerate(results["params"]):
        estimator = clone(search.estimator).set_params(**params)
        expected = cross_val_score(estimator, X, y, **settings)
        found = [results[f"split{i}_test_score"][number] for i in range(len(expected))]
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_a_batch_is_a_bank(blobs, banks):
    search = OptunaSearchCV(classifier(), SPACE, batch_size=3, **SETTINGS)

    search.fit(*blobs)

    # 3 trials x folds, 2 trials x folds; the refit may train by itself.
    assert banks[:2] == [3 * N_FOLDS, 2 * N_FOLDS]
    assert banks[2:] in ([], [1])
    assert_scores_are_those_of_one_by_one(search, *blobs)


def test_the_best_network_is_the_one_fitted_alone(blobs):
    search = OptunaSearchCV(classifier(), SPACE, **SETTINGS).fit(*blobs)

    alone = classifier(**search.best_params_).fit(*blobs)

    np.testing.assert_allclose(
        search.predict_proba(blobs[0]), alone.predict_proba(blobs[0]), atol=1e-5
    )


def test_the_same_seed_finds_the_same(blobs):
    search = OptunaSearchCV(classifier(), SPACE, batch_size=2, **SETTINGS)

    first, second = (clone(search).fit(*blobs).cv_results_ for _ in range(2))

    assert first["params"] == second["params"]
    np.testing.assert_array_equal(first["mean_test_score"], second["mean_test_score"])


def test_the_users_own_fusion_is_used(blobs):
    search = OptunaSearchCV(classifier(), SPACE, **SETTINGS)

    with skdl.fuse() as fusion:
        search.fit(*blobs)

    assert fusion.banks == [5 * N_FOLDS, 1]


def test_another_backend_is_left_alone(blobs, banks):
    search = OptunaSearchCV(classifier(), SPACE, **{**SETTINGS, "n_trials": 2})

    with parallel_config(backend="threading", n_jobs=2):
        search.fit(*blobs)

    assert not any(n_members > 1 for n_members in banks)
    assert_scores_are_those_of_one_by_one(search, *blobs)


def test_the_backend_is_restored(blobs):
    before = type(get_active_backend()[0])

    OptunaSearchCV(classifier(), SPACE, **{**SETTINGS, "n_trials": 1}).fit(*blobs)

    assert type(get_active_backend()[0]) is before


def test_in_a_pipeline(blobs, banks):
    pipeline = make_pipeline(StandardScaler(), classifier())
    space = {f"mlpclassifier__{name}": choices for name, choices in SPACE.items()}

    search = OptunaSearchCV(pipeline, space, **SETTINGS).fit(5 * blobs[0] + 3, blobs[1])

    assert max(banks) == 5 * N_FOLDS
    assert_scores_are_those_of_one_by_one(search, 5 * blobs[0] + 3, blobs[1])


def test_a_pipeline_whose_scaler_is_searched_too(blobs, banks):
    pipeline = make_pipeline(StandardScaler(), classifier())
    grid = {
        "standardscaler": [None, StandardScaler()],
        "mlpclassifier__learning_rate": [0.01, 0.1],
    }
    search = OptunaSearchCV(
        pipeline, grid, **{**SETTINGS, "n_trials": None}, sampler="grid"
    )

    search.fit(*blobs)

    assert max(banks) == 4 * N_FOLDS
    assert_scores_are_those_of_one_by_one(search, *blobs)


def test_networks_that_only_the_space_has(blobs, banks):
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    networks = [classifier(learning_rate=rate) for rate in (0.001, 0.01)]
    settings = {**SETTINGS, "n_trials": None, "sampler": "grid"}

    search = OptunaSearchCV(pipeline, {"logisticregression": networks}, **settings)
    search.fit(*blobs)

    assert max(banks) == 2 * N_FOLDS
    assert not any(hasattr(network, "model_") for network in networks)


def test_in_other_meta_estimators(blobs, banks):
    model = TransformedTargetRegressor(
        skdl.MLPRegressor((6,), epochs=3, batch_size=16, random_state=0),
        func=np.arcsinh,
        inverse_func=np.sinh,
    )
    search = OptunaSearchCV(
        model,
        {"regressor__learning_rate": loguniform(1e-3, 1e-1)},
        **{**SETTINGS, "scoring": "r2"},
    ).fit(blobs[0], blobs[0][:, 0])

    assert max(banks) == 5 * N_FOLDS
    assert_scores_are_those_of_one_by_one(
        search, blobs[0], blobs[0][:, 0], scoring="r2"
    )


def test_an_ensemble_of_networks(blobs, banks):
    voting = VotingClassifier(
        [("a", classifier()), ("b", classifier(random_state=1))], voting="soft"
    )
    space = {f"{name}__learning_rate": loguniform(1e-3, 1e-1) for name in "ab"}

    search = OptunaSearchCV(voting, space, **SETTINGS).fit(*blobs)

    assert max(banks) == 2 * 5 * N_FOLDS
    assert_scores_are_those_of_one_by_one(search, *blobs)


def test_nested_in_cross_validation(blobs):
    search = OptunaSearchCV(classifier(), SPACE, **{**SETTINGS, "n_trials": 2})
    plain = cross_validate(
        search, *blobs, cv=2, scoring="neg_log_loss", return_estimator=True
    )

    with skdl.fuse() as fusion:
        fused = cross_validate(
            search, *blobs, cv=2, scoring="neg_log_loss", return_estimator=True
        )

    np.testing.assert_allclose(fused["test_score"], plain["test_score"], rtol=1e-4)
    for ours, theirs in zip(fused["estimator"], plain["estimator"], strict=True):
        assert ours.best_params_ == theirs.best_params_
    # Inner folds of both outer folds may meet; nothing trains alone but the refits.
    assert sum(fusion.banks) == 2 * (2 * N_FOLDS + 1)


@pytest.mark.slow
def test_layers_and_their_widths_are_chosen_by_a_function(blobs, banks):
    def space(trial):
        n_layers = trial.suggest_int("n_layers", 1, 2)
        sizes = [
            trial.suggest_categorical(f"n_units_{i}", [3, 5]) for i in range(n_layers)
        ]
        rate = trial.suggest_float("learning_rate", 1e-3, 1e-1, log=True)
        return {"hidden_layer_sizes": tuple(sizes), "learning_rate": rate}

    settings = {**SETTINGS, "n_trials": 6, "sampler": "random"}
    search = OptunaSearchCV(classifier(), space, **settings).fit(*blobs)

    sizes = [params["hidden_layer_sizes"] for params in search.cv_results_["params"]]
    assert {len(each) for each in sizes} == {1, 2}
    column = search.cv_results_["param_hidden_layer_sizes"]
    assert column.dtype == object
    assert column.tolist() == sizes
    for trial, each in zip(search.study_.trials, sizes, strict=True):
        widths = [trial.params[f"n_units_{i}"] for i in range(trial.params["n_layers"])]
        assert tuple(widths) == each
        assert len(trial.params) == 2 + len(each)
    assert len(banks) < 6 * N_FOLDS
    assert_scores_are_those_of_one_by_one(search, *blobs)
    assert (
        search.best_estimator_.hidden_layer_sizes
        == (search.best_params_["hidden_layer_sizes"])
    )


def test_weights_are_trained_with_too(blobs):
    weights = np.random.default_rng(0).uniform(0.1, 2, 80)
    search = OptunaSearchCV(classifier(), SPACE, **{**SETTINGS, "n_trials": 2})

    search.fit(*blobs, sample_weight=weights)

    best = classifier(**search.best_params_).fit(*blobs, sample_weight=weights)
    np.testing.assert_allclose(
        search.predict_proba(blobs[0]), best.predict_proba(blobs[0]), atol=1e-5
    )


def test_a_progress_bar_with_epochs(blobs, capsys):
    search = OptunaSearchCV(classifier(), SPACE, **{**SETTINGS, "n_trials": 2})

    search.set_callbacks(ProgressBar(max_propagation_depth=3)).fit(*blobs)

    assert "MLPClassifier" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["classifier", "pipeline"])
def test_the_suggested_space_of_a_dense_network(blobs, kind):
    X, y = blobs
    network = skdl.MLPClassifier(epochs=2, random_state=0)
    if kind == "pipeline":
        network = make_pipeline(StandardScaler(), network)
    search = OptunaSearchCV(
        network, suggest_space(network), n_trials=3, cv=2, random_state=0
    )

    search.fit(X, y)

    assert set(search.cv_results_["state"]) == {"COMPLETE"}
    assert search.best_params_.keys() == suggest_space(network).keys()


@pytest.mark.slow
def test_the_suggested_space_of_a_convolutional_network():
    X = np.random.default_rng(0).normal(size=(40, 8, 8, 1))
    network = skdl.ConvClassifier(epochs=1, random_state=0)
    search = OptunaSearchCV(
        network, suggest_space(network), n_trials=2, cv=2, random_state=0
    )

    search.fit(X, np.arange(40) % 2)

    assert set(search.cv_results_["state"]) == {"COMPLETE"}
    assert "filters" in search.best_params_
