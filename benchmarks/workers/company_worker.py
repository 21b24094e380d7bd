"""Time networks one by one and together; `search.py` starts it in a process.

    python benchmarks/workers/company_worker.py

prints a list of `Company` as JSON. Together is never to be slower than one by one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

NETWORKS = {  # layers, rows, batch size, epochs
    "8": ((8,), 500, 32, 20),
    "64-64": ((64, 64), 500, 32, 20),
    "256-256": ((256, 256), 2000, 64, 5),
    "1024-1024": ((1024, 1024), 2000, 128, 3),
}
SIZES = (2, 5, 24)


@dataclass(frozen=True)
class Company:
    """Some fits of one network, seconds."""

    network: str
    n_members: int
    alone: float  # one after another
    together: float
    alone_cold: float  # with compiling, in this process
    together_cold: float


class Fit:
    """Fits one network, with other numbers each time.

    Parameters
    ----------
    name : str
        A key of `NETWORKS`.
    """

    def __init__(self, name: str) -> None:
        self.layers, n_rows, self.batch_size, self.epochs = NETWORKS[name]
        self.X = np.random.default_rng(0).normal(size=(n_rows, 50)).astype("float32")
        self.y = (self.X[:, 0] * self.X[:, 1] > 0).astype(int)

    def __call__(self, seed: int) -> None:
        """Fit."""
        from skdl import MLPClassifier

        MLPClassifier(
            self.layers,
            batch_size=self.batch_size,
            epochs=self.epochs,
            learning_rate=1e-3 * (1 + seed),
            random_state=seed,
        ).fit(self.X, self.y)

    def alone(self, size: int) -> None:
        """Fit some times, one after another."""
        for seed in range(size):
            self(seed)

    def together(self, size: int) -> None:
        """Fit some times, fused."""
        import joblib

        import skdl

        with skdl.fuse():
            joblib.Parallel()(joblib.delayed(self)(seed) for seed in range(size))


def measure() -> list[Company]:
    """Fit each network some times, one by one and together."""
    from skdl.training import clear_programs

    found = []
    for name in NETWORKS:
        fit = Fit(name)
        for size in SIZES:
            seconds = []
            for way in (fit.alone, fit.together):
                clear_programs()
                cold = timed(way, size)
                seconds += [min(timed(way, size) for _ in range(5)), cold]
            alone, alone_cold, together, together_cold = seconds
            found.append(
                Company(name, size, alone, together, alone_cold, together_cold)
            )
    return found


def timed(function: Callable[[int], None], size: int) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    function(size)
    return time.perf_counter() - started


if __name__ == "__main__":
    print(json.dumps([asdict(company) for company in measure()]))
