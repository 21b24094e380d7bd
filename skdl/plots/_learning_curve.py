"""The loss or a metric over the epochs of training."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from skdl.exceptions import DataError
from skdl.plots._registry import draws
from skdl.plots._style import BLUE, MUTED, VERMILLION, finish, label, new_axes


@draws(also=pd.DataFrame)
def learning_curve(
    history: pd.DataFrame, *, quantity: str = "loss", ax: Axes | None = None
) -> Axes:
    """Draw a quantity of a training history, on training and validation data.

    Parameters
    ----------
    history : DataFrame
        A row per epoch, as in ``history_`` of a fitted estimator, with the columns
        "epoch", ``quantity`` and, if there was a validation set, ``"val_" + quantity``.
        The epoch with the lowest "val_loss" is marked.
    quantity : str, default="loss"
        Which column to draw.
    ax : Axes or None, default=None
        Axes to draw on. By default those of a new figure.

    Returns
    -------
    ax : Axes
        The Axes drawn on.

    Raises
    ------
    ParameterTypeError
        If the first argument is of another class.
    DataError
        If the history is empty or lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdl.plots import learning_curve
    >>> history = pd.DataFrame(
    ...     {"epoch": [1, 2, 3], "loss": [3, 2, 1], "val_loss": [3, 2, 4]}
    ... )
    >>> learning_curve(history).get_xlabel()
    'epoch'
    """
    missing = [name for name in ("epoch", quantity) if name not in history.columns]
    if missing or history.empty:
        raise DataError(
            f"A learning curve needs the columns 'epoch' and {quantity!r} and at least "
            f"one row. Got {len(history)} rows of {list(history.columns)}. Pass the "
            "'history_' of a fitted estimator."
        )
    ax = new_axes(ax)
    validation = f"val_{quantity}"
    marker = "o" if len(history) == 1 else None
    ax.plot(
        history["epoch"], history[quantity], color=BLUE, marker=marker, label="training"
    )
    if validation in history.columns and history[validation].notna().any():
        ax.plot(
            history["epoch"],
            history[validation],
            color=VERMILLION,
            linestyle="--",
            marker=marker,
            label="validation",
        )
        _mark_best_epoch(ax, history, validation)
    ax.legend(loc="best")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return finish(ax, xlabel="epoch", ylabel=label(quantity))


def _mark_best_epoch(ax: Axes, history: pd.DataFrame, validation: str) -> None:
    decides = "val_loss" if "val_loss" in history.columns else validation
    if not history[decides].notna().any():
        return
    best = history.loc[history[decides].idxmin()]
    ax.axvline(best["epoch"], color=MUTED, linestyle=":", linewidth=1)
    ax.plot(
        [best["epoch"]],
        [best[validation]],
        color=VERMILLION,
        marker="o",
        linestyle="none",
        label=f"best epoch ({best['epoch']:.0f})",
    )
