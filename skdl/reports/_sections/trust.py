"""The sections about simple stand-ins, features that act together, and trust."""

from __future__ import annotations

import skdl.plots as plots
from skdl import explain
from skdl.exceptions import DataError
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section

MOST_PAIRS_LISTED = 10
# By the kind of a surrogate: what the figure shows, and what the table.
RULES_LISTED = (
    "of each the share and number of the rows that it was fitted on, what it says, and "
    "what the model says on average of the rows that it was not fitted on"
)
SURROGATES = {
    "tree": ("A tree", f"The tree as rules: {RULES_LISTED}"),
    "rules": ("Rules", f"The rules: {RULES_LISTED}"),
    "linear": (
        "Coefficients",
        "Coefficients: the change of what is said per unit of the feature, or from one "
        "word to another, and (standardised) per standard deviation",
    ),
}


def add_interactions(section: Section, subject: ReportInput) -> None:
    """Add how much of what is said strong features make only together."""
    features = subject.shown_features
    if len(features) < 2:
        raise NotAvailable("It takes two features that vary.")
    found = explain.interaction_strength(
        subject.estimator,
        subject.X,
        list(features),
        feature_names=subject.names,
        random_state=subject.random_state,
        progress=subject.progress,
    )
    show_interactions(section, found)


def show_interactions(section: Section, found: explain.InteractionStrength) -> None:
    """Show which features act together."""
    frame = found.to_frame()
    pairs = frame[frame["other"] != "all others"] if found.pairs else frame
    strongest = pairs.nlargest(1, "strength").iloc[0]
    section.add_figure(
        plots.interaction_strength(found),
        alternative=f"The strongest pair: {strongest['feature']} and "
        f"{strongest['other']}, H {strongest['h']:.2f}, {strongest['strength']:.3g} of "
        f"the {found.response}.",
    )
    if frame["output"].nunique() == 1:
        frame = frame.drop(columns="output")
    section.add_table(
        frame.nlargest(MOST_PAIRS_LISTED, "strength").rename(
            columns={"other": "together with", "h": "H"}
        ),
        caption=f"Friedman's H, and its strength in units of the {found.response}, at "
        f"{found.n_samples} rows",
    )
    section.add_record(found)


def add_surrogate(section: Section, subject: ReportInput) -> None:
    """Add a tree that says nearly the same, and how nearly."""
    output = subject.response.outputs[0] if subject.has_several_numbers else None
    found = explain.surrogate(
        subject.estimator,
        subject.X,
        output=output,
        feature_names=subject.names,
        random_state=subject.random_state,
    )
    show_surrogate(section, found)


def show_surrogate(section: Section, found: explain.Surrogate) -> None:
    """Show a model in simple words, and how well it follows the other one."""
    kind, words = SURROGATES[found.kind]
    section.add_note(found.summary(), tone="note" if found.is_faithful else "warning")
    section.add_figure(
        plots.surrogate(found),
        alternative=f"{kind}: {found.rules.splitlines()[0].strip()}, ...",
    )
    section.add_table(found.to_frame().rename(columns=_in_words), caption=words)
    section.add_record(found)


def _in_words(column: str) -> str:
    """Name a column of the rules for readers."""
    whole = {"support": "share of the rows", "n_samples": "rows"}
    for start, words in (("response", "it says"), ("held_out", "the model says")):
        if column.startswith(start):
            return words + column.removeprefix(start)
    return whole.get(column, column)


def add_trust(section: Section, subject: ReportInput) -> None:
    """Add the measures of how good the explanation is."""
    show_quality(section, subject.quality)


def show_quality(section: Section, found: explain.ExplanationQuality) -> None:
    """Show the measures of how good an explanation is."""
    for kind in ("deletion", "insertion"):
        gain = found[f"{kind} gain"]
        if not gain.is_measured:
            continue
        section.add_figure(
            plots.explanation_quality(found, kind=kind),
            alternative=f"{kind} gain {gain.value:.2f} "
            f"[{gain.low:.2f}, {gain.high:.2f}]: {gain.meaning}.",
            caption=(
                "Features are replaced by those of other rows, the most important "
                "first: the faster what is said goes astray, the truer the order."
                if kind == "deletion"
                else "The same the other way round: features are put back, the most "
                "important first."
            ),
        )
    frame = found.to_frame()
    frame["interval"] = [
        "" if measure.low is None else f"{measure.low:z.2f} to {measure.high:z.2f}"
        for measure in found.measures
    ]
    section.add_table(
        frame[["aspect", "measure", "value", "interval", "meaning"]],
        caption=f"Measured on {found.n_samples} rows",
    )
    for measure in found.measures:
        if not measure.is_measured:
            section.add_note(f"{measure.measure}: {measure.status}")
    section.add_record(found)


def trust_in_words(subject: ReportInput) -> str:
    """Say in a sentence how far the importances can be trusted."""
    try:
        found = subject.quality
    except DataError as error:  # too few rows
        return f"How far to trust this order is not known. {error}"
    parts = []
    for name, words in (
        ("rank correlation, halves of the rows", "between two halves of the rows"),
        ("rank correlation, noisy inputs", "under small noise"),
        ("rank correlation, other seeds", "between models of other seeds"),
    ):
        measure = found[name]
        if measure.is_measured:
            ends = f"[{measure.low:z.2f}, {measure.high:z.2f}]"
            parts.append(f"{measure.value:z.2f} {ends} {words}")
    sentences = []
    if parts:
        sentences.append(
            f"Its rank correlation is {', '.join(parts)}; 1 is the same order, 0 no "
            "more alike than chance."
        )
    gain = found["deletion gain"]
    if gain.is_measured:
        sentences.append(
            "Taking features away in this order moves what is said by "
            f"{gain.value:z.2f} of its variation more than in a random order."
        )
    if not sentences:
        return "How far to trust this order could not be measured."
    return " ".join(["How far to trust this order:", *sentences])
