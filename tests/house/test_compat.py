"""Private parts of other libraries are used in `skdl/_compat/` only."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "skdl"
OWN = {"skdl", "__future__"}


def is_private(path: str) -> bool:
    """Whether a dotted path leads through an underscored or an internal module."""
    first, *rest = path.split(".")
    internal = {("keras", "src"), ("tensorflow", "python")}
    return (first, *rest[:1]) in internal or any(
        part.startswith("_") and not part.startswith("__") for part in [first, *rest]
    )


def private_imports(source: str) -> list[str]:
    """The private modules and names that a module imports from other libraries."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [
        path for path in found if path.split(".")[0] not in OWN and is_private(path)
    ]


def private_attributes(source: str) -> list[str]:
    """Underscored attributes of imported modules and of what is imported from them."""
    tree = ast.parse(source)
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            for alias in node.names:
                origin = (module or alias.name).split(".")[0]
                if origin not in OWN and origin not in {"typing"}:
                    imported.add((alias.asname or alias.name).split(".")[0])
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            root = node.value
            while isinstance(root, ast.Attribute):
                root = root.value
            is_special = node.attr.startswith("__")
            if isinstance(root, ast.Name) and root.id in imported and not is_special:
                found.append(ast.unparse(node))
    return found


def modules() -> list[Path]:
    """All modules outside of `skdl/_compat/`."""
    compat = PACKAGE / "_compat"
    return [path for path in PACKAGE.rglob("*.py") if compat not in path.parents]


@pytest.mark.parametrize("uses", [private_imports, private_attributes])
def test_private_parts_stay_in_compat(uses):
    found = {
        str(path.relative_to(PACKAGE)): uses(path.read_text()) for path in modules()
    }

    assert {path: names for path, names in found.items() if names} == {}


def test_every_library_has_a_contract_test():
    wrapped = {path.stem for path in (PACKAGE / "_compat").glob("*.py")} - {"__init__"}
    tests = (Path(__file__).parents[1] / "compat").glob("test_*.py")

    assert wrapped == {path.stem.removeprefix("test_") for path in tests}


# The floors that may import a library, by pyproject.toml, may import its wrapper too.
NETWORK_FLOORS = {"networks", "training", "estimators", "export"}
FLOORS = {
    "keras": NETWORK_FLOORS,
    "tensorflow": NETWORK_FLOORS,
    "scikeras": {"estimators"},
    "optuna": {"search"},
}


def test_wrappers_are_imported_where_their_library_may_be():
    found = [
        (path.relative_to(PACKAGE).as_posix(), library)
        for path in modules()
        for library, floors in FLOORS.items()
        if f"skdl._compat.{library} " in path.read_text()
        and path.relative_to(PACKAGE).parts[0] not in floors
    ]

    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import keras.src", ["keras.src"]),
        ("from keras.src.models import Model", ["keras.src.models.Model"]),
        ("from sklearn.utils._mask import f", ["sklearn.utils._mask.f"]),
        ("from sklearn.utils import _safe_indexing", ["sklearn.utils._safe_indexing"]),
        ("def f():\n    import optuna._x as x", ["optuna._x"]),
        ("from skdl._checks import check", []),
        ("from __future__ import annotations\nimport keras", []),
    ],
)
def test_private_imports(source, found):
    assert private_imports(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import warnings\nwarnings._filters_mutated()", ["warnings._filters_mutated"]),
        ("from a.b import C\nC.d._e = 1", ["C.d._e"]),
        ("from skdl.x import C\nC._own", []),
        ("import a\na.__version__\nself._x", []),
    ],
)
def test_private_attributes(source, found):
    assert private_attributes(source) == found
