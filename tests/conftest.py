"""Settings and fixtures that all tests share."""

import os

# Before anything imports TensorFlow or matplotlib; worker processes inherit both.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["MPLBACKEND"] = "Agg"
# Read when scipy is imported; without it scikit-learn skips its array API check.
os.environ["SCIPY_ARRAY_API"] = "1"
# Read when shap is imported: compiling its loops takes 15 s, running them no time.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
NUMERIC = [
    ROOT / "tests" / name
    for name in (
        "data",
        "explain/local",
        "explain/scores",
        "training/program/test_program.py",
    )
]
DATA_FIXTURES = {"data_dir", "data_file"}

settings.register_profile("skdl", deadline=None, print_blob=True)
settings.load_profile("skdl")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by fixture and by folder; files that use XLA come first.

    A process that goes from XLA to plain graphs drops the programs it has, so it does
    that once.
    """
    with_xla = {item.path for item in items if item.get_closest_marker("xla")}
    items.sort(key=lambda item: item.path not in with_xla)
    for item in items:
        if any(item.path.is_relative_to(path) for path in NUMERIC):
            item.add_marker(pytest.mark.numeric)
        if DATA_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.data)


def _existing(path: Path) -> Path:
    """Return a path of the data folder, or skip (in CI: fail) the test without it."""
    if path.exists():
        return path
    reason = (
        f"This test reads '{path}', which does not exist. "
        "Set SKDL_DATA to the folder that has the data files."
    )
    if os.environ.get("SKDL_REQUIRE_DATA") == "1":
        pytest.fail(f"{reason} (SKDL_REQUIRE_DATA=1 makes this an error.)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture
def data_dir() -> Path:
    """The folder of real data: $SKDL_DATA, else ../shared/data."""
    default = ROOT.parent / "shared" / "data"
    return _existing(Path(os.environ.get("SKDL_DATA") or default))


@pytest.fixture
def data_file(data_dir: Path) -> Callable[[str], Path]:
    """A function from the name of a data file to its path."""
    return lambda name: _existing(data_dir / name)


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """A client of a real Dask cluster of two processes."""
    import distributed  # few tests need it

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client


@pytest.fixture
def banks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of members of each bank that is trained, however it comes about."""
    from skdl.training._fusion import fuse  # loads TensorFlow

    members = []
    train_banks = fuse.train_banks

    def train(jobs, *, on_bank=lambda n_members: None, **others):
        def note(n_members):
            members.append(n_members)
            on_bank(n_members)

        return train_banks(jobs, on_bank=note, **others)

    monkeypatch.setattr(fuse, "train_banks", train)
    return members


@pytest.fixture
def programs() -> Collection[object]:
    """The cache of compiled programs."""
    from skdl.training._bank.programs import programs  # loads TensorFlow

    return programs
