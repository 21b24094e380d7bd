"""How closely a surrogate follows an estimator, with an interval over the rows.

Predictions and what follows them are arrays with one column per output, as
`Response.of` returns them.
"""

from __future__ import annotations

import numpy as np

from skdl._responses import Response
from skdl.data import bootstrap_interval


def in_one_unit(values: np.ndarray, response: Response) -> np.ndarray:
    """Scale the outputs of a regressor to equal spread, so that they can be added."""
    # values: (n_samples, n_outputs) -> (n_samples, n_outputs)
    if response.task != "regression":
        return values
    deviations = values.std(axis=0)
    return values / np.where(deviations > 0, deviations, 1.0)


def share_explained(predictions: np.ndarray, followed: np.ndarray) -> float:
    """Return the share of the variance of predictions that a surrogate explains.

    >>> import numpy as np
    >>> from skdl.explain.surrogates._agreement import share_explained
    >>> share_explained(np.array([[0.0], [1.0], [2.0]]), np.ones((3, 1)))
    0.0
    """
    # predictions: (n_samples, n_outputs); followed: (n_samples, n_outputs)
    missed = ((predictions - followed) ** 2).sum()
    return float(1 - missed / ((predictions - predictions.mean(axis=0)) ** 2).sum())


def interval_explained(
    predictions: np.ndarray,
    followed: np.ndarray,
    generator: np.random.RandomState,
    *,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the bootstrap interval of :func:`share_explained` over the rows."""
    # predictions, followed: (n_samples, n_outputs)
    missed = ((predictions - followed) ** 2).sum(axis=1)
    centered = predictions - predictions.mean(axis=0)
    squares = (centered**2).sum(axis=1)

    def share(rows: np.ndarray) -> np.ndarray:
        means = centered[rows].mean(axis=1)  # (n_resamples, n_outputs)
        total = squares[rows].mean(axis=1) - (means**2).sum(axis=1)
        varies = total > 1e-12 * squares.mean()
        found = np.full(len(rows), np.nan)
        found[varies] = 1 - missed[rows].mean(axis=1)[varies] / total[varies]
        return found

    return bootstrap_interval(
        share, len(predictions), level=level, random_state=generator
    )


def labels_of(values: np.ndarray, response: Response, place: int | None) -> np.ndarray:
    """Return the labels that probabilities or decision values imply."""
    # values: (n_samples, n_outputs) -> (n_samples, n_labels)
    if response.task == "multiclass" and place is None:
        return values.argmax(axis=1)[:, None]
    even = 0.5 if response.method == "predict_proba" else 0.0
    return values > even
