"""Deletion and insertion: how much the features that an explanation puts first carry.

Features are replaced by those of another row, the most important first. How far the
prediction moves, as a share of how far it moves when all are replaced, is the share of
its variation that these features carry: their total Sobol index, by Jansen's estimator,
for rows with correlated features as they are. An explanation is faithful if predictions
move faster than for features in random order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.integrate import trapezoid

from skdl._progress import Progress
from skdl._responses import Response
from skdl._tables import Change, Table, values_at
from skdl.data import bootstrap_interval, percentile_interval
from skdl.explain._predicting.perturbation import respond
from skdl.explain.surrogates._agreement import in_one_unit

MOST_STEPS = 20  # of a curve


@dataclass(frozen=True)
class FidelityCurves:
    """Deletion and insertion curves, and the areas between them and random ones."""

    table: pd.DataFrame
    # area between the curve and that of features in random order, as a share of the
    # whole picture. Above 0 if the explanation is better than chance
    deletion_gain: float
    insertion_gain: float
    deletion_interval: tuple[
        float, float
    ]  # middle 95 % over resampled rows and random orders
    insertion_interval: tuple[float, float]


def steps_of(n_features: int) -> np.ndarray:
    """Return after how many features the curves are measured."""
    n_steps = min(n_features, MOST_STEPS)
    steps = np.round(np.linspace(0, n_features, n_steps + 1)).astype(int)
    return np.union1d(steps, n_features - steps)


def other_rows(n_samples: int, generator: np.random.RandomState) -> np.ndarray:
    """Draw another row for each row."""
    # -> (n_samples,)
    circle = generator.permutation(n_samples)
    rows = np.empty(n_samples, dtype=int)
    rows[circle] = np.roll(circle, 1)
    return rows


def _replaced(X: Table, places: np.ndarray, rows: np.ndarray) -> Change:
    return {int(place): values_at(X, int(place), rows) for place in places}


def n_copies_of(n_features: int, n_repeats: int, n_orders: int) -> int:
    """Return the number of changed copies of the rows that the curves need."""
    return (2 * n_repeats + n_orders) * (len(steps_of(n_features)) - 1)


def fidelity_curves(
    estimator: Any,
    response: Response,
    X: Table,
    order: np.ndarray,
    *,
    n_repeats: int,
    n_orders: int,
    generator: np.random.RandomState,
    memory_bound: int,
    bar: Progress,
) -> FidelityCurves:
    """Measure the curves of an order of features."""
    # X: (n_samples, n_features); order: (n_features,)
    n_samples, n_features = X.shape
    steps = steps_of(n_features)
    # Replacing features from the last to the first is insertion, read backwards.
    plans = [
        (each, other_rows(n_samples, generator))
        for _ in range(n_repeats)
        for each in (order, order[::-1])
    ]
    plans += [
        (generator.permutation(n_features), other_rows(n_samples, generator))
        for _ in range(n_orders)
    ]

    def changes() -> Iterator[Change]:
        yield {}
        for features, rows in plans:
            for n_replaced in steps[1:]:
                yield _replaced(X, features[:n_replaced], rows)

    answers = respond(estimator, response, X, changes(), memory_bound=memory_bound)
    predictions = next(answers)
    scale = _scale(predictions, response)
    moved = np.zeros((len(plans), len(steps), n_samples))
    for place in range(len(plans)):
        for step in range(1, len(steps)):
            moved[place, step] = (((next(answers) - predictions) * scale) ** 2).sum(
                axis=1
            )
            bar.advance()
    n_own = 2 * n_repeats
    return _summarise(
        steps,
        moved[:n_own:2],
        moved[1:n_own:2],
        moved[n_own:],
        predictions * scale,
        generator,
    )


def _scale(predictions: np.ndarray, response: Response) -> np.ndarray:
    deviations = in_one_unit(predictions, response).std(axis=0)
    before = predictions.std(axis=0)
    return np.where(before > 0, deviations / np.where(before > 0, before, 1.0), 0.0)


def _summarise(
    steps: np.ndarray,
    deleted: np.ndarray,
    kept: np.ndarray,
    at_random: np.ndarray,
    predictions: np.ndarray,
    generator: np.random.RandomState,
) -> FidelityCurves:
    """Turn squared moves, of shape (n_plans, n_steps, n_samples), into the curves."""
    centered = predictions - predictions.mean(axis=0)
    squares = (centered**2).sum(axis=1)
    full = 2 * squares.mean()  # what replacing all moves a row by, on average
    chance = at_random.mean(axis=2) / full  # (n_orders, n_steps)
    table = pd.DataFrame({"n_features": steps})
    for name, curve, others in (
        ("deletion", deleted.mean(axis=(0, 2)) / full, chance),
        # After k steps of insertion, what is replaced is all but k.
        ("insertion", 1 - kept.mean(axis=(0, 2))[::-1] / full, 1 - chance[:, ::-1]),
    ):
        low, high = percentile_interval(others, level=0.9)
        table[name], table[f"{name}_random"] = curve, others.mean(axis=0)
        table[f"{name}_low"], table[f"{name}_high"] = low, high

    def areas(moved: np.ndarray) -> np.ndarray:
        return trapezoid(moved, steps / steps[-1], axis=-1)

    random_areas = areas(at_random.mean(axis=2))  # (n_orders,)
    random_rows = areas(at_random.mean(axis=0).T)  # (n_samples,)

    def gain(moved: np.ndarray, sign: int) -> tuple[float, tuple[float, float]]:
        rows_gain = sign * (areas(moved.mean(axis=0).T) - random_rows)
        # The chance of the orders moves the mean of the random areas.
        shift = random_areas - random_areas.mean()

        def resampled(rows: np.ndarray) -> np.ndarray:
            drawn = generator.randint(len(shift), size=(len(rows), len(shift)))
            means = centered[rows].mean(axis=1)
            variance = squares[rows].mean(axis=1) - (means**2).sum(axis=1)
            variance = np.where(variance > 1e-12 * full, variance, np.nan)
            moved_on = rows_gain[rows].mean(axis=1) - shift[drawn].mean(axis=1)
            return moved_on / (2 * variance)

        interval = bootstrap_interval(resampled, len(rows_gain), random_state=generator)
        return float(rows_gain.mean() / full), interval

    deletion_gain, deletion_interval = gain(deleted, +1)
    insertion_gain, insertion_interval = gain(kept, -1)
    return FidelityCurves(
        table, deletion_gain, insertion_gain, deletion_interval, insertion_interval
    )
