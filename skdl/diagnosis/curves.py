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
from sklearn.pipeline import Pipeline

from skdl.exceptions import DataError

NOT_LOSSES = ("epoch", "learning_rate", "time")
OVERFLOWS = 1e30  # no loss in any units


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class Curves:
    """Losses over the epochs of one training.

    Parameters
    ----------
    history : DataFrame
        One row per epoch: "epoch", "loss" and whatever else was kept.
    loss : ndarray of shape (n_epochs,)
        Training loss; not finite where training diverged.
    val_loss : ndarray of shape (n_epochs,) or None
        Validation loss; None without validation rows.
    best_epoch : int
        Number, from 1, of the epoch with the lowest validation loss (without
        validation rows, training loss); 0 if none was finite.
    status : str
        How training ended, in words; "" where that is not known.
    source : str
        Whose curves they are, such as "MLPClassifier".
    """

    history: pd.DataFrame
    loss: np.ndarray
    val_loss: np.ndarray | None
    best_epoch: int
    status: str
    source: str

    @property
    def n_epochs(self) -> int:
        """Number of epochs begun."""
        return len(self.loss)

    @property
    def watched(self) -> np.ndarray:
        """The validation loss, or the training loss where there is none."""
        return self.loss if self.val_loss is None else self.val_loss

    @property
    def has_diverged(self) -> bool:
        """Whether a loss is not finite, or nearly so, or training says so."""
        if "diverged" in self.status:
            return True
        losses = [self.loss] if self.val_loss is None else [self.loss, self.val_loss]
        return not all((np.abs(part) < OVERFLOWS).all() for part in losses)


def final_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, of pipelines in pipelines too.

    Parameters
    ----------
    estimator : estimator
        A pipeline, or any other estimator, which is returned as it is.

    Returns
    -------
    step : estimator
        What was fitted last.
    """
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def history_of(source: Any) -> pd.DataFrame | None:
    """Return a training history, one row per epoch.

    Parameters
    ----------
    source : estimator, DataFrame, mapping or keras History
        A fitted network of skdl, of Keras's wrappers or of scikit-learn (or a pipeline
        that ends in one), or a history itself.

    Returns
    -------
    history : DataFrame or None
        With the columns "epoch" and "loss"; None where there is none to be found.
    """
    source = final_step(source)
    history = source
    if not isinstance(source, pd.DataFrame | Mapping):
        history = getattr(source, "history_", getattr(source, "history", None))
        if history is None and hasattr(source, "loss_curve_"):  # scikit-learn's
            history = {"loss": source.loss_curve_}
    if isinstance(history, Mapping):
        lists = {
            str(name): list(values)
            for name, values in history.items()
            if np.ndim(values) == 1
        }
        length = max(map(len, lists.values()), default=0)
        history = pd.DataFrame({k: v for k, v in lists.items() if len(v) == length})
    if not isinstance(history, pd.DataFrame) or history.empty:
        return None
    if "loss" not in history:
        return None
    if "epoch" not in history:
        history = history.assign(epoch=np.arange(1, len(history) + 1))
    return history


def read_curves(source: Any) -> Curves:
    """Read the curves of a training.

    Parameters
    ----------
    source : estimator, DataFrame, mapping or keras History
        As for `history_of`.

    Returns
    -------
    curves : Curves
        Its losses as arrays.

    Raises
    ------
    DataError
        If there is no history, or its losses are no numbers.
    """
    step = final_step(source)
    history = history_of(source)
    if history is None:
        raise DataError(
            "Diagnosis needs the losses of a training: a fitted network with "
            "'history_' or 'loss_curve_', or a history with a column 'loss' and one "
            f"value per epoch. Got {_described(step)}. Fit the estimator first, or "
            "pass the 'history' that Keras's fit returns."
        )
    loss, val_loss = _losses(history, "loss"), _losses(history, "val_loss")
    if loss is None:
        raise DataError(
            "The column 'loss' of the history must hold one number per epoch. Got "
            "only missing values."
        )
    watched = loss if val_loss is None else val_loss
    finite = np.isfinite(watched)
    best = 1 + int(np.argmin(np.where(finite, watched, np.inf))) if finite.any() else 0
    return Curves(
        history=history,
        loss=loss,
        val_loss=val_loss,
        best_epoch=best,
        status=str(getattr(step, "status_", "")),
        source=type(step).__name__,
    )


def _losses(history: pd.DataFrame, name: str) -> np.ndarray | None:
    if name not in history:
        return None
    try:
        values = history[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"The column {name!r} of the history must hold one number per epoch. Got "
            f"values of type {history[name].dtype}, of which pandas says: {error}."
        ) from error
    is_absent = name != "loss" and np.isnan(values).all()
    return None if is_absent else values


def _described(step: Any) -> str:
    if isinstance(step, Mapping | pd.DataFrame):
        return f"a {type(step).__name__} with {list(step)}"
    return f"{type(step).__name__}"
