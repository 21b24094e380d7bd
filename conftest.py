"""What holds for tests and for the examples in docstrings alike."""

import gc
import os
import sys
from collections.abc import Iterator

import pytest

XLA_FOR_ALL = os.environ.get("SKDL_XLA")

# TensorFlow's graphs are many small objects that stay, so collections are expensive.
gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let XLA compile the programs of tests marked so; SKDL_XLA=1 marks them all.

    Most of a small fit is XLA's work. A plain graph of the same operations serves tests
    of what surrounds it. Called before fixtures are made, which may fit networks too.
    """
    wanted = XLA_FOR_ALL or str(int(item.get_closest_marker("xla") is not None))
    if os.environ.get("SKDL_XLA", "1") != wanted:
        os.environ["SKDL_XLA"] = wanted
        if "skdl.training" in sys.modules:
            sys.modules["skdl.training"].clear_programs()


@pytest.fixture(autouse=True, scope="module")
def _programs_are_dropped() -> Iterator[None]:
    """Drop a file's programs: a process that keeps all of them needs gigabytes."""
    yield
    if "skdl.training" in sys.modules:
        sys.modules["skdl.training"].clear_programs()
        gc.collect()


@pytest.fixture(autouse=True)
def _figures_are_closed() -> Iterator[None]:
    """Close what was drawn: matplotlib warns of more than 20 open figures."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
