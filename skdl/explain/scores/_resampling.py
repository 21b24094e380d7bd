"""Metrics of several models on bootstrap draws of the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skdl._progress import Progress
from skdl.data import bootstrap_rows
from skdl.explain.scores._metrics import Metric
from skdl.explain.scores._predictions import Predictions


def resampled_scores(
    parts: Sequence[Predictions],
    metrics: Sequence[Metric],
    weights: np.ndarray,
    *,
    n_resamples: int,
    random_state: Any,
    bar: Progress | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Score all rows, and each draw of them."""
    # weights: (n_samples,) -> (n_metrics, n_parts), (n_draws, n_metrics, n_parts)
    weighed = [[metric.prepare(known) for known in parts] for metric in metrics]

    def scores(weights: np.ndarray) -> np.ndarray:
        rows = [[function(weights) for function in row] for row in weighed]
        return np.array(rows).transpose(2, 0, 1)

    n_samples = len(weights)
    draws = bootstrap_rows(
        n_samples,
        n_resamples=n_resamples,
        codes=parts[0].codes,
        random_state=random_state,
    )
    resampled = []
    for rows in draws:
        of_draw = rows + n_samples * np.arange(len(rows))[:, None]
        counts = np.bincount(of_draw.ravel(), minlength=rows.size)
        resampled.append(scores(counts.reshape(rows.shape) * weights))
        if bar is not None:
            bar.advance(len(rows))
    return scores(weights[None])[0], np.concatenate(resampled)
