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


def mirrored(test: Path) -> str:
    """What a test file mirrors: its path without "test_", without underscores."""
    parts = test.relative_to(ROOT / "tests").with_suffix("").parts
    return ".".join([*parts[:-1], parts[-1].removeprefix("test_")])


def test_tests_import_what_is_public_or_what_they_mirror():
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in sorted(sources.imported(path)):
            plain = ".".join(part.lstrip("_") for part in name.split(".")[1:])
            if sources.is_internal(name) and plain != mirrored(path):
                found.append(f"{path.relative_to(ROOT)} imports {name}")

    assert found == []


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
