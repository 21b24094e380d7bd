"""`HypergradientSearchCV` beside random search at equal training cost.

Run it from the repository root (some minutes on 2 cores)::

    python benchmarks/hypergradient.py [--quick] [--data FOLDER] [--json FILE]

**The tables**: hourly wages (534 x 9, regression) and Titanic (891 x 8, survival), a
quarter of the rows kept apart as test rows, another quarter for each seed. Features
are standardised, categories one-hot, in a pipeline with an `MLPRegressor` or
`MLPClassifier` of 64-64 ReLU units, Adam, batches of 32, 40 epochs.

**The searches** are over the learning rate in (1e-5, 1) and l2 in (1e-6, 1), with 3
folds, refit included, and score by R2 or the mean log loss. Hypergradients: 4
restarts, horizons of 1, 100 (the default) and infinity. Random search draws from the
same ranges, evenly in the logarithm, inside `skdl.fuse`: as many candidates as there
are restarts, which is what scoring alone costs, and as many as cost what
`HypergradientSearchCV` costs with tuning.

**The cost** is counted in steps of a plain network. What a step of tuning costs is
measured first, on the same table, networks side by side and compiled before: the time
of a step of tuning over that of a plain step, the median of five turns.

**The measures**: scores on the test rows, mean and standard deviation over seeds, and
in how many seeds the hypergradients' was the better one. Seconds are those of a whole
search, the second of its kind in the process, so that nothing compiles.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import math
import os
import platform
import statistics
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import loguniform
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import skdl
from skdl.search import HypergradientSearchCV
from skdl.training import planned_jobs, train
from skdl.training.hypergradients import TunedRange, TuningJob, tune

DATA = Path(
    os.environ.get("SKDL_DATA") or Path(__file__).parents[2] / "shared" / "data"
)
PACKAGES = ("tensorflow", "keras", "scikit-learn", "numpy")
RANGES = {"learning_rate": (1e-5, 1.0), "l2": (1e-6, 1.0)}
N_RESTARTS, N_FOLDS, EPOCHS = 4, 3, 40
HORIZONS = (1, 100, math.inf)
SHARE_TUNED = 0.8  # of a fold's training rows; the others are looked at


@dataclass(frozen=True)
class Table:
    """A problem, and how its searches are scored."""

    X: pd.DataFrame
    y: pd.Series
    network: Any
    scoring: str


def as_float32(X):
    """Train in float32."""
    return X.astype("float32")


def load_tables(folder: Path) -> dict[str, Table]:
    """Read both tables."""
    wages = pd.read_csv(folder / "hourly_wages.csv.gz").drop(columns="part")
    titanic = pd.read_csv(folder / "titanic_seaborn.csv.gz")
    columns = ["pclass", "sex", "age", "sibsp", "parch", "fare", "embarked", "alone"]
    settings = {"hidden_layer_sizes": (64, 64), "epochs": EPOCHS}
    return {
        "wages": Table(
            wages.drop(columns="wage_per_hour"),
            wages["wage_per_hour"],
            skdl.MLPRegressor(**settings),
            "r2",
        ),
        "titanic": Table(
            titanic[columns].assign(alone=titanic["alone"].astype(float)),
            titanic["survived"],
            skdl.MLPClassifier(**settings),
            "neg_log_loss",
        ),
    }


def make_model(network):
    """Put the preprocessing in front."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (
            OneHotEncoder(handle_unknown="ignore"),
            make_column_selector(dtype_exclude="number"),
        ),
        sparse_threshold=0,
    )
    steps = [("columns", columns), ("float32", FunctionTransformer(as_float32))]
    model = make_pipeline(*(step for _, step in steps), network)
    return model.set_params(**{f"{model.steps[-1][0]}__random_state": 0})


def prefixed(model, values: dict) -> dict:
    """Name parameters as the pipeline does."""
    return {f"{model.steps[-1][0]}__{name}": value for name, value in values.items()}


def hypergradient_search(table: Table, seed: int, **settings: Any):
    """A search by hypergradients."""
    model = make_model(table.network)
    return HypergradientSearchCV(
        model,
        prefixed(model, RANGES),
        n_restarts=N_RESTARTS,
        scoring=table.scoring,
        cv=N_FOLDS,
        random_state=seed,
        **settings,
    )


