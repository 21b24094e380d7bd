"""How the parameters of a hypergradient search moved."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from skdl.exceptions import DataError, ParameterError
from skdl.plots._registry import draws
from skdl.plots._style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    SKY,
    VERMILLION,
    finish,
    label,
    legend_above,
    new_axes,
)

NOT_PARAMETERS = ("restart", "split", "step", "val_loss")
# Orange and reddish purple complete the colours of Okabe and Ito (2008).
_COLOURS = (BLUE, VERMILLION, GREEN, "#cc79a7", SKY, "#e69f00")
MOST_LABELS = len(_COLOURS)


@draws(also=pd.DataFrame)
def hyperparameter_path(
    path: pd.DataFrame, *, parameter: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a parameter over the steps of tuning, a line per restart.

    A thick line is the geometric mean over the splits, thin ones are the single splits,
    and a circle marks where a restart begins.

    Parameters
    ----------
    path : DataFrame
        One row per restart, split and step, as in ``hyperparameter_path_`` of a fitted
        `HypergradientSearchCV`: the columns "restart", "split", "step" and one per
        parameter.
    parameter : str or None, default=None
        Which column to draw. By default the first parameter. "val_loss" draws the
        validation loss.
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
        If the path is empty, lacks a column, or has a value that is not above 0.
    ParameterError
        If the parameter is not a column of the path.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdl.plots import hyperparameter_path
    >>> path = pd.DataFrame(
    ...     {"restart": 0, "split": 0, "step": [0, 1], "l2": [1e-3, 1e-2]}
    ... )
    >>> hyperparameter_path(path).get_ylabel()
    'l2'
    """
    missing = [name for name in ("restart", "split", "step") if name not in path]
    parameters = [name for name in path if name not in NOT_PARAMETERS]
    if missing or path.empty or not parameters:
        raise DataError(
            "A path needs the columns 'restart', 'split' and 'step', one per "
            f"parameter, and at least one row. Got {len(path)} rows of "
            f"{list(path.columns)}. Pass the 'hyperparameter_path_' of a fitted "
            "HypergradientSearchCV."
        )
    chosen = parameters[0] if parameter is None else parameter
    if chosen not in [*parameters, "val_loss"] or chosen not in path:
        raise ParameterError(
            f"The 'parameter' parameter must be one of {[*parameters, 'val_loss']}. "
            f"Got {parameter!r} instead."
        )
    if not (path[chosen] > 0).all():
        raise DataError(
            f"The path of {chosen!r} must be above 0, because its scale is "
            f"logarithmic. Got {path[chosen].min()}."
        )
    ax = new_axes(ax)
    n_restarts = path["restart"].nunique()
    for place, (restart, rows) in enumerate(path.groupby("restart")):
        splits = rows.pivot(index="step", columns="split", values=chosen)
        colour = _COLOURS[place % len(_COLOURS)]
        ax.plot(splits.index, splits, color=colour, linewidth=0.6, alpha=0.35)
        # Splits of different sizes end at different steps, the mean with the first.
        whole = splits.dropna()
        mean = np.exp(np.log(whole).mean(axis=1))
        name = f"restart {restart}" if 1 < n_restarts <= MOST_LABELS else None
        ax.plot(whole.index, mean, color=colour, linewidth=1.8, label=name)
        if chosen != "val_loss":
            ax.plot(
                whole.index[:1],
                mean[:1],
                "o",
                color=colour,
                markersize=5,
                markeredgecolor=INK,
                markeredgewidth=0.6,
            )
    ax.set_yscale("log")
    if 1 < n_restarts <= MOST_LABELS:
        legend_above(ax, n_columns=3)
    ax.tick_params(which="minor", colors=MUTED)
    return finish(
        ax, xlabel="step", ylabel=label(str(chosen).rpartition("__")[2] or chosen)
    )
