"""One of the processes that share a search; `many_workers.py` starts it.

    python benchmarks/workers/sharing_worker.py {sklearn,skdl} STORAGE STUDY TRIALS

says "ready", waits for a line, searches, and prints JSON: when it began and ended, how
many trials it did, and the best parameters.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings

from optuna.distributions import FloatDistribution
from workers.search_worker import load

import skdl


def main() -> None:
    """Run what the command line says."""
    estimator, storage, study, n_trials = sys.argv[1:]
    warnings.simplefilter("ignore")
    X, y = load("titanic")
    rates = FloatDistribution(1e-4, 1e-1, log=True)
    if estimator == "sklearn":
        from sklearn.neural_network import MLPClassifier

        network = MLPClassifier((64, 64), batch_size=32, max_iter=40, random_state=0)
        space = {"learning_rate_init": rates}
    else:
        network = skdl.MLPClassifier(
            (64, 64), batch_size=32, epochs=300, dropout=0.1, random_state=0
        )
        space = {"learning_rate": rates}
    search = skdl.OptunaSearchCV(
        network,
        space,
        n_trials=int(n_trials),
        sampler="random",
        storage=storage,
        study_name=study,
        batch_size=4,
        random_state=0,
        refit=False,
    )
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.time()
    search.fit(X, y)
    ended = time.time()
    (worker,) = [
        key
        for key, value in search.study_.user_attrs.items()
        if key.startswith("skdl:worker:") and value["pid"] == os.getpid()
    ]
    # A trial asked for beyond the last one waits, without an owner.
    trials = search.study_.get_trials()
    owners = [trial.user_attrs.get("skdl:worker") for trial in trials]
    print(
        json.dumps(
            {
                "began": began,
                "ended": ended,
                "n_trials": owners.count(worker.removeprefix("skdl:worker:")),
                "best": json.dumps(search.best_params_),
            }
        )
    )


if __name__ == "__main__":
    main()
