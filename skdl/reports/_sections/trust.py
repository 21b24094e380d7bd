"""Interactions, surrogates, and how far to trust an explanation."""

from __future__ import annotations

import skdl.plots as plots
from skdl import explain
from skdl.exceptions import DataError
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section

MOST_PAIRS_LISTED = 10
# By the kind of a surrogate: what the figure shows, and the caption of the table.
RULES_LISTED = (
    "the share and number of the rows it was fitted on that follow each rule, what the "
    "rule predicts, and what the model predicts on average for rows it was not fitted "
    "on"
)
SURROGATES = {
    "tree": ("A tree", f"The tree as rules: {RULES_LISTED}"),
    "rules": ("Rules", f"The rules: {RULES_LISTED}"),
    "linear": (
        "Coefficients",
        "Coefficients: the change of the prediction per unit of the feature, or from "
        "one category to another, and (standardised) per standard deviation",
    ),
}
# By measure: between what an explanation was compared.
COMPARED = {
    "rank correlation, halves of the rows": "between two halves of the rows",
    "rank correlation, noisy inputs": "under small noise",
    "rank correlation, other seeds": "between models with other seeds",
}


def add_interactions(section: Section, inputs: ReportInput) -> None:
    """Add how strongly the shown features interact."""
    features = inputs.shown_features
    if len(features) < 2:
        raise NotAvailable("It takes two features that vary.")
    strength = explain.interaction_strength(
        inputs.estimator,
        inputs.X,
        list(features),
        feature_names=inputs.names,
        random_state=inputs.random_state,
        progress=inputs.progress,
    )
    show_interactions(section, strength)


def show_interactions(section: Section, strength: explain.InteractionStrength) -> None:
    """Show which features interact."""
    frame = strength.to_frame()
    pairs = frame[frame["other"] != "all others"] if strength.pairs else frame
    strongest = pairs.nlargest(1, "strength").iloc[0]
    section.add_figure(
        plots.interaction_strength(strength),
        alternative=f"The strongest pair: {strongest['feature']} and "
        f"{strongest['other']}, H {strongest['h']:.2f}, {strongest['strength']:.3g} of "
        f"the {strength.response}.",
    )
    if frame["output"].nunique() == 1:
        frame = frame.drop(columns="output")
    section.add_table(
        frame.nlargest(MOST_PAIRS_LISTED, "strength").rename(
            columns={"other": "together with", "h": "H"}
        ),
        caption=f"Friedman's H, and strength in units of the {strength.response}, on "
        f"{strength.n_samples} rows",
    )
    section.add_record(strength)


def add_surrogate(section: Section, inputs: ReportInput) -> None:
    """Add a small tree that imitates the model, and how well it does."""
    surrogate = explain.surrogate(
        inputs.estimator,
        inputs.X,
        output=inputs.response.outputs[0] if inputs.has_several_numbers else None,
        feature_names=inputs.names,
        random_state=inputs.random_state,
    )
    show_surrogate(section, surrogate)


def show_surrogate(section: Section, surrogate: explain.Surrogate) -> None:
    """Show a small model that imitates another one, and how well it does."""
    kind, caption = SURROGATES[surrogate.kind]
    section.add_note(
        surrogate.summary(), tone="note" if surrogate.is_faithful else "warning"
    )
    section.add_figure(
        plots.surrogate(surrogate),
        alternative=f"{kind}: {surrogate.rules.splitlines()[0].strip()}, ...",
    )
    section.add_table(surrogate.to_frame().rename(columns=_in_words), caption=caption)
    section.add_record(surrogate)


def _in_words(column: str) -> str:
    """Name a column of the rules for readers."""
    whole = {"support": "share of the rows", "n_samples": "rows"}
    for start, words in (("response", "predicts"), ("held_out", "model predicts")):
        if column.startswith(start):
            return words + column.removeprefix(start)
    return whole.get(column, column)


def add_trust(section: Section, inputs: ReportInput) -> None:
    """Add the measures of how good the importances are as an explanation."""
    show_quality(section, inputs.quality)


def show_quality(section: Section, quality: explain.ExplanationQuality) -> None:
    """Show the measures of how good an explanation is."""
    for kind, caption in (
        (
            "deletion",
            "Features are replaced by those of other rows, the most important first. "
            "The faster the predictions change, the better the order.",
        ),
        (
            "insertion",
            "The other way round: features are put back, the most important first.",
        ),
    ):
        gain = quality[f"{kind} gain"]
        if gain.is_measured:
            section.add_figure(
                plots.explanation_quality(quality, kind=kind),  # type: ignore[arg-type]
                alternative=f"{kind} gain {gain.value:.2f} "
                f"[{gain.low:.2f}, {gain.high:.2f}]: {gain.meaning}.",
                caption=caption,
            )
    frame = quality.to_frame()
    frame["interval"] = [
        "" if measure.low is None else f"{measure.low:z.2f} to {measure.high:z.2f}"
        for measure in quality.measures
    ]
    section.add_table(
        frame[["aspect", "measure", "value", "interval", "meaning"]],
        caption=f"Measured on {quality.n_samples} rows",
    )
    for measure in quality.measures:
        if not measure.is_measured:
            section.add_note(f"{measure.measure}: {measure.status}")
    section.add_record(quality)


def trust_in_words(inputs: ReportInput) -> str:
    """Say in a few sentences how far to trust the importances."""
    try:
        quality = inputs.quality
    except DataError as error:  # too few rows
        return f"How far to trust this order is unknown. {error}"
    correlations = [
        f"{measure.value:z.2f} [{measure.low:z.2f}, {measure.high:z.2f}] {between}"
        for name, between in COMPARED.items()
        if (measure := quality[name]).is_measured
    ]
    sentences = []
    if correlations:
        sentences.append(
            f"Its rank correlation is {', '.join(correlations)}; 1 is the same order, "
            "0 is no more similar than chance."
        )
    gain = quality["deletion gain"]
    if gain.is_measured:
        sentences.append(
            "Removing features in this order changes the predictions by "
            f"{gain.value:z.2f} of their variation more than removing them in a random "
            "order."
        )
    if not sentences:
        return "How far to trust this order could not be measured."
    return " ".join(["How far to trust this order:", *sentences])
