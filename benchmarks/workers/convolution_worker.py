"""Measure epochs of one network on MNIST; `convolution.py` starts it in a process.

    python benchmarks/workers/convolution_worker.py NETWORK N_IMAGES N_EPOCHS DATA

prints `Measures` as JSON. Both libraries train in one process, in turn, on the same
network: skdl's own `model_`, which is made of Keras's layers.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

BATCH_SIZE = 128
NETWORKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch norm": {"batch_norm": True},
    "dropout": {"dropout": 0.2},
    "batch norm + dropout": {"batch_norm": True, "dropout": 0.2},
    "batch norm + dropout, 5x5": {
        "batch_norm": True,
        "dropout": 0.2,
        "kernel_size": 5,
    },
}


@dataclass(frozen=True)
class Measures:
    """What one process found: seconds of each epoch, and the most memory in MB."""

    skdl: list[float]
    keras: list[float]
    augmented: list[float]  # skdl's, with shift, rotation and zoom
    skdl_loss: float  # of the last epoch: shows that training happened
    keras_loss: float
    n_parameters: int
    peak_megabytes: float


def seconds_of(function: Callable[[], Any]) -> float:
    """Call a function; return the seconds it took."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def measure(network: str, n_images: int, n_epochs: int, data: Path) -> Measures:
    """Train in turn, an epoch each, after one that traces and compiles."""
    from skdl import ConvClassifier

    with np.load(data / "mnist_train.npz") as arrays:
        X, y = arrays["x"][:n_images], arrays["y"][:n_images]
    settings = {"batch_size": BATCH_SIZE, "random_state": 0, **NETWORKS[network]}
    clf = ConvClassifier((32, 64), **settings)
    augmented = ConvClassifier((32, 64), augment=True, **settings)
    model = clf.partial_fit(X, y).model_  # its initial weights are trained an epoch
    model.compile("adam", "sparse_categorical_crossentropy")
    images, options = X[..., None], {"batch_size": BATCH_SIZE, "verbose": 0}
    augmented.partial_fit(X, y)
    model.fit(images, y, **options)
    ours, theirs, changed = [], [], []
    for _ in range(n_epochs):
        ours.append(seconds_of(lambda: clf.partial_fit(X, y)))
        theirs.append(seconds_of(lambda: model.fit(images, y, **options)))
        changed.append(seconds_of(lambda: augmented.partial_fit(X, y)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measures(
        skdl=ours,
        keras=theirs,
        augmented=changed,
        skdl_loss=float(clf.history_["loss"].iloc[-1]),
        keras_loss=float(model.history.history["loss"][-1]),
        n_parameters=int(model.count_params()),
        peak_megabytes=peak,
    )


if __name__ == "__main__":
    network, n_images, n_epochs, data = sys.argv[1:]
    found = measure(network, int(n_images), int(n_epochs), Path(data))
    print(json.dumps(asdict(found)))
