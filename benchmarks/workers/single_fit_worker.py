"""Measure one library's fits of one network; `single_fit.py` starts it in a process.

    python benchmarks/workers/single_fit_worker.py LIBRARY NETWORK TYPE N_FITS RSS_FROM

prints `Measures` as JSON. A library is a row of the table `LIBRARIES`: a function that
does the imports, which are not counted, and returns how to fit.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

EPOCHS, BATCH_SIZE, LEARNING_RATE, DROPOUT = 20, 32, 1e-3, 0.2
N_STEPS = EPOCHS * -(-569 // BATCH_SIZE)
PLAIN, REGULARIZED = "plain", "batch norm + dropout"
SLOW_LIBRARIES = ("keras.Model.fit", "scikeras")


class Case(NamedTuple):
    """One row of the table: what one process measures."""

    library: str
    network: str  # "plain" or "batch norm + dropout"
    dtype: str


@dataclass(frozen=True)
class Measures:
    """What one process found; seconds, and megabytes per fit."""

    first_fit: float
    first_fit_cpu: float  # processor seconds, which a busy machine stretches less
    later_fit: float
    step: float  # a later fit / its number of training steps
    first_predict: float
    predict: float
    rss_growth: float
    accuracy: float  # on the training rows: shows that training happened
    n_parameters: int


class Fitted(NamedTuple):
    """A trained network, whatever the library."""

    predict: Callable[[np.ndarray], Any]
    n_parameters: Callable[[], int]


Fit = Callable[[int], Fitted]  # from the number of the fit


def build_keras_model(network: str) -> Any:
    """Build and compile the network with Keras's own layers."""
    import keras

    inputs = keras.Input((30,))
    hidden = inputs
    for _ in range(2):
        hidden = keras.layers.Dense(64)(hidden)
        if network == REGULARIZED:
            hidden = keras.layers.BatchNormalization(momentum=0.9)(hidden)
        hidden = keras.layers.Activation("relu")(hidden)
        if network == REGULARIZED:
            hidden = keras.layers.Dropout(DROPOUT)(hidden)
    outputs = keras.layers.Dense(1, activation="sigmoid")(hidden)
    model = keras.Model(inputs, outputs)
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="binary_crossentropy", optimizer=optimizer)
    return model


def keras_fits(network: str, X: np.ndarray, y: np.ndarray) -> Fit:
    """Fit one Keras model again and again."""
    import keras  # noqa: F401  (imports are not counted)

    models: list[Any] = []

    def fit(_: int) -> Fitted:
        if not models:
            models.append(build_keras_model(network))
        model = models[0]
        model.fit(X, y, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
        return Fitted(lambda X: model.predict(X, verbose=0), model.count_params)

    return fit


def scikeras_fits(network: str, X: np.ndarray, y: np.ndarray) -> Fit:
    """Fit a new scikeras classifier each time."""
    from scikeras.wrappers import KerasClassifier

    def fit(_: int) -> Fitted:
        clf = KerasClassifier(
            build_keras_model,
            model__network=network,
            batch_size=BATCH_SIZE,
            epochs=EPOCHS,
            verbose=0,
        ).fit(X, y)
        return Fitted(clf.predict, clf.model_.count_params)

    return fit


def sklearn_fits(network: str, X: np.ndarray, y: np.ndarray) -> Fit:
    """Fit a new scikit-learn classifier each time, over all epochs."""
    from sklearn.neural_network import MLPClassifier

    def fit(seed: int) -> Fitted:
        clf = MLPClassifier(
            (64, 64),
            alpha=0.0,
            batch_size=BATCH_SIZE,
            learning_rate_init=LEARNING_RATE,
            max_iter=EPOCHS,
            n_iter_no_change=EPOCHS + 1,
            random_state=seed,
        ).fit(X, y)
        assert clf.n_iter_ == EPOCHS
        arrays = [*clf.coefs_, *clf.intercepts_]
        return Fitted(clf.predict, lambda: sum(array.size for array in arrays))

    warnings.simplefilter("ignore")  # "maximum iterations reached" is meant
    return fit


def skdl_fits(network: str, X: np.ndarray, y: np.ndarray) -> Fit:
    """Fit a new skdl classifier each time."""
    from skdl import MLPClassifier

    def fit(seed: int) -> Fitted:
        clf = MLPClassifier(
            (64, 64),
            learning_rate=LEARNING_RATE,
            batch_norm=network == REGULARIZED,
            dropout=DROPOUT if network == REGULARIZED else 0.0,
            batch_size=BATCH_SIZE,
            epochs=EPOCHS,
            random_state=seed,
        ).fit(X, y)
        assert clf.n_iter_ == EPOCHS
        return Fitted(clf.predict, lambda: clf.model_.count_params())

    return fit


LIBRARIES: dict[str, Callable[[str, np.ndarray, np.ndarray], Fit]] = {
    "keras.Model.fit": keras_fits,
    "scikeras": scikeras_fits,
    "sklearn": sklearn_fits,
    "skdl": skdl_fits,
}


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """Call a function; return the seconds it took, and its result."""
    started = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - started, result


def resident_megabytes() -> float:
    """Return this process's resident memory, garbage excepted."""
    import psutil

    gc.collect()
    return psutil.Process().memory_info().rss / 2**20


def measure(case: Case, n_fits: int, rss_from: int) -> Measures:
    """Fit `n_fits` times and predict; memory growth is counted from fit `rss_from`."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.preprocessing import StandardScaler

    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X).astype(case.dtype)
    fit = LIBRARIES[case.library](case.network, X, y)
    n_predicts = 10 if case.library in SLOW_LIBRARIES else 100
    cpu_before = time.process_time()
    first_fit, fitted = timed(fit, 0)
    first_fit_cpu = time.process_time() - cpu_before
    first_predict, _ = timed(fitted.predict, X)
    predict = statistics.median(timed(fitted.predict, X)[0] for _ in range(n_predicts))
    later, rss = [], {}
    for number in range(2, n_fits + 1):
        seconds, fitted = timed(fit, number)
        later.append(seconds)
        if number in (rss_from, n_fits):
            rss[number] = resident_megabytes()
    return Measures(
        first_fit=first_fit,
        first_fit_cpu=first_fit_cpu,
        later_fit=statistics.median(later),
        step=statistics.median(later) / N_STEPS,
        first_predict=first_predict,
        predict=predict,
        rss_growth=(rss[n_fits] - rss[rss_from]) / (n_fits - rss_from),
        accuracy=float(np.mean((np.ravel(fitted.predict(X)) > 0.5) == y)),
        n_parameters=int(fitted.n_parameters()),
    )


if __name__ == "__main__":
    *words, n_fits, rss_from = sys.argv[1:]
    found = measure(Case(*words), int(n_fits), int(rss_from))
    print(json.dumps(asdict(found)))
