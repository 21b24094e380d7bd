"""docs/notes.md: what the scripts of the notes print, as `make docs` writes it."""

import importlib

import pytest

QUICK = """import sys
print("called with", sys.argv[1:])
"""


@pytest.fixture
def builder(root, monkeypatch, tmp_path):
    """The module, with scripts, data and page in a folder of their own."""
    monkeypatch.syspath_prepend(str(root / "docs"))
    module = importlib.import_module("build_notes")
    monkeypatch.setattr(module, "HERE", tmp_path)
    monkeypatch.setattr(module, "EXAMPLES", tmp_path)
    monkeypatch.setattr(module, "SCRIPTS", {"one": ["a.csv.gz"], "two": ["--fast"]})
    (tmp_path / "one.py").write_text(QUICK)
    (tmp_path / "two.py").write_text(QUICK)
    return module


def test_each_script_has_a_section(builder, tmp_path, capsys):
    builder.main(["--data", str(tmp_path)])

    page = (tmp_path / "notes.md").read_text()
    assert f"called with ['{tmp_path}/a.csv.gz']" in page
    assert "`python examples/one.py a.csv.gz`, 0 seconds:" in page
    assert "## two" in page
    assert "called with ['--fast']" in page
    assert capsys.readouterr().out == "one ...\ntwo ...\n"


def test_a_script_that_fails_leaves_the_page(builder, tmp_path):
    (tmp_path / "notes.md").write_text("before")
    (tmp_path / "two.py").write_text("raise ValueError('no such table')")

    with pytest.raises(SystemExit, match=r"two failed:\n(.|\n)*no such table"):
        builder.main(["--data", str(tmp_path)])

    assert (tmp_path / "notes.md").read_text() == "before"


def test_the_page_has_all_scripts_of_the_notes(root):
    scripts = {path.stem for path in (root / "examples").glob("notes_*.py")}
    page = (root / "docs" / "notes.md").read_text()

    assert {line[3:] for line in page.splitlines() if line.startswith("## ")} == (
        scripts - {"notes_rate_loop"}  # what two of them have in common
    )
    assert "(notes_regularisation.svg)" in page
