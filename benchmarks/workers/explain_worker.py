"""Explain one estimator by scikit-learn's function and by ours, in one process.

    python benchmarks/workers/explain_worker.py ESTIMATOR EXPLANATION ROUNDS

`explain.py` starts it and says what is measured. Prints JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from sklearn import inspection
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skdl import explain

N_REPEATS, N_POINTS, N_FEATURES = 10, 100, 10
FOLDER = Path(os.environ.get("SKDL_DATA", "../shared/data"))


def breast_cancer() -> tuple[pd.DataFrame, Any]:
    """569 rows of 30 standardised numbers."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    return (X - X.mean()) / X.std(), y


def titanic() -> tuple[pd.DataFrame, Any]:
    """891 rows of numbers and words, some missing."""
    table = pd.read_csv(FOLDER / "titanic_seaborn.csv.gz")
    columns = ["pclass", "sex", "age", "sibsp", "parch", "fare", "embarked", "deck"]
    X = table[columns].astype({"pclass": float, "sibsp": float, "parch": float})
    return X, table["survived"]


def nba_shots() -> tuple[pd.DataFrame, Any]:
    """128,069 rows of 9 standardised numbers."""
    table = pd.read_csv(FOLDER / "nba_shots.csv.gz")
    X = table.select_dtypes("number").drop(columns=["FGM"]).astype(float)
    return (X - X.mean()) / X.std(), table["FGM"]


def scikeras_network() -> Any:
    """64-64 units, 20 epochs, tags repaired for scikit-learn 1.9."""
    import keras
    from scikeras.wrappers import KerasClassifier
    from sklearn.utils import ClassifierTags

    class Repaired(KerasClassifier):
        def __sklearn_tags__(self) -> Any:
            tags = super().__sklearn_tags__()
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags()
            return tags

    def build(meta: dict[str, Any]) -> Any:
        layers = [keras.layers.Dense(64, "relu") for _ in range(2)]
        inputs = keras.layers.Input((meta["n_features_in_"],))
        return keras.Sequential([inputs, *layers, keras.layers.Dense(1, "sigmoid")])

    return Repaired(
        build, loss="binary_crossentropy", optimizer="adam", epochs=20, verbose=0
    )


def skdl_network() -> Any:
    """64-64 units, 20 epochs."""
    import skdl

    return skdl.MLPClassifier((64, 64), epochs=20, random_state=0)


def skdl_large() -> Any:
    """The same for many rows: larger batches, fewer epochs."""
    import skdl

    return skdl.MLPClassifier((64, 64), batch_size=1024, epochs=3, random_state=0)


def words_and_forest() -> Any:
    """A pipeline that fills, scales and encodes, and a forest."""
    numbers = ["pclass", "age", "sibsp", "parch", "fare"]
    encode = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), ["sex", "embarked", "deck"]),
    )
    return make_pipeline(encode, RandomForestClassifier(random_state=0))


def scaled_regression() -> Any:
    """A scaler and a logistic regression."""
    return make_pipeline(StandardScaler(), LogisticRegression())


def forest() -> Any:
    """100 trees."""
    return RandomForestClassifier(random_state=0)


def shallow_forest() -> Any:
    """50 trees of at most 8 levels, for many rows."""
    return RandomForestClassifier(50, max_depth=8, n_jobs=2, random_state=0)


def boosting() -> Any:
    """100 trees by gradient boosting."""
    return HistGradientBoostingClassifier(random_state=0)


ESTIMATORS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "scikeras": (scikeras_network, breast_cancer),
    "skdl": (skdl_network, breast_cancer),
    "random forest": (forest, breast_cancer),
    "gradient boosting": (boosting, breast_cancer),
    "scaler, logistic regression": (scaled_regression, breast_cancer),
    "words, random forest": (words_and_forest, titanic),
    "NBA, skdl": (skdl_large, nba_shots),
    "NBA, random forest": (shallow_forest, nba_shots),
    "NBA, gradient boosting": (boosting, nba_shots),
}


class PeakMemory:
    """The most that the process's resident memory grows while a block runs."""

    def __enter__(self) -> PeakMemory:
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._start = self._peak = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            self._peak = max(self._peak, self._process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def megabytes(self) -> float:
        return (self._peak - self._start) / 2**20


def importance(module: Any, estimator: Any, X: Any, y: Any) -> np.ndarray:
    """All features, 10 repeats (3 of many rows), accuracy."""
    n_repeats = N_REPEATS if len(X) < 10_000 else 3
    extra = {"correlation_threshold": None} if module is explain else {}
    found = module.permutation_importance(
        estimator, X, y, n_repeats=n_repeats, random_state=0, **extra
    )
    return found.importances


def dependence(module: Any, estimator: Any, X: Any, y: Any) -> np.ndarray:
    """10 features, 100 points each (of many rows 2 features, 20 points)."""
    n_features, n_points = (N_FEATURES, N_POINTS) if len(X) < 10_000 else (2, 20)
    numbers = [name for name in X.select_dtypes("number") if X[name].notna().all()]
    return np.concatenate(
        [
            module.partial_dependence(
                estimator, X, [name], grid_resolution=n_points, method="brute"
            )["average"].ravel()
            for name in numbers[:n_features]
        ]
    )


EXPLANATIONS = {"importance": importance, "dependence": dependence}


def main() -> None:
    """Fit, explain by both, compare the numbers."""
    name, explanation, n_rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    warnings.simplefilter("ignore")
    make, load = ESTIMATORS[name]
    X, y = load()
    estimator = make().fit(X, y)
    estimator.predict(X)
    run = EXPLANATIONS[explanation]
    measures: dict[str, list[float]] = {}
    results, peaks = {}, {}
    for _ in range(n_rounds):
        for word, module in (("skdl", explain), ("sklearn", inspection)):
            with PeakMemory() as memory:
                started = time.perf_counter()
                results[word] = run(module, estimator, X, y)
                seconds = time.perf_counter() - started
            measures.setdefault(word, []).append(seconds)
            peaks.setdefault(word, memory.megabytes)
    print(
        json.dumps(
            {
                "sklearn": statistics.median(measures["sklearn"]),
                "skdl": statistics.median(measures["skdl"]),
                "skdl_first": measures["skdl"][0],
                "difference": float(np.abs(results["sklearn"] - results["skdl"]).max()),
                "peak_sklearn": peaks["sklearn"],
                "peak_skdl": peaks["skdl"],
                "n_samples": len(X),
                "n_features": X.shape[1],
            }
        )
    )


if __name__ == "__main__":
    main()
