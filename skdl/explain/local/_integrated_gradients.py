"""Integrated gradients: derivatives along straight paths, by the engine.

The only file of `skdl.explain` that stands on the engine, and with it on TensorFlow;
it is imported when a network of skdl is to be explained. The network's forward pass is
the one that predictions use, and the derivatives are compiled beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skdl._progress import Progress
from skdl._responses import Response
from skdl._tables import Table, take_rows
from skdl.estimators import fitted_network
from skdl.explain.local._differentiable_network import scaled
from skdl.training import predict_gradients, predict_outputs

MOST_STEPS = 512
ROWS_COMPARED = 20


@dataclass(frozen=True)
class Slopes:
    """Predictions of a network and their derivatives, in units of the predictions."""

    architecture: Any
    weights: Any
    activation: str  # name of what turns its outputs into predictions
    # from rows of a table to what the network sees, of shape (n_samples, ...)
    features: Callable[[Table], np.ndarray]
    scale: Any = 1.0  # (n_outputs,) From predictions of the network to units of y
    offset: Any = 0.0
    columns: tuple[int, ...] = ()  # the outputs to explain; empty for all

    def at(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return predictions and derivatives."""
        # features: (n_samples, ...) -> (n_samples, n_outputs), (n_samples, n_outputs,
        # n_features)
        predictions, slopes = predict_gradients(
            self.architecture, self.weights, features, self.activation
        )
        scale = np.broadcast_to(self.scale, predictions.shape[1:])
        predictions = predictions.astype(float) * scale + self.offset
        slopes = slopes.reshape(*slopes.shape[:2], -1) * scale[:, np.newaxis]
        columns = list(self.columns) or slice(None)
        return predictions[:, columns], slopes[:, columns]


def slopes_of(
    estimator: Any, network: Any, response: Response, X: Table, outputs: list[int]
) -> tuple[Slopes | None, str]:
    """Find the derivatives of what an estimator says."""
    # X: (n_samples, n_features)
    fitted = fitted_network(network)
    if fitted.why_no_gradients:
        return None, fitted.why_no_gradients
    slopes = Slopes(
        fitted.architecture,
        fitted.weights,
        fitted.activation,
        lambda rows: fitted.features(scaled(estimator, rows)),
        scale=fitted.scale,
        offset=fitted.offset,
    )
    some = take_rows(X, np.arange(min(len(X), ROWS_COMPARED)))
    features = slopes.features(some)
    raw = predict_outputs(slopes.architecture, slopes.weights, features)
    values = response.of(estimator, some)
    # Two classes may be one output, or two of which the second is the positive class.
    is_pair = response.task == "binary" and np.shape(raw)[1:] == (2,)
    if not is_pair and np.shape(raw) != values.shape:
        return None, f"its outputs have the shape {np.shape(raw)[1:]}"
    slopes = replace(slopes, columns=(1,) if is_pair else tuple(outputs))
    predictions, _ = slopes.at(features)
    size = float(np.abs(values).max())
    if not np.allclose(predictions, values[:, outputs], rtol=1e-4, atol=1e-5 * size):
        return None, "its target_encoder makes other predictions"
    return slopes, ""


class Paths:
    """Straight paths from each background row to each row."""

    # ends, starts: (n_rows, ...)

    def __init__(
        self, slopes: Slopes, ends: np.ndarray, starts: np.ndarray, memory_bound: int
    ) -> None:
        self._slopes = slopes
        self._shape = ends.shape[1:]
        self._memory_bound = memory_bound
        self.at_ends, _ = slopes.at(ends)
        self.at_starts, _ = slopes.at(starts)
        self._ends = ends.reshape(len(ends), -1)
        self._starts = starts.reshape(len(starts), -1)

    def integrate(
        self, rows: np.ndarray, n_steps: int, allowed: float, bar: Progress
    ) -> tuple[np.ndarray, int]:
        """Integrate along the paths to some rows."""
        # -> (n_rows, n_outputs, n_features)
        n_starts, n_features = self._starts.shape
        n_outputs = self.at_ends.shape[1]
        values = np.zeros((len(rows), n_outputs, n_features))
        left = np.arange(len(rows) * n_starts)
        while True:
            is_last = n_steps * 2 > MOST_STEPS
            undone = []
            n_bytes = 8 * n_steps * n_features * (3 + 2 * n_outputs)
            n_paths = max(1, self._memory_bound // n_bytes)
            for first in range(0, len(left), n_paths):
                paths = left[first : first + n_paths]
                places, bases = np.divmod(paths, n_starts)
                parts = self._along(bases, rows[places], n_steps)
                gaps = parts.sum(axis=2) - self.at_ends[rows[places]]
                gaps += self.at_starts[bases]
                is_done = (np.abs(gaps) <= allowed).all(axis=1) | is_last
                np.add.at(values, places[is_done], parts[is_done] / n_starts)
                undone.append(paths[~is_done])
                bar.advance(0)  # shows the bar when it is due
            left = np.concatenate(undone)
            if len(left) == 0:
                return values, n_steps
            n_steps *= 2

    def _along(self, bases: np.ndarray, rows: np.ndarray, n_steps: int) -> np.ndarray:
        """The integral along each path, of shape (n_paths, n_outputs, n_features)."""
        nodes, weights = np.polynomial.legendre.leggauss(n_steps)  # on [-1, 1]
        starts = self._starts[bases]
        steps = self._ends[rows] - starts
        along = ((nodes + 1) / 2)[:, np.newaxis]
        # (n_paths, n_steps, n_features)
        points = starts[:, np.newaxis] + along * steps[:, np.newaxis]
        _, found = self._slopes.at(points.reshape(-1, *self._shape))
        found = found.reshape(len(steps), n_steps, *found.shape[1:])
        means = np.einsum("psoj,s->poj", found, weights / 2)
        return means * steps[:, np.newaxis]


def integrated_gradients(
    slopes: Slopes,
    X: Table,
    background: Table,
    *,
    n_steps: int,
    tolerance: float,
    memory_bound: int,
    progress: bool | None,
) -> tuple[np.ndarray, int]:
    """Integrate derivatives along the straight paths from each background row."""
    # X: (n_samples, n_features); background: (n_background, n_features) -> (n_samples,
    # n_features, n_outputs)
    ends = np.asarray(slopes.features(X), dtype=float)
    starts = np.asarray(slopes.features(background), dtype=float)
    paths = Paths(slopes, ends, starts, memory_bound)
    expected = paths.at_ends - paths.at_starts.mean(axis=0)
    values = np.empty((*expected.shape, X.shape[1]))
    left, most = np.arange(len(ends)), n_steps
    with Progress("integrated gradients", len(left), shown=progress) as bar:
        # Errors of paths to a row average out, unless they have one sign.
        for allowed in (tolerance * len(starts) ** 0.5, tolerance):
            values[left], used = paths.integrate(left, n_steps, allowed, bar)
            most = max(most, used)
            gaps = np.abs(values.sum(axis=2) - expected).max(axis=1)
            n_before, left = len(left), np.flatnonzero(gaps > tolerance)
            bar.advance(n_before - len(left))
            if len(left) == 0:
                break
    return values.transpose(0, 2, 1), most
