"""Under `fuse`, callbacks, printed lines and warnings tell what they always do."""

import re
import warnings
from collections import Counter

import numpy as np
import pytest
from sklearn.callback import ProgressBar
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score

import skdl
from skdl.exceptions import DivergenceWarning

N_FOLDS = 3
RATES = {"learning_rate": [0.003, 0.03]}
SCORING = "neg_log_loss"
DIVERGING = {"optimizer": "sgd", "learning_rate": 1e6, "activation": "linear"}


def search_of(estimator, grid, **parameters):
    settings = {"cv": N_FOLDS, "scoring": SCORING, **parameters}
    return GridSearchCV(estimator, grid, **settings)


# Callbacks and printed lines.


def _epoch(context):
    """The number of the epoch; that of a fit is its number in the search."""
    return context.task_id if context.task_name == "epoch" else None


class Recorder:
    """A callback that notes the events of each fit, and may stop it or fail."""

    def __init__(self, stop_after=None, fails_after=None):
        self.stop_after = stop_after
        self.fails_after = fails_after
        self.events = {}
        self.fitted = []

    def note(self, estimator, *what):
        events = self.events.setdefault(id(estimator), [])
        events.append(what)
        self.fitted.append(estimator)  # so that no id is used again
        return events

    def setup(self, estimator, context):
        self.note(estimator, "setup")

    def teardown(self, estimator, context):
        self.note(estimator, "teardown")

    def on_fit_task_begin(self, estimator, context, **passed):
        self.note(estimator, "begin", context.task_name, _epoch(context))

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None, **passed):
        events = self.note(estimator, "end", context.task_name, _epoch(context))
        if context.task_name != "epoch":
            return False
        n_epochs = sum(event[:2] == ("end", "epoch") for event in events)
        if n_epochs == self.fails_after:
            raise RuntimeError("the callback failed")
        return n_epochs == self.stop_after

    def fits(self):
        """Each fit's events, and how many fits had the same."""
        return Counter(tuple(events) for events in self.events.values())


@pytest.mark.parametrize("stop_after", [None, 2])
def test_callbacks_hear_the_same(stop_after, classifier, X, two_classes, banks_of):
    recorders = []

    def run():
        recorders.append(Recorder(stop_after))
        network = classifier().set_callbacks(recorders[-1])
        search = search_of(network, RATES).fit(X, two_classes)
        scores = search.cv_results_["mean_test_score"]
        return [scores, search.best_estimator_.n_iter_]

    assert banks_of(run) == [2 * N_FOLDS, 1]
    plain, fused = recorders
    assert fused.fits() == plain.fits()
    assert list(fused.fits().values()) == [2 * N_FOLDS + 1]
    (events,) = fused.fits()
    assert events.count(("end", "epoch", 1)) == 1
    assert len(events) == 4 + 2 * (stop_after or 4)


def test_an_error_of_a_callback(classifier, X, two_classes):
    recorder = Recorder(fails_after=2)
    network = classifier().set_callbacks(recorder)

    with pytest.raises(RuntimeError, match="the callback failed"), skdl.fuse():
        search_of(network, RATES, error_score="raise").fit(X, two_classes)

    assert {events[-1] for events in recorder.fits()} == {("teardown",)}


def test_a_progress_bar(classifier, X, two_classes, capsys):
    search = search_of(classifier(), RATES)
    search.set_callbacks(ProgressBar(max_propagation_depth=None))

    with skdl.fuse() as fusion:
        search.fit(X, two_classes)

    printed = capsys.readouterr().out
    assert "GridSearchCV" in printed
    assert printed.count("MLPClassifier") >= 2 * N_FOLDS
    assert fusion.banks == [2 * N_FOLDS, 1]


def test_verbose(classifier, X, two_classes, capsys):
    def lines(estimator):
        search = search_of(estimator, RATES, verbose=3, scoring="accuracy")
        search.fit(X, two_classes)
        printed = re.sub(r"total time=.*", "", capsys.readouterr().out)
        return Counter(printed.splitlines())

    plain = lines(classifier(verbose=2))
    with skdl.fuse():
        fused = lines(classifier(verbose=2))

    assert fused == plain
    assert any("Fitting 3 folds for each of 2 candidates" in line for line in plain)
    assert sum(line.startswith("epoch 2/4") for line in plain.elements()) == 7
    assert sum("END" in line for line in plain.elements()) == 6


# Warnings.


def test_a_member_diverges_alone(classifier, X, two_classes, banks_of):
    seen = []

    def run():
        grid = [
            {"optimizer": ["sgd"], "learning_rate": [0.003, 1e6, 0.03]},
            {"optimizer": ["sgd"], "learning_rate": [0.01]},
        ]
        network = classifier(activation="linear", l2=1.0)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            search = search_of(network, grid, refit=False, scoring="accuracy")
            search.fit(X, two_classes)
        seen.append(Counter((each.category, str(each.message)) for each in caught))
        return search.cv_results_["mean_test_score"]

    assert banks_of(run) == [4 * N_FOLDS]
    plain, fused = seen
    assert fused == plain
    assert set(fused) == {(DivergenceWarning, message) for _, message in fused}
    assert sum(fused.values()) == N_FOLDS
    assert "MLPClassifier diverged in epoch" in next(iter(fused))[1]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_warnings_can_be_errors(n_jobs, classifier, X, two_classes):
    network = classifier(**DIVERGING, l2=1.0)

    with pytest.raises(DivergenceWarning, match="diverged in epoch"), skdl.fuse():
        cross_val_score(network, X, two_classes, error_score="raise", n_jobs=n_jobs)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_warnings_can_be_ignored(n_jobs, classifier, X, two_classes):
    network = classifier(**DIVERGING, l2=1.0)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        with skdl.fuse() as fusion:
            scores = cross_val_score(network, X, two_classes, cv=3, n_jobs=n_jobs)

    assert np.isfinite(scores).all()
    assert caught == []
    assert fusion.banks == [3]


def test_filters_of_a_task_stay_its_own(X, two_classes, classifier):
    class Filters(skdl.MLPClassifier):
        """Sets a filter for its training, and sees only its own."""

        def fit(self, X, y):
            name = f"filter of {self.random_state}"
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", name)
                before = list(warnings.filters)
                super().fit(X, y)
                assert warnings.filters == before
            assert name not in str(warnings.filters)
            return self

    network = Filters(**classifier().get_params())
    search = search_of(network, {"random_state": [1, 2, 3]}, error_score="raise")
    before, content = warnings.filters, list(warnings.filters)

    with skdl.fuse() as fusion:
        search.fit(X, two_classes)

    assert fusion.banks == [3 * N_FOLDS, 1]
    assert warnings.filters is before
    assert warnings.filters == content
