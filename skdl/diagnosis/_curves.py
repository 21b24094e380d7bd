"""The curves of one training, whoever trained it.

skdl's networks have a ``history_``, Keras returns a dict of lists, and scikit-learn's
networks a ``loss_curve_``. Here they become one record; what one of them does not have
is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_regressor
from sklearn.neural_network import MLPClassifier, MLPRegressor

from skdl._pipelines import final_step
from skdl.exceptions import DataError

NOT_LOSSES = ("epoch", "learning_rate", "time")
OVERFLOWS = 1e30  # no loss in any units
LOSSES = ("loss", "val_loss")
SCORES = ("val_accuracy", "val_r2")  # of validation rows, greater is better


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class Curves:
    """Losses over the epochs of one training."""

    # one row per epoch: "epoch", "loss" and whatever else was kept
    history: pd.DataFrame
    loss: np.ndarray  # (n_epochs,) Training loss; not finite where training diverged
    # (n_epochs,) Validation loss; None without validation rows
    val_loss: np.ndarray | None
    # number, from 1, of the epoch with the lowest validation loss; without one, with
    # the greatest validation score; without validation rows, with the lowest training
    # loss. 0 if none was finite
    best_epoch: int
    status: str  # how training ended, in words; "" where that is not known
    source: str  # whose curves they are, such as "MLPClassifier"
    remarks: tuple[str, ...] = ()  # what of the history could not be used, and why
    # (n_epochs,) Score on validation rows, greater is better: accuracy, or R2. Without
    # `val_loss`, all that is known of rows that were held out, as by scikit-learn's
    # networks with early stopping. None where none was kept
    val_score: np.ndarray | None = None

    @property
    def n_epochs(self) -> int:
        """Number of epochs begun."""
        return len(self.loss)

    @property
    def watched(self) -> np.ndarray:
        """The validation loss, or the training loss where there is none."""
        return self.loss if self.val_loss is None else self.val_loss

    @property
    def is_measured(self) -> np.ndarray:
        """Per epoch, whether the watched loss was measured at all."""
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
        """Whether a loss is not finite, or nearly so, or training says so."""
        return "diverged" in self.status or self.n_finite < self.n_epochs

    def measured(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the losses that say something."""
        # -> (n_measured,)
        used = self.is_measured[: self.n_finite]
        return self.loss[: self.n_finite][used], self.watched[: self.n_finite][used]


def history_of(source: Any) -> pd.DataFrame | None:
    """Return a training history, one row per epoch."""
    source = final_step(source)
    history = _kept_history(source)
    if isinstance(history, Mapping):
        lists = _lists(history)
        length = len(lists.get("loss", ()))
        history = pd.DataFrame({k: v for k, v in lists.items() if len(v) == length})
    if not isinstance(history, pd.DataFrame) or history.empty:
        return None
    if "loss" not in history:
        return None
    if "epoch" not in history:
        history = history.assign(epoch=np.arange(1, len(history) + 1))
    return history


def _kept_history(source: Any) -> Any:
    """What a step keeps of its training: a table, a mapping, or anything else."""
    if isinstance(source, pd.DataFrame | Mapping):
        return source
    history = getattr(source, "history_", getattr(source, "history", None))
    if history is None and hasattr(source, "loss_curve_"):  # scikit-learn's
        return {"loss": source.loss_curve_, **_scores_of_scikit_learn(source)}
    # A Keras model keeps the History, which keeps the lists.
    return getattr(history, "history", history)


def _scores_of_scikit_learn(network: Any) -> dict[str, Any]:
    """The scores of the rows that early stopping held out, where it did."""
    scores = getattr(network, "validation_scores_", None)
    if scores is None:
        return {}
    return {"val_r2" if is_regressor(network) else "val_accuracy": scores}


def _lists(history: Mapping) -> dict[str, list]:
    """The curves among what a mapping holds, of whatever lengths."""
    return {
        str(name): list(values)
        for name, values in history.items()
        if isinstance(values, list | tuple | np.ndarray | pd.Series)
        and all(
            not isinstance(value, list | tuple) and np.ndim(value) == 0
            for value in values
        )
    }


