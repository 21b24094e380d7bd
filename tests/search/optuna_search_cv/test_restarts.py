"""A search with a storage, started again: what is done stays, the rest is done."""

import numpy as np
import pytest
from joblib import parallel_config
from scipy.stats import loguniform
from sklearn.datasets import load_iris
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB

from skdl import OptunaSearchCV
from skdl.exceptions import DataError, ParameterError

X, Y = load_iris(return_X_y=True)
SPACE = {"var_smoothing": loguniform(1e-9, 1.0)}


class CountingNB(GaussianNB):
    """Naive Bayes that counts its fits, and may fail."""

    n_fits = 0
    fails_below = 0.0

    def fit(self, X, y):
        CountingNB.n_fits += 1
        if self.var_smoothing < self.fails_below:
            raise ZeroDivisionError("too smooth")
        return super().fit(X, y)


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(CountingNB, "n_fits", 0)
    monkeypatch.setattr(CountingNB, "fails_below", 0.0)


@pytest.fixture(params=["study.db", "study.journal"])
def search(request, tmp_path):
    def make(**changes):
        settings = {
            "n_trials": 6,
            "batch_size": 2,
            "cv": 3,
            "random_state": 0,
            "storage": tmp_path / request.param,
            "study_name": "restarted",
        }
        return OptunaSearchCV(CountingNB(), SPACE, **{**settings, **changes})

    return make


def test_a_finished_search_fits_nothing_but_the_best(search):
    first = search().fit(X, Y)
    assert CountingNB.n_fits == 6 * 3 + 1

    again = search().fit(X, Y)

    assert CountingNB.n_fits == 6 * 3 + 2
    assert again.best_params_ == first.best_params_
    for name, values in first.cv_results_.items():
        np.testing.assert_array_equal(again.cv_results_[name], values)


def test_more_trials_go_on_as_if_there_had_been_as_many_at_first(search):
    search(n_trials=4).fit(X, Y)

    found = search(n_trials=8, refit=False).fit(X, Y)

    assert CountingNB.n_fits == 8 * 3 + 1
    alone = search(n_trials=8, storage=None, study_name=None).fit(X, Y)
    assert found.cv_results_["params"] == alone.cv_results_["params"]


def test_fewer_trials_are_the_first_ones(search):
    many = search().fit(X, Y)

    few = search(n_trials=2, refit=False).fit(X, Y)

    assert few.cv_results_["params"] == many.cv_results_["params"][:2]
    best = few.best_trials_[0]
    assert best.value == max(few.cv_results_["mean_test_score"])
    assert best.number < 2


def test_what_is_raised_is_raised_again(search, monkeypatch):
    monkeypatch.setattr(CountingNB, "fails_below", 1.0)
    with pytest.raises(ZeroDivisionError, match="too smooth"):
        search(error_score="raise").fit(X, Y)
    monkeypatch.setattr(CountingNB, "fails_below", 0.0)

    message = r"6 fits failed in an earlier run (.|\n)* ZeroDivisionError: too smooth"
    with pytest.raises(DataError, match=message.replace(" ZeroD", "ZeroD")):
        search(error_score="raise").fit(X, Y)


def test_training_scores_that_nobody_asked_for_before_are_nan(search):
    search(n_trials=2).fit(X, Y)

    with pytest.warns(UserWarning, match="train scores are non-finite"):
        found = search(return_train_score=True).fit(X, Y)

    is_missing = np.isnan(found.cv_results_["mean_train_score"])
    assert is_missing.tolist() == [True] * 2 + [False] * 4


def test_the_machines_settings_may_change(search):
    search(n_trials=2).fit(X, Y)
    with parallel_config(backend="threading"):
        found = search(n_jobs=2, verbose=0).fit(X, Y)
    assert len(found.cv_results_["params"]) == 6


def test_folds_that_differ_each_time_are_refused(search):
    cv = KFold(3, shuffle=True)
    search(cv=cv).fit(X, Y)
    message = r"other folds \(a 'cv' that shuffles needs an integer random_state\)"
    with pytest.raises(ValueError, match=message):
        search(cv=cv).fit(X, Y)


def test_a_storage_needs_a_name(search):
    with pytest.raises(ParameterError, match="storage needs a 'study_name'"):
        search(study_name=None).fit(X, Y)


def test_ctrl_c_leaves_what_was_done(search, monkeypatch):
    done = search(storage=None, study_name=None, refit=False)
    fit = CountingNB.fit

    def interrupted(self, X, y):
        if CountingNB.n_fits == 9:
            raise KeyboardInterrupt
        return fit(self, X, y)

    monkeypatch.setattr(CountingNB, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        done.fit(X, Y)
    states = [trial.state.name for trial in done.study_.trials]
    assert states == ["COMPLETE", "COMPLETE", "RUNNING", "RUNNING"]
