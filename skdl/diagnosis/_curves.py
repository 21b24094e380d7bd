"""The learning curves of one training run, from any library.

skdl's networks have a ``history_``, Keras returns a dict of lists, and scikit-learn's
networks have a ``loss_curve_``. All become one record. What a library does not report
is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.neural_network import MLPClassifier, MLPRegressor

from skdl._models import final_step
from skdl.diagnosis._history_of import history_of, kept_history, lists_in
from skdl.exceptions import DataError

OVERFLOWS = 1e30  # larger than any loss, in any units
LOSSES = ("loss", "val_loss")
SCORES = ("val_accuracy", "val_r2")  # on validation rows, greater is better


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class TrainingCurves:
    """Losses over the epochs of one training run."""

    # one row per epoch: "epoch", "loss" and whatever else was recorded
    history: pd.DataFrame
    loss: np.ndarray  # (n_epochs,) Training loss; not finite once training diverged
    # (n_epochs,) Validation loss; None without validation rows
    val_loss: np.ndarray | None
    # number, from 1, of the epoch with the lowest validation loss; without one, with
    # the greatest validation score; without either, with the lowest training loss. 0
    # if no value is finite
    best_epoch: int
    status: str  # how training ended, in words; "" if unknown
    source: str  # where the curves come from, such as "MLPClassifier"
    remarks: tuple[str, ...] = ()  # which parts of the history were unusable, and why
    # (n_epochs,) Score on validation rows, greater is better: accuracy or R2. The only
    # validation curve of scikit-learn's networks with early stopping. None if there is
    # none
    val_score: np.ndarray | None = None

    @property
    def n_epochs(self) -> int:
        """Number of epochs that were started."""
        return len(self.loss)

    @property
    def watched(self) -> np.ndarray:
        """The validation loss, or the training loss where there is none."""
        return self.loss if self.val_loss is None else self.val_loss

    @property
    def is_measured(self) -> np.ndarray:
        """Whether the watched loss was measured in each epoch."""
        return ~_gaps(self.loss, self.watched)

    @property
    def n_finite(self) -> int:
        """Number of epochs before the first with a loss that is not finite."""
        is_finite = (np.abs(self.loss) < OVERFLOWS) & (
            (np.abs(self.watched) < OVERFLOWS) | ~self.is_measured
        )
        return self.n_epochs if is_finite.all() else int(np.argmin(is_finite))

    @property
    def has_diverged(self) -> bool:
        """Whether a loss overflowed, or the training run reports that it diverged."""
        return "diverged" in self.status or self.n_finite < self.n_epochs

    def measured(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the training and watched losses of the epochs with usable values."""
        # -> (n_measured,)
        used = self.is_measured[: self.n_finite]
        return self.loss[: self.n_finite][used], self.watched[: self.n_finite][used]


def read_curves(source: Any) -> TrainingCurves:
    """Read the curves of a training run."""
    step = final_step(source)
    history = history_of(source)
    if history is None:
        raise DataError(
            "Diagnosis needs the losses of a training run: a fitted network with "
            "'history_' or 'loss_curve_', or a history with a 'loss' column and one "
            f"value per epoch. Got {_described(step)}"
        )
    kept = kept_history(step)
    _refuse_missing(kept)
    loss = _losses(history, "loss")
    val_loss = _losses(history, "val_loss") if "val_loss" in history else loss * np.nan
    has_val = not np.isnan(val_loss).all()
    watched = val_loss if has_val else loss
    val_score = _scores(history)
    return TrainingCurves(
        history=history,
        loss=loss,
        val_loss=val_loss if has_val else None,
        best_epoch=_lowest(watched if has_val or val_score is None else -val_score),
        status=_status(step),
        source=type(step).__name__,
        remarks=_remarks(kept, loss, watched),
        val_score=val_score,
    )


