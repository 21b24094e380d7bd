"""The section about which features a model relies on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

import skdl.plots as plots
from skdl.explain import (
    PermutationImportance,
)
from skdl.reports._report_input import ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.data import (
    named,
)
from skdl.reports._sections.trust import trust_in_words

MOST_FEATURES_LISTED = 40
MOST_PAIRS_LISTED = 8
STRONGEST_SAID = 5


def add_importance_figure(
    section: Section, importance: Any, names: Sequence[str], *, metric: str
) -> None:
    """Draw permutation importances."""
    ranked = sorted(
        zip(importance.importances_mean, names, strict=True), key=lambda pair: -pair[0]
    )
    section.add_figure(
        plots.permutation_importance(importance, feature_names=names, metric=metric),
        alternative="Largest drops: "
        + ", ".join(f"{name} {drop:.3f}" for drop, name in ranked[:STRONGEST_SAID])
        + ".",
    )


def add_importance(section: Section, subject: ReportInput) -> None:
    """Add permutation importances with their intervals."""
    importance, metric = subject.importance, subject.metric
    frame = importance.to_frame()
    n_repeats = importance.importances.shape[1]
    section.add_text(_in_words(importance, frame, metric=metric))
    add_importance_figure(section, importance, importance.feature_names, metric=metric)
    columns = ["feature", "importance", "low", "high"]
    if n_repeats == 1:
        section.add_note("One shuffle per feature gives no interval.")
        columns = columns[:2]
    section.add_table(
        frame[columns].head(MOST_FEATURES_LISTED),
        caption=f"Drop of {metric}: mean of {n_repeats} shuffles"
        + (" with its 95 % interval" if n_repeats > 1 else ""),
        formats=dict.fromkeys(columns[1:], "z.4f"),
    )
    section.add_text(trust_in_words(subject))
    if len(frame) > MOST_FEATURES_LISTED:
        section.add_text(f"And {len(frame) - MOST_FEATURES_LISTED} more features.")
    if importance.associated:
        section.add_note(_pairs_in_words(importance.associated), tone="warning")
    section.add_record(importance)


def _in_words(
    importance: PermutationImportance, frame: pd.DataFrame, *, metric: str
) -> str:
    words = (
        f"The {metric} of the {importance.n_samples} rows as they are is "
        f"{importance.baseline_score:.3f}."
    )
    if importance.importances.shape[1] == 1:
        return words
    n_clear = int((frame["low"] > 0).sum())
    words += (
        f" For {n_clear} of the {len(frame)} features the interval of the drop lies "
        "above 0."
    )
    if n_clear < len(frame):
        words += " These rows do not show that the model relies on the others."
    return words


def _pairs_in_words(pairs: Sequence[tuple[str, str, float]]) -> str:
    shown = [f"{named(pair[:2])} ({pair[2]:.2f})" for pair in pairs[:MOST_PAIRS_LISTED]]
    if len(pairs) > MOST_PAIRS_LISTED:
        shown.append(f"and {len(pairs) - MOST_PAIRS_LISTED} more pairs")
    return (
        "Some features go together, so each one's importance is what is lost while the "
        f"other one stays: {'; '.join(shown)}."
    )
