"""Intervals of means over the folds of a cross-validation."""

from __future__ import annotations

import numpy as np
from scipy import stats


def corrected_interval(
    values: np.ndarray, *, test_to_train: float, level: float
) -> tuple[float, float]:
    """Return the corrected resampled Student's interval of a mean over folds.

    Folds share training rows, so their scores vary less than those of independent
    samples would. Nadeau and Bengio [1]_ replace ``1 / n_folds`` by
    ``1 / n_folds + test_to_train`` in the variance of the mean, with ``n_folds - 1``
    degrees of freedom. Bouckaert and Frank [2]_ found that this also works for repeated
    cross-validation.

    .. [1] Nadeau and Bengio (2003). Inference for the Generalization Error. Machine
       Learning 52.
    .. [2] Bouckaert and Frank (2004). Evaluating the Replicability of Significance
       Tests for Comparing Learning Algorithms. PAKDD.

    >>> import numpy as np
    >>> from skdl.diagnosis.experiments._fold_intervals import corrected_interval
    >>> low, high = corrected_interval(
    ...     np.array([0.1, 0.2, 0.3, 0.4, 0.5]), test_to_train=0.25, level=0.95
    ... )
    >>> round(low, 3), round(high, 3)
    (0.006, 0.594)
    """
    # values: (n_folds,)
    n_folds = len(values)
    variance = (1 / n_folds + test_to_train) * values.var(ddof=1)
    half = stats.t.ppf((1 + level) / 2, n_folds - 1) * np.sqrt(variance)
    mean = float(values.mean())
    return mean - float(half), mean + float(half)
