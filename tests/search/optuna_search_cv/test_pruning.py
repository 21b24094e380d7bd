"""All folds of a trial stop together, by rows that no fold is scored on."""

from collections import Counter

import numpy as np
import optuna
import pytest
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl import OptunaSearchCV
from skdl.exceptions import SkdlError

N_EPOCHS = 6
RATES = {"learning_rate": [0.003, 0.03, 0.1]}
NEVER = optuna.pruners.NopPruner()


def network(**changes):
    settings = {
        "hidden_layer_sizes": (6,),
        "epochs": N_EPOCHS,
        "batch_size": 16,
        "early_stopping": True,
        "patience": N_EPOCHS,
        "random_state": 0,
    }
    return skdl.MLPClassifier(**{**settings, **changes})


def search_all(estimator, grid, **settings):
    """A search over a whole grid."""
    settings = {"n_trials": None, "sampler": "grid", "cv": 3, **settings}
    return OptunaSearchCV(estimator, grid, **settings)


class PruneSome(optuna.pruners.BasePruner):
    """Ends some trials after some epochs."""

    def __init__(self, numbers, n_epochs=2):
        self.numbers = numbers
        self.n_epochs = n_epochs

    def prune(self, study, trial):
        return trial.number in self.numbers and trial.last_step + 1 >= self.n_epochs


class EpochCounter:
    """A callback that counts the epochs of each network."""

    max_propagation_depth = None

    def __init__(self):
        self.networks = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, **passed):
        pass

    def on_fit_task_end(self, estimator, context, **passed):
        if context.task_name == "epoch":
            self.networks.append(estimator)
        return False

    def counts(self, **settings):
        """The epochs of each network with these settings."""
        epochs = Counter(
            id(network)
            for network in self.networks
            if settings.items() <= network.get_params().items()
        )
        return list(epochs.values())


def reported(search):
    """What the pruner heard of each trial, by epoch."""
    return [trial.intermediate_values for trial in search.study_.trials]


def by_hand(search, X, y, prefix=""):
    """Minus the mean over folds of the lowest validation loss so far, by epoch."""
    splits = list(StratifiedKFold(search.n_splits_).split(X, y))
    for params in search.cv_results_["params"]:
        losses = []
        for train, _ in splits:
            model = clone(search.estimator).set_params(**params).fit(X[train], y[train])
            last = model[-1] if prefix else model
            losses.append(np.minimum.accumulate(last.history_["val_loss"]))
        n_epochs = max(map(len, losses))
        padded = [np.pad(each, (0, n_epochs - len(each)), "edge") for each in losses]
        yield -np.mean(padded, axis=0)


@pytest.mark.parametrize("patience", [1, N_EPOCHS])
def test_the_mean_over_folds_of_the_lowest_loss_so_far_is_reported(blobs, patience):
    grid = {"learning_rate": [0.003, 0.3]}
    search = search_all(network(patience=patience), grid, pruner=NEVER).fit(*blobs)

    for values, expected in zip(reported(search), by_hand(search, *blobs), strict=True):
        assert list(values) == list(range(len(expected)))
        np.testing.assert_allclose(list(values.values()), expected, rtol=1e-4)
    if patience == 1:  # some folds ended before others
        assert min(map(len, reported(search))) < N_EPOCHS


def test_the_same_is_reported_in_a_pipeline(blobs):
    pipeline = make_pipeline(StandardScaler(), network())
    grid = {"mlpclassifier__learning_rate": [0.003, 0.3]}

    search = search_all(pipeline, grid, pruner=NEVER).fit(3 * blobs[0] + 1, blobs[1])

    expected = by_hand(search, 3 * blobs[0] + 1, blobs[1], prefix="mlpclassifier__")
    for values, row in zip(reported(search), expected, strict=True):
        np.testing.assert_allclose(list(values.values()), row, rtol=1e-4)


