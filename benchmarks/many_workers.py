"""How much faster several processes are than one, on one study.

Run it from the repository root (about five minutes on 2 cores)::

    python benchmarks/many_workers.py [--url URL]

1, 2 and 3 processes of this machine share a search of 48 trials x 5 folds, through a
journal file or the database of ``--url``: of scikit-learn's MLPClassifier, which
computes on one core, and of skdl's, whose training uses all cores already. Seconds are
from the first worker's beginning to the last one's end, imports not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

WORKER = Path(__file__).parent / "workers" / "sharing_worker.py"
ESTIMATORS = ("sklearn", "skdl")
N_TRIALS = 48


def run(estimator: str, n_workers: int, storage: str) -> list[dict[str, Any]]:
    """Let some processes share a search; what each one says."""
    words = [estimator, storage, uuid.uuid4().hex, str(N_TRIALS)]
    settings = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment = os.environ | {"PYTHONPATH": str(WORKER.parents[1])}
    workers = [
        subprocess.Popen(
            [sys.executable, str(WORKER), *words],
            env=environment | (settings if estimator == "sklearn" else {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(n_workers)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()  # it has imported what it needs
    for worker in workers:
        assert worker.stdin is not None
        print("go", file=worker.stdin, flush=True)
    return [json.loads(worker.communicate()[0]) for worker in workers]


def main() -> None:
    """Run all, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", help="of a database; a journal file without it")
    options = parser.parse_args()
    print("| estimator | workers | seconds | faster than one by | trials of each |")
    print("|---|--:|--:|--:|---|")
    for estimator in ESTIMATORS:
        alone = 0.0
        for n_workers in (1, 2, 3):
            with tempfile.TemporaryDirectory() as folder:
                storage = options.url or f"{folder}/study.journal"
                found = run(estimator, n_workers, storage)
            begin = min(one["began"] for one in found)
            seconds = max(one["ended"] for one in found) - begin
            alone = alone or seconds
            assert len({one["best"] for one in found}) == 1, found
            shares = ", ".join(str(one["n_trials"]) for one in found)
            print(
                f"| {estimator} | {n_workers} | {seconds:.1f} "
                f"| {alone / seconds:.2f}x | {shares} |"
            )


if __name__ == "__main__":
    main()
