"""Rows with their losses, made up for the tests of evidence."""

import numpy as np

from skdl.diagnosis.verdicts._evaluated_rows import EvaluatedRows
from skdl.diagnosis.verdicts._losses import RowLoss

NOT_KNOWN = RowLoss("squared_error", is_known=False)


def judged(features, targets, predictions=0.0, constant=0.0, *, loss=None, weights=1.0):
    """Rows with squared errors, as `evaluate_rows` gives them."""
    targets = np.asarray(targets, dtype=float).reshape(features.shape[0], -1)
    answers, flat = (
        np.broadcast_to(np.asarray(part, dtype=float).reshape(-1, 1), targets.shape)
        if np.ndim(part) < 2
        else part
        for part in (predictions, constant)
    )
    loss = loss or RowLoss("squared_error", is_standardised=True)
    scale = np.ones(targets.shape[1])
    weights = np.broadcast_to(np.asarray(weights, dtype=float), len(targets))
    return EvaluatedRows(
        given=features,
        features=features,
        targets=targets,
        predictions=answers,
        loss=loss,
        scale=scale,
        losses=weights * loss.rows(targets, answers, scale),
        constant_losses=weights * loss.rows(targets, flat, scale),
        weights=weights,
    )
