"""Run the work of the course notes in full, and write what it prints to docs/notes.md.

    make docs ARGS="--data FOLDER"

FOLDER has the notes' tables (by default that of the environment variable SKDL_DATA). It
takes about five minutes on 2 cores. A script that fails is named, and the page is left
as it was.
"""

import argparse
import datetime
import importlib.metadata
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
PACKAGES = ("scikit-learn", "tensorflow", "keras", "numpy")
PICTURE = "notes_regularisation.svg"
# What each script is called with; a name of a file is looked up in the folder.
SCRIPTS = {
    "notes_nba_shots": ["nba_shots.csv.gz"],
    "notes_titanic": ["titanic_all_numeric.csv.gz"],
    "notes_imdb": ["imdb_seq10k.npz"],
    "notes_wages": ["hourly_wages.csv.gz"],
    "notes_regularisation": ["--output", PICTURE],
}


def arguments_of(script, folder):
    """Spell out what a script is called with."""
    return [
        str(folder.absolute() / word) if word.endswith((".gz", ".npz")) else word
        for word in SCRIPTS[script]
    ]


def run(script, arguments):
    """Run a script of examples/ -> what it printed, and the seconds it took."""
    command = [sys.executable, str(EXAMPLES / f"{script}.py"), *arguments]
    started = time.perf_counter()
    process = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    if process.returncode:
        raise SystemExit(f"{script} failed:\n{process.stderr}")
    return process.stdout, time.perf_counter() - started


def section(script, printed, seconds):
    """Write a script's part of the page."""
    shown = " ".join(SCRIPTS[script])
    picture = f"\n![Figure that the script draws]({PICTURE})\n"
    return (
        f"## {script}\n\n"
        f"`python examples/{script}.py {shown}`, {seconds:.0f} seconds:\n\n"
        f"```text\n{printed.strip()}\n```\n" + picture * (PICTURE in shown)
    )


def page(sections):
    """Write the whole page."""
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in PACKAGES
    )
    return "\n".join(
        [
            "# The work of the course notes, on their own data\n",
            "Made by `make docs`, which runs each script in full. "
            f"{datetime.date.today()}, {os.cpu_count()} cores, {versions}.\n\n"
            "What differs from the notes, and why: "
            "[benchmarks.md](benchmarks.md#the-notes-on-their-own-data).\n",
            *sections,
        ]
    )


def main(arguments=None):
    """Run them one by one, and write the page when all have ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("SKDL_DATA", HERE.parents[1] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default), metavar="FOLDER")
    folder = parser.parse_args(arguments).data
    sections = []
    for script in SCRIPTS:
        print(f"{script} ...", flush=True)
        sections.append(section(script, *run(script, arguments_of(script, folder))))
    (HERE / "notes.md").write_text(page(sections))


if __name__ == "__main__":
    main()
