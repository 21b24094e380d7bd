"""Weights, groups, routed metadata and callbacks reach whom they are meant for."""

import re
from collections import Counter

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.callback import ProgressBar
from sklearn.exceptions import FitFailedWarning, UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, get_scorer, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    StratifiedKFold,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import skdl
from skdl import OptunaSearchCV

TREE = DecisionTreeClassifier(random_state=0)
DEPTHS = {"max_depth": [1, 2, 3]}
GROUPS = np.arange(80) % 5


def search_all(estimator, grid, **settings):
    """A search over a whole grid."""
    settings = {"n_trials": None, "sampler": "grid", "cv": 3, **settings}
    return OptunaSearchCV(estimator, grid, **settings)


@pytest.fixture
def weights():
    return np.random.default_rng(0).integers(0, 4, 80)


class Listener(ClassifierMixin, BaseEstimator):
    """A classifier that notes the metadata that it is passed."""

    heard: list = []  # noqa: RUF012  of all clones together

    def __init__(self, answer=0):
        self.answer = answer

    def fit(self, X, y, sample_weight=None, note=None):
        self.heard.append((len(X), sample_weight, note))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[self.answer])


@pytest.fixture
def heard():
    Listener.heard.clear()
    return Listener.heard


# Weights and groups.


@pytest.mark.parametrize(
    ("estimator", "grid"),
    [(LogisticRegression(), {"C": [1, 10]}), (Ridge(), {"alpha": [0.1, 1]})],
)
def test_weights_are_like_repeated_rows(blobs, weights, estimator, grid):
    X, y = blobs
    repeated = [np.repeat(part, weights, axis=0) for part in (X, y, GROUPS)]
    folds = LeaveOneGroupOut()
    weighted = search_all(estimator, grid, cv=list(folds.split(X, groups=GROUPS)))
    by_hand = search_all(
        estimator, grid, cv=list(folds.split(repeated[0], groups=repeated[2]))
    )

    weighted.fit(X, y, sample_weight=weights)
    by_hand.fit(*repeated[:2])

    for name in (n for n in by_hand.cv_results_ if n.endswith("_score")):
        np.testing.assert_allclose(
            weighted.cv_results_[name], by_hand.cv_results_[name], rtol=1e-4
        )
    np.testing.assert_allclose(
        weighted.best_estimator_.coef_, by_hand.best_estimator_.coef_, rtol=1e-2
    )


def test_weights_are_cut_to_the_rows_of_each_fold(blobs, heard):
    weights = np.arange(80.0)

    search_all(Listener(), {"answer": [0]}, cv=2).fit(*blobs, sample_weight=weights)

    assert [(n, len(w)) for n, w, _ in heard] == [(40, 40), (40, 40), (80, 80)]
    # The training rows of two folds are all rows, each of them once.
    both = np.concatenate([heard[0][1], heard[1][1]])
    assert sorted(both) == weights.tolist()


def test_what_is_no_array_is_passed_as_it_is(blobs, heard):
    search_all(Listener(), {"answer": [0]}, cv=2).fit(*blobs, note="hello")

    assert [note for *_, note in heard] == ["hello"] * 3


def test_a_scorer_without_weights_is_told_of(blobs, weights):
    scorer = make_scorer(lambda y_true, y_pred: 0.5)
    search = search_all(TREE, DEPTHS, scoring=scorer)

    with pytest.warns(UserWarning, match="does not support sample_weight"):
        search.fit(*blobs, sample_weight=weights)


def test_groups_stay_together(blobs):
    cv = GroupKFold(5)
    theirs = GridSearchCV(TREE, DEPTHS, cv=cv).fit(*blobs, groups=GROUPS)

    ours = search_all(TREE, DEPTHS, cv=cv).fit(*blobs, groups=GROUPS)

    assert ours.cv_results_["mean_test_score"].tolist() == (
        theirs.cv_results_["mean_test_score"].tolist()
    )
    with pytest.raises(ValueError, match="'groups' parameter should not be None"):
        search_all(TREE, DEPTHS, cv=cv).fit(*blobs)


# Metadata routing.


