"""Tests that need data skip where it is absent, and fail where it is required."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
TEST_FILE = """
def test_reads(data_file):
    assert data_file("a.csv").read_text() == "1"
"""


@pytest.mark.parametrize(
    ("files", "required", "outcome"),
    [
        (["a.csv"], "0", "passed"),
        (["b.csv"], "0", "skipped"),
        (["b.csv"], "1", "failed"),
        (None, "0", "skipped"),
        (None, "1", "errors"),
    ],
)
def test_missing_data(pytester, monkeypatch, files, required, outcome):
    folder = pytester.path / "some_data"
    if files is not None:
        folder.mkdir()
        for name in files:
            (folder / name).write_text("1")
    monkeypatch.setenv("SKDL_DATA", str(folder))
    monkeypatch.setenv("SKDL_REQUIRE_DATA", required)
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(TEST_FILE)
    pytester.makeini("[pytest]\nmarkers = data: reads data")

    result = pytester.runpytest_inprocess("-rs", "-p", "no:cacheprovider")

    result.assert_outcomes(**{outcome: 1})
    if outcome != "passed":
        result.stdout.fnmatch_lines(["*some_data*does not exist*SKDL_DATA*"])


def test_data_tests_are_marked(pytester, monkeypatch):
    monkeypatch.setenv("SKDL_DATA", str(pytester.path))
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makepyfile(TEST_FILE)
    pytester.makeini("[pytest]\nmarkers = data: reads data")

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-m", "not data")

    result.assert_outcomes(deselected=1)
