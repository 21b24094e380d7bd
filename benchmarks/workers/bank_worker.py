"""Time banks of growing size; `search.py` starts it in a process.

    python benchmarks/workers/bank_worker.py N_MEMBERS...

prints a list of `Point` as JSON: microseconds per member and step, for the network of
the grid search (30-64-64-1, batch norm, dropout, batches of 32, Adam, float32).
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np

N_ROWS, BATCH_SIZE, EPOCHS = 455, 32, 20
# Multiplications and additions of a row's forward pass, and twice as many back.
FLOPS_PER_ROW = 3 * 2 * (30 * 64 + 64 * 64 + 64)


@dataclass(frozen=True)
class Point:
    """One bank."""

    n_members: int
    microseconds: float  # per member and step, once compiled
    share_of_peak: float  # of the matrix product's rate, measured in this run


def peak_flops() -> float:
    """Return the rate of a large matrix product on all cores, in float32."""
    n = 2048
    a = np.random.default_rng(0).random((n, n), dtype=np.float32)
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - started)
    return 2 * n**3 / min(seconds)


def measure(sizes: list[int]) -> list[Point]:
    """Train banks of these sizes, each twice; the first time compiles."""
    from skdl.data import Samples, row_keys
    from skdl.networks import MLPArchitecture, Regularization
    from skdl.training import (
        Job,
        NetworkWeights,
        OptimizerSpec,
        Rates,
        Signature,
        train,
    )

    random = np.random.default_rng(0)
    X = random.normal(size=(N_ROWS, 30)).astype("float32")
    y = (X[:, :1] > 0).astype("float32")
    samples = Samples(X, y, np.ones(N_ROWS, "float32"), row_keys(X))
    architecture = MLPArchitecture(
        30, (64, 64), 1, "relu", "before", False, True, False, False, "float32"
    )
    signature = Signature(
        architecture,
        "binary_crossentropy",
        OptimizerSpec("adam"),
        "constant",
        BATCH_SIZE,
        is_sparse=False,
        keeps_best=False,
    )
    peak = peak_flops()
    points = []
    for size in sizes:
        jobs = [
            Job(
                signature,
                Rates(10 ** random.uniform(-4, -2)),
                Regularization(dropout=random.uniform(0, 0.5)),
                NetworkWeights(*architecture.initial_weights(random)),
                samples,
                EPOCHS,
                seed=i,
            )
            for i in range(size)
        ]
        train(jobs)
        seconds = []
        for _ in range(5 if size < 500 else 2):
            started = time.perf_counter()
            train(jobs)
            seconds.append(time.perf_counter() - started)
        each = min(seconds) / size / (EPOCHS * -(-N_ROWS // BATCH_SIZE))
        share = FLOPS_PER_ROW * BATCH_SIZE / each / peak
        points.append(Point(size, each * 1e6, share))
    return points


if __name__ == "__main__":
    print(
        json.dumps([asdict(point) for point in measure(list(map(int, sys.argv[1:])))])
    )
