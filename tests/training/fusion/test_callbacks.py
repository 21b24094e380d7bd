"""Under `fuse`, callbacks and printed lines are those of a search without it."""

import re
from collections import Counter

import pytest
from sklearn.callback import ProgressBar
from sklearn.model_selection import GridSearchCV

import skdl

N_FOLDS = 3
RATES = {"learning_rate": [0.003, 0.03]}
SCORING = "neg_log_loss"


def search_of(estimator, grid, **parameters):
    settings = {"cv": N_FOLDS, "scoring": SCORING, **parameters}
    return GridSearchCV(estimator, grid, **settings)


def _epoch(context):
    """The number of the epoch. The number of a fit is its place in the search."""
    return context.task_id if context.task_name == "epoch" else None


class Recorder:
    """A callback that records the events of each fit, and may stop it or fail."""

    def __init__(self, stop_after=None, fails_after=None):
        self.stop_after = stop_after
        self.fails_after = fails_after
        self.events = {}
        self.fitted = []

    def note(self, estimator, *what):
        events = self.events.setdefault(id(estimator), [])
        events.append(what)
        self.fitted.append(estimator)  # so that no id is reused
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
def test_callbacks_receive_the_same(stop_after, classifier, X, two_classes, banks_of):
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
