"""Where things are found: by their names, and an underscore marks what is internal."""

import ast
import dataclasses
import enum
import importlib
import importlib.util
import inspect
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCSTRINGS_ALLOWED = 0.26  # of all lines of skdl
# Imports of internals that tests had before there was a rule. The list may only shrink.
KNOWN = {
    "reports/test_explain_report.py imports skdl.reports._sections.effects",
    "search/test_suggested_candidates.py imports skdl.estimators._parameters",
}

_spec = importlib.util.spec_from_file_location(
    "house_sources", Path(__file__).with_name("sources.py")
)
sources = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sources)


def public_packages() -> list[str]:
    """The packages without an underscore."""
    return [
        name
        for name, path in sources.modules().items()
        if path.name == "__init__.py" and not sources.is_internal(name)
    ]


def is_record(obj: object) -> bool:
    """Whether a class only describes: a record, an enum, a protocol, a named tuple."""
    if not inspect.isclass(obj):
        return False
    return (
        dataclasses.is_dataclass(obj)
        or issubclass(obj, enum.Enum | tuple)
        or getattr(obj, "_is_protocol", False)
    )


def is_found_by_its_name(obj: object, neighbours: set[str] = frozenset()) -> bool:
    """Whether a public function or class lies in the file that bears its name.

    A class may also lie beside a public function, in the file of that one's name.
    """
    last = obj.__module__.split(".")[-1].lstrip("_")
    if inspect.isclass(obj) and issubclass(obj, Exception):
        return last in ("exceptions", sources.snake_case(obj.__name__))
    if inspect.isclass(obj) and (last in neighbours or is_record(obj)):
        return True
    return last == sources.snake_case(obj.__name__)


@pytest.mark.parametrize("package", public_packages())
def test_public_names_lie_in_files_of_their_names(package):
    module = importlib.import_module(package)
    exported = [getattr(module, name) for name in getattr(module, "__all__", [])]
    homeless = [
        f"{obj.__module__}.{obj.__name__}"
        for obj in exported
        if (inspect.isclass(obj) or inspect.isfunction(obj))
        and obj.__module__.startswith("skdl")
        and not is_found_by_its_name(obj, set(module.__all__))
    ]

    assert homeless == []


def test_modules_of_public_packages_are_internal():
    public = [
        name
        for name, path in sources.modules().items()
        if path.name not in ("__init__.py", "exceptions.py")
        and not sources.is_internal(name)
    ]

    assert public == []


def may_import(importer: str, name: str) -> bool:
    """Whether a module may import another, which may be another floor's own."""
    parts = name.split(".")
    if not sources.is_internal(name) or parts[1].startswith("_"):
        return True
    return importer.split(".")[:2] == parts[:2]


def test_internal_modules_are_imported_on_their_own_floor_alone():
    found = [
        f"{importer} imports {name}"
        for importer, path in sources.modules().items()
        for name in sorted(sources.imported(path))
        if not may_import(importer, name)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("importer", "name", "answer"),
    [
        ("skdl.plots._a", "skdl.explain", True),
        ("skdl.plots._a", "skdl._checks", True),
        ("skdl.plots._a", "skdl.plots._b", True),
        ("skdl.plots._a", "skdl.explain._b", False),
        ("skdl.plots._a", "skdl.explain.local._b", False),
    ],
)
def test_may_import(importer, name, answer):
    assert may_import(importer, name) is answer


def plain(name: str) -> str:
    """`skdl.training._bank.lanes` -> `training.bank.lanes`."""
    return ".".join(part.lstrip("_") for part in name.split(".")[1:])


def mirrored(test: Path) -> str:
    """What a test file mirrors: its path without "test_", without underscores."""
    parts = test.relative_to(ROOT / "tests").with_suffix("").parts
    return ".".join([*parts[:-1], parts[-1].removeprefix("test_")])


def may_be_imported_by(test: Path, name: str) -> bool:
    """Whether a test file may import a module of skdl.

    It may import what is public and the one module that it mirrors. A test of several
    modules together bears the name of none of them and lies in the folder of their
    package: it may import what lies in that package, and from the ground floor what
    the package may import too. Tests in `tests/compat` may import all of
    `skdl._compat`. Any test may replace a constant by its dotted name
    (`monkeypatch.setattr("skdl.a._b.CONSTANT", 1)`), which imports nothing.
    """
    own, folder = mirrored(test), mirrored(test).rpartition(".")[0]
    if not sources.is_internal(name) or plain(name) == own:
        return True
    if folder == "compat":
        return name.startswith("skdl._compat")
    files, packages = set(), set()
    for other, path in sources.modules().items():
        (packages if path.name == "__init__.py" else files).add(plain(other))
    if not folder or folder not in packages or own in files:
        return False
    return plain(name).startswith(f"{folder}.") or name.split(".")[1].startswith("_")


def test_tests_import_what_is_public_or_what_they_mirror():
    found = {
        f"{path.relative_to(ROOT / 'tests')} imports {name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in sources.imported(path)
        if not may_be_imported_by(path, name)
    }

    assert sorted(found - KNOWN) == []
    assert sorted(KNOWN - found) == [], "This is over: take it out of KNOWN."


@pytest.mark.parametrize(
    ("test", "name", "answer"),
    [
        ("training/bank/test_lanes.py", "skdl.training", True),
        ("training/bank/test_lanes.py", "skdl.training._bank.lanes", True),
        ("training/bank/test_lanes.py", "skdl.training._bank.bank", False),
        ("training/bank/test_lanes.py", "skdl._checks", False),
        ("training/test_convolutions.py", "skdl.training._bank.bank", True),
        ("training/test_convolutions.py", "skdl._checks", True),
        ("training/test_convolutions.py", "skdl.search._studies.spaces", False),
        ("training/no_package/test_convolutions.py", "skdl.training._train", False),
        ("test_convolutions.py", "skdl.training._train", False),
        ("compat/test_keras.py", "skdl._compat.optuna", True),
        ("compat/test_keras.py", "skdl._checks", False),
    ],
)
def test_may_be_imported_by(test, name, answer):
    assert may_be_imported_by(ROOT / "tests" / test, name) is answer


def test_docstrings_leave_room_for_code():
    n_lines = n_docstring_lines = 0
    for path in sources.modules().values():
        n_lines += len(path.read_text(encoding="utf-8").splitlines())
        n_docstring_lines += sum(
            value.end_lineno - value.lineno + 1
            for _, _, value in sources.docstrings(path)
        )

    assert n_docstring_lines / n_lines <= DOCSTRINGS_ALLOWED


def test_docstrings_of_internals_have_no_sections():
    exported = {
        (obj.__module__, obj.__name__)
        for package in public_packages()
        for module in [importlib.import_module(package)]
        for obj in (getattr(module, name) for name in getattr(module, "__all__", []))
        if hasattr(obj, "__module__") and hasattr(obj, "__name__")
    }
    found = [
        f"{module}.{name}"
        for module, path in sources.modules().items()
        for name, node, value in sources.docstrings(path)
        if isinstance(node, ast.FunctionDef)
        and (name.split(".")[0].startswith("_") or "." not in name)
        and (module, name) not in exported
        and any(
            f"{title}\n    ---" in value.value for title in ("Parameters", "Returns")
        )
    ]

    assert found == []


def test_no_module_imports_itself_in_a_circle():
    graph = {
        name: {other for other in sources.imported(path) if other != name}
        for name, path in sources.modules().items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))
