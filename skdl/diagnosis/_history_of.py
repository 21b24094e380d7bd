"""`history_of`: the history of a training run, whichever library trained it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_regressor

from skdl._models import final_step

NOT_LOSSES = ("epoch", "learning_rate", "time")


def kept_history(source: Any) -> Any:
    """The training record that a step keeps: a table, a mapping, or anything else."""
    if isinstance(source, pd.DataFrame | Mapping):
        return source
    history = getattr(source, "history_", getattr(source, "history", None))
    if history is None and hasattr(source, "loss_curve_"):  # scikit-learn's
        return {"loss": source.loss_curve_, **_scores_of_scikit_learn(source)}
    # A Keras model has a History object, which has the lists.
    return getattr(history, "history", history)


def _scores_of_scikit_learn(network: Any) -> dict[str, Any]:
    """The scores on the rows that early stopping held out, if it did."""
    scores = getattr(network, "validation_scores_", None)
    if scores is None:
        return {}
    return {"val_r2" if is_regressor(network) else "val_accuracy": scores}


def lists_in(history: Mapping) -> dict[str, list]:
    """The curves in a mapping, whatever their lengths."""
    return {
        str(name): list(values)
        for name, values in history.items()
        if isinstance(values, list | tuple | np.ndarray | pd.Series)
        and all(
            not isinstance(value, list | tuple) and np.ndim(value) == 0
            for value in values
        )
    }


def history_of(source: Any) -> pd.DataFrame | None:
    """Return the history of a training run from any library, one row per epoch.

    Parameters
    ----------
    source : estimator, keras.Model, History, mapping or DataFrame
        A fitted network of skdl, scikit-learn or Keras, alone or at the end of a
        Pipeline, or the history itself.

    Returns
    -------
    history : DataFrame or None
        Columns "epoch", "loss" and whatever else was recorded. None if the source
        kept no losses.

    Examples
    --------
    >>> from skdl.diagnosis import history_of
    >>> history_of({"loss": [0.7, 0.6]})
       loss  epoch
    0   0.7      1
    1   0.6      2
    """
    source = final_step(source)
    history = kept_history(source)
    if isinstance(history, Mapping):
        lists = lists_in(history)
        length = len(lists.get("loss", ()))
        history = pd.DataFrame({k: v for k, v in lists.items() if len(v) == length})
    if not isinstance(history, pd.DataFrame) or history.empty:
        return None
    if "loss" not in history:
        return None
    if "epoch" not in history:
        history = history.assign(epoch=np.arange(1, len(history) + 1))
    return history
