"""The examples that end in a report run as they are, on the real data."""

import subprocess
import sys

import pytest

FILES = {
    "titanic": "titanic_seaborn.csv.gz",
    "california": "california_housing.csv.gz",
    "bikes": "bike_hour.csv.gz",
}
MEGABYTES_ALLOWED = 2


def run(root, folder, name, *words):
    script = root / "examples" / f"explain_{name}.py"
    process = subprocess.run(
        [sys.executable, str(script), *words],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    return folder / process.stdout.strip()


def check(page):
    html = page.read_text(encoding="utf-8")
    assert len(html.encode()) < MEGABYTES_ALLOWED * 2**20
    for heading in ("How good the model is", "How far to trust these explanations"):
        assert f"<h2>{heading}</h2>" in html
    assert ">nan<" not in html


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_networks(name, root, tmp_path, data_file):
    check(run(root, tmp_path, name, str(data_file(FILES[name]))))


@pytest.mark.slow
def test_a_forest(root, tmp_path):
    check(run(root, tmp_path, "forest"))
