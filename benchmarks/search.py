"""Time a whole grid search in five libraries, and what it takes of memory.

Run it from the repository root (about half an hour on 2 cores)::

    python benchmarks/search.py [--quick] [--skorch PYTHON] [--json FILE]

**The search** is scikit-learn's own `GridSearchCV`, refit included, on tables in
float32, standardised beforehand: 24 candidates (8 learning rates x 3 dropout rates) x 5
folds of a network of 64-64 ReLU units with batch norm, Adam, batches of 32, 20 epochs,
on breast cancer (569 x 30), Titanic (891 x 10) and hourly wages (534 x 9, regression);
and 12 candidates x 3 folds of 128 units without batch norm, batches of 128, 5 epochs,
on 10,000 MNIST images (784 inputs).

**The libraries**: scikeras (its tags repaired, so that its folds are stratified like
the others'); skorch with two processes, run by the Python of ``--skorch`` (``pip
install skorch torch psutil``), left out without it; scikit-learn's MLP with one and
with two processes, which has neither batch norm nor dropout and searches three
penalties instead; skdl without and with `skdl.fuse`.

**The measures.** Each row is a fresh process. Imports are not counted; everything after
them is, compiling and worker processes too. "Later" is a further search in the same
process. Memory is what processes hold, children included. Ratios are of wall times.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workers.bank_worker import Point
from workers.company_worker import Company
from workers.search_worker import LIBRARIES, TASKS, Measures

WORKERS = Path(__file__).parent / "workers"
PACKAGES = ("tensorflow", "keras", "scikeras", "scikit-learn", "joblib", "numpy")
SIZES = (1, 2, 4, 8, 16, 32, 64, 120, 250, 500, 1000)
FUSED = "skdl, fused"
SMALL_TABLES = ("breast cancer", "titanic", "wages")

Results = dict[tuple[str, str], Measures]  # by table and library


class Target(NamedTuple):
    """A promise: the fused search is so many times as fast as a peer's."""

    tables: tuple[str, ...]
    peers: tuple[str, ...]  # the best of them counts
    ratio: float


SKLEARN = ("sklearn", "sklearn, n_jobs=2")
TARGETS = (
    Target(SMALL_TABLES, ("scikeras",), 40),
    Target(SMALL_TABLES, ("skorch, n_jobs=2",), 5),
    Target(SMALL_TABLES, SKLEARN, 3),
    Target(("mnist",), SKLEARN, 1.5),
    Target(("mnist",), ("scikeras",), 5),
)


def run_apart(python: str, script: str, *words: str) -> object:
    """Run a worker in a fresh process, and read what it prints."""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [python, str(WORKERS / script), *words],
        env=os.environ | settings | {"PYTHONPATH": str(WORKERS.parent)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{', '.join(words)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run_all(skorch: str | None, *, quick: bool) -> Results:
    """Measure every library on every table."""
    results: Results = {}
    for table in TASKS:
        for library in LIBRARIES:
            is_skorch = library.startswith("skorch")
            if (is_skorch and not skorch) or (quick and library == "scikeras"):
                continue
            repeats = 11 if library == FUSED and table == "breast cancer" else 3
            repeats = repeats if library.startswith("skdl") else 0
            python = skorch if is_skorch and skorch else sys.executable
            started = time.perf_counter()
            found = run_apart(python, "search_worker.py", library, table, str(repeats))
            results[table, library] = Measures(**found)  # type: ignore[arg-type]
            print(
                f"{table}, {library}: {time.perf_counter() - started:.0f} s",
                file=sys.stderr,
            )
    return results


def table_lines(results: Results) -> Iterator[str]:
    """Write the lines of the Markdown table."""
    yield (
        "| table | library | search, s | its CPU, s | later search, s "
        "| fused is faster by | memory before, MB | peak, MB | growth, MB/search "
        "| best score |"
    )
    yield "|---|---|" + "--:|" * 8
    for (table, library), found in results.items():
        ratio = found.seconds / results[table, FUSED].seconds
        yield (
            f"| {table} | {library} | {found.seconds:.2f} | {found.cpu:.2f} "
            f"| {found.later:.2f} | {ratio:.1f}x | {found.base_megabytes:.0f} "
            f"| {found.peak_megabytes:.0f} | {found.growth_megabytes:.2f} "
            f"| {found.best_score:.3f} |"
        )


def verdicts(results: Results) -> Iterator[str]:
    """Write what became of each target."""
    for target in TARGETS:
        for table in target.tables:
            peers = [
                results[table, peer]
                for peer in target.peers
                if (table, peer) in results
            ]
            if not peers:
                continue
            best = min(peer.seconds for peer in peers)
            ours = results[table, FUSED]
            word = "met" if best / ours.seconds >= target.ratio else "**NOT met**"
            yield (
                f"- {word}: {table}, at least {target.ratio:g}x faster than "
                f"{target.peers[0]}: {best / ours.seconds:.1f}x; "
                f"{best / ours.later:.1f}x by a later search"
            )


def company_lines(companies: list[Company]) -> Iterator[str]:
    """Write the lines of the table of networks alone and together."""
    yield (
        "| network | members | one by one, s | together, s | ratio "
        "| one by one with compiling, s | together with compiling, s |"
    )
    yield "|---|" + "--:|" * 6
    for found in companies:
        yield (
            f"| {found.network} | {found.n_members} | {found.alone:.3f} "
            f"| {found.together:.3f} | {found.alone / found.together:.2f}x "
            f"| {found.alone_cold:.2f} | {found.together_cold:.2f} |"
        )


def draw(points: list[Point], file: Path) -> None:
    """Draw how the time of a step grows with the size of the bank."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    sizes = [point.n_members for point in points]
    axes.plot(sizes, [point.microseconds for point in points], "o-", color="#0072B2")
    axes.set(
        xscale="log",
        xlabel="networks in the bank",
        ylabel="µs per network and step",
        title="30-64-64-1, batch norm, dropout, batches of 32, float32",
    )
    axes.set_xticks(sizes, [str(size) for size in sizes], minor=False)
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file)


def main() -> None:
    """Run all; print the tables and what became of the targets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="without scikeras")
    parser.add_argument("--skorch", metavar="PYTHON", help="interpreter with skorch")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw bank sizes")
    options = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    results = run_all(options.skorch, quick=options.quick)
    found = run_apart(sys.executable, "bank_worker.py", *map(str, SIZES))
    points = [Point(**point) for point in found]  # type: ignore[attr-defined]
    found = run_apart(sys.executable, "company_worker.py")
    companies = [Company(**company) for company in found]  # type: ignore[attr-defined]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(
        f"{datetime.date.today()}, {os.cpu_count()} cores, load before {load}\n"
        f"Python {platform.python_version()}, {', '.join(versions)}\n"
    )
    print("\n".join([*table_lines(results), "", *verdicts(results), ""]))
    print("| members | µs per member and step | share of the matrix product's peak |")
    print("|--:|--:|--:|")
    for point in points:
        print(
            f"| {point.n_members} | {point.microseconds:.1f} "
            f"| {point.share_of_peak:.1%} |"
        )
    print("\n".join(["", *company_lines(companies)]))
    if options.figure:
        draw(points, options.figure)
    if options.json:
        rows = [
            {"table": table, "library": library, **vars(measures)}
            for (table, library), measures in results.items()
        ]
        record = {
            "searches": rows,
            "banks": [vars(point) for point in points],
            "companies": [vars(company) for company in companies],
        }
        options.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
