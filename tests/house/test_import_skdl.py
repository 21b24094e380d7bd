"""`import skdl` is light, and so quick; its public names are found on first use."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import skdl

ROOT = Path(__file__).parents[2]
HEAVY = {"jinja2", "keras", "matplotlib", "optuna", "tensorflow"}
HEAVY |= {"pandas", "scikeras", "scipy", "sklearn", "sqlalchemy"}  # seconds as well

PROBE = """
import sys
before = set(sys.modules)
import skdl
import json
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def run_fresh(code: str) -> str:
    """Run code in a new interpreter that finds this copy of skdl first."""
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    return process.stdout


def test_import_is_light():
    modules = {name.partition(".")[0] for name in json.loads(run_fresh(PROBE))}

    assert "skdl" in modules
    assert modules & HEAVY == set()


def test_scikeras_is_imported_only_where_it_is_needed():
    code = "import sys, skdl; skdl.MLPClassifier; print('scikeras' in sys.modules)"

    assert run_fresh(code) == "False\n"


@pytest.mark.parametrize("name", sorted(skdl.__all__))
def test_public_name_is_found(name):
    assert getattr(skdl, name) is not None
    assert name in dir(skdl)


def test_table_of_names_is_true():
    for name, home in skdl._HOME.items():
        assert getattr(importlib.import_module(home), name) is getattr(skdl, name)
    assert {*skdl._HOME, "__version__"} == set(skdl.__all__)


def test_submodules_are_found_without_an_import_of_their_own():
    found = {
        path.stem
        for path in (ROOT / "skdl").iterdir()
        if (path / "__init__.py").exists() or path.suffix == ".py"
    }
    found = {name for name in found if not name.startswith("_")}

    assert set(skdl._SUBMODULES) == found
    code = "import skdl; print([getattr(skdl, name).__name__ for name in %r])"
    assert run_fresh(code % (skdl._SUBMODULES,)).strip() == repr(
        [f"skdl.{name}" for name in skdl._SUBMODULES]
    )


def test_unknown_name():
    with pytest.raises(AttributeError, match=r"^module 'skdl' has no attribute 'MLP'$"):
        _ = skdl.MLP
