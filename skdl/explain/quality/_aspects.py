"""One function per aspect of an explanation's quality, which returns its measures.

A measure that cannot be taken gives the reason; the others are taken anyway.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier

from skdl._models import without_search
from skdl._progress import Progress
from skdl._responses import Response
from skdl._tables import Table
from skdl.data import percentile_interval
from skdl.exceptions import DataError, ParameterError
from skdl.explain.importance._permutation_importance import PermutationImportance
from skdl.explain.quality._consistency import (
    NEEDS_DATA,
    NEEDS_SEED,
    consistency_of,
    refits_of,
    seeds_of,
    without_consistency,
)
from skdl.explain.quality._fidelity_curves import fidelity_curves
from skdl.explain.quality._measures import (
    Measure,
    compared,
    measured,
    n_features_for,
    not_measured,
)
from skdl.explain.quality._stability import (
    ImportanceSettings,
    halves,
    noisy,
    resample,
    resampled_importances,
)
from skdl.explain.surrogates._surrogate import Surrogate, surrogate

SAME_PREDICTIONS = "the estimator predicts the same for all rows"
ONE_FEATURE = "there is only one feature"
NONE_IMPORTANT = "no feature has an importance above zero"


@dataclass(frozen=True)
class Question:
    """What all measures are about."""

    estimator: Any
    response: Response
    X: Table  # (n_samples, n_features) The rows
    y: np.ndarray  # (n_samples,) Their targets
    importance: PermutationImportance
    settings: ImportanceSettings  # how other importances are measured
    generator: np.random.RandomState  # source of all that is drawn
    bar: Progress  # advances with each changed copy of the rows

    @property
    def n_features(self) -> int:
        """Number of features."""
        return self.X.shape[1]

    @property
    def no_order(self) -> str | None:
        """Why the features have no order, or None if they have one."""
        if self.n_features == 1:
            return ONE_FEATURE
        if np.ptp(self.importance.importances_mean) == 0:
            return "all importances are equal, so there is no order of the features"
        return None


def by_curves(
    question: Question, *, n_orders: int
) -> tuple[list[Measure], pd.DataFrame]:
    """Measure deletion and insertion."""
    meanings = {
        "deletion gain": "how much more of the variation is lost when features are "
        "replaced in this order than in random order (area, at most about 0.5)",
        "insertion gain": "how much more of the variation is kept when features are "
        "put back in this order than in random order (area, at most about 0.5)",
    }
    predictions = question.response.of(question.estimator, question.X)
    reason = question.no_order
    if (np.ptp(predictions, axis=0) == 0).all():
        reason = SAME_PREDICTIONS
    if reason is not None:
        found = [
            not_measured("fidelity", name, text, reason)
            for name, text in meanings.items()
        ]
        return found, pd.DataFrame()
    curves = fidelity_curves(
        question.estimator,
        question.response,
        question.X,
        np.argsort(-question.importance.importances_mean, kind="stable"),
        n_repeats=question.settings.n_repeats,
        n_orders=n_orders,
        generator=question.generator,
        memory_bound=question.settings.memory_bound,
        bar=question.bar,
    )
    gains = (
        (curves.deletion_gain, curves.deletion_interval),
        (curves.insertion_gain, curves.insertion_interval),
    )
    found = [
        measured(
            "fidelity",
            name,
            *gain,
            f"{text}; interval over rows and random orders",
        )
        for (name, text), gain in zip(meanings.items(), gains, strict=True)
    ]
    return found, curves.table


def by_surrogate(
    estimator: Any, X: Table, seed: int
) -> tuple[list[Measure], Surrogate | None]:
    """Measure how far a small tree follows the estimator."""
    # X: (n_samples, n_features)
    meaning = (
        "share of the variance of the predictions that a tree of depth 3 explains "
    )
    meaning += "on rows it was not fitted on; interval over rows"
    try:
        tree = surrogate(estimator, X, random_state=seed)
    except (DataError, ParameterError) as error:
        found = not_measured("fidelity", "surrogate R2", meaning, str(error))
        return [found], None
    value, interval = tree.fidelity, tree.interval
    return [measured("fidelity", "surrogate R2", value, interval, meaning)], tree


def under_noise(question: Question, *, noise: float, n_draws: int) -> list[Measure]:
    """Measure stability under noise on the numbers."""
    under = "noisy inputs"
    meaning = f"{n_draws} times noise of {noise:g} standard deviations, interval over "
    meaning += "the times"
    reason, copies = question.no_order, []
    if reason is None:
        drawn = [noisy(question.X, noise, question.generator) for _ in range(n_draws)]
        copies = [X for X in drawn if X is not None]
        reason = None if copies else "no feature is a number"
    if reason is not None:
        name = f"rank correlation, {under}"
        return [not_measured("stability", name, meaning, reason)]
    pairs = []
    for X in copies:
        found = question.settings.importance_of(question.estimator, X, question.y)
        pairs.append((question.importance.importances_mean, found.importances_mean))
        question.bar.advance(question.n_features * question.settings.n_repeats)
    return compared("stability", under, pairs, meaning)


def on_resampled_rows(question: Question, *, n_resamples: int) -> list[Measure]:
    """Measure accuracy, stability on resampled rows, and comprehensibility."""
    shuffling = question.settings.shuffling_of(
        question.estimator, question.X, question.y
    )
    by_class = is_classifier(question.estimator)
    draws = [
        resample(question.y, by_class=by_class, generator=question.generator)
        for _ in range(n_resamples)
    ]
    splits = [
        halves(question.y, by_class=by_class, generator=question.generator)
        for _ in range(max(2, n_resamples // 2))
    ]
    scores, importances = resampled_importances(
        shuffling,
        question.response,
        [*draws, *(half for split in splits for half in split)],
        memory_bound=question.settings.memory_bound,
        bar=question.bar,
    )
    scores = scores[:n_resamples]
    importances, of_halves = importances[:n_resamples], importances[n_resamples:]
    own = question.importance
    baseline, _ = shuffling.score_rows_as_they_are()
    over = f"interval over {n_resamples} resamples of the rows"
    meaning = f"how good the model is on these rows; {over}"
    found = [
        measured(
            "accuracy", own.metric, baseline[None], percentile_interval(scores), meaning
        )
    ]
    under = "halves of the rows"
    meaning = f"between the two halves of the rows, {len(splits)} times, interval over "
    meaning += "the times"
    if question.no_order is None:
        pairs = list(zip(of_halves[::2], of_halves[1::2], strict=True))
        found += compared("stability", under, pairs, meaning)
    else:
        name = f"rank correlation, {under}"
        found.append(not_measured("stability", name, meaning, question.no_order))
    name = "features for 90 % of the importance"
    meaning = f"of {question.n_features} features; {over}"
    if not (own.importances_mean > 0).any():
        return [
            *found,
            not_measured("comprehensibility", name, meaning, NONE_IMPORTANT),
        ]
    counts = [n_features_for(each) for each in importances if (each > 0).any()]
    value = n_features_for(own.importances_mean)
    interval = percentile_interval(np.array([*counts, value], dtype=float))
    return [*found, measured("comprehensibility", name, value, interval, meaning)]


def across_refits(
    question: Question, train: tuple[Any, Any], *, n_models: int
) -> list[Measure]:
    """Measure whether refitted models have the same importances."""
    if train[0] is None or train[1] is None:
        return without_consistency(NEEDS_DATA)
    if question.n_features == 1:
        return without_consistency(ONE_FEATURE)
    model = without_search(question.estimator)
    if not seeds_of(model):
        return without_consistency(NEEDS_SEED.format(name=type(model).__name__))
    refits = refits_of(
        question.estimator,
        question.response,
        question.X,
        question.y,
        train,
        settings=question.settings,
        seeds=question.generator.randint(2**31 - 1, size=n_models).tolist(),
        bar=question.bar,
    )
    if (np.ptp(refits.importances, axis=1) == 0).all():
        return without_consistency("all importances of the refitted models are equal")
    return consistency_of(refits)
