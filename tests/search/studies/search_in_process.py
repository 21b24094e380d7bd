"""Searches in processes of their own, for tests that kill them.

Run as a script it imports what a search needs, once, and forks a process for each line
of JSON that it reads. A process fits a search as the line says, prints a line when it
is about to begin, and leaves what it found in a file.
"""

import json
import os
import signal
import sys
import time

from optuna.pruners import MedianPruner
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl.search._studies import workers
from skdl.search._studies.storages import open_storage


class SlowClassifier(ClassifierMixin, BaseEstimator):
    """Naive Bayes that takes its time, and for ever where `never_ends` is set."""

    never_ends = False

    def __init__(self, smoothing=1.0, seconds=0.0):
        self.smoothing = smoothing
        self.seconds = seconds

    def fit(self, X, y):
        while self.never_ends:
            time.sleep(60)
        time.sleep(self.seconds)
        self.model_ = GaussianNB(var_smoothing=self.smoothing).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)


def make_search(*, seconds, **settings):
    """A search of iris; `seconds` is the time of a fit."""
    return skdl.OptunaSearchCV(
        SlowClassifier(seconds=seconds),
        {"smoothing": loguniform(1e-4, 1e2)},
        cv=3,
        **{"n_trials": 40, "batch_size": 4, "random_state": 7, **settings},
    )


def make_network_search(**settings):
    """A search of networks, with a pruner that looks from the first epoch on."""
    network = skdl.MLPClassifier(
        (16,), epochs=40, patience=40, early_stopping=True, random_state=0
    )
    return skdl.OptunaSearchCV(
        make_pipeline(StandardScaler(), network),
        {"mlpclassifier__learning_rate": loguniform(1e-5, 1e-1)},
        cv=3,
        pruner=MedianPruner(n_startup_trials=4, n_warmup_steps=0),
        **{"n_trials": 12, "batch_size": 4, "random_state": 7, **settings},
    )


def findings(search):
    """What a finished search has to say, for comparison."""
    return {
        "best_params": search.best_params_,
        "best_score": search.best_score_,
        "params": list(search.cv_results_["params"]),
        "scores": search.cv_results_["mean_test_score"].tolist(),
        "numbers": search.cv_results_["trial_number"].tolist(),
        "states": search.cv_results_["state"].tolist(),
    }


def run(line):
    """Fit the search that a line describes."""
    command = json.loads(line)
    if "machine" in command:
        workers.machine = lambda: command["machine"]
    for name, value in command.get("constants", {}).items():
        setattr(workers, name, value)
    SlowClassifier.never_ends = command.get("never_ends", False)
    make = make_network_search if command.get("is_network") else make_search
    search = make(**command["search"])
    X, y = load_iris(return_X_y=True)
    print(json.dumps({"pid": os.getpid()}), flush=True)
    search.fit(X, y)
    with open(command["out"] + ".part", "w") as file:
        json.dump(findings(search), file)
    os.rename(command["out"] + ".part", command["out"])


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    open_storage("sqlite://")  # imports what databases need
    for order in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            run(order)
            sys.stdout.flush()
            os._exit(0)
