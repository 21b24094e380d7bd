"""The norm of each layer's gradients during training."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap
from matplotlib.ticker import MaxNLocator

from skdl.diagnosis import GradientFlow
from skdl.exceptions import DataError
from skdl.plots._registry import draws
from skdl.plots._style import (
    INK,
    MUTED,
    WIDTH,
    finish,
    in_a_row,
    label,
    legend_above,
    new_axes,
)
from skdl.plots._verdict import write_verdict

COLUMNS = ("moment", "epoch", "layer", "gradient_norm", "dead_share", "saturated_share")
MOST_NAMED = 6  # layers; with more, only the first and the last
LONGEST_OF_THREE = 10  # characters of names that fit three side by side
LEGEND_ROW, ABOVE = 15.0, 9.0  # points: of a legend; below the title
_SHARES = (("dead_share", "dead ReLU units"), ("saturated_share", "saturated units"))


@draws(GradientFlow, also=pd.DataFrame)
def gradient_flow(
    flow: GradientFlow | pd.DataFrame, *, ax: Axes | np.ndarray | None = None
) -> Axes | np.ndarray:
    """Draw the norm of each layer's gradients over the epochs.

    The title is the first finding, if there is one. The first step is at epoch 0;
    norms of 0 are left out. If the network has units that can die or saturate, a second
    panel shows their share.

    Parameters
    ----------
    flow : GradientFlow or DataFrame
        Result of :func:`skdl.diagnosis.gradient_flow`, or its `layers`.
    ax : Axes, ndarray of Axes or None, default=None
        Axes to draw on: an array of one for the norms and, if there are any, one for
        the shares of units; or a single one for the norms alone. By default those of a
        new figure.

    Returns
    -------
    ax : Axes, or ndarray of Axes of shape (n_panels,)
        The Axes drawn on: an array if you passed one or if the shares are drawn.

    Raises
    ------
    ParameterTypeError
        If the first argument is of another class.
    DataError
        If the table has other columns, no gradient is above 0, or the array has fewer
        Axes than panels.

    Examples
    --------
    >>> import pandas as pd
    >>> from skdl.plots import gradient_flow
    >>> layers = pd.DataFrame(
    ...     {
    ...         "moment": ["first step", "epoch 1"],
    ...         "epoch": [0, 1],
    ...         "layer": "outputs",
    ...         "gradient_norm": [0.5, 0.1],
    ...         "dead_share": float("nan"),
    ...         "saturated_share": float("nan"),
    ...     }
    ... )
    >>> gradient_flow(layers).get_ylabel()
    'gradient norm'
    """
    layers = _checked(getattr(flow, "layers", flow))
    rows = layers[layers["moment"] != "end"]
    names = list(dict.fromkeys(rows["layer"]))
    column, name = next(
        (share for share in _SHARES if rows[share[0]].notna().any()), ("", "")
    )
    if ax is None:
        panels = _new_panels(has_shares=bool(column))
    else:
        panels = in_a_row(ax)[: 2 if column else 1]
        if not isinstance(ax, Axes) and len(panels) < (2 if column else 1):
            raise DataError(
                "A gradient flow needs one Axes for the norms, and one for the "
                f"{name or 'shares of units'} if there are any. Got {len(panels)}. "
                "Pass a single Axes, not in an array, to draw the norms alone."
            )
    above, below = panels[0], panels[1] if len(panels) == 2 else None
    is_labelled = ax is not None or below is None  # else by the panel below
    colours = _colours(len(names))
    _draw_lines(above, rows, "gradient_norm", names, colours, is_log=True)
    finish(above, xlabel="epoch" if is_labelled else "", ylabel="gradient norm")
    height = _name_layers(above, below, names, colours)
    for finding in getattr(flow, "findings", ())[:1]:
        write_verdict(above, finding, above=height + ABOVE)
    if below is not None:
        _draw_lines(below, rows, column, names, colours, is_log=False)
        below.set_ylim(-0.05, 1.05)
        finish(below, xlabel="epoch", ylabel=name)
    is_single = isinstance(ax, Axes) or (ax is None and below is None)
    return above if is_single else panels


def _new_panels(*, has_shares: bool) -> np.ndarray:
    if not has_shares:
        return in_a_row(new_axes(None))
    _, panels = plt.subplots(
        2,
        figsize=(WIDTH, 4.6),
        layout="constrained",
        sharex=True,
        height_ratios=(3, 2),
    )
    return panels


def _checked(layers: pd.DataFrame) -> pd.DataFrame:
    if not set(COLUMNS) <= set(layers.columns):
        raise DataError(
            f"A gradient flow needs the columns {list(COLUMNS)}. Got "
            f"{list(layers.columns)}. Pass the result of gradient_flow."
        )
    if not (layers["gradient_norm"] > 0).any():
        raise DataError(
            "A gradient flow needs a gradient above 0, because its scale is "
            f"logarithmic. Got none in {len(layers)} rows."
        )
    return layers


def _colours(n_layers: int) -> list:
    """Return a colour per layer, visible on light and on dark pages."""
    return list(plt.get_cmap("viridis")(np.linspace(0.3, 0.87, max(n_layers, 2))))


def _draw_lines(
    ax: Axes,
    rows: pd.DataFrame,
    column: str,
    names: list,
    colours: list,
    *,
    is_log: bool,
) -> None:
    for name, colour in zip(names, colours, strict=False):
        own = rows[(rows["layer"] == name) & rows[column].notna()]
        values = own[column].where(own[column] > 0) if is_log else own[column]
        marker = "o" if len(own) < 3 else None
        ax.plot(own["epoch"], values, color=colour, marker=marker, label=label(name))
    if is_log:
        ax.set_yscale("log")
        ax.tick_params(which="minor", colors=MUTED)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _name_layers(ax: Axes, below: Axes | None, names: list, colours: list) -> float:
    """Add a legend (or a colour bar of many layers); return its height in points."""
    if len(names) <= MOST_NAMED:
        n_columns = 3 if max(map(len, names)) <= LONGEST_OF_THREE else 2
        legend_above(ax, n_columns=n_columns)
        finish(ax, xlabel=ax.get_xlabel(), ylabel=ax.get_ylabel())
        return LEGEND_ROW * -(-len(names) // n_columns)
    places = ScalarMappable(cmap=ListedColormap(colours))
    places.set_clim(0.5, len(names) + 0.5)
    both: Any = ax if below is None else [ax, below]
    bar = ax.figure.colorbar(places, ax=both, fraction=0.05)
    ends = [1, len(names)]
    bar.set_ticks(ends, labels=[label(names[0]), label(names[-1])])
    bar.ax.invert_yaxis()
    bar.ax.tick_params(labelsize=9.5, colors=MUTED, labelcolor=INK, length=3)
    bar.outline.set_visible(False)
    return 0.0
