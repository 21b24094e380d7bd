"""How often `gradient_flow` is right about networks whose condition is known.

Run it from the repository root (about 5 minutes on 2 cores, most of it compiling)::

    python benchmarks/gradient_flow.py [--quick] [--data FOLDER] [--json FILE]

**The tables**: Titanic (numbers only), scikit-learn's digits (even or odd) and rows of
`make_classification`; of each the ten columns of largest variance, standardised, and
600 rows, drawn anew by each seed. The thresholds were set on other runs: breast cancer,
other widths, seed 0.

**The networks**: each has one condition that is known from how it was built, and is
trained for ten epochs in batches of 32.

**Right** is a run whose findings have one of the codes that the condition may have; a
healthy network must have "healthy_flow" and nothing else. **Helped** is a run with a
problem where the network with the first suggestion no longer has that finding;
**better** one where its last training loss is lower (an infinite one is the highest).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification
from sklearn.preprocessing import StandardScaler

import skdl
from skdl.diagnosis import gradient_flow

DATA = Path(
    os.environ.get("SKDL_DATA") or Path(__file__).parents[2] / "shared" / "data"
)
N_COLUMNS, N_ROWS, EPOCHS = 10, 600, 10
HEALTHY = ("healthy_flow",)
TOO_FAST = ("exploding_gradients", "dying_units")


@dataclass(frozen=True)
class Condition:
    """Networks that are known to have a condition."""

    name: str
    codes: tuple[str, ...]
    settings: dict[str, Any]
    scale: float = 1.0  # of the features


def conditions() -> list[Condition]:
    """List them, problems first."""
    sgd, deep = {"optimizer": "sgd"}, {"hidden_layer_sizes": (16,) * 15}
    three = {"hidden_layer_sizes": (24,) * 3}
    sigmoid, tanh = {"activation": "sigmoid"}, {"activation": "tanh"}
    small = tanh | {"kernel_initializer": "random_normal"}
    return [
        Condition(name, codes, settings, *scale)
        for name, codes, settings, *scale in (
            ("15 sigmoid layers, adam", ("vanishing_gradients",), deep | sigmoid),
            (
                "10 sigmoid layers, sgd",
                ("vanishing_gradients",),
                sgd | sigmoid | {"hidden_layer_sizes": (8,) * 10, "learning_rate": 0.1},
            ),
            ("15 tanh layers, small weights", ("vanishing_gradients",), deep | small),
            ("relu, sgd, rate 30", TOO_FAST, sgd | three | {"learning_rate": 30.0}),
            ("relu, adam, rate 1", TOO_FAST, three | {"learning_rate": 1.0}),
            (
                "features x 1000, sgd, rate 0.1",
                TOO_FAST,
                sgd | three | {"learning_rate": 0.1},
                1000.0,
            ),
            (
                "15 relu layers of 3 units",
                ("dying_units",),
                {"hidden_layer_sizes": (3,) * 15},
            ),
            (
                "tanh, adam, rate 1",
                ("saturated_units",),
                three | tanh | {"learning_rate": 1.0},
            ),
            ("tanh, features x 1000", ("saturated_units",), three | tanh, 1000.0),
            (
                "relu, sgd, rate 1e-6",
                ("small_updates",),
                sgd | three | {"learning_rate": 1e-6},
            ),
            ("2 relu layers, adam", HEALTHY, {"hidden_layer_sizes": (50, 50)}),
            ("3 relu layers, sgd", HEALTHY, sgd | three | {"learning_rate": 0.05}),
            (
                "1 sigmoid layer, adam",
                HEALTHY,
                sigmoid | {"hidden_layer_sizes": (20,), "learning_rate": 0.01},
            ),
            ("3 tanh layers, adam", HEALTHY, three | tanh),
            ("3 tanh layers, small weights", HEALTHY, three | small),
            ("15 tanh layers, adam", HEALTHY, deep | tanh),
            ("15 relu layers, batch norm", HEALTHY, deep | {"batch_norm": True}),
            (
                "15 relu layers, batch norm, residual",
                HEALTHY,
                deep | {"batch_norm": True, "residual": True},
            ),
        )
    ]


def load_tables(folder: Path, seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Draw the rows of each table."""
    tables = {
        "digits": load_digits(return_X_y=True),
        "made": make_classification(
            N_ROWS, 20, n_informative=8, flip_y=0.05, random_state=seed
        ),
    }
    tables["digits"] = (tables["digits"][0], tables["digits"][1] % 2)
    if (folder / "titanic_all_numeric.csv.gz").is_file():
        titanic = pd.read_csv(folder / "titanic_all_numeric.csv.gz").astype(float)
        tables["titanic"] = (
            titanic.drop(columns="survived").to_numpy(),
            titanic["survived"].to_numpy(),
        )
    random = np.random.default_rng(seed)
    drawn = {}
    for name, (X, y) in tables.items():
        rows = random.permutation(len(X))[:N_ROWS]
        columns = np.sort(np.argsort(-X.var(axis=0), kind="stable")[:N_COLUMNS])
        X = StandardScaler().fit_transform(X[rows][:, columns])
        drawn[name] = (X.astype("float32"), y[rows])
    return drawn


def final_loss(flow) -> float:
    """The last training loss; infinite after divergence."""
    loss = float(flow.estimator.history_["loss"].iloc[-1])
    return loss if np.isfinite(loss) else np.inf


def judge_run(condition: Condition, X, y, seed: int) -> dict[str, Any]:
    """Look at one network, and at what its first suggestion makes of it."""
    network = skdl.MLPClassifier(epochs=EPOCHS, random_state=seed, **condition.settings)
    X = X * np.float32(condition.scale)
    flow = gradient_flow(network, X, y)
    codes = [finding.code for finding in flow.findings]
    is_right = any(code in condition.codes for code in codes)
    result = {"codes": codes, "right": is_right}
    first = flow.findings[0]
    if first.suggestion:
        changed = clone(network).set_params(**first.suggestion)
        after = gradient_flow(changed, X, y)
        result["suggestion"] = {k: str(v) for k, v in first.suggestion.items()}
        result["helped"] = all(found.code != first.code for found in after.findings)
        result["better"] = final_loss(after) < final_loss(flow)
    return result


def main() -> None:
    """Judge all runs and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the tables")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all runs")
    options = parser.parse_args()
    chosen, seeds = conditions(), (31, 32, 33)
    if options.quick:
        chosen, seeds = chosen[2:4], seeds[:1]
    started, runs = time.perf_counter(), []
    print(f"{'condition':40} {'right':>7} {'helped':>7} {'better':>7}  else found")
    for condition in chosen:
        own = [
            {"condition": condition.name, "table": name, "seed": seed}
            | judge_run(condition, X, y, seed)
            for seed in seeds
            for name, (X, y) in load_tables(options.data, seed).items()
        ]
        runs += own
        cells = []
        for measure in ("right", "helped", "better"):
            known = [run[measure] for run in own if measure in run]
            cells.append(f"{sum(known)}/{len(known)}" if known else "-")
        others = {code for run in own for code in run["codes"]} - set(condition.codes)
        print(
            f"{condition.name:40} {cells[0]:>7} {cells[1]:>7} {cells[2]:>7}  "
            f"{', '.join(sorted(others))}",
            flush=True,
        )
    right = sum(run["right"] for run in runs)
    seconds = time.perf_counter() - started
    print(
        f"right: {right} of {len(runs)} runs ({right / len(runs):.0%}); {seconds:.0f} s"
    )
    if options.json:
        options.json.write_text(json.dumps(runs, indent=1))


if __name__ == "__main__":
    main()
