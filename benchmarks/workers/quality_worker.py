"""Search one table by several samplers or pruners; `search_quality.py` starts it.

    python benchmarks/workers/quality_worker.py {samplers,pruners} TABLE TRIALS SEEDS

prints JSON: for each sampler (or pruner) what each seed's search found.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from workers.search_worker import load

SAMPLERS = ("tpe", "gp", "nsga2", "random", "grid")
PRUNERS = (None, "median", "hyperband", "wilcoxon")
N_HOUSES = 2000  # of the 20,640
BATCH_SIZE = 4


@dataclass(frozen=True)
class Found:
    """What one search found."""

    best_so_far: list[float]  # mean score over folds, after each trial
    seconds: float
    n_pruned: int


def table(name: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """Read a table: features, targets, and whether these are classes."""
    if name != "california":
        X, y = load(name)
        return X, y, name == "titanic"
    import pandas as pd
    from sklearn.preprocessing import StandardScaler

    folder = Path(os.environ.get("SKDL_DATA", "../shared/data"))
    frame = pd.read_csv(folder / "california_housing.csv.gz")
    frame = frame.dropna().sample(N_HOUSES, random_state=0)
    y = frame.pop("median_house_value").to_numpy() / 100_000
    X = pd.get_dummies(frame, columns=["ocean_proximity"]).to_numpy("float64")
    return StandardScaler().fit_transform(X).astype("float32"), y, False


def space(sampler: str, n_trials: int) -> dict[str, Any]:
    """What is searched; for a grid, about as many points as there are trials."""
    from optuna.distributions import FloatDistribution

    if sampler == "grid":
        n_rates = max(2, n_trials // 8)
        return {
            "learning_rate": np.logspace(-4, -1, n_rates).tolist(),
            "hidden_layer_sizes": [(16,), (64, 64)],
            "dropout": [0.0, 0.3],
            "l2": [1e-6, 1e-3],
        }
    return {
        "learning_rate": FloatDistribution(1e-4, 1e-1, log=True),
        "hidden_layer_sizes": [(16,), (64,), (32, 32), (64, 64)],
        "dropout": FloatDistribution(0.0, 0.5),
        "l2": FloatDistribution(1e-7, 1e-2, log=True),
    }


def search_once(
    name: str, n_trials: int, seed: int, *, sampler: str, pruner: str | None
) -> Found:
    """Search a table."""
    from sklearn.model_selection import KFold, StratifiedKFold

    import skdl

    X, y, has_classes = table(name)
    family = skdl.MLPClassifier if has_classes else skdl.MLPRegressor
    folds = StratifiedKFold if has_classes else KFold
    network = family(
        batch_size=64,
        epochs=40,
        early_stopping=True,
        validation_fraction=0.2,
        random_state=seed,
    )
    choices = space(sampler, n_trials)
    if sampler == "grid":  # in another order for each seed: a grid has none
        order = np.random.default_rng(seed)
        choices = {
            key: list(order.permutation(np.array(value, dtype=object)))
            if key != "hidden_layer_sizes"
            else value
            for key, value in choices.items()
        }
    search = skdl.OptunaSearchCV(
        network,
        choices,
        n_trials=n_trials,
        sampler=sampler,
        pruner=pruner,
        cv=folds(5, shuffle=True, random_state=seed),
        scoring="accuracy" if has_classes else "r2",
        batch_size=BATCH_SIZE,
        random_state=seed,
        refit=False,
    )
    began = time.perf_counter()
    search.fit(X, y)
    seconds = time.perf_counter() - began
    scores = np.nan_to_num(search.cv_results_["mean_test_score"], nan=-np.inf)
    return Found(
        best_so_far=np.maximum.accumulate(scores).tolist(),
        seconds=seconds,
        n_pruned=int(np.sum(search.cv_results_["state"] == "PRUNED")),
    )


def main() -> None:
    """Run what the command line says."""
    what, name, n_trials, n_seeds = sys.argv[1:]
    choices: dict[str, dict[str, Any]] = {
        "samplers": {s: {"sampler": s, "pruner": None} for s in SAMPLERS},
        "pruners": {str(p): {"sampler": "tpe", "pruner": p} for p in PRUNERS},
    }[what]
    # Programs are compiled in a search that does not count.
    search_once(name, 8, 99, sampler="random", pruner=None)
    found: dict[str, list] = {choice: [] for choice in choices}
    for seed in range(int(n_seeds)):
        for choice, settings in choices.items():  # in turn, as the machine varies
            one = search_once(name, int(n_trials), seed, **settings)
            found[choice].append(asdict(one))
            print(choice, seed, f"{one.seconds:.1f} s", file=sys.stderr, flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
