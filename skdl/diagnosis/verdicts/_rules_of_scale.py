"""A verdict on the features: columns of a scale far above 1."""

from __future__ import annotations

import numpy as np

from skdl.diagnosis.verdicts._rule_input import RuleInput, RuleMatch
from skdl.diagnosis.verdicts._rules_of_data import MOST_LEFT, no_better_than_baseline
from skdl.diagnosis.verdicts._rules_of_training import high_learning_rate

LARGEST_SCALE = 20.0  # absolute mean plus standard deviation of a column


def unscaled_features(run: RuleInput) -> RuleMatch | None:
    """Columns of scales far above 1 that reach the first layer."""
    scales = run.feature_scales
    if scales is None or not run.facts.feels_scale:
        return None
    n_large = int((scales > LARGEST_SCALE).sum())
    does_harm = _does_harm(run)
    # Batch norm compensates for most of it, so speak up only if something is wrong.
    if not n_large or (run.facts.norms_first and not does_harm):
        return None
    may_norm = bool(run.facts.n_hidden_units) and not run.facts.norms_first
    largest = int(np.nanargmax(scales))
    return RuleMatch(
        numbers={
            "n_large": n_large,
            "n_columns": len(scales),
            "largest_scale": float(scales[largest]),
            "threshold": LARGEST_SCALE,
            "residual_signal": run.residual_signal,
        },
        meaning=(
            f"{n_large} of the {len(scales)} columns that the network reads are far "
            "larger than its initial weights and learning rate are meant for. The "
            f"largest is {_name_of(run, largest)}, with {scales[largest]:.4g} "
            "(absolute mean plus standard deviation; 1 is usual)."
        ),
        advice=(
            "Put a StandardScaler before the network: "
            "make_pipeline(StandardScaler(), ...). For sparse tables use MaxAbsScaler. "
            "Diagnose again before you change the learning rate or the size of the "
            "network. Batch normalisation solves only part of the problem."
        ),
        suggestion=run.facts.suggest(batch_norm=True) if may_norm else {},
        severity="problem" if does_harm else "warning",
    )


def _name_of(run: RuleInput, column: int) -> str:
    names = run.facts.feature_names
    return repr(names[column]) if column < len(names) else f"column {column}"


def _does_harm(run: RuleInput) -> bool:
    return (
        run.curves.has_diverged
        or run.residual_signal > MOST_LEFT
        or high_learning_rate(run) is not None
        or no_better_than_baseline(run) is not None
    )
