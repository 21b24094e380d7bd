"""Files: short, named by their idea, with their public names listed."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "skdl"
LINES_ALLOWED = 400
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "misc", "common"}
BINARY = {".gif", ".gz", ".ico", ".jpg", ".keras", ".npz", ".pdf", ".png", ".woff2"}

# An absolute path of somebody's machine; a part of an address or of a relative path
# has a word, a dot or a slash before it.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~$}{-])/(?:home|root|tmp|work|opt|mnt|Users)/|\b[A-Z]:\\(?!\\?n)\w"
)


def own_files() -> list[Path]:
    """The files that git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        output = subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"The list of the repository's files needs git: {error}")
    return [ROOT / name for name in output.split("\0") if name]


def machine_paths(text: str) -> list[str]:
    """The lines of a text that have an absolute path of some machine."""
    return [line for line in text.splitlines() if MACHINE_PATH.search(line)]


def roundabout_imports(source: str) -> list[str]:
    """What a module takes from `skdl` itself rather than from the module it lies in."""
    taken = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            taken += [alias.name for alias in node.names if alias.name == "skdl"]
        if isinstance(node, ast.ImportFrom) and node.module == "skdl":
            taken += [alias.name for alias in node.names]
    here = {path.stem for path in PACKAGE.iterdir()} | {"__version__"}
    return [name for name in taken if name not in here - {"skdl"}]


def listed_names(source: str) -> list[str] | None:
    """The value of a module's `__all__`, or None where it has none."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if ast.unparse(target) == "__all__":
                return ast.literal_eval(node.value)
    return None


def test_the_package_is_found():
    assert (PACKAGE / "__init__.py").exists()
    assert (PACKAGE / "py.typed").exists()


def test_no_long_files():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in PACKAGE.rglob("*.py")
    }

    assert {k: n for k, n in lengths.items() if n > LINES_ALLOWED} == {}


def test_no_junk_drawers():
    names = [path.relative_to(ROOT) for path in PACKAGE.rglob("*")]

    assert [str(p) for p in names if p.stem.strip("_").lower() in JUNK_DRAWERS] == []


def test_every_folder_lists_its_public_names():
    missing = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("__init__.py")
        if listed_names(path.read_text()) is None
    ]

    assert missing == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1\n__all__ = ['f']", ["f"]),
        ("__all__: list[str] = []", []),
        ("x = 1", None),
    ],
)
def test_listed_names(source, names):
    assert listed_names(source) == names


def test_floors_are_not_bypassed():
    # `from skdl import MLPClassifier` inside skdl would climb past the contracts.
    found = {
        str(path.relative_to(ROOT)): roundabout_imports(path.read_text())
        for path in PACKAGE.rglob("*.py")
    }

    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("import skdl", ["skdl"]),
        ("def f():\n    from skdl import MLPClassifier", ["MLPClassifier"]),
        ("from skdl import __version__, exceptions", []),
        ("from skdl.data import anything\nimport skdl.data", []),
    ],
)
def test_roundabout_imports(source, taken):
    assert roundabout_imports(source) == taken


def test_no_machine_paths():
    found = {}
    for path in own_files():
        if path.is_file() and path.suffix not in BINARY:
            lines = machine_paths(path.read_text(encoding="utf-8"))
            if lines:
                found[str(path.relative_to(ROOT))] = lines

    assert found == {}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("see " + "/".join(["", "home", "ann", "x.csv"]), True),
        ("'" + "/".join(["", "tmp", "x"]) + "'", True),
        ("C:" + "\\data", True),
        ("../shared/" + "work/x", False),
        ("https://example.org/home/x", False),
        ("work/" + "tmp/x", False),
    ],
)
def test_machine_paths(text, is_found):
    assert machine_paths(text) == ([text] if is_found else [])


def test_no_file_is_a_link():
    assert [path for path in own_files() if path.is_symlink()] == []
