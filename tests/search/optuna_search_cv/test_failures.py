"""Candidates that fail follow `error_score` and say why; nothing is swallowed."""

import numpy as np
import optuna
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import FitFailedWarning
from sklearn.tree import DecisionTreeClassifier

import skdl
from skdl import OptunaSearchCV
from skdl.exceptions import DataError


class FailingError(Exception):
    """What the classifier below raises."""


class Failing(ClassifierMixin, BaseEstimator):
    """A classifier that fails, on all rows or on those that have the last one."""

    def __init__(self, how="never"):
        self.how = how

    def fit(self, X, y):
        last = self.how == "on one fold" and len(X) < 80 and X[-1, 0] == 79
        if self.how == "always" or last:
            raise FailingError(f"failing {self.how}\nin two lines")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        if self.how == "when scored":
            raise FailingError("no prediction")
        return np.zeros(len(X), dtype=int)


X = np.arange(80.0)[:, None]
Y = np.arange(80) % 2
ALL = {"how": ["never", "always", "on one fold"]}


def search_all(grid, estimator=None, **settings):
    """A search over a whole grid."""
    settings = {"n_trials": None, "sampler": "grid", "cv": 2, **settings}
    return OptunaSearchCV(estimator or Failing(), grid, **settings)


def test_a_failure_is_recorded_with_its_message():
    search = search_all(ALL, refit=False)

    with (
        pytest.warns(FitFailedWarning, match="3 fits failed out of a total of 6"),
        pytest.warns(UserWarning, match="test scores are non-finite"),
    ):
        search.fit(X, Y)

    results = search.cv_results_
    assert results["state"].tolist() == ["COMPLETE", "FAIL", "FAIL"]
    assert results["error"][0] == ""
    assert "in two lines" in results["error"][1]
    assert np.isnan(results["mean_test_score"]).tolist() == [False, True, True]
    assert results["rank_test_score"].tolist() == [1, 2, 2]
    one_fold = [results[f"split{i}_test_score"][2] for i in range(2)]
    assert np.isnan(one_fold).sum() == 1
    assert search.best_index_ == 0


def test_the_whole_message_is_recorded():
    search = search_all({"how": ["never", "always"]}, refit=False, error_score=0)

    with pytest.warns(FitFailedWarning):
        search.fit(X, Y)

    assert "failing always" in search.cv_results_["error"][1]


def test_the_warning_has_the_traceback():
    search = search_all({"how": ["never", "always"]}, error_score=0.0)

    with pytest.warns(FitFailedWarning, match="Traceback(.|\n)*failing always"):
        search.fit(X, Y)


