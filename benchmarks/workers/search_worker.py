"""Run one library's grid search on one table; `search.py` starts it in a process.

    python benchmarks/workers/search_worker.py LIBRARY TABLE REPEATS

prints `Measures` as JSON. A library is a row of the table `LIBRARIES`: a function that
does the imports, which are not counted, and returns the search to be fitted.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Task(NamedTuple):
    """A table, and the grid that is searched on it."""

    hidden_layer_sizes: tuple[int, ...]
    batch_size: int
    epochs: int
    rates: list[float]
    n_folds: int
    has_batch_norm: bool
    n_inputs: int
    n_outputs: int  # of PyTorch's network
    is_regression: bool = False


SMALL = Task((64, 64), 32, 20, np.logspace(-4, -1.5, 8).tolist(), 5, True, 30, 2)
TASKS = {
    "breast cancer": SMALL,
    "titanic": SMALL._replace(n_inputs=10),
    "wages": SMALL._replace(n_inputs=9, n_outputs=1, is_regression=True),
    "mnist": Task((128,), 128, 5, [3e-4, 1e-3, 3e-3, 1e-2], 3, False, 784, 10),
}
DROPOUTS = (0.1, 0.2, 0.4)
ALPHAS = (1e-5, 1e-4, 1e-3)  # of scikit-learn, which has no dropout


@dataclass(frozen=True)
class Measures:
    """What one process found."""

    seconds: float  # of the first search of the process
    cpu: float
    later: float  # median of further searches; nan if there were none
    base_megabytes: float  # resident before the search
    peak_megabytes: float  # most resident during the first, with child processes
    growth_megabytes: float  # per further search, of what is resident
    best_score: float
    n_fits: int
    banks: list[int]


def load(table: str) -> tuple[np.ndarray, np.ndarray]:
    """Read a table: standardised features in float32, and what to predict."""
    import pandas as pd
    from sklearn.datasets import load_breast_cancer
    from sklearn.preprocessing import StandardScaler

    folder = Path(os.environ.get("SKDL_DATA", "../shared/data"))
    if table == "mnist":
        digits = np.load(folder / "mnist_train.npz")
        return (
            digits["x"][:10_000].reshape(10_000, -1).astype("float32") / 255,
            digits["y"][:10_000].astype("int64"),
        )
    if table == "breast cancer":
        X, y = load_breast_cancer(return_X_y=True)
    else:
        file, target = {
            "titanic": ("titanic_all_numeric.csv.gz", "survived"),
            "wages": ("hourly_wages.csv.gz", "wage_per_hour"),
        }[table]
        frame = pd.read_csv(folder / file).drop(columns="part", errors="ignore")
        y = frame.pop(target).to_numpy()
        X = frame.to_numpy(dtype="float64")
    return StandardScaler().fit_transform(X).astype("float32"), y


def scikeras_search(task: Task) -> Any:
    """GridSearchCV on scikeras, its tags repaired so that folds are the same."""
    import keras
    from scikeras.wrappers import KerasClassifier, KerasRegressor
    from sklearn.model_selection import GridSearchCV
    from sklearn.utils import ClassifierTags, RegressorTags

    def build(meta: dict, rate: float, dropout: float) -> Any:
        inputs = keras.Input((meta["n_features_in_"],))
        hidden = inputs
        for size in task.hidden_layer_sizes:
            hidden = keras.layers.Dense(size)(hidden)
            if task.has_batch_norm:
                hidden = keras.layers.BatchNormalization(momentum=0.9)(hidden)
            hidden = keras.layers.Activation("relu")(hidden)
            hidden = keras.layers.Dropout(dropout)(hidden)
        n_classes = 1 if task.is_regression else meta["n_classes_"]
        many = n_classes > 2
        outputs = keras.layers.Dense(
            n_classes if many else 1,
            activation="softmax"
            if many
            else ("linear" if task.is_regression else "sigmoid"),
        )(hidden)
        model = keras.Model(inputs, outputs)
        loss = "mse" if task.is_regression else "binary_crossentropy"
        if many:
            loss = "sparse_categorical_crossentropy"
        model.compile(loss=loss, optimizer=keras.optimizers.Adam(rate))
        return model

    family = KerasRegressor if task.is_regression else KerasClassifier

    class Repaired(family):  # type: ignore[misc, valid-type]
        def __sklearn_tags__(self) -> Any:
            tags = super().__sklearn_tags__()
            if task.is_regression:
                tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
            else:
                tags.estimator_type = "classifier"
                tags.classifier_tags = ClassifierTags()
            return tags

    network = Repaired(
        build,
        model__rate=1e-3,
        model__dropout=0.1,
        batch_size=task.batch_size,
        epochs=task.epochs,
        verbose=0,
    )
    grid = {"model__rate": task.rates, "model__dropout": DROPOUTS}
    return GridSearchCV(network, grid, cv=task.n_folds, error_score="raise")


def skorch_search(task: Task) -> Any:
    """GridSearchCV(n_jobs=2) on skorch."""
    import torch
    from sklearn.model_selection import GridSearchCV
    from skorch import NeuralNetClassifier, NeuralNetRegressor
    from workers.skorch_module import Network

    settings: dict[str, Any] = {}
    if not task.is_regression:
        settings["criterion"] = torch.nn.CrossEntropyLoss
    family = NeuralNetRegressor if task.is_regression else NeuralNetClassifier
    network = family(
        Network,
        module__sizes=task.hidden_layer_sizes,
        module__n_inputs=task.n_inputs,
        module__n_outputs=task.n_outputs,
        module__has_batch_norm=task.has_batch_norm,
        optimizer=torch.optim.Adam,
        max_epochs=task.epochs,
        batch_size=task.batch_size,
        train_split=None,
        verbose=0,
        **settings,
    )
    grid = {"lr": task.rates, "module__dropout": DROPOUTS}
    return GridSearchCV(network, grid, cv=task.n_folds, n_jobs=2, error_score="raise")


def sklearn_search(task: Task, n_jobs: int) -> Any:
    """GridSearchCV on scikit-learn's own networks: no batch norm, no dropout."""
    from sklearn.model_selection import GridSearchCV
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    warnings.simplefilter("ignore")  # "maximum iterations reached" is meant
    os.environ["PYTHONWARNINGS"] = "ignore"
    family = MLPRegressor if task.is_regression else MLPClassifier
    network = family(
        hidden_layer_sizes=task.hidden_layer_sizes,
        batch_size=task.batch_size,
        max_iter=task.epochs,
        n_iter_no_change=task.epochs + 1,
        random_state=0,
    )
    grid = {"learning_rate_init": task.rates, "alpha": ALPHAS}
    return GridSearchCV(network, grid, cv=task.n_folds, n_jobs=n_jobs)


