"""The section about a search: its candidates, and which parameters mattered."""

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


def add_search(section: Section, subject: ReportInput) -> None:
    """Show what a search tried, and what it found."""
    search = subject.search
    if search is None:
        name = type(subject.estimator).__name__
        raise NotAvailable(f"{name} is not a search over parameters.")
    candidates = read_candidates(search)
    table = candidate_table(search, n_best=None)
    if not np.isfinite(candidates.mean_scores).any():
        raise NotAvailable("None of the candidates has a score.")
    metric = candidates.metric
    if metric == "score":  # scikit-learn's name for the only one
        metric = metric_of(search)
    candidates = replace(candidates, metric=metric)
    add_best_so_far(section, candidates)
    add_candidates(section, table, metric=metric)
    try:
        parameters = parameter_importance(search, random_state=subject.random_state)
    except DataError as error:
        section.add_note(f"No importance of parameters: {error}")
    else:
        add_parameters(section, parameters)
        section.add_record(parameters)
    _add_path(section, search)
    section.add_record(candidates)


def add_best_so_far(section: Section, candidates: Candidates) -> None:
    """Draw how the best score grew."""
    scores, rungs = candidates.mean_scores, candidates.rungs
    in_last_rung = rungs == rungs[np.isfinite(scores)].max()
    best = int(np.nanargmax(np.where(in_last_rung, scores, np.nan)))
    section.add_figure(
        plots.best_so_far(candidates),
        alternative=f"The best score after each of {len(scores)} candidates, ending "
        f"at {scores[best]:.3f}, which number {best + 1} reached.",
        caption="Each candidate as it was tried, and the best score until then. A line "
        "that still rises at the end says that a longer search would find better.",
    )


def add_candidates(section: Section, candidates: pd.DataFrame, *, metric: str) -> None:
    """Draw all candidates, and tabulate the best."""
    scores = candidates["mean_test_score"]
    section.add_figure(
        plots.search_results(candidates, metric=metric),
        alternative=f"Scores of {len(candidates)} candidates, from "
        f"{scores.max():.3f} down to {scores.min():.3f}.",
    )
    section.add_table(
        candidates.head(MOST_CANDIDATES_LISTED).rename(
            columns={
                "mean_test_score": "mean",
                "std_test_score": "std",
                "mean_fit_time": "seconds",
            }
        ),
        caption=f"The best candidates: {metric} over the folds, seconds of one fit, "
        "parameters",
        digits=2,
        formats={"mean": ".4f", "std": ".4f", "seconds": ".2f"},
        mark=[0],
    )


def add_parameters(section: Section, parameters: ParameterImportance) -> None:
    """Draw which parameters mattered."""
    section.add_figure(
        plots.parameter_importance(parameters),
        alternative="Importance of the parameters: "
        + ", ".join(
            f"{name} {share:.0%}"
            for name, share in zip(
                parameters.labels, parameters.importances, strict=True
            )
        )
        + ".",
        caption="Which parameters mattered: the share of the differences between "
        f"candidates that each explains alone (fANOVA, {parameters.n_candidates} "
        "candidates, so a rough order rather than a measurement).",
    )
    if parameters.n_failed:
        section.add_note(f"{parameters.n_failed} candidates failed and have no score.")


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
            alternative=f"The path of {parameter} while it was tuned, ending between "
            f"{ends.min():.3g} and {ends.max():.3g}.",
        )