@config_context(enable_metadata_routing=True)
def test_requested_metadata_reach_the_estimator(blobs, heard):
    estimator = Listener().set_fit_request(sample_weight="importance", note=True)
    pipeline = make_pipeline(
        StandardScaler().set_fit_request(sample_weight=False), estimator
    )

    search = search_all(pipeline, {"listener__answer": [0, 1]}, cv=2)
    search.fit(*blobs, importance=np.arange(80), note="hello")

    assert len(heard) == 5
    assert all(len(weight) == n for n, weight, _ in heard)
    assert {note for *_, note in heard} == {"hello"}


@config_context(enable_metadata_routing=True)
def test_requested_metadata_reach_the_scorer(blobs, weights):
    scorer = get_scorer("accuracy").set_score_request(sample_weight="importance")
    search = search_all(TREE, DEPTHS, scoring=scorer, cv=2)

    search.fit(*blobs, importance=weights)

    by_hand = []
    for train, test in search_splits(search, blobs):
        tree = DecisionTreeClassifier(max_depth=1, random_state=0)
        predicted = tree.fit(blobs[0][train], blobs[1][train]).predict(blobs[0][test])
        by_hand.append(
            accuracy_score(blobs[1][test], predicted, sample_weight=weights[test])
        )
    found = [search.cv_results_[f"split{i}_test_score"][0] for i in range(2)]
    assert found == pytest.approx(by_hand)
    assert search.score(*blobs, importance=weights) == pytest.approx(
        accuracy_score(blobs[1], search.predict(blobs[0]), sample_weight=weights)
    )


def search_splits(search, blobs):
    return StratifiedKFold(search.n_splits_).split(*blobs)


@config_context(enable_metadata_routing=True)
def test_groups_are_routed_to_the_splitter_without_a_request(blobs):
    cv = GroupKFold(5)

    search = search_all(TREE, DEPTHS, cv=cv).fit(*blobs, groups=GROUPS)

    theirs = GridSearchCV(TREE, DEPTHS, cv=cv).fit(*blobs, groups=GROUPS)
    assert search.best_score_ == theirs.best_score_


@config_context(enable_metadata_routing=True)
def test_metadata_that_nobody_requests_are_refused(blobs, weights):
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        search_all(Listener(), {"answer": [0]}).fit(*blobs, sample_weight=weights)
    with pytest.raises(TypeError, match="unexpected argument"):
        search_all(Listener(), {"answer": [0]}).fit(*blobs, nobody=weights)


def test_scores_take_no_metadata_without_routing(blobs):
    search = search_all(TREE, DEPTHS).fit(*blobs)

    with pytest.raises(ValueError, match="is only supported if"):
        search.score(*blobs, metadata=1)


@config_context(enable_metadata_routing=True)
def test_requests_are_those_of_a_grid_search():
    estimator = Listener().set_fit_request(sample_weight=True)
    ours = search_all(estimator, DEPTHS, cv=GroupKFold()).get_metadata_routing()

    theirs = GridSearchCV(estimator, DEPTHS, cv=GroupKFold()).get_metadata_routing()

    names = {"sample_weight", "groups", "note"}
    for method in ("fit", "score"):
        assert ours.consumes(method, names) == theirs.consumes(method, names)


# Callbacks.


class Recorder:
    """A callback that counts the tasks that it hears of."""

    def __init__(self):
        self.events = []

    def setup(self, estimator, context):
        self.events.append(("setup", None, estimator, None))

    def teardown(self, estimator, context):
        self.events.append(("teardown", None, estimator, None))

    def on_fit_task_begin(self, estimator, context, *, metadata=None, **passed):
        self.events.append(("begin", context.task_name, estimator, metadata))

    def on_fit_task_end(self, estimator, context, *, metadata=None, **passed):
        self.events.append(("end", context.task_name, estimator, metadata))
        return False

    def counts(self):
        return Counter(event[:2] for event in self.events)


class PropagatedRecorder(Recorder):
    """One that is passed on to the networks that are fitted."""

    max_propagation_depth = None