def _scores(history: pd.DataFrame) -> np.ndarray | None:
    """The validation scores, if there are any."""
    for name in SCORES:
        if name in history:
            scores = _losses(history, name)
            return scores if np.isfinite(scores).any() else None
    return None


def _lowest(values: np.ndarray) -> int:
    """Number, from 1, of the epoch with the lowest finite value; 0 if there is none."""
    finite = np.isfinite(values)
    if not finite.any():
        return 0
    return 1 + int(np.argmin(np.where(finite, values, np.inf)))


def _refuse_missing(kept: Any) -> None:
    """Refuse values that are not numbers, before pandas turns them into nan."""
    columns = lists_in(kept) if isinstance(kept, Mapping) else kept
    for name in LOSSES:
        for place, value in enumerate(columns.get(name, ())):
            if value is not None and value is not pd.NA:
                continue
            unmeasured = " or was not measured" if name == "val_loss" else ""
            raise DataError(
                f"The column {name!r} of the history must hold one number per epoch. "
                f"Got {value} for epoch {place + 1}. Pass the loss of that epoch, or "
                f"nan if it was not finite{unmeasured} (JSON writes nan as null)."
            )


def _gaps(loss: np.ndarray, watched: np.ndarray) -> np.ndarray:
    """Epochs without a validation loss, if a later epoch has one again.

    If the validation loss is missing from some epoch to the end, it overflowed, unless
    it is missing earlier too.
    """
    is_missing = np.isnan(watched) & np.isfinite(loss)
    known = np.flatnonzero(~np.isnan(watched))
    has_gaps = len(known) > 0 and is_missing[: known[-1]].any()
    return is_missing if has_gaps else np.zeros_like(is_missing)


def _status(step: Any) -> str:
    """How training ended; for scikit-learn's networks, judged by the epoch count."""
    if hasattr(step, "status_") or not hasattr(step, "loss_curve_"):
        return str(getattr(step, "status_", ""))
    n_epochs, most = getattr(step, "n_iter_", 0), getattr(step, "max_iter", 0)
    if not getattr(step, "n_iter_no_change", n_epochs) < n_epochs < most:
        return ""
    what = "validation score" if step.early_stopping else "training loss"
    return f"stopped early: the {what} stopped improving"


def _remarks(kept: Any, loss: np.ndarray, watched: np.ndarray) -> tuple[str, ...]:
    """Which parts of the history are unusable, and why."""
    remarks = []
    values = lists_in(kept).get("val_loss") if isinstance(kept, Mapping) else None
    if values and len(values) != len(loss):
        remarks.append(
            f"overfitting: 'val_loss' has {len(values)} values for {len(loss)} epochs, "
            "and it is unclear which epochs they belong to"
        )
    n_gaps = int(_gaps(loss, watched).sum())
    if n_gaps:
        remarks.append(
            f"{n_gaps} of {len(loss)} epochs have no validation loss; they were skipped"
        )
    return tuple(remarks)


def _losses(history: pd.DataFrame, name: str) -> np.ndarray:
    try:
        return history[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"The column {name!r} of the history must hold one number per epoch. Got "
            f"values of type {history[name].dtype}, and pandas reports: {error}."
        ) from error


def _described(step: Any) -> str:
    """What was given instead of losses, and the next step."""
    name = type(step).__name__
    if isinstance(step, Mapping | pd.DataFrame):
        return f"a {name} with {list(step)}. Pass the 'history' of Keras's fit."
    if hasattr(step, "best_estimator_"):
        return f"a {name}. Pass its 'best_estimator_'."
    if isinstance(step, MLPClassifier | MLPRegressor) and step.solver == "lbfgs":
        return f"{name} with solver='lbfgs', which records none. Use another solver."
    if hasattr(step, "n_features_in_"):
        return f"{name}, which records none. Use a network that trains in epochs."
    return (
        f"{name}. Fit the estimator first, or pass the 'history' that Keras's fit "
        "returns."
    )