def skdl_search(task: Task) -> Any:
    """GridSearchCV on skdl's networks."""
    from sklearn.model_selection import GridSearchCV

    import skdl.training  # noqa: F401  (imports are not counted)
    from skdl import MLPClassifier, MLPRegressor

    family = MLPRegressor if task.is_regression else MLPClassifier
    network = family(
        task.hidden_layer_sizes,
        batch_norm=task.has_batch_norm,
        batch_size=task.batch_size,
        epochs=task.epochs,
        random_state=0,
    )
    grid = {"learning_rate": task.rates, "dropout": DROPOUTS}
    return GridSearchCV(network, grid, cv=task.n_folds, error_score="raise")


LIBRARIES: dict[str, Callable[[Task], Any]] = {
    "scikeras": scikeras_search,
    "skorch, n_jobs=2": skorch_search,
    "sklearn": lambda task: sklearn_search(task, 1),
    "sklearn, n_jobs=2": lambda task: sklearn_search(task, 2),
    "skdl": skdl_search,
    "skdl, fused": skdl_search,
}


class PeakMemory:
    """The most memory of this process with its children, sampled while in context."""

    def __enter__(self) -> PeakMemory:
        """Begin to sample."""
        import psutil

        self._process = psutil.Process()
        self._ended = threading.Event()
        self.megabytes = 0.0
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        import psutil

        while True:
            resident = self._process.memory_info().rss
            for child in self._process.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    resident += child.memory_info().rss
            self.megabytes = max(self.megabytes, resident / 2**20)
            if self._ended.wait(0.05):
                return


def resident_megabytes() -> float:
    """Return the memory that this process has now."""
    import gc

    import psutil

    gc.collect()
    return psutil.Process().memory_info().rss / 2**20


def measure(library: str, table: str, repeats: int) -> Measures:
    """Fit the search, and again for memory and for the time of later searches."""
    task = TASKS[table]
    X, y = load(table)
    assert X.shape[1] == task.n_inputs
    if library.startswith("skorch") and task.is_regression:
        y = y.astype("float32").reshape(-1, 1)
    search = LIBRARIES[library](task)
    banks: list[int] = []

    def fit() -> None:
        if library == "skdl, fused":
            import skdl

            with skdl.fuse() as fusion:
                search.fit(X, y)
            banks[:] = fusion.banks
        else:
            search.fit(X, y)

    base = resident_megabytes()
    cpu, started = time.process_time(), time.perf_counter()
    with PeakMemory() as peak:
        fit()
        seconds = time.perf_counter() - started
    cpu = time.process_time() - cpu
    later, resident = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        fit()
        later.append(time.perf_counter() - started)
        resident.append(resident_megabytes())
    return Measures(
        seconds=seconds,
        cpu=cpu,
        later=float(np.median(later)) if later else float("nan"),
        base_megabytes=base,
        peak_megabytes=peak.megabytes,
        growth_megabytes=(
            (resident[-1] - resident[0]) / (repeats - 1)
            if repeats > 1
            else float("nan")
        ),
        best_score=float(search.best_score_),
        n_fits=len(search.cv_results_["params"]) * task.n_folds,
        banks=banks,
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    found = measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    print(json.dumps(asdict(found)))
