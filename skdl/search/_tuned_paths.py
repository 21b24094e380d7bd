"""Tables and candidates from the paths of the networks that were tuned."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from skdl.exceptions import DivergenceWarning
from skdl.search._tuned_ranges import OWNER, ParameterRange
from skdl.training import Status
from skdl.training.hypergradients import TuningOutcome


def has_diverged(outcome: TuningOutcome) -> bool:
    """Return whether a tuned network diverged."""
    return outcome.status is Status.DIVERGED


def stack_paths(
    runs: Sequence[Sequence[TuningOutcome]], names: Sequence[str]
) -> pd.DataFrame:
    """Collect all steps of all networks in one table."""
    parts = []
    for restart, outcomes in enumerate(runs):
        for split, outcome in enumerate(outcomes):
            columns = {
                "restart": restart,
                "split": split,
                "step": np.arange(len(outcome.values)),
                **dict(zip(names, outcome.values.T, strict=True)),
                "val_loss": outcome.validation_losses,
            }
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def end_of_restart(
    outcomes: Sequence[TuningOutcome],
    start: Sequence[float],
    ranges: Sequence[ParameterRange],
) -> dict[str, float]:
    """Average the final values of a restart into one candidate."""
    names = [parameter.name for parameter in ranges]
    began = dict(zip(names, map(float, start), strict=True))
    ends = [
        np.log(outcome.values[len(outcome.values) // 2 :]).mean(axis=0)
        for outcome in outcomes
        if not has_diverged(outcome)
    ]
    if not ends:
        warnings.warn(
            f"All networks that {OWNER} tuned from {began} diverged, so this starting "
            "point is the candidate. Lower the upper end of the learning rate's range, "
            "or scale the features.",
            DivergenceWarning,
            stacklevel=2,
        )
        return began
    low, high = ([getattr(p, end) for p in ranges] for end in ("low", "high"))
    values = np.clip(np.exp(np.mean(ends, axis=0)), low, high)
    return dict(zip(names, values.tolist(), strict=True))
