"""The page about a network that was tuned, compared with baselines and explained.

It arranges what others computed, section by section: the data, the scores, the search,
the training and the explanations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

import skdl.plots as plots
from skdl.explain import ModelComparison
from skdl.reports._page import Page
from skdl.reports._sections.data import add_features
from skdl.reports._sections.effects import add_effects_figure
from skdl.reports._sections.importance import add_importance_figure
from skdl.reports._sections.networks import add_learning_curves
from skdl.reports._sections.searches import add_candidates, add_parameters
from skdl.search import ParameterImportance

SCORE_FORMATS = {"cross-validation": ".3f", "score": ".3f", "gain": "+z.3f"}


@dataclass(frozen=True)
class TuningRecord:
    """What a page about a tuned model shows.

    Parameters
    ----------
    name : str
        What the data is called.
    target : str
        Name of the column that is predicted.
    features : DataFrame
        One row per feature: what to know about it.
    remarks : sequence of str
        What to mind about the data.
    model : str
        Name of the tuned model, as in the comparisons.
    cross_validated : DataFrame
        One row per model, best first: the columns "model", "mean" and "std" (of the
        first metric over the folds).
    comparisons : sequence of ModelComparison
        Test scores, one comparison per metric, all with the same reference (the best
        baseline). The first metric is the one of the headline and of the search.
    candidates : DataFrame
        All candidates, from :func:`skdl.search.candidate_table`.
    parameters : ParameterImportance
        From :func:`skdl.search.parameter_importance`.
    history : DataFrame
        The training of the chosen candidate: ``history_`` of the estimator.
    importance : Bunch
        From ``sklearn.inspection.permutation_importance`` on test rows.
    feature_names : sequence of str
        Names of the features, in the order of ``importance``.
    effects : mapping of str to PartialDependence or Bunch
        From :func:`skdl.explain.partial_dependence` or that of ``sklearn.inspection``,
        by feature name.
    effect_on : str
        What the effects are about, such as a predicted probability.
    output : str, int or None, default=None
        Which class or output of the effects is drawn, by name or position (by position
        where they are scikit-learn's). By default the first.
    """

    name: str
    target: str
    features: pd.DataFrame
    remarks: Sequence[str]
    model: str
    cross_validated: pd.DataFrame
    comparisons: Sequence[ModelComparison]
    candidates: pd.DataFrame
    parameters: ParameterImportance
    history: pd.DataFrame
    importance: Any
    feature_names: Sequence[str]
    effects: Mapping[str, Any]
    effect_on: str
    output: str | int | None = None


def tuning_page(record: TuningRecord) -> Page:
    """Arrange a tuned model's data, scores, search, training and explanations.

    Parameters
    ----------
    record : TuningRecord
        What to show.

    Returns
    -------
    page : Page
        The page, ready to be written or added to.
    """
    page = Page(
        f"{record.name}: predicting {record.target}",
        summary="A neural network tuned by cross-validation, compared with simple "
        "models on rows that none of them saw, and explained.",
    )
    with plots.temporary_figures():
        _add_cards(page, record)
        _add_scores(page, record)
        _add_data(page, record)
        _add_search(page, record)
        _add_training(page, record)
        _add_importance(page, record)
        _add_effects(page, record)
    return page


def _add_cards(page: Page, record: TuningRecord) -> None:
    comparison = record.comparisons[0]
    table = comparison.to_frame().set_index("model")
    tuned = table.loc[record.model]
    interval = f"{comparison.confidence_level * 100:g} % interval"
    best = record.cross_validated.iloc[0]
    page.add_card(
        "Best in cross-validation",
        str(best["model"]),
        note=f"{comparison.metric} {best['mean']:.3f} ± {best['std']:.3f} over folds",
    )
    page.add_card(
        f"Test {comparison.metric}, {record.model}",
        f"{tuned['score']:.3f}",
        note=f"{interval} {tuned['score_low']:.3f} to {tuned['score_high']:.3f}",
    )
    page.add_card(
        f"Gain over {comparison.reference}",
        f"{tuned['gain']:+z.3f}",
        note=f"{interval} {tuned['gain_low']:+z.3f} to {tuned['gain_high']:+z.3f}: "
        + gain_in_words(tuned["gain_low"], tuned["gain_high"]),
    )


def gain_in_words(low: float, high: float) -> str:
    """Say what the interval of a difference of scores means.

    >>> from skdl.reports._tuning import gain_in_words
    >>> gain_in_words(-0.01, 0.02)
    'could be chance'
    """
    if low == high == 0:
        return "no difference"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "could be chance"


def _add_scores(page: Page, record: TuningRecord) -> None:
    first = record.comparisons[0]
    section = page.add_section(
        "Scores on the test set",
        how_to_read=f"The test set has {first.n_samples} rows kept apart from "
        "everything else. A bar says how far the score could move with "
        "another test set of this size. “Gain” compares with "
        f"{first.reference}, the best baseline in cross-validation, on the same rows: "
        "an interval without 0 is unlikely to be chance. Greater is better everywhere; "
        "errors carry a minus sign.",
    )
    section.add_figure(
        plots.model_comparison(first),
        alternative=f"{first.metric} of {len(first.models)} models with intervals; "
        "the numbers are in the table below.",
    )
    for comparison in record.comparisons:
        table = comparison.to_frame()
        table["interval"] = _intervals(table["score_low"], table["score_high"])
        table["gain interval"] = _intervals(table["gain_low"], table["gain_high"])
        is_reference = table["model"] == comparison.reference
        table.loc[is_reference, ["gain", "gain interval"]] = None
        columns = ["model", "score", "interval", "gain", "gain interval"]
        if comparison is first:
            folds = record.cross_validated.set_index("model")
            table["folds"] = [folds["mean"].get(model) for model in table["model"]]
            columns.insert(1, "folds")
        section.add_table(
            table[columns].rename(columns={"folds": "cross-validation"}),
            caption=comparison.metric,
            formats=SCORE_FORMATS,
            mark=[comparison.models.index(record.model)],
        )


def _intervals(lows: pd.Series, highs: pd.Series) -> list[str]:
    return [f"{low:z.3f} to {high:z.3f}" for low, high in zip(lows, highs, strict=True)]


def _add_data(page: Page, record: TuningRecord) -> None:
    section = page.add_section(
        "Data",
        how_to_read="One row per feature, as the models got it, in the training rows.",
    )
    for remark in record.remarks:
        section.add_note(remark, tone="warning")
    add_features(section, record.features)


def _add_search(page: Page, record: TuningRecord) -> None:
    section = page.add_section(
        "The search",
        how_to_read="Each point is a candidate: the mean of its scores over the folds, "
        "with their standard deviation. Many candidates within one standard deviation "
        "of the best mean that the choice among them hardly matters.",
    )
    add_candidates(section, record.candidates, metric=record.comparisons[0].metric)
    add_parameters(section, record.parameters)


def _add_training(page: Page, record: TuningRecord) -> None:
    section = page.add_section(
        "Training of the chosen network",
        how_to_read="Training stops when the validation loss no longer falls, and the "
        "weights of the best epoch are kept. A validation loss that turns up while "
        "the training loss falls is overfitting; two losses still falling at the end "
        "would gain from more epochs.",
    )
    add_learning_curves(section, record.history)


def _add_importance(page: Page, record: TuningRecord) -> None:
    metric = record.comparisons[0].metric
    section = page.add_section(
        "Which features the model relies on",
        how_to_read=f"One feature at a time is shuffled among the test rows; the drop "
        f"of {metric} says how much the model relies on it. Features that carry the "
        "same information share their importance, so each may look unimportant.",
    )
    add_importance_figure(
        section, record.importance, record.feature_names, metric=metric
    )


def _add_effects(page: Page, record: TuningRecord) -> None:
    section = page.add_section(
        "What the strongest features do",
        how_to_read=f"The {record.effect_on} on average over the test rows when the "
        "feature is set to each value for all of them. Values that do not occur "
        "together with the other features' values make a curve unreliable.",
    )
    add_effects_figure(
        section,
        record.effects,
        effect_on=record.effect_on,
        target="average prediction",
        output=record.output,
    )
