"""A verdict on the features: columns far larger than what weights are meant for."""

from __future__ import annotations

import numpy as np

from skdl.diagnosis.verdicts._rule_input import Recognised, RuleInput
from skdl.diagnosis.verdicts._rules_of_data import MOST_LEFT, no_better_than_baseline
from skdl.diagnosis.verdicts._rules_of_training import high_learning_rate

LARGEST_SCALE = 20.0  # absolute mean plus standard deviation of a column


def unscaled_features(case: RuleInput) -> Recognised | None:
    """Columns of scales far above 1, which the first layer feels."""
    scales = case.feature_scales
    if scales is None or not case.facts.feels_scale:
        return None
    n_large = int((scales > LARGEST_SCALE).sum())
    does_harm = _does_harm(case)
    # Batch norm mends most of it: then only where something is wrong all the same.
    if not n_large or (case.facts.norms_first and not does_harm):
        return None
    may_norm = bool(case.facts.n_hidden_units) and not case.facts.norms_first
    largest = int(np.nanargmax(scales))
    return Recognised(
        numbers={
            "n_large": n_large,
            "n_columns": len(scales),
            "largest_scale": float(scales[largest]),
            "threshold": LARGEST_SCALE,
            "residual_signal": case.residual_signal,
        },
        meaning=(
            f"{n_large} of {len(scales)} columns, as the network reads them, lie "
            f"further from 0 than its first weights and its rate are meant for. The "
            f"largest is {_name_of(case, largest)}, with {scales[largest]:.4g} "
            "(absolute mean plus standard deviation; 1 is usual)."
        ),
        advice=(
            "Put a StandardScaler before the network: "
            "make_pipeline(StandardScaler(), ...); for sparse tables a MaxAbsScaler. "
            "Diagnose again before its rate or size is changed. Batch norm mends a "
            "part of it only."
        ),
        suggestion=case.facts.suggest(batch_norm=True) if may_norm else {},
        severity="problem" if does_harm else "warning",
    )


def _name_of(case: RuleInput, column: int) -> str:
    names = case.facts.feature_names
    return repr(names[column]) if column < len(names) else f"column {column}"


def _does_harm(case: RuleInput) -> bool:
    return (
        case.curves.has_diverged
        or case.residual_signal > MOST_LEFT
        or high_learning_rate(case) is not None
        or no_better_than_baseline(case) is not None
    )
