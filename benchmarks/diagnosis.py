"""How good the verdicts of `skdl.diagnosis.diagnose` are.

Run it from the repository root (about twenty minutes on 2 cores)::

    python benchmarks/diagnosis.py [--quick] [--thresholds] [--json FILE]

Trainings of known condition are made by breaking sound ones in one way (see
``conditions/runs.py``), on tables or seeds that were never looked at while thresholds
were set (``--thresholds`` takes those that were). Each is judged three times: with its
rows, by the estimator alone, and by the losses alone. Where the first finding has a
suggestion, the network is trained anew with it, and the validation losses of the kept
weights are compared.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
from conditions.runs import MAKERS, Judged, kept_loss, make_runs
from conditions.tables import FOR_TESTING, FOR_THRESHOLDS, UNSEEN, load_table
from joblib import Parallel, delayed

from skdl import fuse
from skdl.diagnosis import Diagnosis, diagnose

PACKAGES = ("scikit-learn", "tensorflow", "keras", "numpy")
FIRST_SEED = {"thresholds": 0, "testing": 17000}
N_SEEDS = 4
RIGHT = 0.9  # over all
LEAST_RIGHT = 0.8  # of each condition
IMPROVED = 0.7  # of the runs with a suggestion
KNOWN = ("rows", "estimator", "losses")


def verdicts_of(judged: Judged) -> dict[str, Diagnosis]:
    """Judge a run by all that is known, and by less."""
    run, fitted = judged.run, judged.fitted
    rows = {"X": run.X, "y": run.y, "X_val": run.X_val, "y_val": run.y_val}
    return {
        "rows": diagnose(fitted, **rows),
        "estimator": diagnose(fitted),
        "losses": diagnose(fitted.history_),
    }


def code_of(diagnosis: Diagnosis) -> str:
    """Return the code of the verdict."""
    return diagnosis.verdict.code if diagnosis.verdict else "none"


def improvements(judged: list[Judged], said: list[Diagnosis]) -> pd.DataFrame:
    """Train anew with what was suggested."""
    asked = [
        (one, diagnosis.verdict)
        for one, diagnosis in zip(judged, said, strict=True)
        if one.run.condition != "good_fit"
        and diagnosis.verdict is not None
        and diagnosis.verdict.suggestion
    ]
    with fuse():
        fits = (
            delayed(one.run.fitted)({**one.run.parameters, **verdict.suggestion})
            for one, verdict in asked
        )
        changed = list(Parallel()(fits))
    return pd.DataFrame(
        {
            "condition": [one.run.condition for one, _ in asked],
            "before": [kept_loss(one.fitted) for one, _ in asked],
            "after": [kept_loss(network) for network in changed],
        }
    )


def measure(tables: tuple[str, ...], *, n_seeds: int, first_seed: int) -> dict:
    """Make runs on each table and judge them."""
    verdicts, changes = [], []
    dropped = dict.fromkeys(MAKERS, 0)
    seconds: list[float] = []
    for name in tables:
        judged, not_held = make_runs(
            [load_table(name)], n_seeds=n_seeds, first_seed=first_seed
        )
        said = []
        for one in judged:
            start = time.perf_counter()
            by_knowledge = verdicts_of(one)
            seconds.append(time.perf_counter() - start)
            said.append(by_knowledge["rows"])
            codes = {known: code_of(by_knowledge[known]) for known in KNOWN}
            verdicts.append(
                {"table": name, "truth": one.run.condition, "how": one.run.how, **codes}
            )
        changes.append(improvements(judged, said))
        dropped = {key: dropped[key] + not_held[key] for key in dropped}
        print(f"{name}: {len(judged)} runs", file=sys.stderr)
    return {
        "verdicts": pd.DataFrame(verdicts),
        "changes": pd.concat(changes, ignore_index=True),
        "dropped": dropped,
        "seconds": sum(seconds) / len(seconds),
    }


def shares_right(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Share of right verdicts of each condition, by what was known."""
    right = pd.DataFrame(
        {known: verdicts[known] == verdicts["truth"] for known in KNOWN}
    )
    shares = right.groupby(verdicts["truth"]).mean().reindex(list(MAKERS))
    shares.insert(0, "runs", verdicts.groupby("truth").size())
    shares.loc["all"] = [len(verdicts), *right.mean()]
    return shares


def shares_improved(changes: pd.DataFrame) -> pd.DataFrame:
    """Share of suggestions after which the validation loss was lower."""
    better = changes["after"] < changes["before"]
    shares = better.groupby(changes["condition"]).agg(["size", "mean"])
    shares.columns = ["suggestions", "improved"]
    shares.loc["all"] = [len(changes), better.mean()]
    return shares


def show(found: dict, tables: tuple[str, ...]) -> bool:
    """Print the tables; return whether the targets are met."""
    verdicts = found["verdicts"]
    right, improved = shares_right(verdicts), shares_improved(found["changes"])
    table = pd.crosstab(verdicts["truth"], verdicts["rows"])
    others = [code for code in table.columns if code not in MAKERS]
    table = table.reindex(index=list(MAKERS), columns=[*MAKERS, *others]).fillna(0)
    places = range(1, len(table.columns) + 1)
    table.columns = [str(place) for place in places]
    table.index = [f"{place} {code}" for place, code in enumerate(MAKERS, start=1)]
    print(f"\n{len(verdicts)} runs on {', '.join(tables)}; made but without the")
    print(f"condition, and dropped: {found['dropped']}.")
    print(f"A diagnosis with rows, and two without: {found['seconds']:.2f} s.\n")
    print("Condition (down) and verdict (across), rows known:")
    print(table.astype(int).to_string(), "\n")
    is_unseen = verdicts["table"].isin(UNSEEN)
    if is_unseen.any():
        share = (verdicts["rows"] == verdicts["truth"])[is_unseen].mean()
        print(f"On tables never looked at: {share:.0%} of {is_unseen.sum()} right.\n")
    print("Share of right verdicts, by what was known:")
    print(right.round(2).to_string(), "\n")
    print("Validation loss after the first suggestion:")
    print(improved.round(2).to_string(), "\n")
    met = {
        f"right over all, at least {RIGHT:.0%}": right.loc["all", "rows"] >= RIGHT,
        f"right of each, at least {LEAST_RIGHT:.0%}": (
            right["rows"].min() >= LEAST_RIGHT
        ),
        f"improved, at least {IMPROVED:.0%}": improved.loc["all", "improved"]
        >= IMPROVED,
        "at least 200 runs": len(verdicts) >= 200,
    }
    for target, is_met in met.items():
        print(f"{'met' if is_met else 'NOT MET'}: {target}")
    return all(met.values())


def main() -> None:
    """Measure, print, and perhaps write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1 run per condition")
    parser.add_argument("--thresholds", action="store_true", help="the other tables")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    tables = FOR_THRESHOLDS if options.thresholds else FOR_TESTING
    found: dict[str, Any] = measure(
        tables,
        n_seeds=1 if options.quick else N_SEEDS,
        first_seed=FIRST_SEED["thresholds" if options.thresholds else "testing"],
    )
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    print(f"{datetime.date.today()}, {platform.machine()}, {versions}")
    show(found, tables)
    if options.json is not None:
        figures = {
            "verdicts": found["verdicts"].to_dict("records"),
            "changes": found["changes"].to_dict("records"),
            "dropped": found["dropped"],
        }
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
