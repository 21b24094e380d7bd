"""The end of an epoch: keep the best weights, lower the learning rate, or stop."""

from __future__ import annotations

from keras import ops

from skdl.training._backend import tensorflow as backend
from skdl.training._program.schedules import (
    PLATEAU_FACTOR,
    PLATEAU_MIN_DELTA,
    PLATEAU_PATIENCE,
)
from skdl.training._program.state import (
    RUNNING,
    STOPPED_EARLY,
    Best,
    Plateau,
    Settings,
    State,
    Tensor,
    Weights,
)
from skdl.training._records import Signature


def end_epoch(
    signature: Signature,
    state: State,
    weights: Weights,
    settings: Settings,
    score: Tensor,
) -> State:
    """Return the state after an epoch with this validation loss."""
    # score: (n_members,)
    best, plateau = state.best, state.plateau
    improves = score < best.score - settings.min_delta
    kept = (best.trainable, best.frozen)
    if signature.keeps_best:
        now = (weights.trainable, weights.frozen)
        kept = backend.select(improves, now, kept)
    epoch = state.epoch + 1
    best = Best(
        *kept,
        score=ops.where(improves, score, best.score),
        epoch=ops.where(improves, epoch, best.epoch),
        wait=ops.where(improves, 0, best.wait + 1),
    )
    if signature.schedule == "plateau":
        better = score < plateau.score - PLATEAU_MIN_DELTA
        wait = ops.where(better, 0, plateau.wait + 1)
        lowers = wait >= PLATEAU_PATIENCE
        factor = plateau.factor
        plateau = Plateau(
            factor=ops.where(lowers, factor * PLATEAU_FACTOR, factor),
            score=ops.where(better, score, plateau.score),
            wait=ops.where(lowers, 0, wait),
        )
    status = ops.full_like(state.status, RUNNING)
    if signature.keeps_best:
        status = ops.where(best.wait >= settings.patience, STOPPED_EARLY, status)
    return State(weights, best, plateau, epoch, status)
