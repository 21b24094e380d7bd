"""Run one wrapper's grid search of one build function, in a process of its own.

    python benchmarks/workers/wrappers_worker.py LIBRARY REPEATS

prints `Measures` as JSON. A library is a row of the table `LIBRARIES`: a function that
does the imports, which are not counted, and returns the search to be fitted.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

EPOCHS, BATCH_SIZE, N_FOLDS = 20, 32, 5
UNITS, RATES = (32, 64), (1e-3, 3e-3, 1e-2)
LOSS = "binary_crossentropy"

n_builds = 0


@dataclass(frozen=True)
class Measures:
    """What one process found."""

    seconds: float  # of the first search of the process
    later: float  # median of further searches; nan if there were none
    growth: float  # megabytes per fit of what is resident, from one search to the next
    builds: int  # calls of the build function in the first search
    best_score: float
    n_fits: int


def build(units: int, rate: float, n_outputs: int = 1) -> Any:
    """Build and compile a Keras model; all libraries call this function."""
    global n_builds
    import keras

    n_builds += 1
    model = keras.Sequential(
        [
            keras.Input((30,)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(n_outputs, activation="sigmoid"),
        ]
    )
    model.compile(loss=LOSS, optimizer=keras.optimizers.Adam(rate))
    return model


def build_for_keras(X: Any, y: Any, units: int, rate: float) -> Any:
    """The same for keras.wrappers, which passes X and one-hot encoded y."""
    return build(units, rate, n_outputs=y.shape[1])


def search(estimator: Any, prefix: str) -> Any:
    """The search of all libraries: 6 candidates, 5 stratified folds, no refit."""
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    grid = {f"{prefix}units": list(UNITS), f"{prefix}rate": list(RATES)}
    folds = StratifiedKFold(N_FOLDS)
    return GridSearchCV(
        estimator, grid, cv=folds, refit=False, scoring="accuracy", error_score="raise"
    )


def scikeras() -> Callable[[Any, Any], Any]:
    """scikeras, without seed: a seed would switch slower determinism on."""
    from scikeras.wrappers import KerasClassifier

    estimator = KerasClassifier(
        build, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0, units=32, rate=1e-3
    )
    return lambda X, y: search(estimator, "model__").fit(X, y)


def keras_wrappers() -> Callable[[Any, Any], Any]:
    """keras.wrappers; its epochs are passed to fit, as `clone` forgets fit_kwargs."""
    from keras.wrappers import SKLearnClassifier
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    estimator = SKLearnClassifier(build_for_keras, warm_start=False, model_kwargs={})
    grid = {
        "model_kwargs": [
            {"units": units, "rate": rate} for units in UNITS for rate in RATES
        ]
    }
    found = GridSearchCV(
        estimator, grid, cv=StratifiedKFold(N_FOLDS), refit=False, error_score="raise"
    )
    more = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "verbose": 0}
    return lambda X, y: found.fit(X, y, **more)


def skdl(*, random_state: int | None, fuses: bool) -> Callable[[Any, Any], Any]:
    """skdl, with the line that a user of scikeras changes."""
    import skdl

    estimator = skdl.KerasClassifier(
        build,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        verbose=0,
        random_state=random_state,
        units=32,
        rate=1e-3,
    )

    def run(X: Any, y: Any) -> Any:
        with skdl.fuse() if fuses else contextlib.nullcontext():
            return search(estimator, "model__").fit(X, y)

    return run


LIBRARIES: dict[str, Callable[[], Callable[[Any, Any], Any]]] = {
    "scikeras": scikeras,
    "keras.wrappers": keras_wrappers,
    "skdl": lambda: skdl(random_state=0, fuses=False),
    "skdl, no seed": lambda: skdl(random_state=None, fuses=False),
    "skdl fused": lambda: skdl(random_state=0, fuses=True),
    "skdl fused, no seed": lambda: skdl(random_state=None, fuses=True),
}


def resident_megabytes() -> float:
    """Resident memory of this process, without what is free to be given back."""
    import psutil

    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)  # of the GNU C library
    return psutil.Process().memory_info().rss / 2**20


def main() -> None:
    """Measure the library named on the command line."""
    library, repeats = sys.argv[1], int(sys.argv[2])
    warnings.simplefilter("ignore")
    from sklearn.datasets import load_breast_cancer
    from sklearn.preprocessing import StandardScaler

    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X).astype("float32")
    run = LIBRARIES[library]()
    started = time.perf_counter()
    found = run(X, y)
    seconds, builds = time.perf_counter() - started, n_builds
    later, resident = [], [resident_megabytes()]
    for _ in range(repeats):
        started = time.perf_counter()
        run(X, y)
        later.append(time.perf_counter() - started)
        resident.append(resident_megabytes())
    n_fits = len(UNITS) * len(RATES) * N_FOLDS
    # The first searches fill caches and thread pools.
    steps = np.diff(resident)[repeats // 2 :]
    measures = Measures(
        seconds=seconds,
        later=statistics.median(later) if later else float("nan"),
        growth=float(np.mean(steps)) / n_fits if len(steps) else float("nan"),
        builds=builds,
        best_score=float(np.max(found.cv_results_["mean_test_score"])),
        n_fits=n_fits,
    )
    print(json.dumps(asdict(measures)))


if __name__ == "__main__":
    main()
