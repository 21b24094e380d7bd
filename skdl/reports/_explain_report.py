"""`explain_report`: a page about any fitted estimator.

The table :data:`SECTIONS` has the sections; each has a function that fills it from a
`ReportInput`. If a section is not possible, the end of the page says why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import skdl.plots as plots
from skdl import explain
from skdl._nearest_names import nearest_names
from skdl.exceptions import DataError, ParameterError
from skdl.reports._check_input import check_input
from skdl.reports._left_out import add_left_out
from skdl.reports._page import Page
from skdl.reports._record_kinds import KINDS
from skdl.reports._record_report import Records, add_records, checked_records
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.data import add_data
from skdl.reports._sections.effects import add_effects
from skdl.reports._sections.importance import add_importance
from skdl.reports._sections.networks import add_architecture, add_training
from skdl.reports._sections.rows import add_rows
from skdl.reports._sections.scores import add_errors, add_scores, add_slices
from skdl.reports._sections.searches import add_search
from skdl.reports._sections.trust import add_interactions, add_surrogate, add_trust


@dataclass(frozen=True)
class ReportSection:
    """A section that a report can have."""

    name: str  # in the parameter `sections`, and in JSON
    heading: str
    how_to_read: str
    # adds blocks to the empty section, or raises NotAvailable with the reason
    add: Callable[[Section, ReportInput], None]
    needs_targets: bool = False


SECTIONS = (
    ReportSection(
        "scores",
        "How good the model is",
        KINDS[explain.Performance].how_to_read,
        add_scores,
        needs_targets=True,
    ),
    ReportSection(
        "errors",
        "Where it goes wrong",
        "Which classes are confused, or how far off predictions are, and whether you "
        "can take predicted probabilities (or numbers) at face value.",
        add_errors,
        needs_targets=True,
    ),
    ReportSection(
        "slices",
        "Which groups it predicts worst",
        KINDS[explain.Slices].how_to_read,
        add_slices,
        needs_targets=True,
    ),
    ReportSection(
        "data",
        "Data",
        "One row per feature, for the rows that this report is based on. “Typical” is "
        "the median of numbers and the most frequent value of anything else. “New” "
        "counts the rows with a value outside those of the training rows.",
        add_data,
    ),
    ReportSection(
        "importance",
        "Which features the model relies on",
        KINDS[explain.PermutationImportance].how_to_read,
        add_importance,
        needs_targets=True,
    ),
    ReportSection(
        "effects",
        "What the strongest features do",
        KINDS[explain.PartialDependence].how_to_read,
        add_effects,
    ),
    ReportSection(
        "interactions",
        "Which features interact",
        KINDS[explain.InteractionStrength].how_to_read,
        add_interactions,
    ),
    ReportSection(
        "rows",
        "Why single rows get their predictions",
        KINDS[explain.Attributions].how_to_read,
        add_rows,
    ),
    ReportSection(
        "surrogate",
        "The model in simple terms",
        KINDS[explain.Surrogate].how_to_read,
        add_surrogate,
    ),
    ReportSection(
        "trust",
        "How far to trust these explanations",
        KINDS[explain.ExplanationQuality].how_to_read,
        add_trust,
        needs_targets=True,
    ),
    ReportSection(
        "architecture",
        "Architecture",
        "One row per layer, from the inputs to the outputs. A network with more "
        "parameters than training rows can memorise them, so look at its score on "
        "other rows.",
        add_architecture,
    ),
    ReportSection(
        "training",
        "Training",
        "If the validation loss rises while the training loss falls, the network "
        "overfits. If both still fall at the end, it needs more epochs.",
        add_training,
    ),
    ReportSection(
        "search",
        "The search",
        "Each point is a candidate: its mean score over the folds, with the standard "
        "deviation. If many candidates are within one standard deviation of the best, "
        "the choice among them hardly matters.",
        add_search,
    ),
)


def explain_report(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    X_train: Any = None,
    y_train: Any = None,
    title: str | None = None,
    sections: Sequence[str] | None = None,
    features: Sequence[Any] | None = None,
    scoring: str | Callable[..., Any] | None = None,
    n_repeats: int = 10,
    max_effects: int = 6,
    records: Records | None = None,
    random_state: int | np.random.RandomState | None = None,
    path: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Page:
    """Explain a fitted estimator on one page.

    Parameters
    ----------
    estimator : estimator
        Any fitted classifier or regressor, or a Pipeline or search that ends in one.
    X : array-like of shape (n_samples, n_features)
        The rows to explain it on, preferably rows it was not fitted on. A DataFrame may
        have the units of its columns in ``X.attrs["units"]``.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Targets of X. Without them there are no scores and no importances.
    X_train : array-like of shape (n_samples_train, n_features), default=None
        The training rows. The report counts the values of X that are new to them.
    y_train : array-like of shape (n_samples_train,), default=None
        Targets of X_train. The report shows the training score next to that of X.
    title : str or None, default=None
        Title of the page. By default the class of the model.
    sections : sequence of str or None, default=None
        Names of the sections, in the order they appear on the page: "scores", "errors",
        "slices", "data", "importance", "effects", "interactions", "rows",
        "surrogate", "trust", "architecture", "training", "search". By default all.
    features : sequence of str or int, default=None
        Features whose effects are shown. By default the most important ones, or the
        first ones without y.
    scoring : str, callable or None, default=None
        A score of scikit-learn. By default the score of the estimator.
    n_repeats : int, default=10
        How often each feature is shuffled.
    max_effects : int, default=6
        For how many features effects are shown by default.
    records : Record, sequence of Record or mapping of str to Record, default=None
        Other results for the estimator, such as its diagnosis with the training rows,
        experiments of :mod:`skdl.diagnosis`, or a comparison with other models. Each
        gets a section after the others, as in :func:`record_report`. A Diagnosis
        replaces the verdict in "training".
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffles.
    path : str or path-like or None, default=None
        File to write the page to, as HTML. By default the page is not written.
    progress : bool or None, default=None
        Whether to show progress bars; None shows them on a terminal for whatever takes
        more than two seconds.

    Returns
    -------
    page : Page
        The page. ``write``, ``to_markdown`` and ``to_json`` write it, and you can add
        sections.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    DataError
        If there are fewer than two rows, a requested section needs y, or X lacks a
        feature.
    ParameterError
        If a section or a feature is unknown, or the estimator is neither a classifier
        nor a regressor.
    ParameterTypeError
        If something in `records` is not a record.

    Notes
    -----
    A section that is not possible, such as the training of a model without a history,
    is left out, and the last section of the page says why. Everything is computed from
    all rows of X: pass thousands of rows rather than millions.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skdl.reports import explain_report
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> tree = DecisionTreeClassifier(random_state=0).fit(X, y)
    >>> page = explain_report(
    ...     tree, X, y, sections=["data", "importance"], n_repeats=2, random_state=0
    ... )
    >>> [section.heading for section in page.sections]
    ['Data', 'Which features the model relies on']
    """
    chosen = _chosen(sections)
    given = {}
    if records is not None:
        given = checked_records(records, function="explain_report")
    inputs = check_input(
        estimator,
        X,
        y,
        X_train=X_train,
        y_train=y_train,
        features=features,
        scoring=scoring,
        n_repeats=n_repeats,
        max_effects=max_effects,
        records=given,
        random_state=random_state,
        progress=progress,
    )
    if sections is not None and y is None:
        _refuse_without_targets(chosen)
    page = Page(_title(inputs) if title is None else title, summary=_summary(inputs))
    left_out = {}
    for part in chosen:
        if part.needs_targets and y is None:
            left_out[part.heading] = "It needs y."
            continue
        section = page.add_section(
            part.heading, how_to_read=part.how_to_read, name=part.name
        )
        try:
            with plots.temporary_figures():
                part.add(section, inputs)
        # The user's parameters were checked before: only this section is not possible.
        except (NotAvailable, ValueError, NotImplementedError) as error:
            page.sections.remove(section)
            left_out[part.heading] = str(error)
    _add_cards(page, inputs)
    left_out |= add_records(page, given)
    add_left_out(page, left_out, about="this estimator and these rows")
    if path is not None:
        page.write(path)
    return page


def _chosen(sections: Sequence[str] | None) -> list[ReportSection]:
    known = {section.name: section for section in SECTIONS}
    names = list(known) if sections is None else sections
    if isinstance(names, str) or not names:
        raise ParameterError(
            "The 'sections' parameter of explain_report must be a list of names, at "
            f"least one of {list(known)}. Got {sections!r} instead."
        )
    for name in names:
        if name not in known:
            near = nearest_names(name, known, n=1)
            raise ParameterError(
                "The 'sections' parameter of explain_report must be names among "
                f"{list(known)}. Got {name!r}."
                + (f" Did you mean {near[0]!r}?" if near else "")
            )
    return [known[name] for name in dict.fromkeys(names)]


def _refuse_without_targets(chosen: Sequence[ReportSection]) -> None:
    needing = [part.name for part in chosen if part.needs_targets]
    if needing:
        others = [part.name for part in chosen if not part.needs_targets]
        raise DataError(
            f"The sections {needing} need targets. Got y=None. Pass y"
            + (f", or sections={others}." if others else ".")
        )


def _title(inputs: ReportInput) -> str:
    name = type(inputs.model).__name__
    if inputs.target:
        return f"{name}: predicting {inputs.target}"
    return f"{name} explained"


def _summary(inputs: ReportInput) -> str:
    task = {
        "regression": "Regression",
        "binary": "Classification with two classes",
        "multiclass": f"Classification with {len(inputs.response.outputs)} classes",
        "multilabel": f"Classification with {len(inputs.response.outputs)} labels",
    }[inputs.response.task]
    n_samples, n_features = inputs.X.shape
    return f"{task}, explained on {n_samples} rows with {n_features} features."


def _add_cards(page: Page, inputs: ReportInput) -> None:
    steps = " › ".join(type(step).__name__ for step in inputs.path[:-1])
    page.add_card(
        "Model", type(inputs.model).__name__, note=f"in {steps}" if steps else ""
    )
    if inputs.score is not None:
        trained = inputs.training_score
        note = "" if trained is None else f", {trained:.3f} on the training rows"
        page.add_card(
            f"Score: {inputs.metric}",
            f"{inputs.score:.3f}",
            note=f"on these {len(inputs.X)} rows{note}",
        )
    if "importance" in [section.name for section in page.sections]:
        strongest = inputs.importance.to_frame().iloc[0]
        page.add_card(
            "Strongest feature",
            str(strongest["feature"]),
            note=f"{inputs.metric} drops by {strongest['importance']:z.3f} when it "
            "is shuffled",
        )
