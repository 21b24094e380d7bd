"""Search one table with one library's OptunaSearchCV; `search_quality.py` starts it.

    python benchmarks/workers/optuna_worker.py LIBRARY TABLE TRIALS REPEATS

prints JSON: seconds of the first search of the process and of further ones, and scores.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

from optuna.distributions import FloatDistribution
from workers.search_worker import TASKS, load

LIBRARIES = (
    "optuna-integration, scikeras",
    "optuna-integration, sklearn",
    "skdl",
    "skdl, pruned",
)
RATES = FloatDistribution(1e-4, 3e-2, log=True)


def peer(library: str, name: str, n_trials: int) -> Any:
    """OptunaSearchCV of optuna-integration."""
    import optuna
    from optuna_integration import OptunaSearchCV
    from workers.search_worker import scikeras_search, sklearn_search

    task = TASKS[name]
    if library.endswith("scikeras"):
        estimator = scikeras_search(task).estimator
        space = {"model__rate": RATES, "model__dropout": FloatDistribution(0.1, 0.4)}
    else:
        estimator = sklearn_search(task, 1).estimator
        space = {
            "learning_rate_init": RATES,
            "alpha": FloatDistribution(1e-6, 1e-2, log=True),
        }
    return OptunaSearchCV(
        estimator,
        space,
        cv=task.n_folds,
        n_trials=n_trials,
        study=optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=0)
        ),
        random_state=0,
        error_score="raise",
    )


def ours(library: str, name: str, n_trials: int) -> Any:
    """OptunaSearchCV of skdl."""
    import skdl

    task = TASKS[name]
    is_pruned = library.endswith("pruned")
    family = skdl.MLPRegressor if task.is_regression else skdl.MLPClassifier
    network = family(
        task.hidden_layer_sizes,
        batch_norm=task.has_batch_norm,
        batch_size=task.batch_size,
        epochs=task.epochs,
        early_stopping=is_pruned,
        random_state=0,
    )
    return skdl.OptunaSearchCV(
        network,
        {"learning_rate": RATES, "dropout": FloatDistribution(0.1, 0.4)},
        cv=task.n_folds,
        n_trials=n_trials,
        pruner="median" if is_pruned else None,
        random_state=0,
        error_score="raise",
    )


def main() -> None:
    """Run what the command line says."""
    library, name, n_trials, repeats = sys.argv[1:]
    warnings.simplefilter("ignore")
    X, y = load(name)
    make = ours if library.startswith("skdl") else peer
    seconds, scores = [], []
    for _ in range(1 + int(repeats)):
        search = make(library, name, int(n_trials))
        began = time.perf_counter()
        search.fit(X, y)
        seconds.append(time.perf_counter() - began)
        scores.append(float(search.best_score_))
    print(json.dumps({"seconds": seconds, "scores": scores}))


if __name__ == "__main__":
    main()
