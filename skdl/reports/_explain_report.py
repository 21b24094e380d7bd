"""`explain_report`: one page about any fitted estimator.

The page is made of the sections in the table :data:`SECTIONS`; each has a function that
fills it from a `ReportInput`, which keeps what several of them need. A section that
cannot be made says why at the end of the page.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import skdl.plots as plots
from skdl import explain
from skdl.data import nearest_names
from skdl.exceptions import DataError, ParameterError
from skdl.reports._check_input import check_subject
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

    name: str  # what it is asked for by, and known by in JSON
    heading: str
    how_to_read: str
    # from the empty section and the subject to nothing; it adds the blocks, or raises
    # NotAvailable with the reason why it cannot
    add: Callable[[Section, ReportInput], None]
    needs_targets: bool = False


SECTIONS = (
    ReportSection(
        "scores",
        "How good the model is",
        "Each metric on these rows with its 95 % interval over resampled rows, beside "
        "a baseline that looks at no feature. “Gain” is how much better than the "
        "baseline on the same rows: an interval without 0 is unlikely to be chance.",
        add_scores,
        needs_targets=True,
    ),
    ReportSection(
        "errors",
        "Where it errs",
        "What is taken for what, or how far predictions are off, and whether the "
        "numbers it says can be taken at their word.",
        add_errors,
        needs_targets=True,
    ),
    ReportSection(
        "slices",
        "For whom it is worst",
        KINDS[explain.Slices].how_to_read,
        add_slices,
        needs_targets=True,
    ),
    ReportSection(
        "data",
        "Data",
        "One row per feature, in the rows that the explanations are about. “Typical” "
        "is the median of numbers and the most frequent value of anything else; “new” "
        "counts rows with a value outside those of the training rows.",
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
        "Which features act together",
        KINDS[explain.InteractionStrength].how_to_read,
        add_interactions,
    ),
    ReportSection(
        "rows",
        "Why single rows are predicted so",
        "From what is said on average, each feature of the row adds or takes away, "
        "until the prediction is reached. Features that go together share what they "
        "add.",
        add_rows,
    ),
    ReportSection(
        "surrogate",
        "The model in simple words",
        "A small tree that was fitted to what the model says, and checked on rows that "
        "it has not seen. Read it only as far as it follows the model.",
        add_surrogate,
    ),
    ReportSection(
        "trust",
        "How good these explanations are",
        KINDS[explain.ExplanationQuality].how_to_read,
        add_trust,
        needs_targets=True,
    ),
    ReportSection(
        "architecture",
        "Architecture",
        "One row per layer, from the inputs to the outputs. A network with more "
        "parameters than rows to train on can learn the rows by heart, so look at its "
        "score on other rows.",
        add_architecture,
    ),
    ReportSection(
        "training",
        "Training",
        "A validation loss that turns up while the training loss falls is "
        "overfitting; two losses still falling at the end would gain from more epochs.",
        add_training,
    ),
    ReportSection(
        "search",
        "The search",
        "Each point is a candidate: the mean of its scores over the folds, with their "
        "standard deviation. Many candidates within one standard deviation of the best "
        "mean that the choice among them hardly matters.",
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
        The rows to explain it by; best those that it was not fitted on. A DataFrame
        may have units of its columns in ``X.attrs["units"]``.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Their targets. Without them there are no scores and no importances.
    X_train : array-like of shape (n_samples_train, n_features), default=None
        The rows that it was fitted on: values of X that are new to it are counted.
    y_train : array-like of shape (n_samples_train,), default=None
        Their targets: the score of the training rows is shown beside that of X.
    title : str or None, default=None
        Title of the page. By default the class of the model.
    sections : sequence of str or None, default=None
        Names of the sections, in their order on the page: "scores", "errors",
        "slices", "data", "importance", "effects", "interactions", "rows",
        "surrogate", "trust", "architecture", "training", "search". By default all.
    features : sequence of str or int, default=None
        Features whose effects are shown. By default those that are most important,
        or the first ones without y.
    scoring : str, callable or None, default=None
        A score of scikit-learn; None is the estimator's own.
    n_repeats : int, default=10
        How often each feature is shuffled.
    max_effects : int, default=6
        How many features' effects are shown by default.
    records : Record, sequence of Record or mapping of str to Record, default=None
        What else is known of the estimator: its diagnosis with the rows of the fit, or
        experiments of :mod:`skdl.diagnosis`. Each has a section behind the others, as
        by :func:`record_report`; a Diagnosis takes the place of the verdict in
        "training".
    random_state : int, RandomState instance or None, default=None
        Source of the shuffles.
    path : str or path-like or None, default=None
        Where the page is written to as HTML. By default nowhere.
    progress : bool or None, default=None
        Whether bars show how far it is; None shows them on a terminal when something
        takes more than two seconds.

    Returns
    -------
    page : Page
        The page: ``write``, ``to_markdown`` and ``to_json`` write it, and sections can
        be added.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    DataError
        If there are fewer than two rows, a section that was asked for needs y, or X
        lacks a feature.
    ParameterError
        If a section or a feature is unknown, or the estimator is neither a classifier
        nor a regressor.
    ParameterTypeError
        If something in `records` is not a record.

    Notes
    -----
    A section that cannot be made, such as the training of a model that keeps no
    history, is left out, and the last section of the page says why. Everything is
    computed from all rows of X: pass some thousand of them rather than millions.

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
    subject = check_subject(
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
    page = Page(_title(subject) if title is None else title, summary=_summary(subject))
    left_out = {}
    for part in chosen:
        if part.needs_targets and y is None:
            left_out[part.heading] = "It needs y, to compare with."
            continue
        section = page.add_section(
            part.heading, how_to_read=part.how_to_read, name=part.name
        )
        try:
            with plots.temporary_figures():
                part.add(section, subject)
        # What the user passed was checked; this is about one section of several.
        except (NotAvailable, ValueError, NotImplementedError) as error:
            page.sections.remove(section)
            left_out[part.heading] = str(error)
    _add_cards(page, subject)
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
            "The 'sections' parameter of explain_report must be a list of names of "
            f"sections, at least one of {list(known)}. Got {sections!r} instead."
        )
    for name in names:
        if name not in known:
            near = nearest_names(name, known, n=1)
            raise ParameterError(
                f"The 'sections' parameter of explain_report must name sections of "
                f"{list(known)}. Got {name!r}."
                + (f" Did you mean {near[0]!r}?" if near else "")
            )
    return [known[name] for name in dict.fromkeys(names)]


def _refuse_without_targets(chosen: Sequence[ReportSection]) -> None:
    needing = [part.name for part in chosen if part.needs_targets]
    if needing:
        others = [part.name for part in chosen if not part.needs_targets]
        raise DataError(
            f"The sections {needing} need targets to score with. Got y=None. Pass y"
            + (f", or sections={others}." if others else ".")
        )


def _title(subject: ReportInput) -> str:
    name = type(subject.model).__name__
    if subject.target:
        return f"{name}: predicting {subject.target}"
    return f"{name} explained"


def _summary(subject: ReportInput) -> str:
    task = {
        "regression": "Regression",
        "binary": "Classification in two classes",
        "multiclass": f"Classification in {len(subject.response.outputs)} classes",
        "multilabel": f"Classification by {len(subject.response.outputs)} labels",
    }[subject.response.task]
    n_samples, n_features = subject.X.shape
    return f"{task}, explained by {n_samples} rows of {n_features} features."


def _add_cards(page: Page, subject: ReportInput) -> None:
    steps = " › ".join(type(step).__name__ for step in subject.path[:-1])
    page.add_card(
        "Model", type(subject.model).__name__, note=f"in {steps}" if steps else ""
    )
    if subject.score is not None:
        trained = subject.training_score
        note = "" if trained is None else f", {trained:.3f} on the training rows"
        page.add_card(
            f"Score: {subject.metric}",
            f"{subject.score:.3f}",
            note=f"on these {len(subject.X)} rows{note}",
        )
    if "importance" in [section.name for section in page.sections]:
        strongest = subject.importance.to_frame().iloc[0]
        page.add_card(
            "Strongest feature",
            str(strongest["feature"]),
            note=f"{subject.metric} drops by {strongest['importance']:z.3f} when it "
            "is shuffled",
        )
