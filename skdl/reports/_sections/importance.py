"""Which features a model relies on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

import skdl.plots as plots
from skdl.explain import PermutationImportance
from skdl.reports._report_input import ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.data import named
from skdl.reports._sections.frames import add_frame
from skdl.reports._sections.trust import trust_in_words

MOST_PAIRS_LISTED = 8
MOST_NAMED = 5


def add_importance(section: Section, inputs: ReportInput) -> None:
    """Add permutation importances, and how far to trust them."""
    # The report also knows the names of default scores, such as R².
    show_importance(section, replace(inputs.importance, metric=inputs.metric))
    section.add_text(trust_in_words(inputs))
    section.add_record(inputs.importance)


def show_importance(section: Section, importance: PermutationImportance) -> None:
    """Show how much a score drops when each feature is shuffled."""
    frame, metric = importance.to_frame(), importance.metric
    n_repeats = importance.importances.shape[1]
    section.add_text(_in_words(importance, frame))
    section.add_figure(
        plots.permutation_importance(importance),
        alternative="Largest drops: "
        + ", ".join(
            f"{row.feature} {row.importance:.3f}"
            for row in frame.head(MOST_NAMED).itertuples()
        )
        + ".",
    )
    columns = ["feature", "importance", "low", "high"]
    if n_repeats == 1:
        section.add_note("A single shuffle per feature gives no interval.")
        columns = columns[:2]
    add_frame(
        section,
        frame[columns],
        caption=f"Drop in {metric}: mean of {n_repeats} shuffles"
        + (", with its 95 % interval" if n_repeats > 1 else ""),
        formats=dict.fromkeys(columns[1:], "z.4f"),
        counted="features",
    )
    if importance.associated:
        section.add_note(_pairs_in_words(importance.associated), tone="warning")


def _in_words(importance: PermutationImportance, frame: pd.DataFrame) -> str:
    words = (
        f"The {importance.metric} of the {importance.n_samples} unshuffled rows is "
        f"{importance.baseline_score:.3f}."
    )
    if importance.importances.shape[1] == 1:
        return words
    n_clear = int((frame["low"] > 0).sum())
    words += (
        f" For {n_clear} of the {len(frame)} features the whole interval of the drop "
        "is above 0."
    )
    if n_clear < len(frame):
        words += " These rows do not show that the model relies on the others."
    return words


def _pairs_in_words(pairs: Sequence[tuple[str, str, float]]) -> str:
    shown = [f"{named(pair[:2])} ({pair[2]:.2f})" for pair in pairs[:MOST_PAIRS_LISTED]]
    if len(pairs) > MOST_PAIRS_LISTED:
        shown.append(f"and {len(pairs) - MOST_PAIRS_LISTED} more pairs")
    return (
        "Some features are correlated. While one of them is shuffled, the model can "
        f"still use the other, so both look less important: {'; '.join(shown)}."
    )