@pytest.mark.parametrize("refit", [True, False])
@pytest.mark.parametrize("batch_size", [1, 8])
def test_callbacks_hear_of_the_tasks_of_a_grid_search(blobs, refit, batch_size):
    ours, theirs = Recorder(), Recorder()
    settings = {"cv": 2, "refit": refit}
    GridSearchCV(TREE, DEPTHS, **settings).set_callbacks(theirs).fit(*blobs)

    search = search_all(TREE, DEPTHS, batch_size=batch_size, **settings)
    search.set_callbacks(ours).fit(*blobs)

    assert ours.counts() == theirs.counts()
    assert ours.counts()["begin", "candidate-split-evaluation"] == 6
    assert all(estimator is search for _, _, estimator, _ in ours.events)


def test_callbacks_hear_of_weights(blobs, weights):
    recorder = Recorder()
    search = search_all(TREE, DEPTHS).set_callbacks(recorder)

    search.fit(*blobs, sample_weight=weights)

    heard = {
        name: metadata
        for event, name, _, metadata in recorder.events
        if event == "begin"
    }
    np.testing.assert_array_equal(
        heard["refit-with-best-params"]["sample_weight"], weights
    )
    assert len(heard["candidate-split-evaluation"]["sample_weight"]) < 80


def test_callbacks_hear_of_fits_that_fail(blobs):
    recorder = Recorder()
    grid = {"max_depth": [1, -1]}
    search = search_all(TREE, grid, cv=2, refit=False, error_score=0.0)

    with pytest.warns(FitFailedWarning, match="2 fits failed out of a total of 4"):
        search.set_callbacks(recorder).fit(*blobs)

    counts = recorder.counts()
    assert counts["begin", "candidate-split-evaluation"] == 4
    assert counts["end", "candidate-split-evaluation"] == 4


def test_callbacks_hear_of_the_epochs_of_networks(blobs):
    ours, theirs = PropagatedRecorder(), PropagatedRecorder()
    network = skdl.MLPClassifier((4,), epochs=3, batch_size=32, random_state=0)
    grid = {"learning_rate": [0.01, 0.1]}
    GridSearchCV(network, grid, cv=2).set_callbacks(theirs).fit(*blobs)

    search_all(network, grid, cv=2).set_callbacks(ours).fit(*blobs)

    assert ours.counts() == theirs.counts()
    assert ours.counts()["end", "epoch"] == 3 * (2 * 2 + 1)


NO_CALLBACKS = "ignore:The estimator DecisionTreeClassifier does not support callbacks"


@pytest.mark.filterwarnings(NO_CALLBACKS)
@pytest.mark.parametrize("n_trials", [3, None])
def test_a_progress_bar(blobs, n_trials, capsys):
    search = search_all(TREE, DEPTHS, n_trials=n_trials, cv=2)

    search.set_callbacks(ProgressBar()).fit(*blobs)

    printed = capsys.readouterr().out
    assert "OptunaSearchCV - fit" in printed
    assert "100%" in printed


@pytest.mark.filterwarnings(NO_CALLBACKS)
def test_a_progress_bar_of_a_search_that_ends_by_time(blobs, capsys):
    search = OptunaSearchCV(
        TREE, {"max_depth": [1, 2]}, n_trials=None, timeout=0.2, batch_size=2, cv=2
    )

    search.set_callbacks(ProgressBar()).fit(*blobs)

    assert "OptunaSearchCV - fit" in capsys.readouterr().out


# What is printed.


def test_nothing_is_printed_unless_asked(blobs, capfd):
    search_all(TREE, DEPTHS).fit(*blobs)

    assert capfd.readouterr() == ("", "")


def test_a_line_per_batch(blobs, capsys):
    search = search_all(TREE, DEPTHS, batch_size=2, verbose=1).fit(*blobs)

    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["trial 2/3", "trial 3/3"]
    assert lines[-1].endswith(
        f"best {search.best_score_:.4g} (trial {search.best_index_})"
    )


@pytest.mark.parametrize("return_train_score", [True, False])
def test_each_fit_is_printed_as_scikit_learn_does(blobs, return_train_score, capsys):
    search_all(
        TREE, {"max_depth": [1]}, verbose=3, return_train_score=return_train_score
    ).fit(*blobs)

    train = r"\(train=[\d.]+, test=[\d.]+\)" if return_train_score else r"[\d.]+"
    assert (
        len(re.findall(rf"max_depth=1;, score={train}", capsys.readouterr().out)) == 3
    )