def test_the_trial_of_a_failure_is_in_the_study():
    search = search_all(ALL, error_score=np.nan, refit=False)
    with (
        pytest.warns(FitFailedWarning, match="3 fits failed"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(X, Y)

    states = [trial.state.name for trial in search.study_.trials]
    assert states == ["COMPLETE", "FAIL", "FAIL"]
    assert [trial.params["how"] for trial in search.study_.trials] == ALL["how"]


@pytest.mark.parametrize("error_score", [0, -1.5])
def test_a_number_stands_for_the_score(error_score):
    search = search_all(ALL, error_score=error_score, return_train_score=True)

    with pytest.warns(FitFailedWarning, match=f"Their score is {error_score}"):
        search.fit(X, Y)

    results = search.cv_results_
    assert results["mean_test_score"].tolist() == [
        0.5,
        error_score,
        (0.5 + error_score) / 2,
    ]
    assert results["mean_train_score"][1] == error_score
    assert set(results["state"]) == {"COMPLETE"}
    assert [bool(error) for error in results["error"]] == [False, True, True]


def test_raise_raises_the_original_error():
    search = search_all(ALL, error_score="raise")

    with pytest.raises(FailingError, match="failing always"):
        search.fit(X, Y)

    # The others of the batch are written down.
    states = [trial.state.name for trial in search.study_.trials]
    assert states == ["COMPLETE", "FAIL", "FAIL"]
    assert not hasattr(search, "cv_results_")


def test_raise_begins_no_further_batch():
    search = search_all(ALL, error_score="raise", batch_size=2)

    with pytest.raises(FailingError, match="failing always"):
        search.fit(X, Y)

    assert len(search.study_.trials) == 2


def test_an_error_while_scoring_is_raised_too():
    search = search_all({"how": ["when scored"]}, error_score="raise")

    with pytest.raises(FailingError, match="no prediction"):
        search.fit(X, Y)


def test_an_error_while_scoring_is_a_score_of_nan():
    search = search_all({"how": ["never", "when scored"]})

    with (
        pytest.warns(UserWarning, match="Scoring failed"),
        pytest.warns(UserWarning, match="test scores are non-finite"),
    ):
        search.fit(X, Y)

    assert search.cv_results_["state"].tolist() == ["COMPLETE", "FAIL"]
    assert search.cv_results_["error"][1]
    assert search.best_index_ == 0


def test_an_error_while_scoring_is_recorded_with_its_message():
    search = search_all({"how": ["never", "when scored"]}, refit=False)

    with (
        pytest.warns(UserWarning, match="Scoring failed"),
        pytest.warns(UserWarning, match="test scores are non-finite"),
    ):
        search.fit(X, Y)

    assert "no prediction" in search.cv_results_["error"][1]


@pytest.mark.parametrize("error_score", [np.nan, 0.0])
def test_if_all_fits_fail_the_search_does(error_score):
    search = search_all({"how": ["always"]}, error_score=error_score)

    with pytest.raises(DataError, match=r"All the 2 fits failed(.|\n)*failing always"):
        search.fit(X, Y)

    assert search.study_.trials[0].state.is_finished()


def test_several_metrics_of_a_failure():
    search = search_all(
        ALL, scoring=["accuracy", "recall"], refit="recall", error_score=-1.0
    )

    with pytest.warns(FitFailedWarning, match="3 fits failed"):
        search.fit(X, Y)

    assert search.cv_results_["mean_test_accuracy"].tolist() == [0.5, -1.0, -0.25]
    assert search.cv_results_["mean_test_recall"].tolist() == [0.0, -1.0, -0.5]


def test_several_metrics_if_the_first_candidate_fails():
    def score(estimator, X, y):
        return {"a": 1.0, "b": 2.0}

    search = search_all(
        {"how": ["always", "never"]}, scoring=score, refit="b", error_score=0.25
    )

    with pytest.warns(FitFailedWarning, match="2 fits failed"):
        search.fit(X, Y)

    assert search.cv_results_["mean_test_a"].tolist() == [0.25, 1.0]
    assert search.study_.trials[1].values == [2.0]


@pytest.mark.parametrize("where", ["test", "train"])
@pytest.mark.parametrize("refit", [True, False])
def test_scores_that_are_not_finite_are_told_of(where, refit):
    def score(estimator, X, y):
        is_there = (len(X) == 60) == (where == "train")
        return np.nan if estimator.how == "odd" and is_there else 1

    search = search_all(
        {"how": ["never", "odd"]},
        cv=4,
        scoring=score,
        refit=refit,
        return_train_score=True,
    )

    with pytest.warns(UserWarning, match=f"One or more of the {where} scores are non"):
        search.fit(X, Y)

    assert search.best_index_ == 0


# scikit-learn's spread of scores that are not finite.
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_an_infinite_score_is_a_score():
    def score(estimator, X, y):
        return -np.inf if estimator.how == "odd" else 1

    search = search_all({"how": ["odd", "never"]}, scoring=score)

    with pytest.warns(UserWarning, match="test scores are non-finite"):
        search.fit(X, Y)

    assert search.best_params_ == {"how": "never"}
    assert search.cv_results_["rank_test_score"].tolist() == [2, 1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_not_a_failure(error):
    class Interrupted(Failing):
        def fit(self, X, y):
            raise error

    search = search_all({"how": ["never"]}, Interrupted())

    with pytest.raises(error):
        search.fit(X, Y)


def test_a_parameter_that_is_refused_when_fitted_is_a_failure(blobs):
    search = search_all(
        {"max_depth": [-1, 2]}, DecisionTreeClassifier(), error_score=-2.0
    )

    with pytest.warns(FitFailedWarning, match="'max_depth' parameter of DecisionTree"):
        search.fit(*blobs)

    assert "'max_depth' parameter" in search.cv_results_["error"][0]
    assert search.best_params_ == {"max_depth": 2}


def test_a_network_that_fails_does_not_stop_those_of_its_bank(blobs):
    network = skdl.MLPClassifier((4,), epochs=2, batch_size=32, random_state=0)
    search = search_all({"learning_rate": [0.01, -1.0]}, network)

    with (
        pytest.warns(FitFailedWarning, match="'learning_rate' parameter of MLPClass"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(*blobs)

    assert search.cv_results_["state"].tolist() == ["COMPLETE", "FAIL"]
    assert "'learning_rate' parameter" in search.cv_results_["error"][1]


def test_a_network_that_fails_raises_its_error(blobs):
    network = skdl.MLPClassifier((4,), epochs=2, batch_size=32, random_state=0)
    search = search_all({"learning_rate": [0.01, -1.0]}, network, error_score="raise")

    with pytest.raises(skdl.exceptions.ParameterError, match="'learning_rate'"):
        search.fit(*blobs)

    assert [trial.state.name for trial in search.study_.trials] == ["COMPLETE", "FAIL"]


def test_trials_of_a_space_that_fails_are_done_by_the_next_run(blobs):
    n_calls = []

    def space(trial):
        n_calls.append(1)
        if len(n_calls) == 5:
            raise FailingError("mine")
        return {"max_depth": trial.suggest_int("max_depth", 1, 3)}

    where = {"storage": optuna.storages.InMemoryStorage(), "study_name": "s"}
    settings = {"n_trials": 6, "batch_size": 2, "cv": 2, **where}
    search = OptunaSearchCV(DecisionTreeClassifier(), space, **settings)
    with pytest.raises(FailingError, match="mine"):
        search.fit(*blobs)

    search.fit(*blobs)

    assert [trial.state.name for trial in search.study_.trials] == ["COMPLETE"] * 6


def test_a_space_may_turn_down_a_combination(blobs):
    def space(trial):
        depth = trial.suggest_int("max_depth", 1, 4)
        if depth > 2:
            raise optuna.TrialPruned
        return {"max_depth": depth}

    sampler = optuna.samplers.RandomSampler(seed=1)
    search = OptunaSearchCV(
        DecisionTreeClassifier(), space, sampler=sampler, n_trials=8, cv=2
    ).fit(*blobs)

    assert set(search.cv_results_["state"]) == {"COMPLETE", "PRUNED"}
