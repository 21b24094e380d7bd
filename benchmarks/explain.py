"""How fast explanations are beside scikit-learn's own functions.

Run it from the repository root (about ten minutes on 2 cores)::

    python benchmarks/explain.py [--quick] [--json FILE]

Both functions explain the same fitted estimator in one process, in turns, and their
numbers are compared: permutation importance (all features, 10 repeats, accuracy) and
partial dependence (10 features, 100 points each, method "brute"), on breast cancer
(569 x 30) and Titanic (891 x 8, with words and missing values). On 128,069 NBA shots it
is 3 repeats, and 2 features of 20 points. Seconds are medians of 3 rounds (1 where
scikit-learn calls a Keras model, and on NBA shots); the first call by skdl, which may
compile, stands beside. Peak memory is what the resident memory of the process gains at
most in the first call, read every 5 ms; skdl's comes first, so what it leaves behind
does not count against scikit-learn.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from search import run_apart

PACKAGES = ("scikit-learn", "scikeras", "tensorflow", "keras", "pandas", "numpy")
EXPLANATIONS = {"importance": "permutation importance", "dependence": "dependence"}
SMALL = (
    "scikeras",
    "skdl",
    "random forest",
    "gradient boosting",
    "scaler, logistic regression",
    "words, random forest",
)
LARGE = ("NBA, skdl", "NBA, random forest", "NBA, gradient boosting")
SLOW = ("scikeras", "skdl", *LARGE)
TARGET = 50  # times as fast as scikit-learn's function on a scikeras model
BOUND = 256  # MB
SAME = 1e-6

Found = dict[tuple[str, str], dict[str, Any]]


def measure(*, quick: bool) -> Found:
    """Run a worker for every estimator and explanation."""
    found: Found = {}
    for explanation in EXPLANATIONS:
        for name in SMALL if quick else SMALL + LARGE:
            rounds = "1" if quick or name in SLOW else "3"
            words = (name, explanation, rounds)
            result: Any = run_apart(sys.executable, "explain_worker.py", *words)
            found[explanation, name] = result
            print(f"{explanation}, {name}: {result}", file=sys.stderr)
    return found


def lines(found: Found) -> list[str]:
    """Write the tables, and what became of the targets."""
    written = []
    for explanation, title in EXPLANATIONS.items():
        written += [
            f"| {title} of | rows x features | scikit-learn, s | skdl, s | first, s "
            "| faster by | largest difference | peak memory, MB (scikit-learn's) |",
            "|---|---|" + "--:|" * 6,
        ]
        for (kind, name), one in found.items():
            if kind == explanation:
                written.append(
                    f"| {name} | {one['n_samples']:,} x {one['n_features']} "
                    f"| {one['sklearn']:.3f} | {one['skdl']:.3f} "
                    f"| {one['skdl_first']:.3f} | {one['sklearn'] / one['skdl']:.1f}x "
                    f"| {one['difference']:.1e} "
                    f"| {one['peak_skdl']:.0f} ({one['peak_sklearn']:.0f}) |"
                )
        written.append("")
    for explanation, title in EXPLANATIONS.items():
        peer = found[explanation, "scikeras"]["sklearn"]
        ours = found[explanation, "skdl"]["skdl_first"]
        word = "met" if peer / ours >= TARGET else "**NOT met**"
        written.append(
            f"- {word}: {title}, skdl on its network at least {TARGET}x faster than "
            f"scikit-learn on a scikeras model: {peer / ours:.0f}x, the first call"
        )
    for (explanation, name), one in found.items():
        if name != "scikeras" and one["skdl"] > 1.05 * one["sklearn"]:
            written.append(f"- **slower** than scikit-learn: {explanation} of {name}")
        if one["difference"] > SAME:
            written.append(f"- **other numbers**: {explanation} of {name}")
        if one["peak_skdl"] > BOUND:
            written.append(f"- **above {BOUND} MB**: {explanation} of {name}")
    return written


def main() -> None:
    """Run all; print the tables; fail where the numbers differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all")
    options = parser.parse_args()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    found = measure(quick=options.quick)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(
        f"{datetime.date.today()}, {os.cpu_count()} cores, load before {load}\n"
        f"Python {platform.python_version()}, {', '.join(versions)}\n"
    )
    print("\n".join(lines(found)))
    if options.json:
        kept = {", ".join(key): one for key, one in found.items()}
        options.json.write_text(json.dumps(kept, indent=1))
    if any(one["difference"] > SAME for one in found.values()):
        raise SystemExit("Numbers differ from scikit-learn's.")


if __name__ == "__main__":
    main()
