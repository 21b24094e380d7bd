"""How good searches are at equal numbers of trials, and what they cost.

Run it from the repository root (about an hour on 2 cores)::

    python benchmarks/search_quality.py [--quick] [--parts PART ...] [--figure FILE]
        [--json FILE]

**Samplers**: TPE, Gaussian process, NSGA-II, random and grid, 40 trials each, 5 seeds,
on Titanic (891 rows, accuracy), hourly wages (534 rows, R2) and 2,000 rows of
California housing (R2). The space: learning rate 1e-4 to 0.1, four shapes of hidden
layers, dropout 0 to 0.5, L2 1e-7 to 0.01; for the grid 5 x 2 x 2 x 2 points, the order
of values shuffled by the seed. Networks of up to 40 epochs with early stopping, 5
folds, batches of 4 trials. A curve is the best mean score over the folds so far.

**Pruners** on the same tables: TPE with none, median, Hyperband and Wilcoxon; time and
best score of the same seeds, and the time that the search without needs for the score
that the pruned one ends with.

**Peers**: optuna-integration's OptunaSearchCV with scikeras and with scikit-learn's
MLPClassifier, and ours; 20 trials x 5 folds x 20 epochs, 64-64 units with batch norm
(scikit-learn's has none). Each row is a fresh process; imports are not counted,
compiling is.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from search import run_apart
from workers.optuna_worker import LIBRARIES

PARTS = ("peers", "samplers", "pruners")
TABLES = ("titanic", "wages", "california")
PEER_TABLES = ("titanic", "wages")
PACKAGES = (
    "optuna",
    "optuna-integration",
    "scikit-learn",
    "scikeras",
    "tensorflow",
    "keras",
    "torch",
)
N_TRIALS, N_SEEDS, N_PEER_TRIALS = 40, 5, 20
TARGET = 20  # times as fast as optuna-integration with scikeras
COLORS = {
    "tpe": "#0072B2",
    "gp": "#D55E00",
    "nsga2": "#009E73",
    "random": "#666666",
    "grid": "#CC79A7",
}

Searches = dict[str, dict[str, list[dict[str, Any]]]]  # by table and choice, per seed


def run_quality(what: str, n_trials: int, n_seeds: int) -> Searches:
    """Search every table by every sampler or pruner."""
    found: Searches = {}
    for table in TABLES:
        started = time.perf_counter()
        words = (what, table, str(n_trials), str(n_seeds))
        found[table] = run_apart(sys.executable, "quality_worker.py", *words)  # type: ignore[assignment]
        print(
            f"{what}, {table}: {time.perf_counter() - started:.0f} s", file=sys.stderr
        )
    return found


def run_peers(n_trials: int) -> dict[str, dict[str, Any]]:
    """Search by every library."""
    found: dict[str, dict[str, Any]] = {}
    for table in PEER_TABLES:
        for library in LIBRARIES:
            repeats = "3" if library.startswith("skdl") else "0"
            words = (library, table, str(n_trials), repeats)
            result = run_apart(sys.executable, "optuna_worker.py", *words)
            found[f"{table}, {library}"] = result  # type: ignore[assignment]
            print(f"{table}, {library}: {result}", file=sys.stderr)
    return found


def quality_lines(found: Searches) -> list[str]:
    """Write the table of samplers."""
    lines = [
        "| table | sampler | after a quarter | after half | after all: mean | lowest "
        "| highest | seconds of a search |",
        "|---|---|" + "--:|" * 6,
    ]
    for table, by_sampler in found.items():
        for sampler, searches in by_sampler.items():
            curves = np.array([one["best_so_far"] for one in searches])
            n = curves.shape[1]
            means = curves.mean(axis=0)
            seconds = np.median([one["seconds"] for one in searches])
            lines.append(
                f"| {table} | {sampler} | {means[n // 4 - 1]:.4f} "
                f"| {means[n // 2 - 1]:.4f} | {means[-1]:.4f} "
                f"| {curves[:, -1].min():.4f} | {curves[:, -1].max():.4f} "
                f"| {seconds:.1f} |"
            )
    return lines


def pruning_lines(found: Searches) -> list[str]:
    """Write the table of pruners."""
    lines = [
        "| table | pruner | trials pruned | best score, mean | minus that without "
        "| seconds | share of those without | of those without to the same score |",
        "|---|---|" + "--:|" * 6,
    ]
    for table, by_pruner in found.items():
        plain = by_pruner["None"]
        for pruner, searches in by_pruner.items():
            scores = [one["best_so_far"][-1] for one in searches]
            differences = np.subtract(scores, [one["best_so_far"][-1] for one in plain])
            ratios = np.divide(
                [one["seconds"] for one in searches], [one["seconds"] for one in plain]
            )
            reached = [
                one["seconds"] / seconds_to(score, other)
                for one, score, other in zip(searches, scores, plain, strict=True)
            ]
            pruned = np.mean([one["n_pruned"] for one in searches])
            seconds = np.median([one["seconds"] for one in searches])
            lines.append(
                f"| {table} | {pruner} | {pruned:.1f} | {np.mean(scores):.4f} "
                f"| {np.mean(differences):+.4f} | {seconds:.1f} "
                f"| {np.median(ratios):.0%} | {np.median(reached):.0%} |"
            )
    return lines


def seconds_to(score: float, search: dict[str, Any]) -> float:
    """Say when a search had found a score, its trials being equally long."""
    curve = np.array(search["best_so_far"])
    n_trials = np.argmax(curve >= score) + 1 if curve[-1] >= score else len(curve)
    return float(search["seconds"] * n_trials / len(curve))


def peer_lines(found: dict[str, dict[str, Any]]) -> list[str]:
    """Write the table of libraries, and what became of the target."""
    lines = [
        "| table, library | search, s | later search, s | slower than skdl's by "
        "| best score |",
        "|---|" + "--:|" * 4,
    ]
    for name, result in found.items():
        table = name.split(",")[0]
        first, *later = result["seconds"]
        ours = found[f"{table}, skdl"]["seconds"][0]
        median = f"{np.median(later):.2f}" if later else ""
        lines.append(
            f"| {name} | {first:.2f} | {median} | {first / ours:.1f}x "
            f"| {result['scores'][0]:.4f} |"
        )
    lines.append("")
    for table in PEER_TABLES:
        theirs = found[f"{table}, optuna-integration, scikeras"]["seconds"][0]
        first, *later = found[f"{table}, skdl"]["seconds"]
        word = "met" if theirs / first >= TARGET else "**NOT met**"
        lines.append(
            f"- {word}: {table}, at least {TARGET}x faster than optuna-integration "
            f"with scikeras: {theirs / first:.1f}x; by a later search "
            f"{theirs / np.median(later):.1f}x"
        )
    return lines


def draw(found: Searches, file: Path) -> None:
    """Draw the best score so far: mean over seeds, and the range of the seeds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 3.4), layout="constrained")
    for axes, (table, by_sampler) in zip(
        figure.subplots(1, len(found)), found.items(), strict=True
    ):
        low = np.inf
        for sampler, searches in by_sampler.items():
            curves = np.array([one["best_so_far"] for one in searches])
            trials = np.arange(1, curves.shape[1] + 1)
            color = COLORS[sampler]
            axes.plot(trials, curves.mean(axis=0), color=color, label=sampler)
            axes.fill_between(
                trials, curves.min(axis=0), curves.max(axis=0), color=color, alpha=0.12
            )
            low = min(low, curves[:, len(trials) // 8].min())
        axes.set(title=table, xlabel="trials", ylim=(low, None))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    first = figure.axes[0]
    first.set_ylabel("best mean score so far")
    first.legend(frameon=False, loc="lower right")
    figure.savefig(file)


def main() -> None:
    """Run all; print the tables and what became of the target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw the curves")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    n_trials, n_seeds = (8, 1) if options.quick else (N_TRIALS, N_SEEDS)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    record: dict[str, Any] = {}
    if "peers" in options.parts:
        record["peers"] = run_peers(4 if options.quick else N_PEER_TRIALS)
    for part in ("samplers", "pruners"):
        if part in options.parts:
            record[part] = run_quality(part, n_trials, n_seeds)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(
        f"{datetime.date.today()}, {os.cpu_count()} cores, load before {load}\n"
        f"Python {platform.python_version()}, {', '.join(versions)}\n"
    )
    if "samplers" in record:
        print("\n".join([*quality_lines(record["samplers"]), ""]))
    if "pruners" in record:
        print("\n".join([*pruning_lines(record["pruners"]), ""]))
    if "peers" in record:
        print("\n".join(peer_lines(record["peers"])))
    if options.figure and "samplers" in record:
        draw(record["samplers"], options.figure)
    if options.json:
        options.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
