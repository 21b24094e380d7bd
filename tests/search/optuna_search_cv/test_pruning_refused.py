"""What cannot be pruned is refused before anything trains, and never in silence."""

import optuna
import pytest
from joblib import parallel_config
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl import OptunaSearchCV
from skdl.exceptions import ParameterError, ParameterTypeError

RATES = {"learning_rate": [0.003, 0.03, 0.1]}
N_EPOCHS = 3


def network(**changes):
    settings = {"hidden_layer_sizes": (6,), "epochs": N_EPOCHS, "batch_size": 16}
    settings |= {"early_stopping": True, "patience": N_EPOCHS, "random_state": 0}
    return skdl.MLPClassifier(**{**settings, **changes})


def search_all(estimator, grid, **settings):
    """A search over a whole grid."""
    settings = {"n_trials": None, "sampler": "grid", "cv": 3, **settings}
    return OptunaSearchCV(estimator, grid, **settings)


def n_reported(search):
    """The number of epochs that the pruner heard of, by trial."""
    return [len(trial.intermediate_values) for trial in search.study_.trials]


@pytest.mark.parametrize(
    ("estimator", "grid", "settings", "message"),
    [
        (
            network(early_stopping=False),
            RATES,
            {},
            "needs validation rows, .* Set early_stopping of the MLPClassifier",
        ),
        (
            make_pipeline(StandardScaler(), network(early_stopping=False)),
            {"mlpclassifier__learning_rate": [0.1]},
            {},
            "needs validation rows, .* Set mlpclassifier__early_stopping of the MLP",
        ),
        (
            LogisticRegression(),
            {"C": [1.0]},
            {},
            "needs one of skdl's networks, .* Got LogisticRegression. Pass pruner=None",
        ),
        (
            network(),
            RATES,
            {"scoring": ["accuracy", "recall"], "refit": False},
            "needs one objective. Got accuracy, recall. Set 'refit' to one of them",
        ),
    ],
)
def test_what_pruning_needs_is_asked_for(blobs, estimator, grid, settings, message):
    search = search_all(estimator, grid, pruner="median", **settings)

    with pytest.raises(ParameterError, match=f"pruner='median' {message}"):
        search.fit(*blobs)

    assert not hasattr(search, "study_")


def test_validation_rows_may_be_a_matter_of_the_space(blobs):
    grid = {"early_stopping": [True], "learning_rate": [0.01]}
    pruner = optuna.pruners.NopPruner()

    search = search_all(network(early_stopping=False), grid, pruner=pruner).fit(*blobs)

    assert n_reported(search) == [N_EPOCHS]


def test_a_function_that_asks_for_no_validation_rows(blobs):
    def space(trial):
        return {"learning_rate": trial.suggest_float("rate", 0.01, 0.1)}

    search = OptunaSearchCV(
        network(early_stopping=False), space, pruner="median", n_trials=1, cv=2
    )

    with pytest.raises(ParameterError, match="needs validation rows"):
        search.fit(*blobs)


@pytest.mark.parametrize(
    ("estimator", "prefix"),
    [
        (VotingClassifier([("a", network()), ("b", network())]), "a"),
        (CalibratedClassifierCV(network(), cv=2), "estimator"),
    ],
)
def test_networks_of_other_estimators_are_watched_or_refused(blobs, estimator, prefix):
    grid = {f"{prefix}__learning_rate": [0.01]}
    search = search_all(estimator, grid, pruner=optuna.pruners.NopPruner(), cv=2)

    try:
        search.fit(*blobs)
    except ParameterError:
        return

    assert all(n_reported(search))


def test_worker_processes_cannot_be_watched(blobs):
    search = search_all(network(), RATES, pruner="median")

    with (
        parallel_config(backend="loky", n_jobs=2),
        pytest.raises(ParameterError, match="folds of a trial in one process"),
    ):
        search.fit(*blobs)


@pytest.mark.parametrize(
    ("pruner", "error", "message"),
    [
        ("mediam", ParameterError, "must be None, one of 'median', .* Got 'mediam'"),
        (3, ParameterTypeError, "or a pruner of optuna.pruners. Got 3 of type int"),
        (optuna.pruners.MedianPruner, ParameterTypeError, "of type ABCMeta instead"),
    ],
)
def test_wrong_pruners_are_refused(blobs, pruner, error, message):
    search = search_all(network(), RATES, pruner=pruner)

    with pytest.raises(error, match=f"'pruner' parameter .* {message}"):
        search.fit(*blobs)