def test_rows_that_are_scored_on_take_no_part(blobs):
    X, y = blobs
    folds = [(np.arange(30), np.arange(60, 70)), (np.arange(30, 60), np.arange(70, 80))]
    search = search_all(network(), RATES, cv=folds, pruner=NEVER, refit=False)
    first = clone(search).fit(X, y)
    other_X, other_y = X.copy(), y.copy()
    other_X[60:] *= -7
    other_y[60:] = 1 - y[60:]
    assert (other_y[60:70] != y[60:70]).all()

    second = clone(search).fit(other_X, other_y)

    assert reported(first) == reported(second)
    scores = [each.cv_results_["mean_test_score"] for each in (first, second)]
    assert (scores[0] != scores[1]).any()
    # And rows that are trained on do.
    other_y[:60] = 1 - y[:60]
    other_X[:60, 0] += 1
    assert reported(clone(search).fit(other_X, other_y)) != reported(first)


def test_validation_rows_may_be_passed(blobs):
    X, y = blobs
    plain = network(early_stopping=False, patience=1)
    search = search_all(plain, RATES, pruner=NEVER, cv=2)

    search.fit(X, y, X_val=X[:10], y_val=y[:10])

    assert [len(values) for values in reported(search)] == [N_EPOCHS] * 3


def test_nothing_is_reported_without_a_pruner(blobs):
    search = search_all(network(), RATES).fit(*blobs)

    assert reported(search) == [{}, {}, {}]


def test_folds_of_a_trial_stop_together(blobs, monkeypatch):
    counter = EpochCounter()
    # After every epoch.
    monkeypatch.setattr("skdl.training._bank.lanes.REPORT_SECONDS", 0)
    search = search_all(network(), RATES, pruner=PruneSome([1]), refit=False)

    search.set_callbacks(counter).fit(*blobs)

    assert counter.counts(learning_rate=0.003) == [N_EPOCHS] * 3
    assert counter.counts(learning_rate=0.03) == [2] * 3
    assert counter.counts(learning_rate=0.1) == [N_EPOCHS] * 3
    assert [len(values) for values in reported(search)] == [N_EPOCHS, 2, N_EPOCHS]


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_other_trials_are_not_touched(blobs, batch_size):
    plain = search_all(network(), RATES).fit(*blobs).cv_results_

    search = search_all(network(), RATES, pruner=PruneSome([1]), batch_size=batch_size)
    pruned = search.fit(*blobs).cv_results_

    assert pruned["params"] == plain["params"]
    for name in (n for n in plain if n.endswith("_test_score") and "rank" not in n):
        assert np.isnan(pruned[name]).tolist() == [False, True, False]
        np.testing.assert_allclose(pruned[name][[0, 2]], plain[name][[0, 2]], atol=1e-6)


def test_pruned_trials_are_in_the_results(blobs):
    search = search_all(
        network(), RATES, pruner=PruneSome([0, 2]), return_train_score=True
    ).fit(*blobs)

    results = search.cv_results_
    assert results["state"].tolist() == ["PRUNED", "COMPLETE", "PRUNED"]
    assert results["error"].tolist() == ["", "", ""]
    assert results["rank_test_score"].tolist() == [2, 1, 2]
    assert np.isnan(results["mean_train_score"]).tolist() == [True, False, True]
    assert (results["mean_fit_time"] > 0).all()
    assert search.best_index_ == 1
    assert [trial.number for trial in search.best_trials_] == [1]
    assert [trial.state.name for trial in search.study_.trials] == (
        results["state"].tolist()
    )


def test_a_trial_that_has_reached_its_end_is_complete(blobs):
    everything = PruneSome([0, 1, 2], n_epochs=N_EPOCHS)

    search = search_all(network(), RATES, pruner=everything).fit(*blobs)

    assert set(search.cv_results_["state"]) == {"COMPLETE"}


def test_if_all_trials_are_pruned_there_is_no_best(blobs):
    search = search_all(network(), RATES, pruner=PruneSome([0, 1, 2]))

    with pytest.raises(SkdlError, match="pruned"):
        search.fit(*blobs)


