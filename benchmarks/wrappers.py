"""Time one grid search of one Keras build function under three wrappers.

Run it from the repository root (about five minutes on 2 cores; psutil comes with
``pip install skdl[bench]``)::

    python benchmarks/wrappers.py [--quick] [--rounds N] [--json FILE]

**The job** is the same for all: scikit-learn's breast cancer data (569 rows, 30
columns, standardised, float32), `GridSearchCV` with 6 candidates (units 32 and 64,
Adam at three rates) on 5 stratified folds, 30 fits of 20 epochs in batches of 32; no
refit. One function builds and compiles the model, and all wrappers call it.

**The wrappers**: scikeras ``KerasClassifier`` without seed (a seed would switch
TensorFlow's slower determinism on; its folds are given, as scikit-learn no longer sees
a classifier); ``keras.wrappers.SKLearnClassifier``, whose epochs are passed to ``fit``,
because ``clone`` forgets them; ``skdl.KerasClassifier``, with and without a seed, alone
and inside ``skdl.fuse()``.

**The measures.** Each row is a fresh process; imports are not counted, building,
tracing and compiling are. "Later" is the median of further searches in the process (one
for the slow ones, ten for skdl), "growth" what resident memory gains per fit from one
search to the next, over the second half of the searches (read after a garbage
collection, when the C library has given back what is free), "builds" how often the
build function was called in the first search. Ratios are of the first search, scikeras
/ the row. `workers/wrappers_worker.py` is what each process runs.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from workers.wrappers_worker import LIBRARIES, Measures

WORKER = Path(__file__).parent / "workers" / "wrappers_worker.py"
PACKAGES = ("tensorflow", "keras", "scikeras", "scikit-learn", "numpy")
REPEATS = {"scikeras": 1, "keras.wrappers": 1}  # skdl's searches: ten
TARGETS = {"skdl": 15, "skdl fused": 30}  # times as fast as scikeras
MAX_GROWTH = 0.05  # megabytes per fit that count as none

Results = dict[str, list[Measures]]  # one Measures per round


def measure_apart(library: str, repeats: int) -> Measures:
    """Measure a library in a fresh process."""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, str(WORKER), library, str(repeats)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{library} failed:\n{done.stderr}")
    return Measures(**json.loads(done.stdout.splitlines()[-1]))


def run_rounds(n_rounds: int, *, quick: bool) -> Results:
    """Measure every library once per round; only the first round repeats searches."""
    results: Results = {library: [] for library in LIBRARIES}
    for number in range(1, n_rounds + 1):
        for library in LIBRARIES:
            repeats = REPEATS.get(library, 1 if quick else 10) if number == 1 else 0
            results[library].append(measure_apart(library, repeats))
            seconds = results[library][-1].seconds
            print(f"round {number}, {library}: {seconds:.1f} s", file=sys.stderr)
    return results


def ratio(results: Results, library: str) -> float:
    """Return how many times as fast as scikeras a library's first search is."""
    pairs = zip(results["scikeras"], results[library], strict=True)
    return statistics.median(theirs.seconds / ours.seconds for theirs, ours in pairs)


def table(results: Results) -> Iterator[str]:
    """Write the lines of the Markdown table."""
    yield (
        "| wrapper | first search, s | as fast as scikeras | later, s "
        "| growth, MB/fit | builds | best score |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for library, rounds in results.items():
        first = rounds[0]
        seconds = statistics.median(measures.seconds for measures in rounds)
        yield (
            f"| {library} | {seconds:.2f} | {ratio(results, library):.1f}x "
            f"| {first.later:.2f} | {first.growth:.3f} | {first.builds} "
            f"| {first.best_score:.4f} |"
        )


def verdicts(results: Results) -> Iterator[str]:
    """Write what became of the targets."""
    for library, wanted in TARGETS.items():
        found = ratio(results, library)
        word = "met" if found >= wanted else "**NOT met**"
        text = f"{library} at least {wanted}x as fast as scikeras: {found:.1f}x"
        yield f"- {word}: {text}"
    for library in results:
        if library.startswith("skdl"):
            growth = results[library][0].growth
            word = "met" if growth < MAX_GROWTH else "**NOT met**"
            yield f"- {word}: {library} grows by nothing: {growth:.3f} MB per fit"


def main() -> None:
    """Run the rounds; print the table and what became of the targets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a smoke test: skdl's rows search twice"
    )
    parser.add_argument("--rounds", type=int, default=1, help="default: 1")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write all rounds"
    )
    options = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    results = run_rounds(options.rounds, quick=options.quick)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(
        f"{datetime.date.today()}, {os.cpu_count()} cores, load before {load}, "
        f"rounds: {options.rounds}\nPython {platform.python_version()}, "
        + ", ".join(versions)
    )
    print("\n".join(["", *table(results), "", *verdicts(results)]))
    if options.json:
        rows = {name: [asdict(m) for m in rounds] for name, rounds in results.items()}
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
