"""Ctrl-C ends a fused search, and searches in two threads stay separate."""

import signal
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score

import skdl

FOREVER = 10_000_000  # epochs


@pytest.fixture
def interrupt_when():
    """A function that presses Ctrl-C once a condition holds."""
    # Ctrl-C only reaches the main thread.
    assert threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    main, watchers = threading.get_ident(), []

    def start(is_due, seconds=0.0):
        def watch():
            deadline = time.monotonic() + 60
            while not is_due() and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(seconds)
            signal.pthread_kill(main, signal.SIGINT)

        watchers.append(threading.Thread(target=watch, daemon=True))
        watchers[-1].start()

    yield start
    for watcher in watchers:
        watcher.join()
    signal.signal(signal.SIGINT, handler)


@pytest.mark.parametrize("where", ["search", "nested", "refit"])
def test_ctrl_c(where, classifier, X, two_classes, interrupt_when, banks_of):
    grid = {"learning_rate": [0.003, 0.03]}
    n_before = 1 if where == "refit" else 0

    def interrupted():
        if where == "refit":  # a fit outside of any task
            cross_val_score(classifier(), X, two_classes, cv=3)
            classifier(epochs=FOREVER).fit(X, two_classes)
        search = GridSearchCV(classifier(epochs=FOREVER), grid, cv=3)
        if where == "nested":
            cross_val_score(search, X, two_classes, cv=2)
        search.fit(X, two_classes)

    started = time.monotonic()
    with skdl.fuse() as fusion:
        interrupt_when(lambda: fusion.n_banks > n_before, seconds=0.3)
        with pytest.raises(KeyboardInterrupt):
            interrupted()

    assert fusion.n_banks == n_before + 1
    assert time.monotonic() - started < 50

    def search():
        return cross_val_score(classifier(), X, two_classes, cv=3)

    assert banks_of(search) == [3]


def test_ctrl_c_while_a_task_computes(
    classifier, X, two_classes, interrupt_when, banks_of
):
    computing = threading.Event()

    class Slow(skdl.MLPClassifier):
        def fit(self, X, y):
            super().fit(X, y)
            computing.set()
            time.sleep(0.2)
            return self

    network = Slow(**classifier().get_params())
    with skdl.fuse() as fusion:
        interrupt_when(computing.is_set)
        with pytest.raises(KeyboardInterrupt):
            cross_val_score(network, X, two_classes, cv=20, error_score="raise")

    assert fusion.banks == [20]
    assert banks_of(lambda: cross_val_score(classifier(), X, two_classes)) == [5]


def test_two_searches_in_two_threads(classifier, X, two_classes, three_classes):
    targets = [two_classes, three_classes, two_classes, three_classes]
    grid = {"learning_rate": [0.003, 0.03]}
    together = threading.Barrier(2)
    fused = {}

    def search_for(y):
        search = GridSearchCV(
            classifier(), grid, cv=3, scoring="neg_log_loss", error_score="raise"
        )
        search.fit(X, y)
        return search.cv_results_["mean_test_score"], search.predict_proba(X)

    def run(places):
        together.wait(60)
        for place in places:
            with skdl.fuse() as fusion:
                scores, predicted = search_for(targets[place])
            fused[place] = scores, predicted, fusion.banks

    # Python keeps filters per process: even without fusion, two searches in two threads
    # may leave each other's filters behind.
    with warnings.catch_warnings(), ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(run, [i, i + 2]) for i in range(2)]:
            future.result(120)

    for place, y in enumerate(targets):
        scores, predicted, banks = fused[place]
        plain_scores, plain_predicted = search_for(y)
        np.testing.assert_allclose(scores, plain_scores, rtol=1e-4)
        np.testing.assert_allclose(predicted, plain_predicted, rtol=1e-4, atol=1e-4)
        assert banks == [6, 1]
