"""Small tables and a new interpreter, shared by the tests of the estimators."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

N_SAMPLES = 80
N_FEATURES = 4


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


@pytest.fixture(scope="session")
def X() -> np.ndarray:
    """80 rows of 4 standard normal features, float64."""
    random = np.random.default_rng(0)
    return _read_only(random.normal(size=(N_SAMPLES, N_FEATURES)))


@pytest.fixture(scope="session")
def two_classes(X: np.ndarray) -> np.ndarray:
    """0 or 1, depending on the sign of a sum of two features."""
    return _read_only((X[:, 0] + X[:, 1] > 0).astype(int))


@pytest.fixture(scope="session")
def three_classes(X: np.ndarray) -> np.ndarray:
    """0, 1 or 2, the position of the largest of three features."""
    return _read_only(X[:, :3].argmax(axis=1))


@pytest.fixture(scope="session")
def two_labels(X: np.ndarray) -> np.ndarray:
    """A multilabel indicator matrix of two columns."""
    return _read_only((X[:, :2] > 0).astype(int))


@pytest.fixture(scope="session")
def quantity(X: np.ndarray) -> np.ndarray:
    """A sum of features, curved, with mean 5."""
    return _read_only(3 * X[:, 0] - X[:, 1] + X[:, 2] ** 2 + 4)


@pytest.fixture
def in_new_process(root: Path, tmp_path: Path) -> Callable[..., str]:
    """A function that runs code in a new interpreter and returns its output."""
    environment = {**os.environ, "PYTHONPATH": str(root)}

    def run(code: str, *arguments: object) -> str:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