@pytest.mark.parametrize("name", ["median", "successive_halving", "hyperband"])
def test_a_hopeless_trial_is_pruned(blobs, name):
    # Optuna's median looks after 5 trials, and here after 5 epochs.
    grid = {"learning_rate": [0.1, 0.09, 0.08, 0.07, 0.06, 0.05, 1e-7, 1e-8, 1e-9]}
    search = search_all(network(epochs=8, patience=8), grid, pruner=name, batch_size=3)

    search.fit(*blobs)

    states = search.cv_results_["state"]
    assert "PRUNED" in states[-3:]
    assert states[search.best_index_] == "COMPLETE"
    assert search.best_params_["learning_rate"] >= 0.05
    assert search.study_.pruner is not None


PRUNERS = {
    "by name": lambda: "wilcoxon",
    "median": lambda: optuna.pruners.MedianPruner(1, 1),
    "percentile": lambda: optuna.pruners.PercentilePruner(25.0, n_startup_trials=1),
    "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=2),
    "hyperband": lambda: optuna.pruners.HyperbandPruner(1, N_EPOCHS),
    "patient": lambda: optuna.pruners.PatientPruner(None, patience=1),
    "threshold": lambda: optuna.pruners.ThresholdPruner(lower=-0.68),
    "wilcoxon": lambda: optuna.pruners.WilcoxonPruner(p_threshold=0.2),
}


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize("which", PRUNERS)
def test_any_pruner_of_optuna(blobs, which):
    grid = {"learning_rate": [0.1, 0.05, 1e-7, 1e-8]}
    search = search_all(network(), grid, pruner=PRUNERS[which](), batch_size=2)

    search.fit(*blobs)

    assert set(search.cv_results_["state"]) <= {"COMPLETE", "PRUNED"}
    assert search.cv_results_["state"][search.best_index_] == "COMPLETE"
    is_pruned = search.cv_results_["state"] == "PRUNED"
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == (
        is_pruned.tolist()
    )
    if which in ("median", "percentile", "threshold"):
        assert is_pruned[2:].any()


def test_the_users_fusion_prunes_the_same(blobs):
    search = search_all(network(), RATES, pruner=PruneSome([1]))

    with skdl.fuse() as fusion:
        search.fit(*blobs)

    assert fusion.banks[0] == 9
    assert search.cv_results_["state"].tolist() == ["COMPLETE", "PRUNED", "COMPLETE"]


def test_pruning_goes_on_side_by_side_in_nested_searches(blobs):
    search = search_all(network(), RATES, pruner=PruneSome([1]), cv=2)

    with skdl.fuse():
        result = cross_validate(search, *blobs, cv=2, return_estimator=True)

    for each in result["estimator"]:
        assert each.cv_results_["state"].tolist() == ["COMPLETE", "PRUNED", "COMPLETE"]


def test_a_fold_that_fails_has_no_say(blobs):
    X = blobs[0].copy()
    X[0] = np.nan
    folds = [(np.arange(i, i + 30), np.arange(70, 80)) for i in (0, 30)]
    search = search_all(
        network(), RATES, cv=folds, pruner=PruneSome([1]), error_score=0.0, refit=False
    )

    with pytest.warns(FitFailedWarning, match="3 fits failed out of a total of 6"):
        search.fit(X, blobs[1])

    assert np.isnan(search.cv_results_["split1_test_score"]).tolist() == [0, 1, 0]
    assert all(search.cv_results_["error"])
    assert search.cv_results_["state"].tolist() == ["COMPLETE", "PRUNED", "COMPLETE"]
    assert [len(values) for values in reported(search)] == [N_EPOCHS, 2, N_EPOCHS]


def test_several_metrics_are_pruned_if_one_is_named(blobs):
    search = search_all(
        network(),
        RATES,
        pruner=PruneSome([1]),
        scoring=["accuracy", "recall"],
        refit="recall",
    ).fit(*blobs)

    assert search.cv_results_["state"].tolist() == ["COMPLETE", "PRUNED", "COMPLETE"]
    assert np.isnan(search.cv_results_["mean_test_accuracy"][1])
