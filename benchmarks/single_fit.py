"""Time one fit of one small network in four libraries, and its cost in memory.

Run it from the repository root (six to ten minutes on 2 cores; psutil comes with
``pip install skdl[bench]``)::

    python benchmarks/single_fit.py [--quick] [--rounds N] [--json FILE]

**The job** is the same for all: scikit-learn's breast cancer data (569 rows, 30
columns, standardised), two hidden layers of 64 ReLU units, binary cross-entropy, Adam
at 1e-3, batches of 32, 20 epochs, no penalties, no early stopping; "plain", or with
batch norm (momentum 0.9, before the activation) and dropout of 0.2. That the networks
have the same number of parameters is checked.

**The libraries**, on the CPU, with the threads they take by default:

- ``keras.Model.fit`` at its best: one model, compiled once and fitted again, so that
  later fits neither build nor trace. float32. No metrics are computed.
- scikeras ``KerasClassifier``, a new one per fit, without seed (a seed would switch
  TensorFlow's slower determinism on). float32. scikit-learn 1.9 no longer reads its
  tags; ``fit`` and ``predict``, called directly as here, are unharmed: no repair.
- scikit-learn ``MLPClassifier``, a new one per fit. It has neither batch norm nor
  dropout, so its plain time is what both of skdl's networks are compared with.
- ``skdl.MLPClassifier``, a new one with a new seed per fit.

**The measures.** Each round starts a fresh process per row of the table, one row after
the other, so that a busy minute hits all of them; the table has medians over rounds.
Imports are not counted. "First fit" includes what a library builds, traces and
compiles; "its CPU" is that fit's processor time, which a busy machine stretches less.
"Later fit" is the median of fits of the same signature; "step" is a later fit / 360
steps, with everything that a fit does around them. RSS growth is read after a garbage
collection, in the first round (skdl and scikit-learn: from fit 20 to fit 120; the two
slow ones: from fit 3 to fit 9). Ratios are of wall times, taken within a round; shown
are their median and range. `workers/single_fit_worker.py` is what each process runs.
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
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from workers.single_fit_worker import (
    PLAIN,
    REGULARIZED,
    SLOW_LIBRARIES,
    Case,
    Measures,
)

WORKER = Path(__file__).parent / "workers" / "single_fit_worker.py"
PACKAGES = ("tensorflow", "keras", "scikeras", "scikit-learn", "numpy")
CASES = (
    Case("keras.Model.fit", PLAIN, "float32"),
    Case("scikeras", PLAIN, "float32"),
    Case("sklearn", PLAIN, "float32"),
    Case("skdl", PLAIN, "float32"),
    Case("keras.Model.fit", REGULARIZED, "float32"),
    Case("scikeras", REGULARIZED, "float32"),
    Case("skdl", REGULARIZED, "float32"),
    Case("sklearn", PLAIN, "float64"),
    Case("skdl", PLAIN, "float64"),
    Case("skdl", REGULARIZED, "float64"),
)

Results = dict[Case, list[Measures]]  # one Measures per round


class Target(NamedTuple):
    """A promise about skdl: at least `limit` times as fast as a peer, or below it."""

    text: str
    measure: str
    limit: float
    peer: str | None = None  # None: `limit` is of skdl's measure itself
    scale: float = 1.0
    unit: str = ""


TARGETS = (
    Target("first fit not slower than scikeras's", "first_fit", 1, "scikeras"),
    Target("later fit >= 20x faster than scikeras's", "later_fit", 20, "scikeras"),
    Target("later fit not slower than sklearn's", "later_fit", 1, "sklearn"),
    Target("step >= 10x faster than Model.fit's", "step", 10, "keras.Model.fit"),
    Target("RSS growth < 0.05 MB per fit", "rss_growth", 0.05, unit="MB"),
    Target("predict of 569 rows < 2 ms", "predict", 2, scale=1e3, unit="ms"),
)


def measure_apart(case: Case, n_fits: int, rss_from: int) -> Measures:
    """Measure a case in a fresh process."""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, str(WORKER), *case, str(n_fits), str(rss_from)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{', '.join(case)} failed:\n{done.stderr}")
    return Measures(**json.loads(done.stdout.splitlines()[-1]))


def run_rounds(n_rounds: int, *, quick: bool) -> Results:
    """Measure every case once per round; only the first round looks at memory."""
    results: Results = {case: [] for case in CASES}
    for number in range(1, n_rounds + 1):
        for case in CASES:
            is_slow = case.library in SLOW_LIBRARIES
            n_fits, rss_from = (9, 3) if is_slow else (120, 20)
            if quick or number > 1:
                n_fits, rss_from = (4, 2) if quick or is_slow else (20, 2)
            started = time.perf_counter()
            results[case].append(measure_apart(case, n_fits, rss_from))
            seconds = time.perf_counter() - started
            print(
                f"round {number}, {', '.join(case)}: {seconds:.0f} s", file=sys.stderr
            )
    return results


def check_networks(results: Results) -> None:
    """Stop unless all libraries trained a network of the same size."""
    for network in (PLAIN, REGULARIZED):
        rounds = [m for case in CASES if case.network == network for m in results[case]]
        counts = {measures.n_parameters for measures in rounds}
        if len(counts) != 1:
            raise SystemExit(f"The {network} networks have {counts} parameters.")


def median(rounds: list[Measures], name: str) -> float:
    """Return a measure's median; memory growth is the first round's."""
    if name == "rss_growth":
        return rounds[0].rss_growth
    return statistics.median(getattr(measures, name) for measures in rounds)


def table(results: Results) -> Iterator[str]:
    """Write the lines of the Markdown table."""
    yield (
        "| network | type | library | first fit, s | its CPU, s | later fit, s "
        "| step, µs | RSS growth, MB/fit | first predict, ms | predict, ms | accuracy |"
    )
    yield "|---|---|---|" + "--:|" * 8
    for case, rounds in results.items():
        value = {name: median(rounds, name) for name in asdict(rounds[0])}
        yield (
            f"| {case.network} | {case.dtype} | {case.library} "
            f"| {value['first_fit']:.3f} | {value['first_fit_cpu']:.3f} "
            f"| {value['later_fit']:.4f} "
            f"| {value['step'] * 1e6:.0f} | {value['rss_growth']:.3f} "
            f"| {value['first_predict'] * 1e3:.1f} | {value['predict'] * 1e3:.2f} "
            f"| {value['accuracy']:.3f} |"
        )


def verdict(target: Target, case: Case, results: Results) -> str:
    """Write what became of a target in one row of skdl's."""
    note = ""
    if target.peer is None:
        value = median(results[case], target.measure) * target.scale
        text, is_met = f"{value:.3f} {target.unit}", value < target.limit
    else:
        # scikit-learn has only the plain network, the Keras ones only float32.
        peer = Case(target.peer, case.network, "float32")
        if target.peer == "sklearn":
            peer = Case(target.peer, PLAIN, case.dtype)
        if peer.network != case.network:
            note = "; the peer's network is plain"
        if peer.dtype != case.dtype:
            note = f"; the peer's is {peer.dtype}"
        ratios = [
            getattr(theirs, target.measure) / getattr(ours, target.measure)
            for theirs, ours in zip(results[peer], results[case], strict=True)
        ]
        value = statistics.median(ratios)
        text = f"{value:.2f}x ({min(ratios):.2f} to {max(ratios):.2f})"
        is_met = value >= target.limit
    word = "met" if is_met else "**NOT met**"
    return f"- {word}: {target.text} ({case.network}, {case.dtype}{note}): {text}"


def skdl_version() -> str:
    """Return skdl's version, installed or not."""
    import skdl

    return skdl.__version__


def main() -> None:
    """Run the rounds; print the table and what became of the targets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a smoke test: two minutes"
    )
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write all rounds"
    )
    options = parser.parse_args()
    n_rounds = 1 if options.quick else options.rounds
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    results = run_rounds(n_rounds, quick=options.quick)
    check_networks(results)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(
        f"{datetime.date.today()}, {os.cpu_count()} cores, load before {load}, "
        f"rounds: {n_rounds}\nPython {platform.python_version()}, "
        f"skdl {skdl_version()}, {', '.join(versions)}"
    )
    if options.quick:
        print(
            "A smoke test: one round of few fits, whose figures are not to be quoted."
        )
    print("\n".join(["", *table(results), "", "Targets; ratios are peer / skdl:", ""]))
    for target in TARGETS:
        for case in (case for case in CASES if case.library == "skdl"):
            print(verdict(target, case, results))
    if options.json:
        rows = [
            {**case._asdict(), "rounds": [asdict(measures) for measures in rounds]}
            for case, rounds in results.items()
        ]
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
