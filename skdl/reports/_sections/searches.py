"""A search: its candidates, and which parameters mattered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

import skdl.plots as plots
from skdl.exceptions import DataError
from skdl.reports._report_input import NotAvailable, ReportInput, metric_of
from skdl.reports._section import Section
from skdl.search import (
    Candidates,
    ParameterImportance,
    candidate_table,
    parameter_importance,
    read_candidates,
)

MOST_CANDIDATES_LISTED = 10


def add_search(section: Section, inputs: ReportInput) -> None:
    """Show what a search tried, and what it found."""
    search = inputs.search
    if search is None:
        name = type(inputs.estimator).__name__
        raise NotAvailable(f"{name} is not a search over parameters.")
    candidates = read_candidates(search)
    if not np.isfinite(candidates.mean_scores).any():
        raise NotAvailable("No candidate has a score.")
    if candidates.metric == "score":  # scikit-learn's name for the only one
        candidates = replace(candidates, metric=metric_of(search))
    _add_best_so_far(section, candidates)
    _add_candidates(section, candidate_table(search, n_best=None), candidates.metric)
    try:
        importance = parameter_importance(search, random_state=inputs.random_state)
    except DataError as error:
        section.add_note(f"No importance of parameters: {error}")
    else:
        _add_parameters(section, importance)
        section.add_record(importance)
    _add_path(section, search)
    section.add_record(candidates)


def _add_best_so_far(section: Section, candidates: Candidates) -> None:
    scores, rungs = candidates.mean_scores, candidates.rungs
    in_last_rung = rungs == rungs[np.isfinite(scores)].max()
    best = int(np.nanargmax(np.where(in_last_rung, scores, np.nan)))
    section.add_figure(
        plots.best_so_far(candidates),
        alternative=f"The best score after each of {len(scores)} candidates, ending "
        f"at {scores[best]:.3f} with number {best + 1}.",
        caption="Candidates in the order they were tried, and the best score so far. "
        "If the line still rises at the end, a longer search is likely to find a "
        "better one.",
    )


def _add_candidates(section: Section, table: pd.DataFrame, metric: str) -> None:
    scores = table["mean_test_score"]
    section.add_figure(
        plots.search_results(table, metric=metric),
        alternative=f"Scores of {len(table)} candidates, from "
        f"{scores.max():.3f} down to {scores.min():.3f}.",
    )
    section.add_table(
        table.head(MOST_CANDIDATES_LISTED).rename(
            columns={
                "mean_test_score": "mean",
                "std_test_score": "std",
                "mean_fit_time": "seconds",
            }
        ),
        caption=f"The best candidates: {metric} over the folds, seconds per fit, "
        "parameters",
        digits=2,
        formats={"mean": ".4f", "std": ".4f", "seconds": ".2f"},
        mark=[0],
    )


def _add_parameters(section: Section, importance: ParameterImportance) -> None:
    shares = zip(importance.labels, importance.importances, strict=True)
    section.add_figure(
        plots.parameter_importance(importance),
        alternative="Importance of the parameters: "
        + ", ".join(f"{name} {share:.0%}" for name, share in shares)
        + ".",
        caption="Which parameters mattered: the share of the differences between "
        "candidates that each parameter explains alone (fANOVA). With "
        f"{importance.n_candidates} candidates, take it as a rough order.",
    )
    if importance.n_failed:
        section.add_note(f"{importance.n_failed} candidates failed and have no score.")


def _add_path(section: Section, search: Any) -> None:
    path = getattr(search, "hyperparameter_path_", None)
    if not isinstance(path, pd.DataFrame):
        return
    others = ["restart", "split", "step", "val_loss"]
    for parameter in path.columns.drop(others, errors="ignore"):
        if not (path[parameter] > 0).all():  # drawn on a logarithmic scale
            continue
        ends = path.groupby("restart")[parameter].last()
        section.add_figure(
            plots.hyperparameter_path(path, parameter=parameter),
            alternative=f"{parameter} while it was tuned, ending between "
            f"{ends.min():.3g} and {ends.max():.3g}.",
        )