def read_curves(source: Any) -> Curves:
    """Read the curves of a training."""
    step = final_step(source)
    history = history_of(source)
    if history is None:
        raise DataError(
            "Diagnosis needs the losses of a training: a fitted network with "
            "'history_' or 'loss_curve_', or a history with a column 'loss' and one "
            f"value per epoch. Got {_described(step)}"
        )
    kept = _kept_history(step)
    _refuse_missing(kept)
    loss = _losses(history, "loss")
    val_loss = _losses(history, "val_loss") if "val_loss" in history else loss * np.nan
    has_val = not np.isnan(val_loss).all()
    watched = val_loss if has_val else loss
    val_score = _scores(history)
    return Curves(
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
    """The validation scores, where there are any."""
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
    """Refuse what is no number at all, before pandas makes nan of it."""
    columns = _lists(kept) if isinstance(kept, Mapping) else kept
    for name in LOSSES:
        for place, value in enumerate(columns.get(name, ())):
            if value is not None and value is not pd.NA:
                continue
            unmeasured = " or not measured" if name == "val_loss" else ""
            raise DataError(
                f"The column {name!r} of the history must hold one number per epoch. "
                f"Got {value} for epoch {place + 1}. Pass the loss of that epoch, nan "
                f"if it was not finite{unmeasured} (JSON has null for nan)."
            )


def _gaps(loss: np.ndarray, watched: np.ndarray) -> np.ndarray:
    """Epochs without a validation loss, where it was measured in later ones again.

    A validation loss that is missing from some epoch on is one that overflowed, unless
    it is missing before too.
    """
    is_missing = np.isnan(watched) & np.isfinite(loss)
    known = np.flatnonzero(~np.isnan(watched))
    has_gaps = len(known) > 0 and is_missing[: known[-1]].any()
    return is_missing if has_gaps else np.zeros_like(is_missing)


def _status(step: Any) -> str:
    """How training ended; scikit-learn's networks tell it by the number of epochs."""
    if hasattr(step, "status_") or not hasattr(step, "loss_curve_"):
        return str(getattr(step, "status_", ""))
    n_epochs, most = getattr(step, "n_iter_", 0), getattr(step, "max_iter", 0)
    if not getattr(step, "n_iter_no_change", n_epochs) < n_epochs < most:
        return ""
    what = "validation score" if step.early_stopping else "training loss"
    return f"stopped early: the {what} no longer improved"


def _remarks(kept: Any, loss: np.ndarray, watched: np.ndarray) -> tuple[str, ...]:
    said = []
    values = _lists(kept).get("val_loss") if isinstance(kept, Mapping) else None
    if values and len(values) != len(loss):
        said.append(
            f"overfitting: 'val_loss' has {len(values)} values for {len(loss)} epochs, "
            "and which epochs they are of is not known"
        )
    n_gaps = int(_gaps(loss, watched).sum())
    if n_gaps:
        said.append(
            f"{n_gaps} of {len(loss)} epochs: no validation loss was measured there"
        )
    return tuple(said)


def _losses(history: pd.DataFrame, name: str) -> np.ndarray:
    try:
        return history[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"The column {name!r} of the history must hold one number per epoch. Got "
            f"values of type {history[name].dtype}, of which pandas says: {error}."
        ) from error


def _described(step: Any) -> str:
    """What was given instead of losses, and what to do."""
    name = type(step).__name__
    if isinstance(step, Mapping | pd.DataFrame):
        return f"a {name} with {list(step)}. Pass the 'history' of Keras's fit."
    if hasattr(step, "best_estimator_"):
        return f"a {name}. Pass its 'best_estimator_'."
    if isinstance(step, MLPClassifier | MLPRegressor) and step.solver == "lbfgs":
        return f"{name} with solver='lbfgs', which keeps none. Take another solver."
    if hasattr(step, "n_features_in_"):
        return f"{name}, which keeps none. Take a network that is trained by epochs."
    return (
        f"{name}. Fit the estimator first, or pass the 'history' that Keras's fit "
        "returns."
    )
