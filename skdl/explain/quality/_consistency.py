"""Whether models that differ only in their seed have the same importances."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.base import clone

from skdl._models import without_search
from skdl._progress import Progress
from skdl._responses import Response
from skdl._tables import Table
from skdl.explain.quality._measures import Measure, compared, not_measured
from skdl.explain.quality._stability import ImportanceSettings

UNDER = "other seeds"
NEEDS_DATA = "pass X_train and y_train to refit the model with other seeds"
NEEDS_SEED = (
    "{name} has no 'random_state' parameter, so other seeds give the same model"
)


@dataclass(frozen=True)
class Refits:
    """Importances of refitted models."""

    importances: np.ndarray  # (n_models, n_features) Of each model
    are_identical: bool  # whether all models make the same predictions


def seeds_of(estimator: Any) -> list[str]:
    """Return the parameters that hold a seed."""
    names = estimator.get_params(deep=True)
    return sorted(
        name
        for name in names
        if name == "random_state" or name.endswith("__random_state")
    )


def refitted(estimator: Any, X: Any, y: Any, seed: int) -> Any:
    """Fit a clone with other seeds."""
    # X: (n_samples, n_features); y: (n_samples,)
    generator = np.random.RandomState(seed)
    model = clone(without_search(estimator))
    names = seeds_of(model)
    drawn = generator.randint(np.iinfo(np.int32).max, size=len(names))
    model.set_params(**dict(zip(names, drawn.tolist(), strict=True)))
    return model.fit(X, y)


def refits_of(
    estimator: Any,
    response: Response,
    X: Table,
    y: Any,
    train: tuple[Any, Any],
    *,
    settings: ImportanceSettings,
    seeds: list[int],
    bar: Progress,
) -> Refits:
    """Refit a model with other seeds and measure the importances of each."""
    # X: (n_samples, n_features); y: (n_samples,)
    importances, answers = [], []
    for seed in seeds:
        model = refitted(estimator, *train, seed)
        answers.append(response.of(model, X))
        importances.append(settings.importance_of(model, X, y).importances_mean)
        bar.advance(X.shape[1] * settings.n_repeats)
    same = all(np.array_equal(answers[0], each) for each in answers[1:])
    return Refits(np.array(importances), same)


def consistency_of(refits: Refits) -> list[Measure]:
    """Compare the importances of each two models."""
    meaning = f"between {len(refits.importances)} refitted models, interval over pairs"
    if refits.are_identical:
        meaning += "; the refits are identical, so their training does not vary"
    pairs = list(combinations(refits.importances, 2))
    return compared("consistency", UNDER, pairs, meaning)


def without_consistency(reason: str) -> list[Measure]:
    """Explain why consistency was not measured."""
    meaning = "whether models that differ only in their seed agree"
    return [not_measured("consistency", f"rank correlation, {UNDER}", meaning, reason)]
