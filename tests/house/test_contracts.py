"""The floors of DESIGN: the contracts of pyproject.toml hold, and can be broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = (
    "from importlinter.cli import lint_imports_command; lint_imports_command()"
)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the project that lies in a folder."""
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


EMPTY = dict.fromkeys(("__init__.py", "exceptions.py", "_quiet.py"), "")


def write_project(folder: Path, sources: dict[str, str]) -> None:
    """Write a package skdl of a few modules under the real contracts."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, source in {**EMPTY, **sources}.items():
        path = folder / "skdl" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        if path.parent.name != "skdl":
            path.with_name("__init__.py").touch()


def test_contracts_hold():
    process = lint_imports(ROOT)

    assert process.returncode == 0, process.stdout + process.stderr


ALLOWED = {
    "networks/_layers.py": "import keras",
    "training/_train.py": "import tensorflow as tf\nimport skdl.networks._layers",
    "estimators/_tables.py": "import keras\nfrom skdl.training import engine",
    "explain/__init__.py": "",
    "explain/local/_integrated_gradients.py": "import tensorflow as tf",
    "search/study.py": "import optuna\nfrom skdl.estimators import mlp",
    "plots/curve.py": "import matplotlib.pyplot\nfrom skdl.search import study",
    "reports/_page.py": "import jinja2\nfrom skdl.plots import curve",
    "cli.py": "from skdl.reports import page",
}


def test_the_plan_is_allowed(tmp_path):
    write_project(tmp_path, ALLOWED)

    process = lint_imports(tmp_path)

    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize(
    ("name", "source", "contract"),
    [
        ("data/rows.py", "import skdl.training._train", "A floor imports"),
        ("exceptions.py", "import skdl.estimators._tables", "A floor imports"),
        ("explain/rank.py", "import skdl.search.study", "A floor imports"),
        ("junk.py", "", "A floor imports"),
        ("data/rows.py", "import tensorflow", "TensorFlow and Keras stay"),
        ("explain/rank.py", "import keras", "TensorFlow and Keras stay"),
        ("estimators/tune.py", "import optuna", "Optuna stays"),
        ("reports/draw.py", "import matplotlib.pyplot", "matplotlib stays"),
        ("plots/table.py", "import jinja2", "jinja2 stays"),
    ],
)
def test_a_breach_is_found(tmp_path, name, source, contract):
    write_project(tmp_path, {**ALLOWED, name: source})

    process = lint_imports(tmp_path)

    assert process.returncode == 1
    assert " 1 broken." in process.stdout
    [broken] = [line for line in process.stdout.splitlines() if "BROKEN" in line]
    assert broken.startswith(contract)
