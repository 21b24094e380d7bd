"""Small tables and networks, and a comparison of runs with and without `skdl.fuse`."""

from __future__ import annotations

import faulthandler
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

import skdl

N_SAMPLES, N_FEATURES = 60, 4

# One architecture and one batch size, so that few programs are compiled.
SETTINGS = {
    "hidden_layer_sizes": (6,),
    "epochs": 4,
    "batch_size": 16,
    "learning_rate": 0.01,
    "random_state": 0,
}


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


@pytest.fixture(scope="session")
def X() -> np.ndarray:
    """60 rows of 4 standard normal features, float64."""
    random = np.random.default_rng(0)
    return _read_only(random.normal(size=(N_SAMPLES, N_FEATURES)))


@pytest.fixture(scope="session")
def two_classes(X: np.ndarray) -> np.ndarray:
    """0 or 1, by the sign of a sum of two features."""
    return _read_only((X[:, 0] + X[:, 1] > 0).astype(int))


@pytest.fixture(scope="session")
def three_classes(X: np.ndarray) -> np.ndarray:
    """0, 1 or 2, by the largest of three features."""
    return _read_only(X[:, :3].argmax(axis=1))


@pytest.fixture(scope="session")
def quantities(X: np.ndarray) -> np.ndarray:
    """Three sums of features."""
    return _read_only(X @ np.random.default_rng(1).normal(size=(N_FEATURES, 3)) + 4)


@pytest.fixture(scope="session")
def classifier() -> Callable[..., skdl.MLPClassifier]:
    """A function that makes a small classifier."""
    return lambda **changes: skdl.MLPClassifier(**{**SETTINGS, **changes})


@pytest.fixture(scope="session")
def regressor() -> Callable[..., skdl.MLPRegressor]:
    """A function that makes a small regressor."""
    return lambda **changes: skdl.MLPRegressor(**{**SETTINGS, **changes})


@pytest.fixture(scope="session")
def banks_of() -> Callable[..., list[int]]:
    """A function that compares a run without and with fusion.

    The run returns one array of numbers, or several in a dict or a sequence. The
    function returns the size of each bank.
    """

    def run(function: Callable[[], Any], **parameters: Any) -> list[int]:
        plain = function()
        with skdl.fuse(**parameters) as fusion:
            fused = function()
        _assert_close(fused, plain)
        return fusion.banks

    return run


def _assert_close(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        ours, theirs = list(ours.values()), list(theirs.values())
    if isinstance(theirs, list | tuple):
        for our, their in zip(ours, theirs, strict=True):
            _assert_close(our, their)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def skdl_threads() -> set[threading.Thread]:
    """The threads of skdl that are alive."""
    return {each for each in threading.enumerate() if each.name.startswith("skdl-")}


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Check that no test leaves a thread or a warning filter behind."""
    before, content = warnings.filters, list(warnings.filters)
    hanging = skdl_threads()  # of an earlier test that failed
    yield
    deadline = time.monotonic() + 5
    while skdl_threads() - hanging and time.monotonic() < deadline:
        time.sleep(0.005)  # the last task is done a moment before its thread ends
    assert skdl_threads() - hanging == set()
    assert warnings.filters is before
    assert warnings.filters == content


@pytest.fixture(scope="session")
def in_time() -> Callable[..., Any]:
    """A function that runs another one, and fails with all stacks if it hangs."""

    def run(function: Callable[[], Any], seconds: float = 60) -> Any:
        future: Future = Future()

        def keep() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - raised where it is awaited
                future.set_exception(error)

        thread = threading.Thread(target=keep, daemon=True)
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            with tempfile.TemporaryFile("w+") as stacks:
                faulthandler.dump_traceback(stacks)
                stacks.seek(0)
                pytest.fail(f"It hangs.\n{stacks.read()}")
        return future.result()

    return run


@pytest.fixture
def stub_training(monkeypatch: pytest.MonkeyPatch) -> list[list]:
    """Replace training by a stub; returns the jobs of each bank so far.

    A job may be any object. Its outcome is ("trained", job), or the job itself if that
    is an exception.
    """
    banks = []

    def train_banks(
        jobs: Sequence[Any],
        *,
        is_cancelled: Callable[[int], bool] = lambda place: False,
        on_bank: Callable[[int], None] = lambda n_members: None,
        **_: Any,
    ) -> list[Any]:
        banks.append(list(jobs))
        on_bank(len(jobs))
        time.sleep(0.001)
        return [
            job if isinstance(job, BaseException) else ("trained", job) for job in jobs
        ]

    monkeypatch.setattr("skdl.training._train.train_banks", train_banks)
    monkeypatch.setattr("skdl.training._fusion.fuse.train_banks", train_banks)
    monkeypatch.setattr("skdl.training._fusion.fuse.rows_bytes", lambda jobs: 0)
    return banks
