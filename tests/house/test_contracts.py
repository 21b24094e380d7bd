"""The floors of DESIGN: the contracts of pyproject.toml hold, and can be broken."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = """
import contextlib, io, json, os, sys
from importlinter import cli
from importlinter.application import use_cases

answers = []
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.path.insert(0, folder)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = cli.lint_imports(no_cache=True)
    answers.append((code, printed.getvalue()))
    sys.path.remove(folder)
print(json.dumps(answers))
"""


def lint_imports(*folders: Path) -> list[tuple[int, str]]:
    """Check the contracts of the projects that lie in some folders, in one process."""
    process = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, *map(str, folders)],
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    return [tuple(answer) for answer in json.loads(process.stdout)]


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
    [(code, printed)] = lint_imports(ROOT)

    assert code == 0, printed


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


BREACHES = [
    ("data/rows.py", "import skdl.training._train", "A floor imports"),
    ("exceptions.py", "import skdl.estimators._tables", "A floor imports"),
    ("explain/rank.py", "import skdl.search.study", "A floor imports"),
    ("junk.py", "", "A floor imports"),
    ("data/rows.py", "import tensorflow", "TensorFlow and Keras stay"),
    ("explain/rank.py", "import keras", "TensorFlow and Keras stay"),
    ("estimators/tune.py", "import optuna", "Optuna stays"),
    ("reports/draw.py", "import matplotlib.pyplot", "matplotlib stays"),
    ("plots/table.py", "import jinja2", "jinja2 stays"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What the linter says of the plan, then of the plan with each breach."""
    folders = []
    for breach in ({}, *({name: source} for name, source, _ in BREACHES)):
        folders.append(tmp_path_factory.mktemp("project"))
        write_project(folders[-1], {**ALLOWED, **breach})
    return lint_imports(*folders)


def test_the_plan_is_allowed(answers):
    code, printed = answers[0]

    assert code == 0, printed


@pytest.mark.parametrize("i", range(len(BREACHES)), ids=[str(b[0]) for b in BREACHES])
def test_a_breach_is_found(answers, i):
    code, printed = answers[1 + i]

    assert code == 1
    assert " 1 broken." in printed
    [broken] = [line for line in printed.splitlines() if "BROKEN" in line]
    assert broken.startswith(BREACHES[i][2])