def random_search(table: Table, seed: int, n_candidates: int):
    """A random search over the same ranges."""
    model = make_model(table.network)
    ranges = {name: loguniform(*ends) for name, ends in RANGES.items()}
    return RandomizedSearchCV(
        model,
        prefixed(model, ranges),
        n_iter=n_candidates,
        scoring=table.scoring,
        cv=N_FOLDS,
        random_state=seed,
    )


def step_ratio(table: Table, n_turns: int) -> float:
    """Measure what a step of tuning costs, in steps of plain training."""
    model = make_model(table.network).set_params(
        **prefixed(make_model(table.network), {"early_stopping": True, "l2": 1e-4})
    )
    (job,) = planned_jobs(lambda: model.fit(table.X, table.y))
    job = replace(
        job, signature=replace(job.signature, keeps_best=False), stopping=None
    )
    ranges = tuple(TunedRange(name, *ends) for name, ends in RANGES.items())
    n_networks = N_RESTARTS * N_FOLDS
    plain = [replace(job, seed=i, validation=None) for i in range(n_networks)]
    tuned = [
        TuningJob(replace(job, seed=i), ranges, 0.05, 0.99) for i in range(n_networks)
    ]
    train(plain), tune(tuned)  # compiles
    ratios = []
    for _ in range(n_turns):
        started = time.perf_counter()
        tune(tuned)
        between = time.perf_counter()
        train(plain)
        ratios.append((between - started) / (time.perf_counter() - between))
    return statistics.median(ratios)


def run_search(search, table: Table, seed: int) -> tuple[float, float]:
    """Fit a search -> its score on the test rows, and seconds."""
    stratify = table.y if table.scoring == "neg_log_loss" else None
    X_train, X_test, y_train, y_test = train_test_split(
        table.X, table.y, test_size=0.25, random_state=seed, stratify=stratify
    )
    started = time.perf_counter()
    with skdl.fuse():
        search.fit(X_train, y_train)
    return search.score(X_test, y_test), time.perf_counter() - started


def main() -> None:
    """Run all searches and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test: 1 seed")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the tables")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all scores")
    options = parser.parse_args()
    if not (options.data / "hourly_wages.csv.gz").is_file():
        print(f"Skipped: there is no hourly_wages.csv.gz in '{options.data}'.")
        return
    n_seeds, n_turns = (1, 1) if options.quick else (5, 5)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(
        f"{datetime.date.today()}, {os.cpu_count()} cores, load before "
        f"{', '.join(f'{v:.1f}' for v in os.getloadavg())}, seeds: {n_seeds}\n"
        f"Python {platform.python_version()}, {', '.join(versions)}"
    )
    written = {}
    for name, table in load_tables(options.data).items():
        ratio = step_ratio(table, n_turns)
        n_equal = round(N_RESTARTS * (1 + SHARE_TUNED * ratio))
        searches = {
            f"hypergradients, horizon {horizon:g}": (
                lambda seed, h=horizon, t=table: hypergradient_search(
                    t, seed, horizon=h
                )
            )
            for horizon in HORIZONS
        }
        for n in (N_RESTARTS, n_equal):
            searches[f"random, {n} candidates"] = lambda seed, n=n, t=table: (
                random_search(t, seed, n)
            )
        print(
            f"\n{name}: a step of tuning costs {ratio:.1f} plain steps, so "
            f"{N_RESTARTS} restarts cost {n_equal} candidates\n\n"
            f"| search | test {table.scoring} | seconds |\n|---|--:|--:|",
            flush=True,
        )
        scores = {}
        for label, make in searches.items():
            run_search(make(0), table, 0)  # compiles
            found = [run_search(make(seed), table, seed) for seed in range(n_seeds)]
            scores[label] = [score for score, _ in found]
            print(
                f"| {label} | {np.mean(scores[label]):.4f} ± "
                f"{np.std(scores[label]):.4f} "
                f"| {statistics.median(seconds for _, seconds in found):.2f} |",
                flush=True,
            )
        default, equal = scores[f"hypergradients, horizon {HORIZONS[1]}"], scores[label]
        wins = sum(a > b for a, b in zip(default, equal, strict=True))
        print(
            f"\nHypergradients (horizon {HORIZONS[1]}) beat random search of equal "
            f"cost in {wins} of {n_seeds} seeds."
        )
        written[name] = scores
    if options.json:
        options.json.write_text(json.dumps(written, indent=1))


if __name__ == "__main__":
    main()
